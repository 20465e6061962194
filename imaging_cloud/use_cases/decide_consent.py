"""decide_consent: a patient opens their exams to an institution, or closes them again."""

from imaging_cloud.domain.access import Consent, Principal
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.identify_caller import own_identifier, own_persons


def decide_consent(
    principal: Principal, institution: str, *, granted: bool, cloud: Cloud
) -> Consent:
    """Record the decision; it holds from the very next read. The register writes the trail.

    It is recorded for every person the patient's number stands for (own_persons has made sure
    that these are one and the same), and for a patient we know nothing of yet.
    """
    if cloud.register.find_institution(institution) is None:
        raise InvalidRequest("institution: not an institution here", field="institution")
    now = cloud.clock.now()
    persons = own_persons(principal, cloud)
    if not persons:
        persons = (cloud.register.ensure_person(own_identifier(principal), at=now),)
    decisions = [
        Consent(
            person_id=person,
            institution=institution,
            granted=granted,
            decided_at=now,
            decided_by="patient",
        )
        for person in persons
    ]
    for decision in decisions:
        cloud.register.decide_consent(decision)
    return decisions[0]


def list_own_consents(principal: Principal, cloud: Cloud) -> list[Consent]:
    """The standing decisions, newest first, each institution once."""
    newest: dict[str, Consent] = {}
    for person in own_persons(principal, cloud):
        for consent in cloud.register.list_consents(person):
            known = newest.get(consent.institution)
            if known is None or known.decided_at < consent.decided_at:
                newest[consent.institution] = consent
    return sorted(newest.values(), key=lambda each: each.decided_at, reverse=True)
