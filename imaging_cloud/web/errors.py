"""Meaning to HTTP: the one table, and the one way every error is answered."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from imaging_cloud.domain.errors import (
    CloudError,
    Conflict,
    InvalidInstance,
    InvalidRequest,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    NotSupported,
    OutOfSpace,
    TooManyTries,
    Unavailable,
)
from imaging_cloud.web.browsers import is_browser, login_address
from imaging_cloud.web.fail_open import is_hook_call, unmade_answer
from imaging_cloud.web.outcomes import outcome_answer, speaks_fhir
from imaging_cloud.web.templates import render_page

_LOG = logging.getLogger(__name__)

# The first row whose class fits wins, so narrower meanings stand before wider ones.
STATUS_OF: tuple[tuple[type[CloudError], int, str], ...] = (
    (InvalidInstance, 400, "invalid-instance"),
    (InvalidRequest, 422, "invalid-request"),
    (NotAuthenticated, 401, "not-authenticated"),
    (NotPermitted, 403, "not-permitted"),
    (NotFound, 404, "not-found"),
    (NotSupported, 406, "not-supported"),
    (TooManyTries, 429, "too-many-tries"),
    (Conflict, 409, "conflict"),
    (OutOfSpace, 507, "out-of-space"),
    (Unavailable, 503, "unavailable"),
)
# A query that cannot be understood is 400 in DICOMweb (PS3.18 8.5), FHIR and CDS Hooks, not 422.
_DICOMWEB = "/dicom-web/"
_RETRY_AFTER_SECONDS = "5"
_WAIT_SECONDS = "600"
_CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "not-supported"}


class UnsupportedContent(NotSupported):
    """The request's own body is of a kind not taken here: 415, where an answer's kind is 406."""


class MissingData(CloudError):  # noqa: N818 - named by its meaning
    """What the caller should have sent along, or let us fetch, is not there: 412 (CDS Hooks)."""


def status_of(error: CloudError, path: str = "") -> tuple[int, str]:
    """(HTTP status, code) of an error met under `path`."""
    if isinstance(error, UnsupportedContent):
        return 415, "not-supported"
    if isinstance(error, MissingData):
        return 412, "missing-data"
    for meaning, status, code in STATUS_OF:
        if isinstance(error, meaning):
            if meaning is InvalidRequest and (path.startswith(_DICOMWEB) or speaks_fhir(path)):
                return 400, code
            return status, code
    return 500, "internal"


def answer_error(request: Request, error: CloudError) -> Response:
    """JSON for programs; for browsers the way to the log-in, or a page that says it.

    An order screen that waits for cards gets one that says the check was not made.
    """
    if isinstance(error, Unavailable) and is_hook_call(request.method, request.scope["path"]):
        _LOG.warning("an order check was not made: the index is away")
        request.app.state.meters.checks_not_made.inc()
        return unmade_answer()
    status, code = status_of(error, request.url.path)
    field = error.field if isinstance(error, InvalidRequest) else ""
    if status == HTTPStatus.UNAUTHORIZED and is_browser(request):
        return RedirectResponse(login_address(request), status_code=303)
    return _answer(request, status, code, str(error), field=field)


def _answer(request: Request, status: int, code: str, message: str, *, field: str = "") -> Response:
    headers: dict[str, str] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="imaging-cloud"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = _RETRY_AFTER_SECONDS
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = _WAIT_SECONDS
    if is_browser(request):
        page = render_page(
            request, "error.html", {"status": status, "message": message}, status=status
        )
        page.headers.update(headers)
        return page
    if speaks_fhir(request.scope["path"]):
        return outcome_answer(status, message, field=field, headers=headers)
    body: dict[str, str] = {"code": code, "message": message}
    if field:
        body["field"] = field
    return JSONResponse({"error": body}, status_code=status, headers=headers)


def answer_unexpected(request: Request, error: Exception) -> Response:
    """500 without detail. Only the kind of error is logged: messages may quote patient data."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = f"{last.tb_frame.f_globals.get('__name__')}:{last.tb_lineno}" if last else "?"
    _LOG.error("unexpected %s at %s", type(error).__name__, where)
    return _answer(request, 500, "internal", "something went wrong here; it has been logged")


def _cloud_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, CloudError):
        raise TypeError from error
    return answer_error(request, error)


def _http_error(request: Request, error: Exception) -> Response:
    """What the router itself says: no such path, no such method."""
    if not isinstance(error, HTTPException):
        raise TypeError from error
    code = _CODES.get(error.status_code, "http")
    message = HTTPStatus(error.status_code).phrase.lower()
    response = _answer(request, error.status_code, code, message)
    headers: Mapping[str, str] = error.headers or {}
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _invalid(request: Request, error: Exception) -> Response:
    """FastAPI's own validation of parameters, told like every other invalid request."""
    if not isinstance(error, RequestValidationError):
        raise TypeError from error
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:])
    return answer_error(request, InvalidRequest(f"{field}: {first['msg']}", field=field))


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(CloudError, _cloud_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
