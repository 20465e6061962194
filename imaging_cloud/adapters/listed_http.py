"""ListedHttp: asks servers of others, but only listed ones, and never what hides behind a name.

Against server-side request forgery: the address must lie under a listed one; names are looked up
once and the connection goes to the address that was checked (so that a second lookup cannot say
something else); no redirects, proxies or other schemes; answers are bounded in size and time.
"""

import contextlib
import functools
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from imaging_cloud.domain.errors import InvalidRequest, NotPermitted, Unavailable
from imaging_cloud.ports.outside import Outside

_PORTS = {"https": 443, "http": 80}
_MAX_BYTES = 4 * 1024**2
_OK = 200

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]


def resolve_name(host: str, port: int) -> list[str]:
    """All addresses of a host, as texts."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True)
class _Place:
    """A listed address in parts; `path` ends with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    def holds(self, other: "_Place") -> bool:
        mine, theirs = (self.scheme, self.host, self.port), (other.scheme, other.host, other.port)
        return mine == theirs and f"{other.path}/".startswith(self.path)


class ListedHttp(Outside):
    """`listed` are base addresses; `networks` the private networks their names may lead into."""

    def __init__(
        self,
        listed: Sequence[str],
        networks: Sequence[str] = (),
        *,
        resolve: Resolve = resolve_name,
    ) -> None:
        self._listed = tuple(_listed(url) for url in listed)
        self._networks = tuple(_network(text) for text in networks)
        self._resolve = resolve

    @functools.cached_property
    def _tls(self) -> ssl.SSLContext:
        # Reading all the authorities takes 20 ms, and most processes ask nobody.
        return ssl.create_default_context()

    def is_listed(self, url: str) -> bool:
        try:
            place, _ = _place(url)
        except ValueError:
            return False
        return any(each.holds(place) for each in self._listed)

    def get_json(self, url: str, *, token: str = "", seconds: float) -> Any:  # noqa: ANN401
        if not self.is_listed(url):
            raise NotPermitted("this server is not one that may be asked")
        place, target = _place(url)
        deadline = time.monotonic() + seconds
        address = self._checked_address(place)
        headers = {"Accept": "application/fhir+json, application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = self._connection(place, address, deadline)
        # Every single read has its time-out, but a sender of one byte a second would outlast it.
        cut = threading.Timer(max(0.0, deadline - time.monotonic()), connection.cut)
        cut.daemon = True
        cut.start()
        try:
            return _exchange(connection, target, headers)
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            raise Unavailable("a server outside did not answer as it should") from error
        finally:
            cut.cancel()
            connection.close()

    def _checked_address(self, place: _Place) -> str:
        try:
            found = list(self._resolve(place.host, place.port))
        except (OSError, UnicodeError) as error:
            raise Unavailable("the name of a server outside is not known") from error
        if not found or not all(self._may_connect(place, text) for text in found):
            raise NotPermitted("the name of this server leads where nothing may be asked")
        return found[0]

    def _may_connect(self, place: _Place, text: str) -> bool:
        address = ipaddress.ip_address(text.partition("%")[0])
        if text == place.host:  # the operator listed the address itself
            return True
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        if any(address in network for network in self._networks):
            return True
        return address.is_global and not address.is_multicast

    def _connection(self, place: _Place, address: str, deadline: float) -> "_Pinned":
        timeout = max(0.01, deadline - time.monotonic())
        if place.scheme == "http":
            return _Pinned(place.host, place.port, address, timeout)
        secure = _PinnedTls(place.host, place.port, address, timeout)
        secure.tls = self._tls
        return secure


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked; the name is only told.

    `wire` stays when the connection lets go of its socket, as it does while an answer without
    a length is read.
    """

    wire: socket.socket | None = None

    def __init__(self, host: str, port: int, address: str, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address

    def connect(self) -> None:
        self.sock = self.wire = socket.create_connection((self._address, self.port), self.timeout)

    def cut(self) -> None:
        """End whatever the connection is waiting for; it stays its user's to close."""
        if self.wire is not None:
            with contextlib.suppress(OSError):
                self.wire.shutdown(socket.SHUT_RDWR)


class _PinnedTls(_Pinned):
    """The same with TLS, whose certificate must be for the name."""

    default_port = http.client.HTTPS_PORT
    tls: ssl.SSLContext

    def connect(self) -> None:
        super().connect()
        wrapped = self.tls.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = self.wire = wrapped
        wrapped.do_handshake()


def _exchange(connection: http.client.HTTPConnection, target: str, headers: dict[str, str]) -> Any:  # noqa: ANN401
    connection.request("GET", target, headers=headers)
    with connection.getresponse() as response:
        if response.status != _OK:
            raise Unavailable(f"a server outside answered {response.status}")
        body = response.read(_MAX_BYTES + 1)
    if len(body) > _MAX_BYTES:
        raise Unavailable("a server outside sent more than is taken")
    return json.loads(body)


def _listed(url: str) -> _Place:
    """Read a base address of the operator's: https, or http on this machine alone."""
    try:
        place, _ = _place(url)
        loopback = place.scheme == "https" or ipaddress.ip_address(place.host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise InvalidRequest(
            "a server that may be asked: https://HOST[:PORT]/PATH is needed"
            " (http only for 127.0.0.1 and [::1])",
            field="fhir_servers",
        )
    path = place.path.rstrip("/") + "/"
    return _Place(place.scheme, place.host, place.port, path)


def _place(url: str) -> tuple[_Place, str]:
    """(where it lies, the request target). Raises ValueError for all but plain http addresses."""
    if any(not "!" <= character <= "~" or character == "\\" for character in url):
        raise ValueError("an address of visible ASCII characters is needed")
    parts: SplitResult = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("no http address")
    steps = parts.path.lower().replace("%2e", ".").replace("%2f", "/").split("/")
    if ".." in steps or "." in steps:
        raise ValueError("an address without detours is needed")
    port = parts.port or _PORTS[parts.scheme]
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    return _Place(parts.scheme, parts.hostname, port, parts.path or "/"), target


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise InvalidRequest(
            "private networks: as 10.0.0.0/8, separated by commas", field="private_networks"
        ) from error
