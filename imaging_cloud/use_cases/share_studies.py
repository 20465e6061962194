"""share_studies: a patient makes a link to studies of their own, sees its use, ends it."""

import hashlib
import secrets
import unicodedata

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import Conflict, NotFound
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.domain.shares import Share, ShareWish, checked_wish, end_of, is_standing
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.identify_caller import own_identifier, own_persons, reading_scope

_TOKEN_BYTES = 32
_MOST_STANDING = 50


def make_share(principal: Principal, wish: ShareWish, cloud: Cloud) -> tuple[Share, str]:
    """The share and its link's token, which is never to be had again.

    Raises InvalidRequest, NotFound for a study that is not the patient's, Conflict for too many.
    """
    wish = checked_wish(wish)
    persons = own_persons(principal, cloud)
    _require_own(principal, wish.study_uids, cloud)
    now = cloud.clock.now()
    standing = [each for each in cloud.shares.list_shares(persons) if is_standing(each, now)]
    if len(standing) >= _MOST_STANDING:
        raise Conflict(f"at most {_MOST_STANDING} links at a time: end some that are not needed")
    share_id = secrets.token_hex(6)
    passcode = wish.passcode
    share = Share(
        share_id=share_id,
        person_id=persons[0],
        identifier=own_identifier(principal),
        study_uids=wish.study_uids,
        label=wish.label.strip(),
        created_at=now,
        expires_at=end_of(wish, now),
        passcode_digest=digest_passcode(share_id, passcode, cloud) if passcode else "",
        max_opens=wish.max_opens,
    )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    cloud.shares.add_share(share, hash_token(token), share_event("share-made", share, cloud))
    return share, token


def list_own_shares(principal: Principal, cloud: Cloud) -> list[Share]:
    return cloud.shares.list_shares(own_persons(principal, cloud))


def revoke_own_share(principal: Principal, share_id: str, cloud: Cloud) -> None:
    """Effective on the next request, also of those who opened it before."""
    share = cloud.shares.find_share(share_id)
    if share is None or share.person_id not in own_persons(principal, cloud):
        raise NotFound("no such link of yours")
    event = share_event("share-revoked", share, cloud)
    cloud.shares.revoke_share(share_id, at=cloud.clock.now(), event=event)


def hash_token(token: str) -> str:
    """A token has 256 random bits: nobody finds it by trying hashes."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def digest_passcode(share_id: str, passcode: str, cloud: Cloud) -> str:
    """Full-width digits and spaces around it are the same passcode."""
    plain = unicodedata.normalize("NFKC", passcode).strip()
    return cloud.signer.digest_secret("share-passcode", f"{share_id}|{plain}")


def share_event(
    action: str, share: Share, cloud: Cloud, *, role: Role = Role.PATIENT
) -> AuditEvent:
    one = share.study_uids[0] if len(share.study_uids) == 1 else ""
    return AuditEvent(
        at=cloud.clock.now(),
        action=action,
        actor="patient" if role is Role.PATIENT else f"{share.share_id} {share.label}".rstrip(),
        role=role.value,
        study_uid=one,
        person_id=share.person_id,
        detail=f"{share.share_id} {len(share.study_uids)} {share.label}".rstrip(),
    )


def _require_own(principal: Principal, uids: tuple[str, ...], cloud: Cloud) -> None:
    query = ImagingQuery(study_uids=uids, limit=len(uids))
    found = cloud.index.find_studies(query, reading_scope(principal, cloud))
    if {row.study_uid for row in found} != set(uids):
        raise NotFound("no such study, or not for this caller")
