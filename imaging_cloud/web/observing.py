"""What operators see of requests: counts and durations by route, never a path, query or person."""

import logging
import time

from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imaging_cloud.ports.spool import Backlog
from imaging_cloud.web.errors import answer_unexpected

_LOG = logging.getLogger(__name__)
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0)


class Meters:
    """The counters of one application; each has its own registry, so tests do not share."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # Looking a counter up by its labels costs more than counting; there are few.
        self._kept: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.requests = Counter(
            "imaging_cloud_http_requests",
            "Answered requests",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "imaging_cloud_http_request_seconds",
            "Time to the first byte of the answer",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.checks_not_made = Counter(
            "imaging_cloud_order_checks_not_made",
            "Order checks answered with the note that they could not be made",
            registry=self.registry,
        )
        self.refused_logins = Counter(
            "imaging_cloud_refused_logins",
            "Codes, passcodes and links that opened nothing, and tries beyond a limit",
            ("kind",),
            registry=self.registry,
        )
        self.waiting = Gauge(
            "imaging_cloud_spool_waiting_instances",
            "Sealed spool entries that wait for store or index",
            multiprocess_mode="mostrecent",
            registry=self.registry,
        )
        self.waiting_bytes = Gauge(
            "imaging_cloud_spool_waiting_bytes",
            "Bytes of the sealed spool entries that wait",
            multiprocess_mode="mostrecent",
            registry=self.registry,
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request."""
        kept = self._kept.get((method, route, status))
        if kept is None:
            kept = (
                self.requests.labels(method, route, str(status)),
                self.seconds.labels(method, route),
            )
            self._kept[method, route, status] = kept
        requests, times = kept
        requests.inc()
        times.observe(seconds)

    def note_backlog(self, backlog: Backlog) -> None:
        """What waits in the spool of this machine."""
        self.waiting.set(backlog.instances)
        self.waiting_bytes.set(backlog.bytes)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


class Observer:
    """ASGI middleware: the outermost, so that nothing leaves uncounted and no error raw."""

    def __init__(self, app: ASGIApp, *, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        started = False

        async def send_observed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._note(scope, message["status"], time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        except Exception as error:  # noqa: BLE001 - the outermost handler of this face
            if started:
                # The answer is half-way out: the connection is cut, which clients notice.
                _LOG.error("answer cut short by %s", type(error).__name__)
                raise ConnectionAbortedError("answer cut short") from None
            response = answer_unexpected(Request(scope, receive), error)
            await response(scope, receive, send_observed)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "-")
        method = scope["method"] if scope["method"] in _METHODS else "-"
        self._meters.note(method, route, status, seconds)
        _LOG.info("%s %s %d %.0f ms", method, route, status, seconds * 1000)
