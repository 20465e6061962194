"""What is known of the patient: sent along (prefetch), or fetched from a listed FHIR server."""

import time
from collections.abc import Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from imaging_cloud.domain.errors import CloudError, Unavailable
from imaging_cloud.ports.outside import Outside
from imaging_cloud.web.cds_hooks.discovery import PREFETCH
from imaging_cloud.web.cds_hooks.models import HookCall
from imaging_cloud.web.fhir.resources import Resource, entries_of, next_page, read_resource

# For all questions to a FHIR server together; the whole answer has 1.5 s.
SECONDS_TO_FETCH = 0.8
_MOST_PAGES = 5
_THREADS = ThreadPoolExecutor(16, thread_name_prefix="fhir-server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """`resources` by prefetch key; `missing` keys could not be had, `failed` should have been."""

    resources: dict[str, tuple[Resource, ...]]
    missing: frozenset[str]
    failed: frozenset[str]

    def of(self, *keys: str) -> Iterable[Resource]:
        return (each for key in keys for each in self.resources.get(key, ()))


@dataclass(frozen=True, slots=True)
class _Server:
    base: str
    token: str
    patient_id: str
    outside: Outside
    deadline: float

    def left(self) -> float:
        return max(0.01, self.deadline - time.monotonic())

    def get(self, url: str) -> Any:  # noqa: ANN401 - any JSON
        return self.outside.get_json(url, token=self.token, seconds=self.left())

    def address_of(self, key: str) -> str:
        filled = PREFETCH[key].replace("{{context.patientId}}", quote(self.patient_id, safe=""))
        return f"{self.base}/{quote(filled, safe='/?&=,:._-')}"

    def is_own(self, url: str) -> bool:
        """Whether a page lies on this very server: the token is for no other."""
        return url.startswith((f"{self.base}/", f"{self.base}?"))


def gather_records(call: HookCall, keys: Collection[str], outside: Outside) -> Records:
    """Read the keys of prefetch; ask the FHIR server, if listed, for those that were not sent.

    Raises InvalidRequest that names the field of a malformed prefetch; a FHIR server's faults
    only make their key fail.
    """
    server = _server(call, outside)
    asked: dict[str, Future[tuple[Resource, ...]]] = {}
    found: dict[str, tuple[Resource, ...]] = {}
    missing: set[str] = set()
    failed: set[str] = set()
    for key in keys:
        sent = call.prefetch.get(key, ...)
        if sent is None:
            found[key] = ()
        elif sent is not ... and not _is_outcome(sent):
            found[key], rest = _sent(sent, f"prefetch.{key}")
            if rest and server is not None and server.is_own(rest):
                asked[key] = _THREADS.submit(_pages, server, rest, key)
            elif rest:
                failed.add(key)
        elif server is not None:
            asked[key] = _THREADS.submit(_pages, server, server.address_of(key), key)
        else:
            (missing if sent is ... else failed).add(key)
    if server is not None:
        wait(asked.values(), timeout=server.left())
    for key, future in asked.items():
        try:
            found[key] = (*found.get(key, ()), *future.result(timeout=0))
        except (CloudError, TimeoutError):
            future.cancel()
            failed.add(key)
    return Records(resources=found, missing=frozenset(missing), failed=frozenset(failed))


def _server(call: HookCall, outside: Outside) -> _Server | None:
    base = call.fhir_server.rstrip("/")
    if not base or "?" in base or not outside.is_listed(base):
        return None
    token = call.fhir_authorization.access_token if call.fhir_authorization else ""
    deadline = time.monotonic() + SECONDS_TO_FETCH
    return _Server(base, token, call.context.patient_id, outside, deadline)


def _is_outcome(document: object) -> bool:
    """Whether the client was told an error when it tried to get this for us."""
    return isinstance(document, dict) and document.get("resourceType") == "OperationOutcome"


def _sent(document: object, where: str) -> tuple[tuple[Resource, ...], str]:
    """(resources, address of the next page or nothing)."""
    read = (read_resource(each, place) for place, each in entries_of(document, where))
    return tuple(each for each in read if each is not None), next_page(document)


def _pages(server: _Server, url: str, key: str) -> tuple[Resource, ...]:
    """All pages from `url` on; half of the truth is none."""
    found: list[Resource] = []
    for _ in range(_MOST_PAGES):
        document = server.get(url)
        if _is_outcome(document):
            raise Unavailable("a FHIR server answered with an error")
        page, url = _sent(document, key)
        found += page
        if not url:
            return tuple(found)
        if not server.is_own(url):
            break
    raise Unavailable("a FHIR server has more pages than are read, or elsewhere")
