"""What can go wrong with an archive, by what the harvest does about it."""

from imaging_cloud.domain.errors import CloudError, NotFound, NotPermitted, Unavailable


class ArchiveAway(Unavailable):
    """Nobody answers, or a proxy answers for it: wait and try again, blaming no instance."""


class ArchiveForbids(NotPermitted):
    """401 or 403: waiting does not help, credentials do."""


class ResourceFailed(CloudError):  # noqa: N818 - named by its meaning
    """The archive answers, but cannot give this one thing whole: try it again later."""


class ResourceGone(NotFound):
    """404: the archive does not (or no longer) have it."""
