"""Several statements of one PostgreSQL transaction in one round trip.

psycopg has a pipeline, but what it does around each statement costs some 40 us of CPU, and an
instance has ten. Here libpq is asked through `psycopg.pq`; psycopg still converts the values and
makes the errors. Measured in docs/benchmarks.md.
"""

import itertools
import select
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg


@dataclass(frozen=True, slots=True)
class Said:
    """A statement with `$1`, `$2`, … and their values, as psycopg takes them."""

    sql: str
    values: Sequence[Any] = ()


# For SQLAlchemy's compiler: parameters by number, as the server has them.
DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_KEPT = "imaging_cloud_pipeline"
_BEGIN, _COMMIT = Said("BEGIN"), Said("COMMIT")


class Pipeline:
    """Of one connection, kept as long as it: it knows which statements the server has prepared.

    For one user at a time.
    """

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self._raw = raw
        self._converter = Transformer(raw)
        self._prepared: dict[str, bytes] = {}
        self._names = itertools.count()

    def run(self, said: Sequence[Said], *, commits: bool = False) -> list[list[tuple[Any, ...]]]:
        """Run all, in a transaction that this begins unless one is open; the rows of each.

        On a connection that commits by itself all of them are one transaction of their own.

        Raises what psycopg raises: when the server refuses a statement, nothing after it was run,
        and the transaction is left to be rolled back; when a value cannot be sent, nothing was;
        after any other error the connection is closed.
        """
        server = self._raw.pgconn
        idle = server.transaction_status == TransactionStatus.IDLE
        begins = idle and not self._raw.autocommit
        all_said = [*[_BEGIN] * begins, *said, *[_COMMIT] * commits]
        # Before anything is sent: a value that psycopg will not take costs nobody a connection.
        values = [self._dumped(each.values) for each in all_said]
        try:
            server.enter_pipeline_mode()
            asked, prepared = self._send(server, all_said, values)
            answers = list(_answers(server))
            server.exit_pipeline_mode()
        except BaseException:
            self._raw.close()
            raise
        for answer in answers:
            if answer.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(answer, self._raw.info.encoding)
        self._prepared |= prepared
        rows = [self._rows(each) for each, wanted in zip(answers, asked, strict=True) if wanted]
        return rows[begins : begins + len(said)]

    def _dumped(self, values: Sequence[Any]) -> Sequence[Buffer | None]:
        return self._converter.dump_sequence(values, [PyFormat.TEXT] * len(values))

    def _send(
        self, server: PGconn, said: Sequence[Said], values: Sequence[Sequence[Buffer | None]]
    ) -> tuple[list[bool], dict[str, bytes]]:
        """Hand all to libpq: of each answer to come whether it is a statement's; new names."""
        asked: list[bool] = []
        prepared: dict[str, bytes] = {}
        for each, dumped in zip(said, values, strict=True):
            name = self._prepared.get(each.sql) or prepared.get(each.sql)
            if name is None:
                name = prepared[each.sql] = f"_cloud_{next(self._names)}".encode()
                server.send_prepare(name, each.sql.encode())
                asked.append(False)
            server.send_query_prepared(name, dumped)
            asked.append(True)
        server.pipeline_sync()
        return asked, prepared

    def _rows(self, answer: PGresult) -> list[tuple[Any, ...]]:
        if answer.status != ExecStatus.TUPLES_OK:
            return []
        self._converter.set_pgresult(answer)
        return self._converter.load_rows(0, answer.ntuples, tuple)


def _answers(server: PGconn) -> Iterator[PGresult]:
    """All answers up to the end of the pipeline."""
    while True:
        _wait(server)
        answer = server.get_result()
        if answer is None:  # between the answers of two statements, or nothing will ever come
            if server.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection broke in a pipeline")
            continue
        if answer.status == ExecStatus.PIPELINE_SYNC:
            return
        yield answer


def _wait(server: PGconn) -> None:
    """Until an answer can be had. What is still to be sent goes out meanwhile."""
    unsent = server.flush()
    while server.is_busy():
        watched = select.poll()
        watched.register(server.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
        watched.poll()
        unsent = unsent and server.flush()
        server.consume_input()


def pipeline_of(connection: Connection) -> Pipeline:
    """The pipeline of the driver's connection that SQLAlchemy has in hand."""
    kept = connection.info.get(_KEPT)
    if not isinstance(kept, Pipeline):
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)  # noqa: S101 - whoever makes this asked
        kept = connection.info[_KEPT] = Pipeline(raw)
    return kept
