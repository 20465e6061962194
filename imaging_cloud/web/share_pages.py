"""The patient's side of a link: make it, see it once with its QR code, end it."""

import io

import segno
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.domain.shares import DEFAULT_DAYS, LABEL_LENGTH, MOST_DAYS, MOST_OPENS, ShareWish
from imaging_cloud.use_cases.share_studies import make_share, revoke_own_share
from imaging_cloud.web.bodies import read_form
from imaging_cloud.web.calls import cloud_of
from imaging_cloud.web.own_studies import study_cards
from imaging_cloud.web.security import principal_of
from imaging_cloud.web.templates import render_page

_DAYS = (1, 3, DEFAULT_DAYS, 14, MOST_DAYS)
_ALL = "all"


def get_share_form(request: Request) -> Response:
    """What to share (`study`, a UID or `all`), for how long, and whether with a passcode."""
    return _form(request, request.query_params.get("study", _ALL), {}, problem="")


def post_share(request: Request) -> Response:
    """Make the link and show it; it is shown this once, since only its hash is kept."""
    cloud, form = cloud_of(request), read_form(request)
    chosen = form.get("study", "")
    cards = study_cards(request) if chosen == _ALL else study_cards(request, chosen)
    try:
        wish = ShareWish(
            study_uids=tuple(card.row.study_uid for card in cards),
            label=form.get("label", "").strip(),
            days=_number(form.get("days", str(DEFAULT_DAYS)), "days") or 0,
            passcode=form.get("passcode", "").strip(),
            max_opens=_number(form.get("opens", ""), "opens"),
        )
        share, token = make_share(principal_of(request), wish, cloud)
    except InvalidRequest as error:
        if error.field == "study":
            raise NotFound("no such study, or not for this caller") from error
        return _form(request, chosen, form, problem=error.field)
    address = f"{cloud.policy.public_url}/s/{token}"
    values = {
        "share": share,
        "address": address,
        "qr": qr_code(address),
        "cards": cards,
        "zone": cloud.policy.time_zone,
    }
    return render_page(request, "shared_link.html", values)


def post_share_end(request: Request, share_id: str) -> Response:
    """Revoke it; whoever looks through it sees nothing more from their next request."""
    revoke_own_share(principal_of(request), share_id, cloud_of(request))
    return RedirectResponse("/portal#links", status_code=303)


def qr_code(address: str) -> Markup:
    """An inline SVG without styles or scripts; its own white ground, so dark pages scan too."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture,
        kind="svg",
        xmldecl=False,
        svgns=False,
        nl=False,
        border=4,
        dark="#000",
        light="#fff",
        svgclass="qr",
        lineclass=None,
        omitsize=True,
    )
    # Only modules and numbers: nothing of the address stands in it as text.
    return Markup(picture.getvalue().decode())  # noqa: S704 - made here, of our own address


def _form(request: Request, chosen: str, form: dict[str, str], *, problem: str) -> Response:
    cards = study_cards(request) if chosen == _ALL else study_cards(request, chosen)
    if not cards:
        raise NotFound("no such study, or not for this caller")
    values = {
        "cards": cards,
        "chosen": chosen,
        "form": form,
        "problem": problem,
        "days": _DAYS,
        "default_days": DEFAULT_DAYS,
        "most_opens": MOST_OPENS,
        "label_length": LABEL_LENGTH,
    }
    return render_page(request, "share.html", values, status=422 if problem else 200)


def _number(text: str, field: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 6:  # noqa: PLR2004 - longer ones are no such number
        raise InvalidRequest(f"{field}: a number is needed", field=field)
    return int(text)
