"""A patient's link to studies of their own: what it opens, for how long, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from imaging_cloud.domain.access import NOTHING, Scope
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.identifiers import PatientIdentifier

MOST_DAYS = 30
DEFAULT_DAYS = 7
MOST_OPENS = 100
MOST_PASSCODE_TRIES = 5
LABEL_LENGTH = 60
# Four characters and five tries: one guess in two thousand, where the token was known already.
_PASSCODE_LENGTHS = range(4, 33)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`identifier` is that of the patient who made it, and `person_id` one of theirs.

    `study_uids` are what was shown to the patient when they made it; later studies never join.
    `max_opens` None: any number. `passcode_digest` empty: none is asked for. `tries` counts
    wrong passcodes, `opens` openings of the link (not pictures).
    """

    share_id: str
    person_id: str
    identifier: PatientIdentifier
    study_uids: tuple[str, ...]
    label: str
    created_at: datetime
    expires_at: datetime
    passcode_digest: str = ""
    max_opens: int | None = None
    opens: int = 0
    tries: int = 0
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareWish:
    """What the patient asks for; `days` from now."""

    study_uids: tuple[str, ...]
    label: str = ""
    days: int = DEFAULT_DAYS
    passcode: str = ""
    max_opens: int | None = None


def checked_wish(wish: ShareWish) -> ShareWish:
    """Raises InvalidRequest naming the field."""
    if not wish.study_uids:
        raise InvalidRequest("study: there is nothing to share", field="study")
    if not 1 <= wish.days <= MOST_DAYS:
        raise InvalidRequest(f"days: 1 to {MOST_DAYS} are possible", field="days")
    if len(wish.label) > LABEL_LENGTH:
        raise InvalidRequest(f"label: at most {LABEL_LENGTH} characters", field="label")
    if wish.passcode and len(wish.passcode) not in _PASSCODE_LENGTHS:
        raise InvalidRequest("passcode: 4 to 32 characters are needed", field="passcode")
    if wish.max_opens is not None and not 1 <= wish.max_opens <= MOST_OPENS:
        raise InvalidRequest(f"opens: 1 to {MOST_OPENS} are possible", field="opens")
    return wish


def end_of(wish: ShareWish, now: datetime) -> datetime:
    return now + timedelta(days=wish.days)


def is_standing(share: Share, now: datetime) -> bool:
    """Whether those who opened it may go on looking."""
    return share.revoked_at is None and now < share.expires_at


def may_be_opened(share: Share, now: datetime) -> bool:
    """Whether the link still opens: also not locked by wrong passcodes, nor used up."""
    used_up = share.max_opens is not None and share.opens >= share.max_opens
    return is_standing(share, now) and not used_up and not is_locked(share)


def is_locked(share: Share) -> bool:
    return share.tries >= MOST_PASSCODE_TRIES


def guest_scope(share: Share, person_ids: tuple[str, ...], now: datetime) -> Scope:
    """The shared studies, as far as the patient (`person_ids`) may still see them themselves."""
    if not is_standing(share, now) or not person_ids:
        return NOTHING
    return Scope(person_ids=person_ids, only_studies=share.study_uids)
