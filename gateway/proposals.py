"""A-ASSOCIATE with many contexts, cheaply: plain context items read, answered and written here.

pynetdicom spends 180 us on each presentation context, most of it on checking every UID with
regular expressions several times. A request whose context items are all plain (one abstract
syntax, then transfer syntaxes, valid UIDs without padding) is read here; one that has anything
else in a context item goes to pynetdicom whole, as does everything that is no context item.
Tests hold both ways equal over many requests, good and damaged.
"""

import re
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pydicom.uid import UID
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext

# PS3.8 Table 9-11: where the variable items begin, in a request and in an acceptance.
_ITEMS_AT = 74
_ITEM = struct.Struct(">BxH")
_PDU_LENGTH = struct.Struct(">L")
_LENGTH_AT = 2
_PDU_HEADER = 6
# PS3.8 9.3.2.2, 9.3.3.2: a proposed and an answered context; both begin with id and three more.
_PROPOSED, _ANSWERED = 0x20, 0x21
_CONTEXT_HEAD = struct.Struct(">BxBx")
_ABSTRACT_SYNTAX, _TRANSFER_SYNTAX = 0x30, 0x40

# PS3.8 Table 9-18
_ACCEPTANCE, _NO_ABSTRACT_SYNTAX, _NO_TRANSFER_SYNTAX = 0x00, 0x03, 0x04

# PS3.5 9.1
_VALID_UID = re.compile(rb"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*")
_MAX_UID = 64


def decode_request(encoded: bytes) -> tuple[A_ASSOCIATE, int]:
    """The request as pynetdicom's primitive, and its protocol version.

    Raises whatever pynetdicom's decoder raises: assertions, key errors.
    """
    plain = _split_plain(encoded)
    request = A_ASSOCIATE_RQ()
    request.decode(encoded if plain is None else plain[0])
    primitive = request.to_primitive()
    if plain is not None:
        primitive.presentation_context_definition_list = plain[1]
    return primitive, request.protocol_version


def encode_acceptance(primitive: A_ASSOCIATE) -> bytes:
    """The A-ASSOCIATE-AC that pynetdicom would encode."""
    results = primitive.presentation_context_definition_results_list
    primitive.presentation_context_definition_results_list = []
    try:
        encoded = bytearray(A_ASSOCIATE_AC(primitive).encode())
    finally:
        primitive.presentation_context_definition_results_list = results
    # The application context item comes first, then the contexts, then the user information.
    _, length = _ITEM.unpack_from(encoded, _ITEMS_AT)
    at = _ITEMS_AT + _ITEM.size + length
    encoded[at:at] = b"".join(map(_encode_result, results))
    _PDU_LENGTH.pack_into(encoded, _LENGTH_AT, len(encoded) - _PDU_HEADER)
    return bytes(encoded)


def answer_contexts(
    proposed: Sequence[PresentationContext], offer: Mapping[str, frozenset[str]]
) -> list[PresentationContext]:
    """What pynetdicom's acceptor negotiates when neither side speaks of roles, in its order.

    But for one thing: of the transfer syntaxes of a proposal the first that we support is taken,
    not the first of ours (PS3.8 9.3.3.2 leaves the choice to the acceptor). The sender lists
    first what it prefers to send, and what it prefers needs no transcoding there.
    """
    # The same id and abstract syntax twice: the last one counts, at the place of the first.
    once = {(each.context_id, each.abstract_syntax): each for each in proposed}
    answers = [_answer(each, offer.get(each.abstract_syntax or "")) for each in once.values()]
    return sorted(answers, key=lambda answer: answer.context_id or 0)


def _answer(proposed: PresentationContext, syntaxes: frozenset[str] | None) -> PresentationContext:
    offered = proposed.transfer_syntax
    chosen = next((uid for uid in offered if uid in syntaxes), None) if syntaxes else None
    if chosen is not None:
        result = _ACCEPTANCE
    else:
        result = _NO_ABSTRACT_SYNTAX if syntaxes is None else _NO_TRANSFER_SYNTAX
    answer = _context(proposed.context_id, proposed.abstract_syntax, [chosen or offered[0]])
    answer.result = result
    # The acceptor is SCP by default (PS3.7 D.3.3.4).
    answer._as_scu, answer._as_scp = False, result == _ACCEPTANCE  # noqa: SLF001
    return answer


def _context(
    context_id: int | None, abstract_syntax: UID | None, transfer_syntaxes: list[UID]
) -> PresentationContext:
    """Without the checks of its setters: every value has passed them, or `_VALID_UID`, before."""
    context = PresentationContext()
    context._context_id = context_id  # noqa: SLF001
    context._abstract_syntax = abstract_syntax  # noqa: SLF001
    context._transfer_syntax = transfer_syntaxes  # noqa: SLF001
    return context


def _encode_result(context: PresentationContext) -> bytes:
    syntax = context.transfer_syntax[0].encode("ascii")
    head = _CONTEXT_HEAD.pack(context.context_id, context.result)
    item = _ITEM.pack(_TRANSFER_SYNTAX, len(syntax)) + syntax
    return _ITEM.pack(_ANSWERED, len(head) + len(item)) + head + item


def _split_plain(encoded: bytes) -> tuple[bytes, list[PresentationContext]] | None:
    """The request without its context items, and these; None unless all of them are plain."""
    others, contexts, at = [encoded[:_ITEMS_AT]], [], _ITEMS_AT
    while at < len(encoded):
        if len(encoded) - at < _ITEM.size:
            return None
        kind, length = _ITEM.unpack_from(encoded, at)
        end = at + _ITEM.size + length
        if end > len(encoded):
            return None
        if kind == _PROPOSED:
            context = _read_plain(encoded, at + _ITEM.size, end)
            if context is None:
                return None
            contexts.append(context)
        else:
            others.append(encoded[at:end])
        at = end
    return b"".join(others), contexts


def _read_plain(encoded: bytes, at: int, end: int) -> PresentationContext | None:
    if end - at < _CONTEXT_HEAD.size or not encoded[at] & 1:  # an even id
        return None
    context_id, at = encoded[at], at + _CONTEXT_HEAD.size
    syntaxes: list[UID] = []
    expected = _ABSTRACT_SYNTAX
    while at < end:
        if end - at < _ITEM.size:
            return None
        kind, length = _ITEM.unpack_from(encoded, at)
        at += _ITEM.size + length
        uid = _uid_of(encoded[at - length : at]) if at <= end else None
        if kind != expected or uid is None:
            return None
        if expected == _ABSTRACT_SYNTAX or uid not in syntaxes[1:]:
            syntaxes.append(uid)
        expected = _TRANSFER_SYNTAX
    if len(syntaxes) < 2:  # noqa: PLR2004 - an abstract and a transfer syntax
        return None
    return _context(context_id, syntaxes[0], syntaxes[1:])


@lru_cache(maxsize=4096)
def _uid_of(value: bytes) -> UID | None:
    """A valid UID without padding, else None."""
    if len(value) > _MAX_UID or not _VALID_UID.fullmatch(value):
        return None
    return str.__new__(UID, value.decode("ascii"))
