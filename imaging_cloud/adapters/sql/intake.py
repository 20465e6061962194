"""SqlIntake: the one writer of imaging rows, many senders a transaction (group commit)."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from imaging_cloud.adapters.sql.batch import judge_record, load_batch
from imaging_cloud.adapters.sql.batch_writes import write_batch
from imaging_cloud.adapters.sql.database_errors import Contended
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import ExamRules
from imaging_cloud.adapters.sql.lasting_writer import LastingWriter
from imaging_cloud.adapters.sql.log_flush import LogFlush
from imaging_cloud.adapters.sql.received_events import ReceivedEvents, Sending
from imaging_cloud.adapters.sql.rehearsal import make_records
from imaging_cloud.adapters.sql.trail_rows import quarantine_refusal
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.ports.intake import InstanceRecord, Intake, RecordOutcome, Refusal

_log = logging.getLogger(__name__)

# More in one transaction gains nothing (the flush is shared by all) and makes the last one wait.
_MAX_BATCH = 256


class _Handed:
    """A record or refusal on its way, and its answer: an outcome, a quarantine id, or an error."""

    __slots__ = ("_error", "answer", "done", "turn", "work")

    def __init__(self, work: InstanceRecord | Refusal) -> None:
        self.work = work
        self.done = False
        self.answer: RecordOutcome | str | None = None
        self._error: Exception | None = None
        # Held until there is an answer, or until it is this one's turn to commit.
        self.turn = threading.Lock()
        self.turn.acquire()

    def settle(self, answer: RecordOutcome | str) -> None:
        self.answer, self.done = answer, True

    def fail(self, error: Exception) -> None:
        self._error, self.done = error, True

    def result(self) -> RecordOutcome | str:
        if self._error is not None:
            raise self._error
        if self.answer is None:
            raise Unavailable("the index writer gave no answer")
        return self.answer


class SqlIntake(Intake):
    """Whoever comes while nobody commits leads: commits what is there, its own included.

    The others wait, and the first of them leads next, so a lone sender changes no thread and
    many senders share each flush. Raises Unavailable, OutOfSpace.
    """

    def __init__(self, database: IndexDatabase, rules: ExamRules) -> None:
        self._database = database
        self._writer = LastingWriter(database)
        self._log = LogFlush(database) if database.is_sqlite else None
        self.rows_lag = self._log is not None
        self._rules = rules
        self._events = ReceivedEvents()
        self._waiting: deque[_Handed] = deque()
        self._changed = threading.Condition()
        self._led = False
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

    def warm_up(self) -> None:
        self._writer.write(self._rehearse)

    def _rehearse(self, connection: Connection) -> None:
        """A connection, compiled statements and read pages cost the first sender 10 ms."""
        with connection.begin_nested() as undone:
            for record in make_records():
                self._write_all(connection, [_Handed(record)], commits=False)
            undone.rollback()

    def make_durable(self) -> None:
        if self._log is not None:
            self._log.flush()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._led)
        self._writer.close()
        self._database.close()

    def _hand_in(self, work: InstanceRecord | Refusal) -> RecordOutcome | str:
        handed = _Handed(work)
        with self._changed:
            if self._closed:
                raise Unavailable("the intake is closed")
            self._waiting.append(handed)
            leads = not self._led
            self._led = True
        if not leads:
            handed.turn.acquire()
        if not handed.done:
            self._lead(handed)
        return handed.result()

    def _lead(self, own: _Handed) -> None:
        """Commit what waits, the leader's own among the first, and hand the lead on."""
        taken: Sequence[_Handed] = ()
        try:
            taken = self._take()
            self._commit(taken)
        finally:
            with self._changed:
                if own not in taken and own in self._waiting:  # it fell before it began
                    self._waiting.remove(own)
                following = self._waiting[0] if self._waiting else None
                self._led = following is not None
                self._changed.notify_all()
            if following is not None:
                following.turn.release()
            for each in taken:
                each.done = True  # whatever happened: nobody is left waiting
                if each.turn.locked():
                    each.turn.release()

    def _take(self) -> list[_Handed]:
        """What there is, bounded."""
        with self._changed:
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
            handed.settle(answer)

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
            handed.fail(exc)

    def _write(self, taken: Sequence[_Handed]) -> list[RecordOutcome | str]:
        answers, at, told = self._writer.write(
            lambda connection: self._write_all(connection, taken, commits=True)
        )
        self._events.note(told, at)
        return answers

    def _write_all(
        self, connection: Connection, taken: Sequence[_Handed], *, commits: bool
    ) -> tuple[list[RecordOutcome | str], datetime, list[Sending]]:
        """(answers, when, what the trail was told)."""
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
        at = max((each.work.received_at for each in taken), default=datetime.now(UTC))
        if batch is None:
            return answers, at, []
        told = write_batch(connection, batch, at, self._events, commits=commits)
        return answers, at, told
