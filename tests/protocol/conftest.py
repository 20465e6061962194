"""The web face for protocol tests, one cloud a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.protocol.serving import Web, serving


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with serving(tmp_path / "home") as running:
        yield running
