"""open_share: from a link's token to a session that sees the shared studies and nothing else."""

import hmac
import logging

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import CloudError, NotFound
from imaging_cloud.domain.shares import MOST_PASSCODE_TRIES, Share, may_be_opened
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.limit_tries import UNKNOWN_LINKS_OF_ADDRESS, check_left, note
from imaging_cloud.use_cases.sessions import start_session
from imaging_cloud.use_cases.share_studies import digest_passcode, hash_token, share_event

_MAX_TOKEN = 128
_LOG = logging.getLogger(__name__)


class WrongPasscode(CloudError):  # noqa: N818 - named by its meaning
    """`left` tries remain before the link is locked."""

    def __init__(self, left: int) -> None:
        super().__init__("the passcode is wrong")
        self.left = left


def find_link(token: str, *, address: str, cloud: Cloud) -> Share:
    """The share that the token still opens.

    Raises NotFound alike for what never was, has run out, was revoked, used up or locked, and
    TooManyTries where too many of these came from one address.
    """
    check_left(UNKNOWN_LINKS_OF_ADDRESS, address, cloud)
    share = cloud.shares.find_by_token(hash_token(token)) if len(token) <= _MAX_TOKEN else None
    if share is None or not may_be_opened(share, cloud.clock.now()):
        note(UNKNOWN_LINKS_OF_ADDRESS, address, cloud)
        _LOG.warning("a link was refused: unknown, or over")
        raise _no_such_link()
    return share


def open_link(token: str, passcode: str, *, address: str, cloud: Cloud) -> tuple[Share, str]:
    """The share and the token of a guest's session. Raises as find_link, and WrongPasscode."""
    share = find_link(token, address=address, cloud=cloud)
    if share.passcode_digest:
        _check_passcode(share, passcode, cloud)
    event = share_event("share-opened", share, cloud, role=Role.GUEST)
    if not cloud.shares.count_opening(share.share_id, event):
        raise _no_such_link()
    return share, start_session(Principal(role=Role.GUEST, subject=share.share_id), cloud)


def _check_passcode(share: Share, passcode: str, cloud: Cloud) -> None:
    """Every try is counted before it is compared, so that many at once are still five."""
    if not cloud.shares.take_try(share.share_id):
        raise _no_such_link()
    given = digest_passcode(share.share_id, passcode[:_MAX_TOKEN], cloud)
    if hmac.compare_digest(given, share.passcode_digest):
        cloud.shares.give_back_try(share.share_id)
        return
    _LOG.warning("a link was refused: wrong passcode")
    left = MOST_PASSCODE_TRIES - share.tries - 1
    if left <= 0:
        raise _no_such_link()
    raise WrongPasscode(left)


def _no_such_link() -> NotFound:
    return NotFound("this link does not exist, or is over")
