"""Negotiation done here equals pynetdicom's own, request for request, good and damaged."""

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynetdicom.acse import ACSE
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext, build_context, build_role

from gateway.association import PeerAssociation
from gateway.contexts import TRANSFER_SYNTAXES, Offer, build_contexts
from gateway.proposals import decode_request, encode_acceptance

SUPPORTED = [str(each.abstract_syntax) for each in build_contexts()]
UNKNOWN = ["1.2.3.4", "1.2.840.113619.4.27", "1.2.840.10008.5.1.4.1.1.4711"]
# What pynetdicom takes though PS3.5 9.1 does not, and what it refuses.
ODD = ["1.2.840.10008.1.2\0", " 1.2.840.10008.1.2", "1.02.3", "1..2", "", "x", "1.2." + "3" * 70]

OFFER = Offer(build_contexts())


def item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def encoded_request(contexts: bytes, user: bytes = b"") -> bytes:
    user = item(0x51, struct.pack(">L", 16384)) + item(0x52, b"1.2.3.4") + user
    body = struct.pack(">Hxx16s16s32x", 1, b"CLOUD".ljust(16), b"CT1".ljust(16))
    body += item(0x10, b"1.2.840.10008.3.1.1.1") + contexts + item(0x50, user)
    return struct.pack(">BxL", 1, len(body)) + body


def context_item(number: int, abstract: str, syntaxes: list[str]) -> bytes:
    value = bytes((number, 0, 0, 0)) + item(0x30, abstract.encode())
    return item(0x20, value + b"".join(item(0x40, each.encode()) for each in syntaxes))


def role_item(uid: str, roles: tuple[int, int]) -> bytes:
    return item(0x54, struct.pack(">H", len(uid)) + uid.encode() + bytes(roles))


