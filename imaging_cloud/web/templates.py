"""Pages: Jinja2 templates with escaping always on, in the reader's language."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from imaging_cloud.domain.access import Principal
from imaging_cloud.web.languages import language_of
from imaging_cloud.web.texts import texts_in

PAGES = Path(__file__).parent / "pages"

# autoescape for every template: names and descriptions come from strangers' devices.
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(PAGES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_page(
    request: Request, template: str, values: Mapping[str, Any], *, status: int = 200
) -> HTMLResponse:
    """`t` holds the words of the page, `principal` the caller or None."""
    language = language_of(request.headers.get("accept-language", ""))
    principal = getattr(request.state, "principal", None)
    html = _ENVIRONMENT.get_template(template).render(
        t=texts_in(language),
        language=language,
        principal=principal if isinstance(principal, Principal) else None,
        **values,
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return HTMLResponse(html, status_code=status, headers=headers)
