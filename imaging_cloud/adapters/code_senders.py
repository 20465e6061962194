"""Senders of one-time codes: a folder, a web hook, the screen (for the demo), none.

None of them writes a code, a number or an address into a log.
"""

import http.client
import json
import os
import secrets
from datetime import UTC
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imaging_cloud.domain.errors import InvalidRequest, Unavailable
from imaging_cloud.ports.code_sender import CodeMessage, CodeSender

_SECONDS = 5
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def document_of(message: CodeMessage) -> bytes:
    """The message as JSON, the same for folder and web hook (docs/operations.md)."""
    fields = {
        "issuer": message.identifier.issuer,
        "value": message.identifier.value,
        "code": message.code,
        "expiresAt": message.expires_at.astimezone(UTC).isoformat(timespec="seconds"),
        "language": message.language,
    }
    return json.dumps(fields, ensure_ascii=False).encode()


class NoSender(CodeSender):
    is_offered = False
    shows_on_screen = False

    def send_code(self, message: CodeMessage) -> None:  # noqa: ARG002 - there is no way
        raise Unavailable("IMAGING_CLOUD_LOGIN_CODES names no way to send codes")


class ScreenSender(CodeSender):
    """The page shows the code to whoever asks: no log-in at all, but for throw-away data."""

    is_offered = True
    shows_on_screen = True

    def send_code(self, message: CodeMessage) -> None:
        """Nothing to do: the page has it."""


class FolderSender(CodeSender):
    """One file a code, whole from the moment it has its name; whoever sends it removes it."""

    is_offered = True
    shows_on_screen = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send_code(self, message: CodeMessage) -> None:
        name = secrets.token_hex(16)
        under_way = self._folder / f".{name}.tmp"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(under_way, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(document_of(message))
            under_way.rename(self._folder / f"{name}.json")
        except OSError as error:
            under_way.unlink(missing_ok=True)
            raise Unavailable("the folder for log-in codes cannot be written to") from error


class WebhookSender(CodeSender):
    """POSTs the message to one address; 2xx means that it is taken over. No redirects."""

    is_offered = True
    shows_on_screen = False

    def __init__(self, url: str, secret: str = "") -> None:
        parts = urlsplit(url)
        self._parts = parts
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secret = secret

    def send_code(self, message: CodeMessage) -> None:
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers["Authorization"] = f"Bearer {self._secret}"
        connection = self._connection()
        try:
            connection.request("POST", self._path, document_of(message), headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable("the sender of log-in codes does not answer") from error
        finally:
            connection.close()
        if not 200 <= status < 300:  # noqa: PLR2004 - 2xx
            raise Unavailable(f"the sender of log-in codes answered {status}")

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=_SECONDS)
        return http.client.HTTPConnection(host, port, timeout=_SECONDS)


def open_sender(setting: str, *, secret: str, http_host: str) -> CodeSender:
    """`setting` is IMAGING_CLOUD_LOGIN_CODES. Raises InvalidRequest for what is none of them."""
    parts = urlsplit(setting)
    if not setting:
        return NoSender()
    if setting == "screen":
        if http_host not in _LOOPBACK:
            raise InvalidRequest(
                "IMAGING_CLOUD_LOGIN_CODES: screen is for the demo, on this machine alone",
                field="login_codes",
            )
        return ScreenSender()
    if parts.scheme == "file" and parts.path:
        return FolderSender(Path(unquote(parts.path)))
    if parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    ):
        return WebhookSender(setting, secret)
    raise InvalidRequest(
        "IMAGING_CLOUD_LOGIN_CODES: file:///FOLDER or https://HOST/PATH is needed"
        " (http only to this machine)",
        field="login_codes",
    )
