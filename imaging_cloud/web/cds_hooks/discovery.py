"""CDS Hooks discovery (CDS Hooks 2.0.1): which services there are, and what they like to be sent.

Versions: 2.0.1, and valid in the ballot of 3.0 (version and hookVersion are told there).
"""

from typing import Any

from fastapi.responses import JSONResponse, Response

from imaging_cloud.web.fhir.facts import EGFR_CODES, PREGNANCY_CODE

ORDER_SELECT, ORDER_SIGN = "related-exam-select", "related-exam-sign"
HOOK_OF = {ORDER_SELECT: "order-select", ORDER_SIGN: "order-sign"}

_PATIENT = "{{context.patientId}}"
_LOINC = "http://loinc.org|"
_EGFR = ",".join(_LOINC + code for code in EGFR_CODES)

# The keys of prefetch. Only `patient` is needed; the others make the cautions sharper.
PREFETCH = {
    "patient": f"Patient/{_PATIENT}",
    "orders": f"ServiceRequest?patient={_PATIENT}&status=active,on-hold"
    "&category=http://snomed.info/sct|363679005&_count=50",
    "problems": f"Condition?patient={_PATIENT}&clinical-status=active&_count=100",
    "allergies": f"AllergyIntolerance?patient={_PATIENT}&_count=100",
    "medications": f"MedicationRequest?patient={_PATIENT}&status=active&_count=100",
    "devices": f"Device?patient={_PATIENT}&_count=50",
    "renal": f"Observation?patient={_PATIENT}&code={_EGFR}&_sort=-date&_count=5",
    "pregnancy": f"Observation?patient={_PATIENT}&code={_LOINC}{PREGNANCY_CODE}"
    "&_sort=-date&_count=1",
}
_SAYS = {
    ORDER_SELECT: "While an imaging exam is chosen: comparable recent exams of this patient at any"
    " institution, the same exam twice in the basket, and why the exam may harm.",
    ORDER_SIGN: "Before imaging orders are signed: comparable recent exams of this patient at any"
    " institution, the same exam twice in the basket, and why an exam may harm.",
}


def _service(service: str) -> dict[str, Any]:
    return {
        "hook": HOOK_OF[service],
        "id": service,
        "title": "重复检查提醒与禁忌核对 Related exams and cautions",
        "description": _SAYS[service],
        "usageRequirements": "The patient's identifiers, by prefetch or from a listed FHIR server.",
        "version": "1.0.0",
        "hookVersion": "1.0",
        "prefetch": PREFETCH,
    }


SERVICES: tuple[dict[str, Any], ...] = tuple(_service(service) for service in HOOK_OF)


def get_services() -> Response:
    """The services order screens may call, open to all as the specification asks."""
    return JSONResponse({"services": list(SERVICES)})
