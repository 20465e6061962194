"""What became of an instance, as a DIMSE status (PS3.4 Table B.2-1, PS3.7 Annex C)."""

from dataclasses import dataclass
from enum import StrEnum

from imaging_cloud.domain.errors import OutOfSpace, Unavailable
from imaging_cloud.use_cases.receive_instance import Receipt

SUCCESS = 0x0000  # PS3.4 B.2.2: "has been successfully stored"
OUT_OF_RESOURCES = 0xA700  # PS3.4 Table B.2-1, A7xx: Refused, out of resources
DOES_NOT_MATCH = 0xA900  # PS3.4 Table B.2-1, A9xx: data set does not match SOP Class
CANNOT_UNDERSTAND = 0xC000  # PS3.4 Table B.2-1, Cxxx: cannot understand
DIFFERS = 0xC111  # ours, within Cxxx: this UID is stored with other bytes
SOP_CLASS_NOT_SUPPORTED = 0x0122  # PS3.7 C.5.6
PROCESSING_FAILURE = 0x0110  # PS3.7 C.5.15


class Cause(StrEnum):
    """Causes that the gateway itself finds; those of InvalidInstance stand beside them below."""

    INVALID_COMMAND_UID = "invalid-command-uid"
    WRONG_CONTEXT = "wrong-context"
    NO_DATA_SET = "no-data-set"


# One status a cause, so that a sender's log tells them apart. A cause that is not here is
# CANNOT_UNDERSTAND: tests/protocol/dimse/test_status.py keeps the table whole.
STATUS_OF_CAUSE = {
    "unreadable": 0xC000,  # PS3.4 Table B.2-1, Cxxx, as the rest of this block
    "truncated": 0xC001,
    "bad-length": 0xC002,
    "too-deep": 0xC003,
    "too-large": 0xC004,
    "deflate-bomb": 0xC005,
    "missing-uid": 0xC006,
    "bad-transfer-syntax": 0xC007,
    "not-dicom": 0xC008,
    "not-an-instance": 0xC00A,
    Cause.NO_DATA_SET: 0xC009,
    "differs": DIFFERS,
    "invalid-uid": DOES_NOT_MATCH,  # PS3.4 Table B.2-1, A9xx, as the rest of this block
    "uid-mismatch": DOES_NOT_MATCH,
    "sop-class-mismatch": DOES_NOT_MATCH,
    "clash": DOES_NOT_MATCH,
    Cause.INVALID_COMMAND_UID: DOES_NOT_MATCH,
    Cause.WRONG_CONTEXT: SOP_CLASS_NOT_SUPPORTED,  # PS3.7 9.1.1.1.9
}


def status_of_receipt(receipt: Receipt) -> int:
    """SUCCESS only for what is durable in the store and in the index."""
    return SUCCESS if receipt.kept else status_of_cause(receipt.cause)


def status_of_cause(cause: str) -> int:
    return STATUS_OF_CAUSE.get(cause, CANNOT_UNDERSTAND)


@dataclass(frozen=True, slots=True)
class Failure:
    """What we could not do: a word for logs and metrics, the status, and the error comment."""

    outcome: str
    status: int
    comment: str


def failure_of(error: Exception) -> Failure:
    """The answer to what was raised; it never quotes an error that we do not know."""
    match error:
        case OutOfSpace():
            return Failure(
                "out-of-space", OUT_OF_RESOURCES, "no space left: nothing was kept, send it later"
            )
        case Unavailable():
            return Failure(
                "unavailable", OUT_OF_RESOURCES, "archive away: nothing was kept, send it later"
            )
        case _:
            return Failure(
                "internal-error", PROCESSING_FAILURE, "internal error: not known to be kept"
            )
