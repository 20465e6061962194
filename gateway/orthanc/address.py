"""The address of an archive, with its credentials kept apart from what is shown and stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from imaging_cloud.domain.errors import InvalidRequest

USER_VARIABLE = "IMAGING_CLOUD_ORTHANC_USER"
PASSWORD_VARIABLE = "IMAGING_CLOUD_ORTHANC_PASSWORD"  # noqa: S105 - the name, not the value


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveAddress:
    """`url` has no credentials and no slash at its end; it may be logged and stored."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)


def parse_address(url: str, environment: Mapping[str, str]) -> ArchiveAddress:
    """Split `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`; credentials else from the environment.

    The same archive written in two ways (case of the host, default port, slash at the end)
    gets the same `url`. Raises InvalidRequest, whose message never repeats the URL.
    """
    parts, port = _split(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else (parts.hostname or "")
    default = {"http": 80, "https": 443}[parts.scheme]
    where = host if port in (None, default) else f"{host}:{port}"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user:
        user = environment.get(USER_VARIABLE, "")
        password = environment.get(PASSWORD_VARIABLE, "")
    return ArchiveAddress(
        url=f"{parts.scheme}://{where}{parts.path.rstrip('/')}", user=user, password=password
    )


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _invalid("a host and a port below 65536 are needed") from None
    # urlsplit drops tabs and newlines silently; a request line must never hold one.
    if not url.isprintable() or " " in url:
        raise _invalid("it must not contain blanks or control characters")
    if parts.scheme not in ("http", "https"):
        raise _invalid("it must begin with http:// or https://")
    if not parts.hostname:
        raise _invalid("the host is missing")
    if parts.query or parts.fragment:
        raise _invalid("it must end with the path")
    return parts, port


def _invalid(reason: str) -> InvalidRequest:
    return InvalidRequest(
        f"URL of the Orthanc: {reason}, as in http://orthanc.example:8042", field="url"
    )
