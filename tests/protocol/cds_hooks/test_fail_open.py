"""A real PostgreSQL that is stopped: the order goes on, and the card says so."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.protocol.api.test_order_check import ORDER
from tests.protocol.cds_hooks.calling import SIGN, checked, order, physician, sign
from tests.protocol.serving import Web, serving
from tests.services import POSTGRESQL_MISSING, postgres_programs, running_postgres

# Stopping every process of the server needs /proc.
pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")


def children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def signal_all(postmaster: int, number: int) -> None:
    for pid in (postmaster, *children_of(postmaster)):
        os.kill(pid, number)


@pytest.fixture
def stoppable(tmp_path: Path) -> Iterator[tuple[Web, int]]:
    """A cloud on a PostgreSQL of its own, and the process id to stop it by."""
    if postgres_programs() is None:
        pytest.skip(POSTGRESQL_MISSING)
    with running_postgres() as server:
        url = server.create_database("cloud")
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row is not None
            stat = Path(f"/proc/{row[0]}/stat").read_text()
            postmaster = int(stat.rpartition(")")[2].split()[1])
        with serving(tmp_path / "home", database_url=url) as web:
            yield web, postmaster


def test_a_frozen_index_is_503_for_the_plain_call_and_a_note_for_cds_hooks(
    stoppable: tuple[Web, int],
) -> None:
    web, postmaster = stoppable
    token, call = physician(web), sign(order("d1", "胸部CT平扫"))
    assert checked(web.post(SIGN, token, json=call)) == []
    signal_all(postmaster, signal.SIGSTOP)
    try:
        began = time.monotonic()
        plain = web.post("/api/order-check", token, json=ORDER)
        between = time.monotonic()
        [card] = checked(web.post(SIGN, token, json=call))
        ended = time.monotonic()
        feedback = web.post(f"{SIGN}/feedback", token, json={"feedback": []})
    finally:
        signal_all(postmaster, signal.SIGCONT)

    assert plain.status_code == 503
    # Two seconds and what a crowded machine adds; without a limit it would wait for ever.
    assert between - began < 10
    assert ended - between < 10
    assert card["indicator"] == "info"
    assert card["source"]["topic"]["code"] == "unavailable"
    assert "overrideReasons" not in card
    assert feedback.status_code == 503
    assert feedback.json()["issue"][0]["code"] == "transient"
    admin = web.token("admin")
    assert "imaging_cloud_order_checks_not_made_total 1.0" in web.get("/metrics", admin).text


def test_a_forged_token_learns_nothing_from_an_index_that_is_away(
    stoppable: tuple[Web, int],
) -> None:
    web, postmaster = stoppable
    signal_all(postmaster, signal.SIGSTOP)
    try:
        answer = web.post(SIGN, "a.b.c", json=sign(order("d1", "胸部CT平扫")))
    finally:
        signal_all(postmaster, signal.SIGCONT)

    assert answer.status_code == 401
