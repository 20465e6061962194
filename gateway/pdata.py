"""PDUs and PDVs out of a byte stream (PS3.8 9.3): parsing alone, no I/O, no copy of pixel bytes.

The reader takes whatever the socket gave and hands on pieces as they come. A data fragment is
a view into the caller's buffer: use it before the next `read`. Nothing is ever held back but
the headers and those short PDUs that must be whole to be understood, so a peer cannot make
memory grow by claiming lengths.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

# PS3.8 9.3.1: type, reserved, length of the rest, big endian.
_PDU_HEADER = struct.Struct(">BxL")
# PS3.8 9.3.5.1: item length, presentation context id; E.2: message control header.
_PDV_HEADER = struct.Struct(">LBB")
_PDV_OVERHEAD = 2  # the item length counts the context id and the control header

# PS3.8 9.3.2 to 9.3.8
A_ASSOCIATE_RQ = 0x01
A_ASSOCIATE_AC = 0x02
A_ASSOCIATE_RJ = 0x03
P_DATA_TF = 0x04
A_RELEASE_RQ = 0x05
A_RELEASE_RP = 0x06
A_ABORT = 0x07
_KNOWN = frozenset(range(A_ASSOCIATE_RQ, A_ABORT + 1))

# PS3.8 9.3.8, Table 9-26: reasons of an A-ABORT by the service provider.
UNRECOGNIZED_PDU = 0x01
UNEXPECTED_PDU = 0x02
INVALID_PARAMETER = 0x06

# E.2: bit 0 set means command, bit 1 set means last fragment.
_COMMAND = 0x01
_LAST = 0x02

# An A-ASSOCIATE-RQ with 128 contexts of a dozen transfer syntaxes is 45 KB; all other PDUs that
# must be whole have four bytes. This bounds what an unknown peer can make us hold.
MAX_WHOLE_PDU = 64 * 1024


class MalformedPdu(Exception):  # noqa: N818 - named by its meaning
    """The stream breaks PS3.8; `reason` is the A-ABORT reason that says how."""

    def __init__(self, message: str, reason: int) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(slots=True)
class Fragment:
    """A piece of one message fragment. `is_last` only on the piece that ends the last fragment."""

    context_id: int
    is_command: bool
    is_last: bool
    data: memoryview


@dataclass(slots=True)
class WholePdu:
    """Any PDU but P-DATA-TF, with its header."""

    kind: int
    encoded: bytes


class PduReader:
    """`max_data_pdu` is what we negotiated (PS3.8 D.1); 0 while there is no association.

    `in_pdu` tells whether a PDU has begun and not ended, `pdus_begun` counts them and
    `pdu_length` is the length the present one claims (0 while its header is incomplete): what a
    caller needs to give each PDU its own deadline.
    """

    def __init__(self) -> None:
        self.max_data_pdu = 0
        self.pdus_begun = 0
        self.pdu_length = 0
        self.in_pdu = False
        self._kind = 0
        self._left = 0  # bytes of the present PDU still to come
        self._carry = bytearray()  # an incomplete header, or a whole PDU in the making
        self._pdv_left = 0
        self._context_id = 0
        self._control = 0

    def read(self, data: memoryview) -> Iterator[Fragment | WholePdu]:
        """Yield what is in `data`. Raises MalformedPdu at the first byte that cannot be right."""
        at = 0
        while at < len(data):
            if not self._left:
                at = self._read_pdu_header(data, at)
            elif self._kind != P_DATA_TF:
                at, whole = self._read_whole(data, at)
                if whole is not None:
                    yield whole
            elif not self._pdv_left:
                at = self._read_pdv_header(data, at)
                if not self._pdv_left and not self._carry:
                    yield self._piece(data[at:at])
            else:
                end = min(len(data), at + self._pdv_left)
                self._pdv_left -= end - at
                self._take(end - at)
                yield self._piece(data[at:end])
                at = end

    def data_left(self, context_id: int) -> int:
        """Bytes still to come of the data set fragment in hand, if it is of this context; else 0.

        Of a fragment whose header was the last that came, nobody has seen a piece yet.
        """
        if self._control & _COMMAND or self._context_id != context_id:
            return 0
        return self._pdv_left

    def pass_over(self, count: int) -> bool:
        """So many of those bytes went elsewhere; True when they end the last fragment."""
        self._pdv_left -= count
        self._take(count)
        return bool(self._control & _LAST) and not self._pdv_left

    def _piece(self, data: memoryview) -> Fragment:
        return Fragment(
            self._context_id,
            bool(self._control & _COMMAND),
            bool(self._control & _LAST) and not self._pdv_left,
            data,
        )

    def _take(self, count: int) -> None:
        self._left -= count
        if not self._left:
            self.in_pdu = False

    def _read_pdu_header(self, data: memoryview, at: int) -> int:
        if not self.in_pdu:
            self.in_pdu = True
            self.pdus_begun += 1
            self.pdu_length = 0
        end = min(len(data), at + _PDU_HEADER.size - len(self._carry))
        self._carry += data[at:end]
        if len(self._carry) < _PDU_HEADER.size:
            # A type that cannot be right needs no wait for the rest of the header.
            self._check_kind(self._carry[0])
            return end
        self._kind, length = _PDU_HEADER.unpack(self._carry)
        self._check_length(length)
        self.pdu_length = self._left = length
        if self._kind == P_DATA_TF:
            self._carry.clear()
        return end

    def _check_kind(self, kind: int) -> None:
        if kind not in _KNOWN:
            raise MalformedPdu(f"unknown PDU type 0x{kind:02X}", UNRECOGNIZED_PDU)

    def _check_length(self, length: int) -> None:
        self._check_kind(self._kind)
        if self._kind == P_DATA_TF:
            if not self.max_data_pdu:
                raise MalformedPdu("P-DATA before an association", UNEXPECTED_PDU)
            allowed, least = self.max_data_pdu, _PDV_HEADER.size
        else:
            allowed, least = MAX_WHOLE_PDU, 4
        if not least <= length <= allowed:
            raise MalformedPdu(
                f"PDU type 0x{self._kind:02X} of {length} bytes; {least} to {allowed} are accepted",
                INVALID_PARAMETER,
            )

    def _read_whole(self, data: memoryview, at: int) -> tuple[int, WholePdu | None]:
        end = min(len(data), at + self._left)
        self._carry += data[at:end]
        self._take(end - at)
        if self._left:
            return end, None
        whole = WholePdu(self._kind, bytes(self._carry))
        self._carry.clear()
        return end, whole

    def _read_pdv_header(self, data: memoryview, at: int) -> int:
        end = min(len(data), at + _PDV_HEADER.size - len(self._carry))
        missing = _PDV_HEADER.size - len(self._carry)
        if missing > self._left:
            raise MalformedPdu("a PDU ends within a PDV header", INVALID_PARAMETER)
        self._carry += data[at:end]
        self._left -= end - at  # _take below: a header alone may end the PDU
        if len(self._carry) < _PDV_HEADER.size:
            return end
        length, self._context_id, self._control = _PDV_HEADER.unpack(self._carry)
        self._carry.clear()
        if not _PDV_OVERHEAD <= length <= self._left + _PDV_OVERHEAD:
            raise MalformedPdu("a PDV is longer than its PDU", INVALID_PARAMETER)
        self._pdv_left = length - _PDV_OVERHEAD
        self._take(0)
        return end
