"""Every refusal is counted, and said in one log line until there are too many: who and why."""

import logging
import traceback
from enum import StrEnum
from pathlib import Path

from gateway.log_budget import LogBudget
from gateway.metrics import REFUSALS

LOGGER = logging.getLogger("gateway")


class Reason(StrEnum):
    """Why a connection or an association was refused or cut."""

    UNREGISTERED_DEVICE = "unregistered-device"
    TLS_FAILED = "tls-failed"
    WRONG_CERTIFICATE = "wrong-certificate"
    TLS_NEEDED = "tls-needed"
    INDEX_AWAY = "index-away"
    OUT_OF_SPACE = "out-of-space"
    TOO_MANY_ASSOCIATIONS = "too-many-associations"
    TOO_MANY_OF_ONE_PEER = "too-many-of-one-peer"
    TOO_MANY_HALF_OPEN = "too-many-half-open"
    TINY_PDU = "peer-takes-too-small-pdus"
    NO_CONTEXT = "no-acceptable-context"
    PROTOCOL = "protocol-violation"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection-lost"
    ABORTED_BY_PEER = "aborted-by-peer"
    STOPPING = "stopping"
    INTERNAL = "internal-error"


# What a network full of hostile peers may do is no event that an operator must be woken for.
_QUIET = frozenset({Reason.CONNECTION_LOST, Reason.ABORTED_BY_PEER, Reason.STOPPING})

_C_STORE = "C-STORE"
_N_ACTION = "N-ACTION"

# What a flood writes into the log in a minute, however large it is: a few hundred lines.
_BUDGET = LogBudget(of_one=10, of_kind=60, seconds=60)


def note_refusal(reason: Reason, *, peer: str, ae_title: str = "", detail: str = "") -> None:
    """Count it and log it. `detail` names identifiers and remedies, never a patient.

    After the first ten a minute of one peer for one reason, only their number is logged.
    """
    REFUSALS.labels(reason).inc()
    if not _BUDGET.spend(reason, peer):
        return
    who = f"{printable(ae_title)!r} at {peer}" if ae_title else peer
    LOGGER.log(_level_of(reason), "refused %s: %s%s", who, reason, f": {detail}" if detail else "")


def note_unstored(uid: str, *, source: str, peer: str, status: int, outcome: str) -> None:
    """Log a C-STORE that was not answered success, within the same budget.

    It is counted by who calls this, and the quarantine lists each that was refused for what it is.
    """
    if _BUDGET.spend(f"{_C_STORE}: {outcome}", f"{source} at {peer}"):
        LOGGER.warning(
            "C-STORE of %s from %s at %s answered 0x%04X: %s", uid, source, peer, status, outcome
        )


def note_unkept(ae_title: str, why: str) -> None:
    """Log a storage commitment request that was not taken, within the same budget."""
    if _BUDGET.spend(_N_ACTION, ae_title):
        LOGGER.warning("commitment request of %s refused: %s", ae_title, why)


def _level_of(reason: str) -> int:
    return logging.INFO if reason in _QUIET else logging.WARNING


def tell_withheld(*, at_end: bool = False) -> None:
    """To be called now and then: say how many refusals were counted but not logged."""
    for reason, peer, number in _BUDGET.take_withheld(at_end=at_end):
        LOGGER.log(
            _level_of(reason),
            "refused %s: %s: %d more, not logged one by one",
            peer,
            reason,
            number,
        )


def printable(text: str) -> str:
    """Peer-sent text as safe log text: no control characters, at most an AE title's length."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text[:16])


def trace_of(error: BaseException) -> str:
    """Where an error came from, without its message: that may quote a data set or a row."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames)
    return f"{type(error).__name__} at {places}"
