"""Storage commitment within one association: requests come in, reports go out while it is quiet.

Nothing here waits: a request is kept and answered; a report is sent when the peer is silent, and
its answer is a message like any other (docs/adr/0012).
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from pynetdicom.dimse_primitives import N_EVENT_REPORT
from pynetdicom.dsutils import encode
from pynetdicom.events import EVT_N_ACTION, Event
from pynetdicom.presentation import PresentationContext

from gateway.association import PeerAssociation
from gateway.commitment_messages import (
    REQUEST_COMMITMENT,
    STORAGE_COMMITMENT,
    WELL_KNOWN_INSTANCE,
    event_of,
    read_request,
)
from gateway.metrics import COMMITMENTS
from gateway.refusals import note_unkept, trace_of
from imaging_cloud.domain.commitments import Commitment, pause_after
from imaging_cloud.domain.errors import CloudError, InvalidRequest, Unavailable
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.commitments import Requester
from imaging_cloud.use_cases.check_commitments import TooLong, check_commitment
from imaging_cloud.use_cases.request_commitment import request_commitment

LOGGER = logging.getLogger("gateway")

# PS3.7 Annex C
_SUCCESS = 0x0000
_PROCESSING_FAILURE = 0x0110
_NO_SUCH_INSTANCE = 0x0112
_INVALID_ARGUMENT = 0x0115
_NO_SUCH_ACTION = 0x0123
_RESOURCE_LIMITATION = 0x0213

# What the peer's thread reads back itself: a tenth of a second from a disk. More is a worker's.
_QUICK_BYTES = 64 * 1024**2
_QUICK_SECONDS = 2.0
_LEASE = timedelta(seconds=45)
# How often an association asks for reports: soon while it waits for one, else now and then.
_FIRST_LOOK = 0.5
_WAITING_LOOK = 2.0
_IDLE_LOOK = 30.0


@dataclass(slots=True)
class _Sent:
    commitment: Commitment
    message_id: int
    until: float


class CommitmentDesk:
    """One for each association that has a context for it. Never raises but PeerGone."""

    def __init__(
        self,
        association: PeerAssociation,
        origin: Origin,
        cloud: Cloud,
        *,
        stored_classes: frozenset[str],
        answer_seconds: float,
    ) -> None:
        self._association = association
        self._requester = Requester(institution=origin.institution, ae_title=origin.source)
        self._cloud = cloud
        self._stored_classes = stored_classes
        self._answer_seconds = answer_seconds
        self._awaited = 0
        self._unchecked = 0
        self._sent: _Sent | None = None
        self._message_id = 0
        self._pause = _FIRST_LOOK
        self._next_look = 0.0
        self._is_open = True
        self._has_address: bool | None = None
        association.bind(EVT_N_ACTION, self._take_request)

    def _take_request(self, event: Event) -> tuple[int, None]:
        """The status of the N-ACTION-RSP (PS3.4 J.3.2): success only for what is kept."""
        try:
            status, outcome = self._keep_request(event)
        except InvalidRequest as error:
            note_unkept(self._requester.ae_title, str(error))
            status, outcome = _INVALID_ARGUMENT, "invalid"
        except Unavailable as error:
            note_unkept(self._requester.ae_title, str(error))
            status, outcome = _RESOURCE_LIMITATION, "out-of-resources"
        except Exception as error:  # noqa: BLE001 - the outermost handler of this face
            LOGGER.error("commitment request failed: %s", trace_of(error))  # noqa: TRY400
            status, outcome = _PROCESSING_FAILURE, "internal-error"
        COMMITMENTS.labels(outcome).inc()
        return status, None

    def _keep_request(self, event: Event) -> tuple[int, str]:
        if getattr(event.request, "RequestedSOPInstanceUID", None) != WELL_KNOWN_INSTANCE:
            return _NO_SUCH_INSTANCE, "invalid"
        if event.action_type != REQUEST_COMMITMENT:
            return _NO_SUCH_ACTION, "invalid"
        asked = read_request(event, self._stored_classes)
        is_new = request_commitment(
            self._requester, asked.transaction_uid, asked.references, self._cloud
        )
        if is_new:
            self._unchecked += 1
        self._awaited += 1
        self._pause, self._next_look = _FIRST_LOOK, 0.0
        return _SUCCESS, "requested" if is_new else "repeated"

    def on_silence(self) -> None:
        """The peer waits, and so do we: check what is small, send what is ready."""
        now = time.monotonic()
        if self._sent is not None:
            if now > self._sent.until:
                self._fail("no answer")
            return
        if not self._is_open or now < self._next_look:
            return
        try:
            self._look()
        except CloudError as away:
            LOGGER.info("commitment reports wait: %s", away)
        finally:
            self._pause = min(2 * self._pause, _WAITING_LOOK if self._awaited else _IDLE_LOOK)
            self._next_look = time.monotonic() + self._pause

    def _look(self) -> None:
        if not self._awaited and self._reached_otherwise():
            return
        now = self._cloud.clock.now()
        if self._unchecked:
            self._unchecked -= 1
            self._check_quickly()
        for commitment in self._cloud.commitments.take_reports(
            now, now + _LEASE, of=self._requester, limit=1
        ):
            self._send(commitment)

    def _reached_otherwise(self) -> bool:
        """A device with an address is called there; another gets its reports when it calls."""
        if self._has_address is None:
            device = self._cloud.register.find_device(self._requester.ae_title)
            self._has_address = device is not None and bool(device.host and device.port)
        return self._has_address

    def _check_quickly(self) -> None:
        now = self._cloud.clock.now()
        until = time.monotonic() + _QUICK_SECONDS

        def in_time() -> None:
            if time.monotonic() > until:
                raise TooLong

        for commitment in self._cloud.commitments.take_unchecked(
            now, now + _LEASE, of=self._requester, limit=1
        ):
            try:
                check_commitment(commitment, self._cloud, progress=in_time, most_bytes=_QUICK_BYTES)
            except (TooLong, Unavailable):
                self._cloud.commitments.postpone(commitment, now, failed=False)

    def _send(self, commitment: Commitment) -> None:
        found = self._context()
        if found is None:
            self._cloud.commitments.postpone(commitment, self._cloud.clock.now(), failed=False)
            return
        number, context = found
        kind, information = event_of(commitment)
        syntax = context.transfer_syntax[0]
        encoded = encode(
            information, syntax.is_implicit_VR, syntax.is_little_endian, syntax.is_deflated
        )
        self._message_id = self._message_id % 0xFFFF + 1
        request = N_EVENT_REPORT()
        request.MessageID = self._message_id
        request.AffectedSOPClassUID = STORAGE_COMMITMENT
        request.AffectedSOPInstanceUID = WELL_KNOWN_INSTANCE
        request.EventTypeID = kind
        request.EventInformation = BytesIO(encoded or b"")
        until = time.monotonic() + self._answer_seconds
        self._sent = _Sent(commitment, self._message_id, until)
        self._association.dimse.send_msg(request, number)

    def _context(self) -> tuple[int, PresentationContext] | None:
        for number, context in self._association.accepted_by_id.items():
            if context.abstract_syntax == STORAGE_COMMITMENT:
                return number, context
        return None

    def take_answer(self, message_id: int, status: int) -> None:
        """An N-EVENT-REPORT-RSP: a report is delivered when the peer says success."""
        if self._sent is None or self._sent.message_id != message_id:
            LOGGER.info("an answer to an event report that was not sent: ignored")
            return
        if status != _SUCCESS:
            self._fail(f"status 0x{status:04X}")
            return
        commitment, self._sent = self._sent.commitment, None
        self._awaited = max(0, self._awaited - 1)
        self._pause, self._next_look = _FIRST_LOOK, 0.0
        COMMITMENTS.labels("reported").inc()
        try:
            self._cloud.commitments.finish_report(commitment, self._cloud.clock.now())
        except CloudError as away:  # it will be delivered again: at least once
            LOGGER.warning("a delivered report could not be noted: %s", away)

    def _fail(self, why: str) -> None:
        """Leave it to an association of our own; this one is not asked again."""
        if self._sent is None:
            return
        commitment, self._sent = self._sent.commitment, None
        self._is_open = False
        COMMITMENTS.labels("undelivered").inc()
        LOGGER.warning(
            "commitment report %s to %s: %s",
            commitment.transaction_uid,
            commitment.ae_title,
            why,
        )
        until = self._cloud.clock.now() + pause_after(commitment.attempts + 1)
        try:
            self._cloud.commitments.postpone(commitment, until, failed=True)
        except CloudError as away:  # its lease runs out by itself
            LOGGER.info("commitment reports wait: %s", away)

    def close(self) -> None:
        """The association is over: what it waited for goes another way. May be called again."""
        if self._sent is not None:
            self._fail("the association ended before the answer")
        if not self._awaited:
            return
        self._awaited = 0
        try:
            self._cloud.commitments.hasten(self._requester, self._cloud.clock.now())
        except CloudError as away:
            LOGGER.info("commitment reports wait: %s", away)
