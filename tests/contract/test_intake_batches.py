"""The intake contract: many at once, and what goes wrong on the way."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from imaging_cloud.adapters.sql.engine import IndexDatabase, open_engine
from imaging_cloud.adapters.sql.index import SqlImagingIndex
from imaging_cloud.adapters.sql.intake import SqlIntake
from imaging_cloud.adapters.sql.tables import (
    EXAM,
    INSTANCE,
    OUTBOX,
    PERSON,
    QUARANTINE,
    STUDY,
)
from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.ports.intake import (
    AlreadyRecorded,
    Clashes,
    Differs,
    InstanceRecord,
    Recorded,
)
from tests.contract.reading import count, rows
from tests.records import (
    make_record,
    open_intake,
)


def test_records_of_one_batch_meet_each_other(database: IndexDatabase) -> None:
    """All are handed over before the committer takes its first batch."""
    intake = open_intake(database)
    batch = [
        make_record(1),
        make_record(1),
        make_record(1, seed="other"),
        make_record(2, patient_id="A-9"),
        make_record(3),
    ]
    outcomes = record_in_one_batch(intake, batch)

    assert [type(each) for each in outcomes] == [
        Recorded,
        AlreadyRecorded,
        Differs,
        Clashes,
        Recorded,
    ]
    assert count(database, INSTANCE) == 2
    assert count(database, QUARANTINE) == 2
    assert count(database, OUTBOX) == 1
    intake.close()


def record_in_one_batch(intake: SqlIntake, batch: list[InstanceRecord]) -> list[Any]:
    """Fill the queue while the leader waits, so that it takes all at once."""
    outcomes: list[Any] = [None] * len(batch)

    def hand_in(position: int) -> None:
        try:
            outcomes[position] = intake.record_instance(batch[position])
        except (Unavailable, SystemExit) as exc:
            outcomes[position] = exc

    threads = [threading.Thread(target=hand_in, args=(n,)) for n in range(len(batch))]
    with held_committer(intake):
        for waiting, thread in enumerate(threads, start=1):
            thread.start()
            while len(intake._waiting) < waiting:
                pass
    for thread in threads:
        thread.join()
    return outcomes


class held_committer:  # noqa: N801 - reads as a verb phrase at its call
    """While it is held the leader takes nothing."""

    def __init__(self, intake: SqlIntake) -> None:
        self._intake = intake
        self._take = intake._take
        self._go = threading.Event()

    def __enter__(self) -> None:
        def wait_and_take() -> Any:
            self._go.wait()
            return self._take()

        self._intake._take = wait_and_take  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        self._go.set()


def test_sixteen_threads_with_one_object_make_one_row(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(intake.record_instance, [make_record()] * 16))

    assert outcomes.count(Recorded()) == 1
    assert outcomes.count(AlreadyRecorded()) == 15
    assert count(database, INSTANCE) == 1
    assert rows(database, STUDY)[0]["instance_count"] == 1


def test_eight_senders_of_two_hundred_share_transactions(
    intake: SqlIntake, database: IndexDatabase
) -> None:
    def send(sender: int) -> None:
        for number in range(200):
            study = f"1.2.{sender}" if sender % 2 else "1.2.0"
            record = make_record(
                number, study=study, series_uid=f"{study}.{sender}", source=f"CT{sender}"
            )
            assert intake.record_instance(record) == Recorded()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))

    assert count(database, INSTANCE) == 1600
    studies = {row["study_uid"]: row for row in rows(database, STUDY)}
    assert studies["1.2.0"]["instance_count"] == 800
    assert studies["1.2.0"]["series_count"] == 4
    assert sum(row["instance_count"] for row in rows(database, EXAM)) == 1600
    assert count(database, PERSON) == 1
    assert count(database, OUTBOX) < 1600


def test_two_processes_may_take_in_one_study_at_once(database_url: str) -> None:
    databases = [open_engine(database_url) for _ in range(3)]
    intakes = [open_intake(each) for each in databases]

    def send(sender: int) -> list[Any]:
        intake = intakes[sender % 3]
        return [intake.record_instance(make_record(n, study=f"1.2.{n % 5}")) for n in range(40)]

    with ThreadPoolExecutor(6) as pool:
        outcomes = [each for found in pool.map(send, range(6)) for each in found]

    assert outcomes.count(Recorded()) == 40
    assert outcomes.count(AlreadyRecorded()) == 200
    assert count(databases[0], INSTANCE) == 40
    assert count(databases[0], PERSON) == 1
    assert sum(row["instance_count"] for row in rows(databases[0], STUDY)) == 40
    assert sum(row["instance_count"] for row in rows(databases[0], EXAM)) == 40
    assert sum(row["series_count"] for row in rows(databases[0], STUDY)) == 5
    for each in intakes:
        each.close()


def test_one_record_that_cannot_be_kept_refuses_no_neighbour(database: IndexDatabase) -> None:
    intake = open_intake(database)
    poison = make_record(2, study="1.2.9")
    object.__setattr__(poison, "size", [])
    batch = [make_record(1), poison, make_record(3)]

    outcomes = record_in_one_batch(intake, batch)
    intake.close()

    assert outcomes[0] == Recorded()
    assert isinstance(outcomes[1], Unavailable)
    assert outcomes[2] == Recorded()
    assert count(database, INSTANCE) == 2
    assert count(database, STUDY) == 1


def test_a_closed_intake_says_so(intake: SqlIntake) -> None:
    intake.record_instance(make_record())
    intake.close()

    with pytest.raises(Unavailable, match="closed"):
        intake.record_instance(make_record(2))


def test_what_was_handed_in_before_closing_is_finished(
    database: IndexDatabase,
) -> None:
    intake = open_intake(database)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(intake.record_instance, make_record(n)) for n in range(50)]
        answers[0].result()
        intake.close()
    kept = [each for each in answers if each.exception() is None]

    assert count(database, INSTANCE) == len(kept)


@pytest.mark.parametrize("step", ["_take", "_write"])
def test_a_leader_that_dies_leaves_nobody_waiting(database: IndexDatabase, step: str) -> None:
    intake = open_intake(database)

    def die(*_: object) -> Any:
        raise SystemExit

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(intake, step, die)
        with pytest.raises(SystemExit):
            intake.record_instance(make_record())

    assert intake.record_instance(make_record(2)) == Recorded()
    intake.close()


def test_those_whom_a_dead_leader_took_along_are_told(
    database: IndexDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = open_intake(database)

    def die(*_: object) -> Any:
        raise SystemExit

    monkeypatch.setattr(intake, "_write", die)
    outcomes = record_in_one_batch(intake, [make_record(1), make_record(2)])

    assert [type(each) for each in outcomes].count(Unavailable) == 1
    intake.close()


def test_an_index_that_is_away_is_unavailable() -> None:
    database = open_engine("postgresql://test@127.0.0.1:1/nowhere")
    intake = open_intake(database)

    with pytest.raises(Unavailable):
        intake.record_instance(make_record())
    with pytest.raises(Unavailable):
        SqlImagingIndex(database).check_ready()
    intake.close()


def test_a_connection_that_the_server_closed_is_replaced(postgres_url: str) -> None:
    database = open_engine(postgres_url)
    intake = open_intake(database)
    index = SqlImagingIndex(database)
    intake.record_instance(make_record(1))
    index.check_ready()
    killer = open_engine(postgres_url)
    killer.read(
        lambda c: c.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()
    )
    killer.close()

    index.check_ready()
    assert intake.record_instance(make_record(2)) == Recorded()
    assert len(index.list_instances(Scope(everything=True), "1.2.3")) == 2
    intake.close()


def test_sqlite_settings_hold_on_every_connection(sqlite_url: str) -> None:
    database = open_engine(sqlite_url)
    wanted = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1}
    for engine in (database.reader, database.writer):
        connections = [engine.connect() for _ in range(engine.pool.size())]
        for connection in connections:
            for name, value in wanted.items():
                assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value
            connection.rollback()
        for connection in connections:
            connection.close()
    database.close()
