"""What several gateway processes know of each other, and what a dead one leaves."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from gateway.census import Census, Holdings

ROOT = Path(__file__).parents[3]

_OTHER_PROCESS = """
import sys
from collections import Counter
from pathlib import Path
from gateway.census import Census, Holdings
census = Census(Path(sys.argv[1]))
with census.turn():
    census.publish(Holdings(held=Counter({("CT1", "10.0.0.7"): 3}), half_open=5))
    print("published", flush=True)
    sys.stdin.readline()
print("turn over", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def other(tmp_path: Path):  # noqa: ANN201
    process = subprocess.Popen(
        [sys.executable, "-c", _OTHER_PROCESS, str(tmp_path / "census")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "published\n"
    yield process
    process.kill()
    process.communicate()


def say(process: "subprocess.Popen[str]", expected: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == expected


def test_what_a_living_process_holds_is_seen(
    tmp_path: Path, other: "subprocess.Popen[str]"
) -> None:
    say(other, "turn over\n")
    census = Census(tmp_path / "census")
    with census.turn():
        seen = census.others()
    census.close()

    assert seen == Holdings(held=Counter({("CT1", "10.0.0.7"): 3}), half_open=5, processes=1)


def test_what_a_killed_process_held_is_free_at_once(
    tmp_path: Path, other: "subprocess.Popen[str]"
) -> None:
    census = Census(tmp_path / "census")
    other.send_signal(signal.SIGKILL)
    other.wait()
    with census.turn():
        assert census.others() == Holdings()
    census.close()

    following = Census(tmp_path / "census")
    assert len([path for path in (tmp_path / "census").iterdir() if path.name != "gate"]) == 2
    following.close()


def test_a_process_that_is_stopped_in_its_turn_does_not_stop_the_others(
    tmp_path: Path, other: "subprocess.Popen[str]"
) -> None:
    census = Census(tmp_path / "census")
    with census.turn():
        assert census.others().half_open == 5
    census.close()


def test_each_has_a_file_of_its_own_and_does_not_see_itself(tmp_path: Path) -> None:
    one, two = Census(tmp_path / "census"), Census(tmp_path / "census")
    one.publish(Holdings(half_open=1))
    two.publish(Holdings(half_open=20))

    assert one.others().half_open == 20
    assert two.others().half_open == 1
    one.close()
    assert two.others() == Holdings()
    two.close()
