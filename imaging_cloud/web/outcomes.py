"""OperationOutcome: how FHIR and CDS Hooks want errors to be said."""

from typing import Any

from fastapi.responses import JSONResponse

FHIR_JSON = "application/fhir+json"
_FHIR_PATHS = ("/fhir", "/cds-services")
# FHIR value set issue-type, by HTTP status.
_ISSUE = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    412: "required",
    413: "too-long",
    415: "not-supported",
    422: "invalid",
    503: "transient",
    507: "no-store",
}


def speaks_fhir(path: str) -> bool:
    """Whether errors under this path are OperationOutcomes."""
    return any(path == root or path.startswith(f"{root}/") for root in _FHIR_PATHS)


def outcome_document(
    status: int, message: str, *, field: str = "", severity: str = "error"
) -> dict[str, Any]:
    issue: dict[str, Any] = {
        "severity": severity,
        "code": _ISSUE.get(status, "exception" if status >= 500 else "processing"),  # noqa: PLR2004
        "diagnostics": message,
    }
    if field:
        issue["expression"] = [field]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def outcome_answer(
    status: int, message: str, *, field: str = "", headers: dict[str, str] | None = None
) -> JSONResponse:
    document = outcome_document(status, message, field=field)
    return JSONResponse(document, status_code=status, headers=headers, media_type=FHIR_JSON)
