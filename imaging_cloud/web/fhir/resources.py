"""FHIR resources as far as the order check reads them (R4 4.0.1 and R5 5.0.0)."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AliasChoices, Field, ValidationError

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.web.fhir.elements import (
    AConcept,
    Code,
    Concept,
    Concepts,
    Fhir,
    Identifiers,
    Names,
    Period,
    Quantity,
    Reference,
    Text,
)

_NONE = Concept()


class Resource(Fhir):
    resource_type: Code = ""
    id: Text = ""
    status: Code = ""


class Patient(Resource):
    identifier: Identifiers = ()
    name: Names = ()
    gender: Code = ""
    birth_date: Text = ""
    deceased_boolean: bool | None = None


class ServiceRequest(Resource):
    """`reason` is R5's, `reasonCode` R4's; `code` is a CodeableReference in R5."""

    intent: Code = ""
    category: Concepts = ()
    priority: Code = ""
    do_not_perform: bool = False
    code: AConcept = _NONE
    order_detail: Concepts = ()
    subject: Reference = Reference()
    authored_on: Text = ""
    occurrence_date_time: Text = ""
    occurrence_period: Period = Period()
    reason_code: Annotated[
        Concepts, Field(validation_alias=AliasChoices("reasonCode", "reason"))
    ] = ()
    body_site: Concepts = ()


class Condition(Resource):
    clinical_status: AConcept = _NONE
    verification_status: AConcept = _NONE
    code: AConcept = _NONE
    abatement_date_time: Text = ""

    @property
    def counts(self) -> bool:
        """Active (or not said otherwise), and neither refuted nor a mistake."""
        ended = self.clinical_status.has("inactive", "remission", "resolved")
        denied = self.verification_status.has("refuted", "entered-in-error")
        return not (ended or denied or self.abatement_date_time)


class Reaction(Fhir):
    substance: AConcept = _NONE


class AllergyIntolerance(Resource):
    clinical_status: AConcept = _NONE
    verification_status: AConcept = _NONE
    code: AConcept = _NONE
    reaction: tuple[Reaction, ...] = ()

    @property
    def counts(self) -> bool:
        ended = self.clinical_status.has("inactive", "resolved")
        return not (ended or self.verification_status.has("refuted", "entered-in-error"))


class Observation(Resource):
    code: AConcept = _NONE
    effective_date_time: Text = ""
    effective_instant: Text = ""
    effective_period: Period = Period()
    issued: Text = ""
    value_quantity: Quantity | None = None
    value_integer: int | None = None
    value_codeable_concept: AConcept = _NONE
    value_boolean: bool | None = None
    data_absent_reason: AConcept = _NONE

    @property
    def counts(self) -> bool:
        unsure = self.status in {"entered-in-error", "cancelled", "registered", "unknown"}
        return not (unsure or self.data_absent_reason.coding)

    @property
    def when(self) -> str:
        period = self.effective_period
        stated = self.effective_date_time or self.effective_instant
        return stated or period.end or period.start or self.issued


class Device(Resource):
    """`type` is one concept in R4 and many in R5."""

    type: Concepts = ()

    @property
    def counts(self) -> bool:
        return self.status not in {"inactive", "entered-in-error"}


class Medication(Resource):
    code: AConcept = _NONE


class MedicationUse(Resource):
    """MedicationRequest, MedicationStatement (R4) and MedicationUsage alike."""

    medication_codeable_concept: AConcept = _NONE
    medication: AConcept = _NONE
    medication_reference: Reference = Reference()
    contained: tuple[Medication, ...] = ()

    @property
    def counts(self) -> bool:
        ended = {"stopped", "cancelled", "not-taken", "entered-in-error", "ended", "completed"}
        return self.status not in ended

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """What is taken, said here or in a contained Medication."""
        contained = {f"#{each.id}": each.code for each in self.contained}
        referred = contained.get(self.medication_reference.reference, _NONE)
        return self.medication_codeable_concept, self.medication, referred


KINDS: dict[str, type[Resource]] = {
    "Patient": Patient,
    "ServiceRequest": ServiceRequest,
    "Condition": Condition,
    "AllergyIntolerance": AllergyIntolerance,
    "Observation": Observation,
    "Device": Device,
    "Medication": Medication,
    "MedicationRequest": MedicationUse,
    "MedicationStatement": MedicationUse,
    "MedicationUsage": MedicationUse,
}


def read_resource(document: object, where: str) -> Resource | None:
    """Read one resource; None for kinds that are not read here.

    Raises InvalidRequest that names the field beneath `where`; values are never repeated.
    """
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        field = f"{where}.resourceType"
        raise InvalidRequest(f"{field}: a FHIR resource is needed", field=field)
    kind = KINDS.get(document["resourceType"])
    if kind is None:
        return None
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join([where, *(str(part) for part in first["loc"])])
        raise InvalidRequest(f"{field}: {first['msg']}", field=field) from None


def entries_of(bundle: object, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(where, resource document) of each entry; a lone resource is taken as its own bundle."""
    if isinstance(bundle, dict) and bundle.get("resourceType") not in {None, "Bundle"}:
        yield where, bundle
        return
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise InvalidRequest(f"{where}: a Bundle is needed", field=where)
    entries = bundle.get("entry") or []
    if not isinstance(entries, list):
        raise InvalidRequest(f"{where}.entry: a list is needed", field=f"{where}.entry")
    for number, entry in enumerate(entries):
        place = f"{where}.entry.{number}"
        if not isinstance(entry, dict):
            raise InvalidRequest(f"{place}: an object is needed", field=place)
        resource = entry.get("resource")
        if resource is None:
            continue
        if not isinstance(resource, dict):
            raise InvalidRequest(f"{place}.resource: an object is needed", field=place)
        yield f"{place}.resource", resource


def next_page(bundle: object) -> str:
    """The address of a searchset's next page, empty when this is the last."""
    links = bundle.get("link") if isinstance(bundle, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return ""
