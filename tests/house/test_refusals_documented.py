"""docs/operations.md says of every refusal what an operator is to do, and of none that is not."""

import re
from pathlib import Path

from prometheus_client import REGISTRY

from gateway import metrics
from gateway.limits import limits_of
from gateway.refusals import Reason
from gateway.status import STATUS_OF_CAUSE, failure_of
from imaging_cloud.domain.errors import OutOfSpace, Unavailable
from imaging_cloud.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = OPERATIONS.partition("## What peers are refused for")[2].partition("\n## ")[0]


def words_of(part: str) -> list[str]:
    """What stands in the first column of the table of this part."""
    table = SECTION.partition(f"**{part}**")[2].partition("| what happened | what to do |")[2]
    rows = table.partition("\n\n")[0]
    firsts = re.findall(r"^\| (`[^|]*) \|", rows, re.MULTILINE)
    return [word for first in firsts for word in re.findall(r"`([^`]+)`", first)]


def outcomes_of_commitment() -> set[str]:
    sources = ("commitment.py", "reporter.py")
    text = "".join((ROOT / "gateway" / name).read_text(encoding="utf-8") for name in sources)
    answered = re.findall(r'(?:_[A-Z]+, |outcome = _[A-Z_]+, |labels\(|else )"([a-z-]+)"', text)
    return set(answered)


def test_every_reason_has_a_row() -> None:
    assert words_of("Associations and connections") == [reason.value for reason in Reason]


def test_every_reason_is_given_somewhere() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gateway").glob("*.py"))
    assert [each.name for each in Reason if f"Reason.{each.name}" not in sources] == []


def test_every_outcome_of_an_instance_has_a_row() -> None:
    ours = {failure_of(error).outcome for error in (OutOfSpace(""), Unavailable(""), ValueError())}

    assert set(words_of("Instances")) == {str(cause) for cause in STATUS_OF_CAUSE} | ours


def test_every_outcome_of_commitment_is_named() -> None:
    text = SECTION.partition("**Storage commitment**")[2]
    missing = {word for word in outcomes_of_commitment() if f"`{word}`" not in text}

    assert {"requested", "undelivered", "given-up", "invalid"} <= outcomes_of_commitment()
    assert missing == set()


def test_every_figure_of_the_gateway_is_named() -> None:
    names = {metric.name for metric in REGISTRY.collect() if "_gateway_" in metric.name}

    assert metrics.ACTIVE is not None
    assert names
    assert {name for name in names if name not in SECTION} == set()


def test_the_limits_on_stalling_peers_are_as_stated() -> None:
    limits = limits_of(Settings(_env_file=None))
    text = OPERATIONS.partition("## Limits on peers")[2].partition("\n## ")[0]

    assert f"| {limits.max_half_open} |" in text
    assert f"| {limits.request_seconds:g} s |" in text
    assert f"| {limits.pdu_seconds:g} s, and its length at" in text
    assert f"its bytes at {limits.least_message_bytes_a_second // 1024} KiB a second" in text
    # What the issue asks of all of them together: closed within ten seconds.
    longest = limits.pdu_seconds + limits.max_pdu / limits.least_bytes_a_second
    noticed = limits.tick_seconds + limits.close_seconds
    assert max(limits.request_seconds, limits.message_seconds, longest) + noticed < 10
