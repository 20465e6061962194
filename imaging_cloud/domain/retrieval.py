"""Whether the images of a study can be had from our store (compare InstanceAvailability)."""

from enum import StrEnum


class Retrieval(StrEnum):
    """at hand: open with one click. offline: moved away by the operator, to be asked for.

    missing, incomplete: a check of the archive found all or some of its objects gone or damaged.
    """

    AT_HAND = ""
    OFFLINE = "offline"
    MISSING = "missing"
    INCOMPLETE = "incomplete"

    @property
    def opens(self) -> bool:
        """Whether there is anything to open."""
        return self in (Retrieval.AT_HAND, Retrieval.INCOMPLETE)


AT_HAND = Retrieval.AT_HAND
