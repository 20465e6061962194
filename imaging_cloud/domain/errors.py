"""What can go wrong, by meaning. Each face translates these in one table.

Messages name identifiers, fields and remedies, never a patient.
"""


class CloudError(Exception):
    """Base of all errors that a face may show to its caller."""


class InvalidInstance(CloudError):  # noqa: N818 - named by its meaning
    """The bytes are not an acceptable DICOM instance. `cause` is a short fixed code."""

    def __init__(self, message: str, *, cause: str) -> None:
        super().__init__(message)
        self.cause = cause


class InvalidRequest(CloudError):  # noqa: N818
    """A request cannot be understood. `field` names the part that is wrong."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NotFound(CloudError):  # noqa: N818
    """The thing does not exist, or not for this caller."""


class Conflict(CloudError):  # noqa: N818
    """It contradicts what is already known."""


class NotPermitted(CloudError):  # noqa: N818
    """The caller is known but may not do this."""


class NotAuthenticated(CloudError):  # noqa: N818
    """The caller is not known: no token, or one that is forged or has run out."""


class TooManyTries(CloudError):  # noqa: N818
    """Somebody guesses, or asks too often: wait, then try again."""


class NotSupported(CloudError):  # noqa: N818
    """Understood, but not offered here (a media type, a transfer syntax)."""


class Unavailable(CloudError):  # noqa: N818
    """A store or index is away: try again later, nothing was lost."""


class StoreAway(Unavailable):
    """A store on another machine cannot be reached; nothing is wrong with the disk here."""


class OutOfSpace(Unavailable):
    """No room to keep it: nothing was kept, the sender still has it."""


class Unrecorded(Unavailable):
    """The bytes rest in the store, but the index is away: nobody may be told that they are kept."""
