"""The C-STORE service (PS3.7 9.1.1): data set bytes into the spool, then the one way in."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from gateway.command import Command
from gateway.metrics import BYTES, INSTANCES
from gateway.refusals import note_unstored, trace_of
from gateway.status import (
    SUCCESS,
    Cause,
    failure_of,
    status_of_cause,
    status_of_receipt,
)
from imaging_cloud.dicom.file_meta import encode_file_meta
from imaging_cloud.domain.errors import CloudError, InvalidInstance
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.domain.imaging import Claim, Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.spool import SpoolEntry
from imaging_cloud.use_cases.receive_instance import receive_instance, refuse_unkept

LOGGER = logging.getLogger("gateway")


class EndlessDataSet(Exception):  # noqa: N818 - named by its meaning
    """A refused data set goes on and on: nothing is left but to end the association."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    comment: str = ""


class Transfer:
    """One C-STORE request on its way in.

    From the first refusal on, the rest of the data set is read and dropped, so that the answer
    reaches the sender and the association lives on. Exactly one of `finish` and `abandon` ends
    it; `abandon` may be called at any time, and again.
    """

    def __init__(self, request: Command, origin: Origin, cloud: Cloud, max_bytes: int) -> None:
        self._request = request
        self._origin = origin
        self._cloud = cloud
        self._bytes_left = 2 * max_bytes
        self._size = 0
        self._entry: SpoolEntry | None = None
        self._refusal: Answer | None = None

    def begin(self, context_sop_class: str, transfer_syntax: str) -> None:
        """Check the command and open the spool entry."""
        request = self._request
        sop_class, sop_instance = request.sop_class_uid, request.sop_instance_uid
        if not (is_uid(sop_instance) and is_uid(sop_class)):
            self._refuse(Cause.INVALID_COMMAND_UID, "a UID of the command is not valid (PS3.5 9.1)")
        elif sop_class != context_sop_class:
            self._refuse(Cause.WRONG_CONTEXT, "the presentation context is of another SOP class")
        elif not request.has_data_set:
            self._refuse(Cause.NO_DATA_SET, "a C-STORE request without data set")
        else:
            try:
                self._entry = self._cloud.spool.open_entry(
                    self._origin.institution,
                    encode_file_meta(sop_class, sop_instance, transfer_syntax),
                    may_share=True,
                )
            except Exception as error:  # noqa: BLE001 - the outermost handler of this face
                self._fail(error)

    def lend(self, count: int) -> memoryview | None:
        """Where up to `count` bytes of the data set may be put; None: they must be written."""
        if self._entry is None:
            return None
        try:
            return self._entry.lend(count)
        except Exception as error:  # noqa: BLE001 - the outermost handler of this face
            self._fail(error)
            return None

    def advance(self, count: int) -> None:
        """So many bytes were put where `lend` said."""
        self._take(count, lambda entry: entry.advance(count))

    def write(self, data: memoryview) -> None:
        self._take(len(data), lambda entry: entry.write(data))

    def _take(self, count: int, take: Callable[[SpoolEntry], None]) -> None:
        self._size += count
        self._bytes_left -= count
        if self._entry is None:
            if self._bytes_left < 0:
                raise EndlessDataSet
            return
        try:
            take(self._entry)
        except InvalidInstance as error:
            self._drop_entry()
            self._refuse(error.cause, str(error))
        except Exception as error:  # noqa: BLE001 - the outermost handler of this face
            self._fail(error)

    def finish(self) -> Answer:
        """The data set is complete: keep it, and only then say so."""
        BYTES.inc(self._size)
        if self._refusal is not None:
            return self._refusal
        try:
            return self._keep()
        except InvalidInstance as error:
            return self._refuse(error.cause, str(error))
        except Exception as error:  # noqa: BLE001 - the outermost handler of this face
            return self._fail(error)

    def abandon(self) -> None:
        """The message will not be finished: leave nothing in the spool."""
        self._drop_entry()

    def _keep(self) -> Answer:
        if self._entry is None:
            raise RuntimeError("finish before begin")
        spooled = self._entry.seal()
        self._entry = None
        receipt = receive_instance(spooled, self._origin, self._claim(), self._cloud)
        status = status_of_receipt(receipt)
        if status == SUCCESS:
            INSTANCES.labels(receipt.status).inc()
            return Answer(SUCCESS)
        self._note(receipt.cause, status)
        return Answer(status, receipt.message)

    def _refuse(self, cause: str, message: str) -> Answer:
        """Refused for what it is: listed for a person, though nothing of it is kept."""
        status = status_of_cause(cause)
        self._refusal = Answer(status, message)
        self._note(cause, status)
        try:
            refuse_unkept(
                self._origin,
                InvalidInstance(message, cause=cause),
                self._claim() if cause != Cause.INVALID_COMMAND_UID else None,
                self._cloud,
            )
        except Exception as error:  # noqa: BLE001 - the refusal stands whether listed or not
            LOGGER.warning("a refusal could not be listed: %s", trace_of(error))
        return self._refusal

    def _claim(self) -> Claim:
        return Claim(
            sop_class_uid=self._request.sop_class_uid,
            sop_instance_uid=self._request.sop_instance_uid,
        )

    def _fail(self, error: Exception) -> Answer:
        """Refused for what we cannot do; the sender still has it and sends it again."""
        self._drop_entry()
        failure = failure_of(error)
        self._refusal = Answer(failure.status, failure.comment)
        self._note(failure.outcome, failure.status)
        if not isinstance(error, CloudError):
            LOGGER.error("C-STORE failed: %s", trace_of(error))
        return self._refusal

    def _note(self, outcome: str, status: int) -> None:
        INSTANCES.labels(outcome).inc()
        uid = self._request.sop_instance_uid
        note_unstored(
            uid if is_uid(uid) else "an invalid UID",
            source=self._origin.source,
            peer=self._origin.peer,
            status=status,
            outcome=outcome,
        )

    def _drop_entry(self) -> None:
        if self._entry is not None:
            self._entry.abandon()
            self._entry = None
