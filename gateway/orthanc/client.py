"""The calls the harvest makes to an Orthanc: GET alone, bounded in time, size and tries."""

import json
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import requests
import urllib3
from requests.auth import HTTPBasicAuth

from gateway.orthanc.address import ArchiveAddress
from gateway.orthanc.answers import (
    ChangePage,
    ListedInstance,
    read_change_page,
    read_instance,
    read_instance_list,
)
from gateway.orthanc.errors import ArchiveAway, ArchiveForbids, ResourceFailed, ResourceGone
from imaging_cloud.domain.errors import InvalidInstance

_CHUNK = 256 * 1024
_OK = 200
_NOT_FOUND = 404
_FORBIDDEN = (401, 403)
# Too many requests, bad gateway, unavailable, gateway timeout: the archive's door, not the thing.
_AWAY = (429, 502, 503, 504)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """Seconds to connect and between two reads; requests per call; pause before a second try.

    Orthanc drops idle connections after one second, so a first try on a kept one may well meet
    a closed door. `json_bytes` is far above 1,000 expanded instances.
    """

    connect_seconds: float = 5
    read_seconds: float = 30
    tries: int = 3
    retry_seconds: float = 0.2
    json_bytes: int = 32 * 1024**2


class OrthancClient:
    """One archive. Thread-safe: each thread has its own connection.

    Every call raises ArchiveAway, ArchiveForbids, ResourceFailed or ResourceGone. Once `stop`
    is set no call is tried again, and `abort` breaks off downloads.
    """

    def __init__(
        self,
        address: ArchiveAddress,
        *,
        stop: threading.Event,
        limits: ClientLimits | None = None,
    ) -> None:
        self.url = address.url
        self._address = address
        self._limits = limits or ClientLimits()
        self._stop = stop
        self._abort = threading.Event()
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def close(self) -> None:
        """Let go of the connections, once no thread calls any more."""
        for session in self._sessions:
            session.close()

    def abort(self) -> None:
        """Break off downloads that are under way; they end as ArchiveAway."""
        self._abort.set()

    def check_is_orthanc(self) -> None:
        """Raises ArchiveAway when something else (a proxy, say) answers at this address."""
        try:
            system = self._get_json("/system")
        except (ResourceFailed, ResourceGone) as other:
            raise ArchiveAway(str(other)) from other
        if not isinstance(system, dict) or "DatabaseVersion" not in system:
            raise ArchiveAway("/system: this is not what an Orthanc answers")

    def count_instances(self) -> int:
        statistics = self._get_json("/statistics")
        count = statistics.get("CountInstances") if isinstance(statistics, dict) else None
        return count if isinstance(count, int) else 0

    def read_changes(self, since: int, limit: int) -> ChangePage:
        """At most `limit` changes whose number is above `since`."""
        return read_change_page(self._get_json(f"/changes?since={since}&limit={limit}"))

    def read_last_change(self) -> ChangePage:
        """The newest change alone; empty when its resource is deleted or the feed was emptied."""
        return read_change_page(self._get_json("/changes?last"))

    def list_instances(self, since: int, limit: int) -> list[ListedInstance]:
        return read_instance_list(self._get_json(f"/instances?since={since}&limit={limit}&expand"))

    def read_instance(self, instance_id: str) -> ListedInstance:
        return read_instance(self._get_json(f"/instances/{instance_id}"))

    def download_file(self, instance_id: str, into: BinaryIO, *, max_bytes: int) -> int:
        """Write the whole DICOM file to `into`; its size in bytes.

        Raises InvalidInstance when it is larger than `max_bytes`; a file that ends early never
        returns. Not tried again here: `into` may hold a part of it.
        """
        with self._get(f"/instances/{instance_id}/file", tries=1) as response:
            size = 0
            for chunk in _chunks_of(response):
                size += len(chunk)
                if size > max_bytes:
                    raise InvalidInstance(
                        f"larger than the {max_bytes} bytes this cloud takes", cause="too-large"
                    )
                if self._abort.is_set():
                    raise ArchiveAway("the download was broken off because the harvest stops")
                into.write(chunk)
        return size

    def _get_json(self, path: str) -> Any:  # noqa: ANN401
        with self._get(path, tries=self._limits.tries) as response:
            body = bytearray()
            for chunk in _chunks_of(response):
                body += chunk
                if len(body) > self._limits.json_bytes:
                    raise ResourceFailed(f"{_shown(path)}: the answer is too large")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise ResourceFailed(f"{_shown(path)}: the answer is not JSON") from None

    @contextmanager
    def _get(self, path: str, *, tries: int) -> Iterator[requests.Response]:
        response = self._request_patiently(path, tries)
        try:
            yield response
        finally:
            response.close()

    def _request_patiently(self, path: str, tries: int) -> requests.Response:
        """The answer with status 200, after at most `tries` requests."""
        pause = self._limits.retry_seconds
        for remaining in range(tries - 1, -1, -1):
            try:
                return self._request(path)
            except (ArchiveAway, ResourceFailed):
                # Jitter keeps four threads that failed together from knocking together again.
                wait = pause * random.uniform(0.5, 1.5)  # noqa: S311 - not a secret
                if remaining == 0 or self._stop.wait(wait):
                    raise
                pause *= 2
        raise AssertionError(path)

    def _request(self, path: str) -> requests.Response:
        try:
            response = self._session().get(
                self.url + path,
                timeout=(self._limits.connect_seconds, self._limits.read_seconds),
                stream=True,
                allow_redirects=False,
            )
        except requests.RequestException as away:
            # The class says enough; the text of these errors repeats addresses.
            raise ArchiveAway(f"the archive does not answer ({type(away).__name__})") from None
        if response.status_code == _OK:
            return response
        response.close()
        raise _error_of(response.status_code, path)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            # No ~/.netrc and no proxies from the environment: credentials go where we say. A
            # hospital's own certificate authority is the one thing wanted from there.
            session.trust_env = False
            session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
            session.headers["Accept-Encoding"] = "identity"
            if self._address.user:
                session.auth = HTTPBasicAuth(
                    self._address.user.encode(), self._address.password.encode()
                )
            self._local.session = session
            self._sessions.append(session)
        return session


def _chunks_of(response: requests.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_content(_CHUNK)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as cut:
        raise ArchiveAway(f"the answer broke off ({type(cut).__name__})") from None


def _error_of(status: int, path: str) -> Exception:
    if status == _NOT_FOUND:
        return ResourceGone(f"{_shown(path)}: the archive does not have it")
    if status in _FORBIDDEN:
        return ArchiveForbids(
            f"the archive refuses us (HTTP {status}): give user and password in the URL, or in "
            "IMAGING_CLOUD_ORTHANC_USER and IMAGING_CLOUD_ORTHANC_PASSWORD"
        )
    if status in _AWAY:
        return ArchiveAway(f"the archive is not ready (HTTP {status})")
    # Redirects end here too: nothing of ours is sent to another address than the one given.
    return ResourceFailed(f"{_shown(path)}: HTTP {status}")


def _shown(path: str) -> str:
    return path.partition("?")[0]
