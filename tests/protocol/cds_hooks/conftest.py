"""Clouds on 22 November 2026: of a test's own, or shared by the tests of a file that only ask."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.makers import make_study
from tests.protocol.cds_hooks.calling import permit
from tests.protocol.serving import ShiftedClock, Web, other_ids, serving

TODAY = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@contextmanager
def running_today(home: Path) -> Iterator[Web]:
    with serving(home) as web:
        assert isinstance(web.cloud.clock, ShiftedClock)
        web.cloud.clock.shift = TODAY - web.cloud.clock.now()
        yield web


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with running_today(tmp_path / "home") as running:
        yield running


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A cloud that holds no studies; shared, so nobody stores any."""
    with running_today(tmp_path_factory.mktemp("empty") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A chest CT of the patient, made at HOSP_A on 2026-11-08 and opened to HOSP_B; shared."""
    folder = tmp_path_factory.mktemp("known")
    with running_today(folder / "home") as running:
        running.keep(make_study(folder / "s", count=1, OtherPatientIDsSequence=other_ids()))
        permit(running)
        yield running
