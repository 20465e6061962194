"""What the cloud understood of an exam and why, and the names that it did not understand."""

from datetime import UTC
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.domain.exams.descriptor import ExamDescriptor
from imaging_cloud.domain.exams.mapping import FIELDS
from imaging_cloud.ports.catalogue import UnreadName
from imaging_cloud.ports.exam_register import ExplainedExam
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.security import principal_of

_MOST_NAMES = 1000
_USUAL_NAMES = 100


def get_meaning(request: Request, study_uid: str) -> Response:
    """What a study means, field by field, and which words of which source said so."""
    own = _own_institution(principal_of(request))
    exams = cloud_of(request).exams.explain_exams(study_uid)
    shown = [exam for exam in exams if own in (None, exam.institution)]
    if not shown:
        raise NotFound("no exam with this study UID is known here")
    return JSONResponse({"studyInstanceUID": study_uid, "exams": [_exam(exam) for exam in shown]})


def get_worklist(request: Request) -> Response:
    """The names that told no modality or no place, the most frequent first."""
    own = _own_institution(principal_of(request))
    asked = request.query_params.get("institution") or None
    names = cloud_of(request).catalogue.list_unread(own or asked, _limit(request))
    return JSONResponse({"names": [_name(name) for name in names]})


def _own_institution(principal: Principal) -> str | None:
    """Whose exams the caller may see explained: an operator everybody's, others their own."""
    return None if principal.role is Role.ADMIN else principal.institution or ""


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(_USUAL_NAMES))
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= _MOST_NAMES:
        raise InvalidRequest(f"limit: a number from 1 to {_MOST_NAMES} is needed", field="limit")
    return int(text)


def _exam(exam: ExplainedExam) -> dict[str, Any]:
    reasons = dict(exam.because)
    return {
        "institution": exam.institution,
        "description": exam.description,
        "rulesVersion": exam.rules_version,
        "fields": [
            {"field": name, "value": value, **_reason(reasons.get(name, ""))}
            for name, value in _values(exam.descriptor).items()
        ],
    }


def _values(exam: ExamDescriptor) -> dict[str, Any]:
    values = {name: getattr(exam, name) for name in FIELDS}
    return {**values, "regions": [region.value for region in exam.regions]}


def _reason(words: str) -> dict[str, str]:
    """`name: 平扫` -> the source and its words; nothing where the field is the usual one."""
    source, separator, said = words.partition(": ")
    return {"source": source, "words": said} if separator else {"source": "", "words": words}


def _name(name: UnreadName) -> dict[str, Any]:
    seen = name.last_seen_at
    return {
        "institution": name.institution,
        "name": name.name,
        "code": name.code,
        "seenAs": name.seen_as,
        "missing": list(name.missing),
        "times": name.times,
        "lastSeenAt": seen.astimezone(UTC).isoformat() if seen else None,
    }
