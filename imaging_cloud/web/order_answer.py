"""The order check's JSON, exactly as the contract has it: what is answered, every key always."""

from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import quote

from imaging_cloud.domain.alerts import Caution, EarlierOrder, Match, OrderAlert
from imaging_cloud.domain.exams.descriptor import ExamDescriptor


def answer_document(alert: OrderAlert, *, region: tzinfo, public_url: str) -> dict[str, Any]:
    """Moments of exams in the region's time, as its people read them; the check's own in UTC.

    `alreadyOrdered` stands there only where there is such an order.
    """
    document = {
        "alertId": alert.alert_id,
        "outcome": alert.outcome.value,
        "exam": exam_document(alert.exam),
        "identity": {"certainty": alert.certainty.value, "person": alert.person_id},
        "matches": [_match(match, region, public_url) for match in alert.matches],
        "cautions": [_caution(caution) for caution in alert.cautions],
        "withheld": alert.withheld,
        "checkedAt": alert.checked_at.astimezone(UTC).isoformat(),
        "rulesVersion": alert.rules_version,
    }
    if alert.already_ordered:
        document["alreadyOrdered"] = [_ordered(each, region) for each in alert.already_ordered]
    return document


def _ordered(order: EarlierOrder, region: tzinfo) -> dict[str, Any]:
    return {
        "institution": order.institution,
        "orderedAt": _moment(order.asked_at, region),
        "exam": exam_document(order.exam),
    }


def exam_document(exam: ExamDescriptor) -> dict[str, Any]:
    return {
        "modality": exam.modality.value,
        "regions": [region.value for region in exam.regions],
        "focus": exam.focus,
        "laterality": exam.laterality.value,
        "contrast": exam.contrast.value,
        "angio": exam.angio,
        "purpose": exam.purpose.value,
    }


def viewer_address(study_uid: str, public_url: str) -> str:
    return f"{public_url}/view/{quote(study_uid, safe='')}"


def _match(match: Match, region: tzinfo, public_url: str) -> dict[str, Any]:
    comparison = match.comparison
    opens = match.retrieval.opens
    return {
        "grade": comparison.grade.value,
        "studyInstanceUID": match.study_uid,
        "institution": match.institution,
        "performedAt": _moment(match.performed_at, region),
        "ageDays": comparison.age_days,
        "validUntil": comparison.valid_until.isoformat() if comparison.valid_until else None,
        "exam": exam_document(match.exam),
        "reasons": list(comparison.reasons),
        "reasonsZh": list(comparison.reasons_zh),
        "arriving": match.arriving,
        "viewerUrl": viewer_address(match.study_uid, public_url) if opens else None,
        **_quality(match),
    }


def _quality(match: Match) -> dict[str, Any]:
    """Marks and retrievability stand there only where there is something to tell."""
    told: dict[str, Any] = {}
    if match.standing.reaches is not None:
        told["recognition"] = {"mark": match.standing.mark, "reaches": match.standing.reaches}
    if match.retrieval:
        told["retrievability"] = match.retrieval.value
    return told


def _moment(moment: datetime | None, region: tzinfo) -> str | None:
    return moment.astimezone(region).isoformat() if moment else None


def _caution(caution: Caution) -> dict[str, Any]:
    return {
        "rule": caution.rule,
        "severity": caution.severity.value,
        "message": caution.message,
        "source": caution.source,
    }
