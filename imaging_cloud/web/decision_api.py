"""POST /api/order-check/{alertId}/decision: what the physician did with the alert."""

from datetime import UTC
from typing import Annotated, Literal

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field, ValidationError

from imaging_cloud.use_cases.decide_alert import SaidOfAlert, decide_alert
from imaging_cloud.web.bodies import read_body
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.order_models import Optional, Text, WireModel, invalid_request
from imaging_cloud.web.security import principal_of


class ReasonIn(WireModel):
    code: Text = ""
    text: Optional = None


class DecisionIn(WireModel):
    outcome: Literal["recognised", "repeated", "opened", "ignored"]
    study_instance_uid: Annotated[Optional, Field(alias="studyInstanceUID")] = None
    reason: ReasonIn | None = None


def post_decision(request: Request, alert_id: str) -> Response:
    """Keep it; the same said again is the same decision, at a later time."""
    said = _parse(read_body(request))
    reason = said.reason or ReasonIn()
    decision = decide_alert(
        SaidOfAlert(
            alert_id=alert_id,
            outcome=said.outcome,
            study_uid=said.study_instance_uid or "",
            reason_code=reason.code.strip(),
            reason_text=reason.text or "",
        ),
        principal_of(request),
        cloud_of(request),
    )
    return JSONResponse(
        {
            "alertId": decision.alert_id,
            "outcome": decision.outcome,
            "studyInstanceUID": decision.study_uid or None,
            "reason": {"code": decision.reason_code, "text": decision.reason_text}
            if decision.reason_code
            else None,
            "decidedAt": decision.decided_at.astimezone(UTC).isoformat(),
        }
    )


def _parse(body: bytes) -> DecisionIn:
    try:
        return DecisionIn.model_validate_json(body)
    except ValidationError as error:
        raise invalid_request(error) from None
