"""One peer from connection to close: PDUs in, messages dispatched, deadlines kept.

The states of PS3.8 9.2 that an acceptor has here: no association yet (Sta2), associated and
between messages or within one (Sta6), and waiting for the peer to close (Sta13). Whatever ends
it, a transfer in hand is abandoned, so that nothing unsealed stays in the spool.
"""

import logging
import threading
import time
from dataclasses import dataclass

from pynetdicom.ae import ApplicationEntity
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext

from gateway.association import PeerAssociation, read_request
from gateway.command import (
    C_STORE_RQ,
    MAX_COMMAND,
    N_EVENT_REPORT_RQ,
    N_EVENT_REPORT_RSP,
    Command,
    MalformedCommand,
    read_command,
    store_response,
)
from gateway.commitment import CommitmentDesk
from gateway.commitment_messages import STORAGE_COMMITMENT
from gateway.contexts import Offer
from gateway.limits import Limits
from gateway.metrics import ASSOCIATIONS
from gateway.patience import Patience, TooSlow
from gateway.pdata import (
    A_ABORT,
    A_ASSOCIATE_RQ,
    A_RELEASE_RQ,
    INVALID_PARAMETER,
    UNEXPECTED_PDU,
    Fragment,
    MalformedPdu,
    PduReader,
    WholePdu,
)
from gateway.peers import LOCAL_LIMIT_EXCEEDED, NO_REASON_GIVEN, Caller, Refused, admit_peer
from gateway.places import Place, Places
from gateway.refusals import Reason, note_refusal, trace_of
from gateway.store import EndlessDataSet, Transfer
from gateway.tls_wire import HandshakeFailed
from gateway.wire import PeerGone
from imaging_cloud.domain.errors import CloudError
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.cloud import Cloud

LOGGER = logging.getLogger("gateway")

# PS3.8 9.3.7, Table 9-25: a whole A-RELEASE-RP.
_RELEASE_RESPONSE = b"\x06\x00\x00\x00\x00\x04\x00\x00\x00\x00"

# Our answers are single PDUs of up to 350 bytes; a peer that takes less (PS3.8 D.1 allows any
# number, 0 means no limit) is none that exists.
_LEAST_PEER_PDU = 512

# Fewer bytes of a fragment than these are received with all that came and then moved.
_WORTH_PLACING = 64 * 1024

# Data sets of messages other than C-STORE are kept in memory: a commitment request of 100,000
# references is 13 MB.
_MAX_OTHER_DATA_SET = 16 * 1024 * 1024


class _Stopping(Exception):  # noqa: N818 - named by its meaning
    """The gateway stops and this association is between messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all conversations of a process share."""

    cloud: Cloud
    ae: ApplicationEntity
    offer: Offer
    limits: Limits
    places: Places
    stop: threading.Event
    plain_with_certificate: bool = False


