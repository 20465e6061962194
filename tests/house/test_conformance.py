"""docs/conformance.md says what the gateway does, in both directions."""

import re
import runpy
from pathlib import Path

import pytest

from gateway.limits import limits_of
from gateway.status import (
    CANNOT_UNDERSTAND,
    OUT_OF_RESOURCES,
    PROCESSING_FAILURE,
    STATUS_OF_CAUSE,
    SUCCESS,
)
from imaging_cloud.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["conformance.md", "http.md"])
def test_the_tables_are_as_the_code_has_them(name: str) -> None:
    filled = runpy.run_path(str(ROOT / "scripts" / "write_tables.py"))["filled"]
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert filled(text) == text, "run: make docs"


def test_every_status_is_documented_with_its_cause_and_no_other() -> None:
    rows = re.findall(r"^\| (0x[0-9A-F]{4}) \| (?:`([a-z-]+)`)? ?\|", CONFORMANCE, re.MULTILINE)
    in_code = {(status, str(cause)) for cause, status in STATUS_OF_CAUSE.items()}
    in_code |= {(SUCCESS, ""), (OUT_OF_RESOURCES, ""), (PROCESSING_FAILURE, "")}

    assert {(int(status, 16), cause) for status, cause in rows} == in_code
    assert STATUS_OF_CAUSE["unreadable"] == CANNOT_UNDERSTAND


def test_the_limits_in_the_statement_are_the_limits() -> None:
    limits = limits_of(Settings(_env_file=None))

    assert f"| maximum PDU size offered | {limits.max_pdu:,} bytes |" in CONFORMANCE
    assert f"default {limits.max_associations};" in CONFORMANCE