plain_contexts = st.lists(
    st.tuples(
        st.integers(0, 127).map(lambda n: 2 * n + 1),
        st.sampled_from(SUPPORTED + UNKNOWN),
        st.lists(st.sampled_from([*TRANSFER_SYNTAXES, *UNKNOWN]), min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=20,
)
odd_contexts = st.lists(
    st.tuples(
        st.integers(0, 255),
        st.sampled_from(SUPPORTED[:5] + UNKNOWN + ODD),
        st.lists(st.sampled_from([*TRANSFER_SYNTAXES[:4], *ODD]), max_size=4),
    ),
    max_size=5,
)
roles = st.lists(
    st.tuples(
        st.sampled_from(SUPPORTED + UNKNOWN), st.tuples(st.integers(0, 1), st.integers(0, 1))
    ),
    max_size=3,
)


def requests(contexts: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    def build(proposed: Any, asked: Any) -> bytes:
        return encoded_request(
            b"".join(context_item(*each) for each in proposed),
            b"".join(role_item(*each) for each in asked),
        )

    return st.builds(build, contexts, roles)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    stream = bytearray(draw(requests(plain_contexts)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(74, max(74, len(stream) - 1)))
        match draw(st.integers(0, 2)):
            case 0:
                stream[at : at + 1] = bytes((draw(st.integers(0, 255)),))
            case 1:
                del stream[at : at + draw(st.integers(1, 8))]
            case _:
                stream[at:at] = draw(st.binary(min_size=1, max_size=8))
    return bytes(stream)


def shape(context: PresentationContext) -> tuple[object, ...]:
    return (
        context.context_id,
        context.abstract_syntax,
        list(context.transfer_syntax),
        context.result,
        context.as_scu,
        context.as_scp,
    )


def decoded_by_pynetdicom(encoded: bytes) -> A_ASSOCIATE | None:
    request = A_ASSOCIATE_RQ()
    try:
        request.decode(encoded)
        return request.to_primitive()
    except Exception:  # noqa: BLE001 - its decoder raises whatever a wrong byte leads to
        return None


def decoded_here(encoded: bytes) -> A_ASSOCIATE | None:
    try:
        return decode_request(encoded)[0]
    except Exception:  # noqa: BLE001
        return None


class Recorder:
    """Stands where the wire is, and keeps what was to be sent."""

    sent = b""

    def send(self, pdu: bytes) -> None:
        self.sent += pdu


def accepted_here(primitive: A_ASSOCIATE, offer: Offer = OFFER) -> bytes:
    wire: Any = Recorder()
    PeerAssociation(entity(), wire, offer).accept(primitive)
    return wire.sent


def accepted_by_pynetdicom(primitive: A_ASSOCIATE, offer: Offer = OFFER) -> bytes:
    """Stock negotiation and encoding, after the sender's order was made to count."""
    offer.keep_first_supported(primitive.presentation_context_definition_list)
    association = Association(entity(), "acceptor")
    association.acceptor.maximum_length = 131072
    association.acceptor.ae_title = "CLOUD"
    association.acceptor.supported_contexts = offer.contexts
    association.requestor.primitive = primitive
    sent: list[A_ASSOCIATE] = []
    association.dul.send_pdu = sent.append  # type: ignore[assignment,method-assign]
    ACSE(association).negotiate_association()
    return bytes(A_ASSOCIATE_AC(sent[0]).encode())


def entity() -> ApplicationEntity:
    entity = ApplicationEntity("CLOUD")
    entity.maximum_pdu_size = 131072
    return entity


def assert_equal_all_the_way(encoded: bytes) -> None:
    theirs, ours = decoded_by_pynetdicom(encoded), decoded_here(encoded)
    assert (theirs is None) == (ours is None)
    if theirs is None or ours is None:
        return
    assert ours.calling_ae_title == theirs.calling_ae_title
    assert ours.called_ae_title == theirs.called_ae_title
    proposed = ours.presentation_context_definition_list
    expected = theirs.presentation_context_definition_list
    assert [shape(each) for each in proposed] == [shape(each) for each in expected]
    assert ours.user_information == theirs.user_information
    if theirs.maximum_length_received is None or any(
        not (each.context_id and each.abstract_syntax and each.transfer_syntax) for each in expected
    ):
        return  # refused before any negotiation
    assert accepted_here(ours) == accepted_by_pynetdicom(theirs)


@settings(max_examples=150, deadline=None)
@given(requests(plain_contexts))
def test_plain_requests_are_read_and_answered_as_pynetdicom_does(encoded: bytes) -> None:
    assert_equal_all_the_way(encoded)


@settings(max_examples=150, deadline=None)
@given(requests(odd_contexts))
def test_odd_requests_are_read_and_answered_as_pynetdicom_does(encoded: bytes) -> None:
    assert_equal_all_the_way(encoded)


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_damaged_requests_end_as_with_pynetdicom(encoded: bytes) -> None:
    assert_equal_all_the_way(encoded)


@settings(max_examples=50, deadline=None)
@given(requests(plain_contexts))
def test_an_offer_that_names_roles_is_negotiated_by_pynetdicom(encoded: bytes) -> None:
    contexts = [build_context(uid, list(TRANSFER_SYNTAXES)) for uid in SUPPORTED]
    for each in contexts[:80]:
        each.scu_role = each.scp_role = True
    offer = Offer(contexts)
    theirs, ours = decoded_by_pynetdicom(encoded), decoded_here(encoded)
    assert theirs is not None
    assert ours is not None

    assert accepted_here(ours, offer) == accepted_by_pynetdicom(theirs, offer)


def test_a_role_selection_that_nobody_offers_is_not_answered() -> None:
    primitive = decode_request(
        encoded_request(context_item(1, SUPPORTED[0], ["1.2.840.10008.1.2"]))
    )[0]
    primitive.user_information = [*primitive.user_information, build_role(SUPPORTED[0], True, True)]
    answer = A_ASSOCIATE_AC()
    answer.decode(accepted_here(primitive))

    assert answer.user_information.role_selection == {}


def test_the_first_syntax_of_the_sender_that_its_class_supports_is_taken() -> None:
    jpeg, implicit = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2"
    request = encoded_request(context_item(1, "1.2.840.10008.1.1", [jpeg, implicit]))
    answer = A_ASSOCIATE_AC()
    answer.decode(accepted_here(decode_request(request)[0]))

    assert [(each.result, each.transfer_syntax) for each in answer.presentation_context] == [
        (0, implicit)
    ]


@pytest.mark.parametrize("count", [0, 1, 128])
def test_an_acceptance_is_encoded_as_pynetdicom_does(count: int) -> None:
    request = encoded_request(
        b"".join(
            context_item(2 * n + 1, uid, ["1.2.840.10008.1.2"])
            for n, uid in enumerate(SUPPORTED[:count])
        )
    )
    association = PeerAssociation(entity(), Recorder(), OFFER)  # type: ignore[arg-type]
    association.accept(decode_request(request)[0])
    primitive = association.acceptor.primitive
    assert primitive is not None

    assert encode_acceptance(primitive) == A_ASSOCIATE_AC(primitive).encode()