class Conversation:
    def __init__(self, place: Place, house: House) -> None:
        self._place = place
        self._wire = place.wire
        self._house = house
        self._reader = PduReader()
        self._patience = Patience(house.limits)
        self._association: PeerAssociation | None = None
        self._commitments: CommitmentDesk | None = None
        self._accepted: dict[int, PresentationContext] = {}
        self._origin = Origin(institution="", kind="c-store")
        # The message in hand: its context, its command as far as it has come, and then where
        # its data set goes: a transfer (C-STORE) or memory (anything else).
        self._context_id = 0
        self._command = bytearray()
        self._request: Command | None = None
        self._transfer: Transfer | None = None
        self._data_set = bytearray()

    def run(self) -> None:
        """Serve the peer until it is gone. Never raises."""
        try:
            self._converse()
            self._wire.await_close(self._house.limits.close_seconds)
        except PeerGone:
            self._note(Reason.CONNECTION_LOST)
        except HandshakeFailed as failed:
            self._note(Reason.TLS_FAILED, str(failed))
            self._wire.await_close(self._house.limits.close_seconds)
        except _Stopping:
            self._abort(Reason.STOPPING, 0)
        except TooSlow as slow:
            self._abort(Reason.TIMEOUT, 0, str(slow))
        except MalformedPdu as malformed:
            self._abort(Reason.PROTOCOL, malformed.reason, str(malformed))
        except MalformedCommand as malformed:
            self._abort(Reason.PROTOCOL, INVALID_PARAMETER, f"command set: {malformed}")
        except EndlessDataSet:
            self._abort(Reason.PROTOCOL, 0, "a refused data set does not end")
        except Exception as error:  # noqa: BLE001 - the outermost handler of this face
            self._abort(Reason.INTERNAL, 0, trace_of(error))
        finally:
            self._drop_message()
            self._house.places.leave(self._place)
            self._wire.close()
            self._close_commitments()
            if self._association is not None:
                self._association.dissolve()

    def _converse(self) -> None:
        """Return when the association ended as it should."""
        while True:
            placed, data = self._receive()
            if placed:
                self._take_placed(placed)
            for piece in self._reader.read(data):
                if isinstance(piece, Fragment):
                    self._take_fragment(piece)
                elif self._take_pdu(piece):
                    return
            self._patience.renew(
                self._reader,
                associated=self._association is not None,
                in_message=self._in_message(),
                received=placed + len(data),
            )

    def _receive(self) -> tuple[int, memoryview]:
        """(bytes that went where they belong, what else has come)."""
        while True:
            if self._house.stop.is_set() and not self._in_message():
                raise _Stopping
            began = time.monotonic()
            came = self._receive_placed()
            self._patience.spend(time.monotonic() - began)
            if came is not None:
                return came
            if not (self._reader.in_pdu or self._in_message()):
                self._wire.rest()
                if self._commitments is not None:
                    self._commitments.on_silence()

    def _receive_placed(self) -> tuple[int, memoryview] | None:
        """A large data set straight into its spool entry; all else through the wire's room."""
        left = self._reader.data_left(self._context_id)
        if left >= _WORTH_PLACING and self._transfer is not None and self._wire.can_place:
            place = self._transfer.lend(left)
            if place is not None:
                return self._wire.receive_into(place)
        # Small at first: more of a large data set would only have to be moved.
        data = self._wire.receive(0 if left else _WORTH_PLACING)
        return None if data is None else (0, data)

    def _take_placed(self, count: int) -> None:
        if self._transfer is None:
            raise RuntimeError("bytes were placed where nothing is received")
        self._transfer.advance(count)
        if self._reader.pass_over(count):
            self._end_message()

    def _in_message(self) -> bool:
        return bool(self._command) or self._request is not None

    def _take_pdu(self, pdu: WholePdu) -> bool:
        """Answer a PDU other than P-DATA; True when the association is over."""
        if pdu.kind == A_ABORT:
            self._note(Reason.ABORTED_BY_PEER)
            return True
        if pdu.kind == A_RELEASE_RQ and self._association is not None:
            self._drop_message()
            self._house.places.leave(self._place)
            self._wire.send(_RELEASE_RESPONSE)
            self._close_commitments()
            return True
        if pdu.kind == A_ASSOCIATE_RQ and self._association is None:
            return self._associate(pdu.encoded)
        raise MalformedPdu(f"PDU type 0x{pdu.kind:02X} is not expected now", UNEXPECTED_PDU)

    def _associate(self, encoded: bytes) -> bool:
        """Accept or reject; True when it was rejected."""
        request = read_request(encoded)
        house = self._house
        association = PeerAssociation(house.ae, self._wire, house.offer)
        admitted = self._admit(request)
        if isinstance(admitted, Refused):
            self._note(admitted.reason, admitted.detail, request.calling_ae_title)
            association.reject(request, admitted.answer)
            association.dissolve()
            return True
        self._origin = admitted
        self._accepted = association.accept(request)
        self._association = association
        self._reader.max_data_pdu = house.limits.max_pdu
        if any(each.abstract_syntax == STORAGE_COMMITMENT for each in self._accepted.values()):
            self._commitments = CommitmentDesk(
                association,
                self._origin,
                house.cloud,
                stored_classes=house.offer.stored_classes,
                answer_seconds=house.limits.answer_seconds,
            )
        ASSOCIATIONS.inc()
        if not self._accepted:
            # It may stay (PS3.8 7.1.1.14); what it came for it does not get, so somebody is told.
            proposed = len(request.presentation_context_definition_list)
            self._note(Reason.NO_CONTEXT, f"none of its {proposed} presentation contexts")
        return False

    def _close_commitments(self) -> None:
        desk, self._commitments = self._commitments, None
        if desk is not None:
            desk.close()

    def _admit(self, request: A_ASSOCIATE) -> Origin | Refused:
        if 0 < (request.maximum_length_received or 0) < _LEAST_PEER_PDU:
            return Refused(Reason.TINY_PDU, NO_REASON_GIVEN, "")
        house = self._house
        caller = Caller(
            ae_title=request.calling_ae_title,
            address=self._place.address,
            fingerprint=self._wire.fingerprint,
        )
        admitted = admit_peer(
            caller,
            house.cloud.register,
            plain_with_certificate=house.plain_with_certificate,
        )
        if isinstance(admitted, Origin):
            if not _has_space(house.cloud):
                return Refused(Reason.OUT_OF_SPACE, LOCAL_LIMIT_EXCEEDED, "")
            full = house.places.associate(self._place, admitted.source)
            if full is not None:
                return Refused(full, LOCAL_LIMIT_EXCEEDED, "")
        return admitted

    def _take_fragment(self, piece: Fragment) -> None:
        if self._in_message() and piece.context_id != self._context_id:
            raise MalformedCommand("fragments of another context within a message")
        if not piece.is_command:
            self._take_data(piece)
            return
        if self._request is not None:
            raise MalformedCommand("a command where a data set was due")
        self._context_id = piece.context_id
        self._command += piece.data
        if len(self._command) > MAX_COMMAND:
            raise MalformedCommand(f"longer than {MAX_COMMAND} bytes")
        if piece.is_last:
            self._begin_message()

    def _begin_message(self) -> None:
        request = read_command(self._command)
        context = self._accepted.get(self._context_id)
        if context is None:
            raise MalformedCommand(f"presentation context {self._context_id} was not accepted")
        self._request = request
        if request.field == C_STORE_RQ:
            house = self._house
            self._transfer = Transfer(
                request, self._origin, house.cloud, house.limits.max_instance_bytes
            )
            self._transfer.begin(str(context.abstract_syntax), str(context.transfer_syntax[0]))
        elif request.field == N_EVENT_REPORT_RQ:
            raise MalformedCommand("an event report, and nothing was asked")
        if not request.has_data_set:
            self._end_message()

    def _take_data(self, piece: Fragment) -> None:
        if self._request is None:
            raise MalformedCommand("a data set without a command")
        if self._transfer is not None:
            self._transfer.write(piece.data)
        else:
            self._data_set += piece.data
            if len(self._data_set) > _MAX_OTHER_DATA_SET:
                raise MalformedCommand(f"a data set of more than {_MAX_OTHER_DATA_SET} bytes")
        if piece.is_last:
            self._end_message()

    def _end_message(self) -> None:
        request, transfer, association = self._request, self._transfer, self._association
        if request is None or association is None:
            raise RuntimeError("a message ended that had not begun")
        if transfer is not None:
            answer = transfer.finish()
            self._wire.send(
                store_response(self._context_id, request, answer.status, answer.comment)
            )
        elif request.field == N_EVENT_REPORT_RSP and self._commitments is not None:
            self._commitments.take_answer(request.responds_to, request.status)
        else:
            data_set = bytes(self._data_set) if request.has_data_set else None
            if not association.serve_message(
                self._context_id, bytes(self._command), data_set, is_response=request.is_response
            ):
                raise MalformedCommand("a service that is not offered here")
        self._drop_message()

    def _drop_message(self) -> None:
        if self._transfer is not None:
            self._transfer.abandon()
        self._transfer = self._request = None
        self._command.clear()
        self._data_set.clear()

    def _abort(self, reason: Reason, answer: int, detail: str = "") -> None:
        self._note(reason, detail)
        self._drop_message()
        self._wire.send_abort(answer)
        self._wire.await_close(self._house.limits.close_seconds)

    def _note(self, reason: Reason, detail: str = "", ae_title: str = "") -> None:
        note_refusal(
            reason,
            peer=self._place.address,
            ae_title=ae_title or self._origin.source,
            detail=detail,
        )


def _has_space(cloud: Cloud) -> bool:
    """Whether more than the reserve is free: who is told now need not send in vain."""
    try:
        return cloud.spool.free_bytes() > 0
    except CloudError:
        return False
