"""Pipeline against a real PostgreSQL: one round trip, one transaction, psycopg's own errors."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from imaging_cloud.adapters.sql.pipeline import Pipeline, Said

ADD = "INSERT INTO thing (name, amount) VALUES ($1::text, $2::integer)"
ALL = "SELECT name, amount FROM thing ORDER BY name"


@pytest.fixture
def raw(empty_postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    url = empty_postgres_url.replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE thing (name text PRIMARY KEY, amount integer)")
        connection.commit()
        yield connection


@pytest.fixture
def other(empty_postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    url = empty_postgres_url.replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def names(connection: psycopg.Connection[Any]) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM thing ORDER BY name")]


def test_rows_come_back_statement_by_statement(raw: psycopg.Connection[Any]) -> None:
    answers = Pipeline(raw).run(
        [Said(ADD, ["a", 1]), Said(ADD, ["b", None]), Said(ALL), Said("SELECT $1::date", [None])]
    )
    assert answers == [[], [], [("a", 1), ("b", None)], [(None,)]]


def test_a_transaction_is_begun_and_left_open_unless_it_is_to_commit(
    raw: psycopg.Connection[Any], other: psycopg.Connection[Any]
) -> None:
    pipeline = Pipeline(raw)
    pipeline.run([Said(ADD, ["a", 1])])
    assert names(other) == []
    pipeline.run([Said(ADD, ["b", 2])], commits=True)
    assert names(other) == ["a", "b"]
    raw.commit()  # nothing is left to be committed, which is no error

    pipeline.run([Said(ADD, ["c", 3])])
    raw.rollback()
    assert names(other) == ["a", "b"]


def test_psycopg_and_the_pipeline_share_one_transaction(
    raw: psycopg.Connection[Any], other: psycopg.Connection[Any]
) -> None:
    pipeline = Pipeline(raw)
    raw.execute("INSERT INTO thing VALUES ('a', 1)")
    assert pipeline.run([Said(ALL)]) == [[("a", 1)]]
    raw.execute("INSERT INTO thing VALUES ('b', 2)")
    pipeline.run([Said(ADD, ["c", 3])], commits=True)
    assert names(other) == ["a", "b", "c"]


def test_a_refused_statement_stops_the_rest_and_commits_nothing(
    raw: psycopg.Connection[Any], other: psycopg.Connection[Any]
) -> None:
    pipeline = Pipeline(raw)
    with pytest.raises(psycopg.errors.UniqueViolation):
        pipeline.run([Said(ADD, ["a", 1]), Said(ADD, ["a", 2]), Said(ADD, ["b", 3])], commits=True)
    assert raw.info.transaction_status == TransactionStatus.INERROR
    raw.rollback()
    assert names(other) == []

    # The same statement again: what was prepared before the error is no hindrance.
    pipeline.run([Said(ADD, ["a", 1])], commits=True)
    assert names(other) == ["a"]


def test_when_a_value_cannot_be_sent_nothing_was(
    raw: psycopg.Connection[Any], other: psycopg.Connection[Any]
) -> None:
    pipeline = Pipeline(raw)
    with pytest.raises(psycopg.DataError):
        pipeline.run([Said(ADD, ["a", 1]), Said(ADD, ["b\0c", 1])], commits=True)
    pipeline.run([Said(ADD, ["d", 1])], commits=True)
    assert names(other) == ["d"]


def test_a_connection_that_the_server_ends_is_psycopg_s_operational_error(
    raw: psycopg.Connection[Any], other: psycopg.Connection[Any]
) -> None:
    pipeline = Pipeline(raw)
    pipeline.run([Said(ALL)], commits=True)
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [raw.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        pipeline.run([Said(ALL)])


def test_a_connection_that_ends_between_two_answers_is_not_waited_for(
    raw: psycopg.Connection[Any], other: psycopg.Connection[Any]
) -> None:
    """The first answer is there, the second never comes."""

    def end_it_asleep() -> None:
        sleeping = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
        while not other.execute(sleeping, [raw.info.backend_pid]).fetchone():
            pass
        other.execute("SELECT pg_terminate_backend(%s)", [raw.info.backend_pid])

    with ThreadPoolExecutor(1) as threads:
        ended = threads.submit(end_it_asleep)
        with pytest.raises(psycopg.OperationalError):
            Pipeline(raw).run([Said(ALL), Said("SELECT pg_sleep(60)"), Said(ALL)])
        ended.result(60)
    assert raw.closed


def test_more_than_the_sockets_hold_goes_both_ways(raw: psycopg.Connection[Any]) -> None:
    big = "x" * 1_000_000
    said = [Said("SELECT $1::text", [f"{number}{big}"]) for number in range(30)]
    answers = Pipeline(raw).run(said)
    assert [rows[0][0][:2] for rows in answers] == [f"{n}{big}"[:2] for n in range(30)]


def test_each_statement_is_prepared_once(raw: psycopg.Connection[Any]) -> None:
    pipeline = Pipeline(raw)
    for number in range(3):
        pipeline.run([Said(ADD, [f"{number}", 1]), Said(ADD, [f"{number}b", 1])], commits=True)
    count = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT%'"
    assert raw.execute(count).fetchone() == (1,)
