"""The physician's page: ask before ordering, for hospitals whose screens cannot ask yet.

With script it completes the exam and checks while one types; without, the form is posted.
"""

import json
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from imaging_cloud.domain.errors import CloudError, InvalidRequest, NotPermitted
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.domain.orders import Priority
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.web.bodies import read_form
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.order_check import answer_order
from imaging_cloud.web.order_models import parse_order_check
from imaging_cloud.web.security import principal_of
from imaging_cloud.web.templates import render_page
from imaging_cloud.web.viewer_assets import DESK_POLICY, asset_address

_ISSUERS = ("CN-RESIDENT-ID", "CN-HEALTH-CARD", "CN-SOCIAL-SECURITY", "CN-INSURANCE")
_MODALITIES = ("CT", "MR", "DX", "US", "MG", "NM", "PT", "XA", "RF")


def get_desk(request: Request) -> Response:
    """The empty form; `current` names a study that opened priors stand beside."""
    return _page(request, {}, answer=None, problem="")


def post_desk(request: Request) -> Response:
    """The form again, with the answer above it."""
    form = read_form(request)
    cloud, principal = cloud_of(request), principal_of(request)
    try:
        asked = parse_order_check(json.dumps(_document(form, cloud)).encode())
        answer = answer_order(asked, principal, cloud)
    except (InvalidRequest, NotPermitted) as error:
        return _page(request, form, answer=None, problem=_told(error))
    return _page(request, form, answer=answer, problem="")


def _told(error: CloudError) -> str:
    return str(error)


def _page(
    request: Request, form: dict[str, str], *, answer: dict[str, Any] | None, problem: str
) -> Response:
    cloud, principal = cloud_of(request), principal_of(request)
    institutions = cloud.register.list_institutions()
    own = [each for each in institutions if each.code == principal.institution]
    names = {each.code: each.name for each in institutions}
    current = request.query_params.get("current", "")
    values = {
        "form": form,
        "answer": answer,
        "problem": problem,
        "institutions": own if principal.institution else institutions,
        "names": names,
        "current": current if is_uid(current) else "",
        "scripts": [asset_address("related-exam-alert.js"), asset_address("desk.js")],
        "style": asset_address("desk.css"),
        "issuers": [*(each.code for each in institutions), *_ISSUERS],
        "modalities": _MODALITIES,
        "priorities": [priority.value for priority in Priority],
    }
    page = render_page(request, "desk.html", values, status=422 if problem else 200)
    page.headers["Content-Security-Policy"] = DESK_POLICY
    return page


def _document(form: dict[str, str], cloud: Cloud) -> dict[str, Any]:
    """The contract's JSON, so that the form and the call are checked alike."""
    value = form.get("value", "").strip()
    identifiers = [{"issuer": form.get("issuer", ""), "value": value}] if value else []
    return {
        "patient": {
            "identifiers": identifiers,
            "name": form.get("name"),
            "birthDate": form.get("birthDate"),
            "sex": form.get("sex"),
        },
        "order": {
            "name": form.get("exam"),
            "code": form.get("code"),
            "modality": form.get("modality"),
            "laterality": form.get("laterality"),
            "priority": form.get("priority"),
            "institution": form.get("institution"),
            "placedAt": cloud.clock.now().isoformat(),
        },
        "facts": {
            "eGFR": _number(form.get("eGFR", "")),
            "pregnant": {"yes": True, "no": False}.get(form.get("pregnant", "")),
            "conditions": [
                {"system": "ICD-10", "code": code.strip().upper()}
                for code in form.get("conditions", "").replace("，", ",").split(",")
                if code.strip()
            ],
        },
    }


def _number(text: str) -> float | str | None:
    """A number where it is one; else the text, which the check then names as wrong."""
    try:
        return float(text) if text.strip() else None
    except ValueError:
        return text
