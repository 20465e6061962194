"""docs/conformance.md says what the gateway does, in both directions."""

import re
import runpy
from pathlib import Path

import pytest

from gateway.commitment_messages import STORAGE_COMMITMENT, WELL_KNOWN_INSTANCE
from gateway.contexts import build_contexts
from gateway.limits import limits_of
from gateway.status import (
    CANNOT_UNDERSTAND,
    OUT_OF_RESOURCES,
    PROCESSING_FAILURE,
    STATUS_OF_CAUSE,
    SUCCESS,
)
from imaging_cloud.domain.commitments import (
    CHECK_PATIENCE,
    MAX_REFERENCES,
    REPORT_PATIENCE,
    FailureReason,
    pause_after,
)
from imaging_cloud.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
STATUSES = CONFORMANCE.partition("## 4. C-STORE statuses")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", ["conformance.md", "http.md"])
def test_the_tables_are_as_the_code_has_them(name: str) -> None:
    filled = runpy.run_path(str(ROOT / "scripts" / "write_tables.py"))["filled"]
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert filled(text) == text, "run: make docs"


def test_every_status_is_documented_with_its_cause_and_no_other() -> None:
    rows = re.findall(r"^\| (0x[0-9A-F]{4}) \| (?:`([a-z-]+)`)? ?\|", STATUSES, re.MULTILINE)
    in_code = {(status, str(cause)) for cause, status in STATUS_OF_CAUSE.items()}
    in_code |= {(SUCCESS, ""), (OUT_OF_RESOURCES, ""), (PROCESSING_FAILURE, "")}

    assert {(int(status, 16), cause) for status, cause in rows} == in_code
    assert STATUS_OF_CAUSE["unreadable"] == CANNOT_UNDERSTAND


def test_the_limits_in_the_statement_are_the_limits() -> None:
    limits = limits_of(Settings(_env_file=None))

    assert f"| maximum PDU size offered | {limits.max_pdu:,} bytes |" in CONFORMANCE
    assert f"default {limits.max_associations};" in CONFORMANCE


COMMITMENT = CONFORMANCE.partition("## 4a. Storage commitment")[2].partition("\n## ")[0]


def test_the_storage_commitment_of_the_statement_is_that_of_the_code() -> None:
    contexts = {str(each.abstract_syntax) for each in build_contexts()}
    table = COMMITMENT.partition("| failure reason | when |")[2].partition("\n\n")[0]

    assert STORAGE_COMMITMENT in contexts
    assert f"`{STORAGE_COMMITMENT}`" in COMMITMENT
    assert f"`{WELL_KNOWN_INSTANCE}`" in COMMITMENT
    assert {int(word, 16) for word in re.findall(r"^\| (0x[0-9A-F]{4}) ", table, re.MULTILINE)} == {
        reason.value for reason in FailureReason if reason is not FailureReason.COMMITTED
    }
    assert f"more than {MAX_REFERENCES:,} references" in COMMITMENT
    hours = int(CHECK_PATIENCE.total_seconds() // 3600)
    assert f"the store was away for {hours} hour" in COMMITMENT
    assert f"for {REPORT_PATIENCE.days} days" in COMMITMENT
    first, second, longest = (pause_after(number) for number in (1, 2, 99))
    pauses = (
        f"after {first.seconds} s, {second.seconds} s and so on to {longest.seconds // 3600} hour"
    )
    assert pauses in COMMITMENT


def test_every_status_of_the_commitment_request_is_stated() -> None:
    source = (ROOT / "gateway" / "commitment.py").read_text(encoding="utf-8")
    in_code = set(re.findall(r"^_[A-Z_]+ = (0x[0-9A-F]{4})$", source, re.MULTILINE))
    table = COMMITMENT.partition("| N-ACTION status | when |")[2].partition("\n\n")[0]

    assert set(re.findall(r"^\| (0x[0-9A-F]{4}) ", table, re.MULTILINE)) == in_code


@pytest.mark.parametrize("item", ["duration", "deletion", "capacity", "volatility", "latency"])
def test_what_the_standard_asks_to_be_stated_is_stated(item: str) -> None:
    """PS3.4 J.3.6.2."""
    assert re.search(rf"^\| {item} \| \w", COMMITMENT, re.MULTILINE)
