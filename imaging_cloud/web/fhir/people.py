"""From a FHIR Patient to the patient of an order, and identifiers both ways."""

from typing import Any

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.identifiers import PatientIdentifier, checked_identifier
from imaging_cloud.domain.patients import NATIONAL_ISSUERS
from imaging_cloud.ports.cloud import Policy
from imaging_cloud.web.fhir.elements import HumanName, Identifier, day_of
from imaging_cloud.web.fhir.resources import Patient

ISSUER_PREFIX = "urn:imaging-cloud:issuer:"
_SEXES = {"male": "M", "female": "F", "other": "O"}
_OLD = frozenset({"old", "temp"})


def issuer_of(system: str, policy: Policy) -> str | None:
    """The issuer a FHIR identifier system stands for; None when we do not know it."""
    if system.startswith(ISSUER_PREFIX):
        return system.removeprefix(ISSUER_PREFIX)
    configured = dict(policy.identifier_systems).get(system)
    if configured is not None:
        return configured
    return system if system in NATIONAL_ISSUERS else None


def system_of_issuer(issuer: str, policy: Policy) -> str:
    """The system we write for an issuer: the configured one, else our own URN."""
    for system, code in policy.identifier_systems:
        if code == issuer:
            return system
    return ISSUER_PREFIX + issuer


def identifiers_of_patient(
    patient: Patient, institution: str | None, policy: Policy
) -> tuple[PatientIdentifier, ...]:
    """The identifiers whose issuer is known.

    One without any system is the hospital's own number, as in DICOM; one of a system nobody told
    us is left out, since the same digits may be somebody else's elsewhere.
    """
    found = []
    for each in patient.identifier:
        if each.use in _OLD or not each.value.strip():
            continue
        issuer = issuer_of(each.system, policy) if each.system else _local(each, institution)
        if issuer is None:
            continue
        try:
            found.append(checked_identifier(issuer, each.value))
        except InvalidRequest:
            continue
    return tuple(dict.fromkeys(found))


def _local(identifier: Identifier, institution: str | None) -> str | None:
    """Only a medical record number, or one that does not say what it is."""
    kinds = [coding.code for coding in identifier.type.coding]
    return institution if not kinds or "MR" in kinds or "PI" in kinds else None


def patient_document(
    patient: Patient | None, identifiers: tuple[PatientIdentifier, ...]
) -> dict[str, Any]:
    """The `patient` of the plain call (docs/http.md)."""
    if patient is None:
        return {"identifiers": []}
    name = _name_of(patient.name)
    born = day_of(patient.birth_date)
    return {
        "identifiers": [{"issuer": each.issuer, "value": each.value} for each in identifiers],
        "name": name[:1024] or None,
        "birthDate": born.isoformat() if born else None,
        "sex": _SEXES.get(patient.gender, ""),
    }


def _name_of(names: tuple[HumanName, ...]) -> str:
    """All present names, joined as DICOM joins the scripts of one name (PS3.5 6.2.1)."""
    usable = [each.words for each in names if each.use not in {"old", "maiden", "anonymous"}]
    return "=".join(dict.fromkeys(word for word in usable if word))
