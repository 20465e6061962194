"""SqlIntake: the one writer of imaging rows, one committer thread a process (group commit)."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy import Connection

from imaging_cloud.adapters.sql.batch import judge_record, load_batch
from imaging_cloud.adapters.sql.batch_writes import write_batch
from imaging_cloud.adapters.sql.database_errors import Contended
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import ExamRules
from imaging_cloud.adapters.sql.trail_rows import quarantine_refusal
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.ports.intake import InstanceRecord, Intake, RecordOutcome, Refusal

_log = logging.getLogger(__name__)

# More in one transaction gains nothing (the flush is shared by all) and makes the last one wait.
_MAX_BATCH = 256


@dataclass(frozen=True, slots=True)
class _Handed:
    """A record or refusal and the promise of its answer: an outcome, or a quarantine id."""

    work: InstanceRecord | Refusal
    promise: Future[RecordOutcome | str]


class SqlIntake(Intake):
    """Whoever hands something in waits; one thread commits what has gathered meanwhile.

    While one transaction is being flushed the next one fills up, so a single sender waits for
    nobody and many senders share each flush. Raises Unavailable, OutOfSpace.
    """

    def __init__(self, database: IndexDatabase, rules: ExamRules) -> None:
        self._database = database
        self._rules = rules
        self._waiting: deque[_Handed] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def record_instance(self, record: InstanceRecord) -> RecordOutcome:
        answer = self._hand_in(record)
        if isinstance(answer, str):
            raise TypeError("a record was answered like a refusal")
        return answer

    def record_refusal(self, refusal: Refusal) -> str:
        answer = self._hand_in(refusal)
        if not isinstance(answer, str):
            raise TypeError("a refusal was answered like a record")
        return answer

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()
        self._database.close()

    def _hand_in(self, work: InstanceRecord | Refusal) -> RecordOutcome | str:
        handed = _Handed(work, Future())
        with self._changed:
            if self._closed:
                raise Unavailable("the intake is closed")
            if self._thread is not None and not self._thread.is_alive():
                raise Unavailable("the index writer has stopped")  # or stayed behind in a fork
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="index-committer", daemon=True
                )
                self._thread.start()
            self._waiting.append(handed)
            self._changed.notify()
        return handed.promise.result()

    def _run(self) -> None:
        """Commit until closed. If this thread ever dies, nobody is left waiting."""
        taken: list[_Handed] = []
        try:
            while taken := self._take():
                self._commit(taken)
        finally:
            with self._changed:
                self._closed = True
                left = [*taken, *self._waiting]
                self._waiting.clear()
            for handed in left:
                if not handed.promise.done():
                    handed.promise.set_exception(Unavailable("the index writer has stopped"))

    def _take(self) -> list[_Handed]:
        """Wait for work and take what there is, bounded; [] when closed and nothing is left."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            count = min(len(self._waiting), _MAX_BATCH)
            return [self._waiting.popleft() for _ in range(count)]

    def _commit(self, taken: list[_Handed]) -> None:
        """Commit all together; one by one when one of them cannot be, so that only it fails."""
        try:
            answers = self._write(taken)
        except Exception as exc:  # noqa: BLE001 - every waiting sender must get an answer
            self._recover(taken, exc)
            return
        for handed, answer in zip(taken, answers, strict=True):
            handed.promise.set_result(answer)

    def _recover(self, taken: list[_Handed], exc: Exception) -> None:
        away = isinstance(exc, Unavailable) and not isinstance(exc, Contended)
        if not away and len(taken) > 1:
            for handed in taken:
                self._commit([handed])
            return
        if not isinstance(exc, Unavailable):
            # Only its kind: the text of a database error can name a patient.
            _log.error("the index refused a record (%s)", type(exc).__name__)
            exc = Unavailable("the index could not take this instance in")
        for handed in taken:
            handed.promise.set_exception(exc)

    def _write(self, taken: Sequence[_Handed]) -> list[RecordOutcome | str]:
        return self._database.write(lambda connection: self._write_all(connection, taken))

    def _write_all(
        self, connection: Connection, taken: Sequence[_Handed]
    ) -> list[RecordOutcome | str]:
        records = [each.work for each in taken if isinstance(each.work, InstanceRecord)]
        answers: list[RecordOutcome | str] = []
        batch = load_batch(connection, records, self._rules) if records else None
        for each in taken:
            match each.work:
                case Refusal() as refusal:
                    answers.append(quarantine_refusal(connection, refusal))
                case InstanceRecord() as record:
                    assert batch is not None  # noqa: S101 - there is a record, so it was loaded
                    answers.append(judge_record(connection, batch, record))
        if batch is not None:
            write_batch(connection, batch, max(record.received_at for record in records))
        return answers
