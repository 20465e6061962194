"""UnreadOrders: orders nobody understood, counted in memory and written a moment later.

A physician waits for each order check; nobody waits for the work list of names. A process that
dies loses the counts of the last moment.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Executable

from imaging_cloud.adapters.sql.driver_statements import DriverStatement
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.swift_log import swift_writer
from imaging_cloud.adapters.sql.tables import UNREAD_ORDER
from imaging_cloud.adapters.sql.upserting import insert_into
from imaging_cloud.domain.errors import CloudError

_log = logging.getLogger(__name__)

_GATHER_SECONDS = 1.0
# Names that wait; with the index away for long, others are not counted.
_MOST_NAMES = 1000


@dataclass(frozen=True, slots=True)
class UnreadOrder:
    """One order as the work list has it, its texts as the index takes them."""

    institution: str
    name_key: str
    code: str
    name: str
    missing: str
    last_seen_at: datetime


# How often, by institution and name.
_Counted = dict[tuple[str, str], tuple[UnreadOrder, int]]


class UnreadOrders:
    def __init__(self, database: IndexDatabase) -> None:
        dialect, self._write = swift_writer(database)
        self._add = DriverStatement(_adding(dialect), dialect)
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._counted: _Counted = {}
        self._timer: threading.Timer | None = None
        database.closing.callback(self._close)

    def note(self, order: UnreadOrder) -> None:
        with self._lock:
            self._count(order, 1)
            self._write_soon()

    def _count(self, order: UnreadOrder, times: int) -> None:
        key = order.institution, order.name_key
        if key not in self._counted and len(self._counted) >= _MOST_NAMES:
            _log.warning("an unread order name could not be counted: too many wait")
            return
        _, before = self._counted.get(key, (order, 0))
        self._counted[key] = order, before + times

    def _write_soon(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(_GATHER_SECONDS, self._write_or_wait)
            self._timer.daemon = True
            self._timer.start()

    def _write_or_wait(self) -> None:
        with self._lock:
            self._timer = None
        try:
            self.write()
        except CloudError as exc:
            _log.warning("unread order names could not be counted yet (%s)", exc)
            with self._lock:
                self._write_soon()

    def write(self) -> None:
        """Write what was counted until now. Raises Unavailable or OutOfSpace: it is kept then."""
        with self._writing:
            with self._lock:
                counted, self._counted = self._counted, {}
            try:
                self._write_all(counted)
            except CloudError:
                with self._lock:
                    for order, times in counted.values():
                        self._count(order, times)
                raise

    def _write_all(self, counted: _Counted) -> None:
        if counted:
            # In the order of the keys: two processes never wait for each other's rows.
            rows = [self._bound(order, times) for _, (order, times) in sorted(counted.items())]
            self._write([(self._add.sql, rows)])

    def _bound(self, order: UnreadOrder, times: int) -> Any:  # noqa: ANN401 - a driver's values
        row = {name: getattr(order, name) for name in UnreadOrder.__slots__}
        return self._add.bound({**row, "times": times})

    def _close(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
        try:
            self.write()
        except CloudError as exc:
            _log.warning("unread order names were not counted (%s)", exc)


def _adding(dialect: Dialect) -> Executable:
    statement = insert_into(UNREAD_ORDER, dialect)
    new = statement.excluded
    newest = {name: new[name] for name in ("code", "name", "missing", "last_seen_at")}
    return statement.on_conflict_do_update(
        index_elements=["institution", "name_key"],
        set_={**newest, "times": UNREAD_ORDER.c.times + new.times},
    )
