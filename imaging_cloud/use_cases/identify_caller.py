"""identify_caller: from a bearer token to who is asking, and what they may read."""

from dataclasses import replace
from itertools import combinations

from imaging_cloud.domain.access import NOTHING, Principal, Role, Scope, scope_of
from imaging_cloud.domain.errors import InvalidRequest, NotAuthenticated, NotFound, NotPermitted
from imaging_cloud.domain.identifiers import PatientIdentifier, checked_identifier
from imaging_cloud.domain.patients import PersonFacts, contradiction, usable_identifier
from imaging_cloud.domain.shares import Share, guest_scope, is_standing
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.exam_register import KnownPerson


def identify_caller(token: str, cloud: Cloud) -> Principal:
    """Raises NotAuthenticated for a token that is forged, has run out or was revoked."""
    return confirm_caller(read_caller(token, cloud), cloud)


def read_caller(token: str, cloud: Cloud) -> Principal:
    """Whose the token is, without asking the index whether it was revoked: confirm it next."""
    return cloud.signer.read_token(token, now=cloud.clock.now())


def confirm_caller(principal: Principal, cloud: Cloud) -> Principal:
    """Raises NotAuthenticated for a token that was revoked, Unavailable when nobody can tell.

    A guest is one as long as the share stands; NotFound from the first call after that.
    """
    if principal.token_id and cloud.register.is_token_revoked(principal.token_id):
        raise NotAuthenticated("the access token was revoked; ask for a new one")
    if principal.role is Role.GUEST:
        return replace(principal, label=standing_share(principal, cloud).label)
    return principal


def standing_share(principal: Principal, cloud: Cloud) -> Share:
    """The share that a guest came by. Raises NotFound when it is over."""
    share = cloud.shares.find_share(principal.subject)
    if share is None or not is_standing(share, cloud.clock.now()):
        raise NotFound("this link is over; ask for a new one")
    return share


def reading_scope(principal: Principal, cloud: Cloud) -> Scope:
    """The scope every read of the index by this caller carries."""
    if principal.role is Role.GUEST:
        return _shared_scope(principal, cloud)
    persons = own_persons(principal, cloud) if principal.role is Role.PATIENT else ()
    return scope_of(principal, cloud.policy.consent, persons)


def _shared_scope(principal: Principal, cloud: Cloud) -> Scope:
    """Never more than the patient who made the link would see now."""
    share = standing_share(principal, cloud)
    maker = Principal(
        role=Role.PATIENT, subject=f"{share.identifier.issuer}|{share.identifier.value}"
    )
    try:
        persons = own_persons(maker, cloud)
    except NotPermitted:
        return NOTHING
    return guest_scope(share, persons, cloud.clock.now())


def own_identifier(principal: Principal) -> PatientIdentifier:
    """The identifier a patient's token stands for, in the form that links."""
    issuer, _, value = principal.subject.partition("|")
    try:
        usable = usable_identifier(checked_identifier(issuer, value))
    except InvalidRequest:
        usable = None
    if usable is None:
        raise NotPermitted("this access token names no patient number that can be used")
    return usable


def own_persons(principal: Principal, cloud: Cloud) -> tuple[str, ...]:
    """The person ids of a patient's own identifier; () when nothing is known of them yet.

    One number that stands for people who cannot be the same (a typing error at some console)
    would show one patient another's images, so nothing is shown until a hospital cleared it up.
    """
    found = cloud.exams.find_persons((own_identifier(principal),))
    for one, other in combinations(found, 2):
        if contradiction(_facts(one), _facts(other)) is not None:
            raise NotPermitted(
                "this number stands for more than one person in our records, so nothing is shown;"
                " please ask your hospital's imaging department to clear it up"
            )
    return tuple(person.person_id for person in found)


def _facts(person: KnownPerson) -> PersonFacts:
    return PersonFacts(
        identifiers=person.identifiers,
        names=person.names,
        birth_date=person.birth_date,
        sex=person.sex,
    )
