"""Telling a person at a browser from a program, and keeping their session safe."""

from collections.abc import Collection, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from starlette.datastructures import Headers

SESSION_COOKIE = "imaging_cloud_session"
_PROGRAM_PATHS = ("/api/", "/dicom-web/", "/fhir/", "/cds-services", "/metrics", "/openapi.json")


def is_browser(request: Request) -> bool:
    """Whether an answer should be a page: only browsers ask for text/html by name."""
    if request.url.path.startswith(_PROGRAM_PATHS):
        return False
    return "text/html" in request.headers.get("accept", "")


def login_address(request: Request) -> str:
    """Where to log in and then come back to this page; only pages are worth coming back to."""
    path = request.url.path
    if request.method != "GET" or path == "/":
        return "/login"
    if request.url.query:
        path = f"{path}?{request.url.query}"
    return f"/login?next={quote(path, safe='/')}"


def local_path(text: str) -> str:
    r"""`text` when it is a path on this server, else the front page (no open redirects).

    A browser takes `//host`, `/\host` and control characters for another host.
    """
    harmless = all(" " < character < "\x7f" and character != "\\" for character in text)
    if not text.startswith("/") or text.startswith("//") or not harmless:
        return "/"
    parts = urlsplit(text)
    return "/" if parts.scheme or parts.netloc else text


def is_same_origin(headers: Headers, public_url: str) -> bool:
    """Whether a request that changes something comes from our own pages.

    Browsers say so in Sec-Fetch-Site wherever the connection is secure. Elsewhere there is Origin,
    which our own Referrer-Policy turns into `null`; the session cookie is SameSite=Strict then
    all the same. A program sends neither, and has no cookie that another site could ride on.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    if origin == "null":
        return not public_url.startswith("https:")
    host = urlsplit(origin).netloc
    return host != "" and host in (headers.get("host"), urlsplit(public_url).netloc)


def is_listed_origin(headers: Headers, origins: Collection[str]) -> bool:
    """Whether a page of an origin that the operator listed (CDS_ORIGINS) sends this."""
    origin = headers.get("origin", "")
    return origin in {each.rstrip("/") for each in origins} - {"", "null"}


def set_session(response: Response, token: str, seconds: int | None, public_url: str) -> None:
    """Put the session into a cookie that scripts cannot read and other sites cannot use."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=seconds,
        path="/",
        secure=public_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )


def client_address(request: Request, proxies: Sequence[str]) -> str:
    """Where the call comes from, for counting tries; what a trusted proxy says where it is one.

    Of IPv6 the first 64 bits: a household has all the rest.
    """
    peer = request.client.host if request.client else ""
    if _is_within(peer, proxies):
        peer = request.headers.get("x-forwarded-for", peer).rpartition(",")[2].strip()
    try:
        address = ip_address(peer)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return str(address)


def _is_within(peer: str, networks: Sequence[str]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in ip_network(network) for network in networks)
