"""Only listed servers, only where their names may lead, within size and time."""

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from imaging_cloud.adapters.listed_http import ListedHttp
from imaging_cloud.domain.errors import InvalidRequest, NotPermitted, Unavailable

LISTED = "https://fhir.example/r4"


class Opened(Exception):  # noqa: N818 - named by its meaning
    """A connection was tried."""


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Opened

    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.parametrize(
    "url",
    [
        "https://fhir.example/r4/Patient/1",
        "https://fhir.example:443/r4",
        "https://FHIR.example/r4/Patient?x=1",
    ],
)
def test_what_lies_under_a_listed_address_is_listed(url: str) -> None:
    assert ListedHttp([LISTED]).is_listed(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://fhir.example/r4/Patient/1",
        "https://fhir.example/r45",
        "https://fhir.example/",
        "https://fhir.example:8443/r4",
        "https://fhir.example/r4/../admin",
        "https://fhir.example/r4/%2e%2e/admin",
        "https://fhir.example/r4/..%2fadmin",
        "https://user@fhir.example/r4",
        "https://fhir.example@evil.example/r4",
        "https://fhir.example\\@evil.example/r4",
        "https://fhir.example.evil.example/r4",
        "https://evil.example/https://fhir.example/r4",
        "https://fhir.example /r4",
        "https://fhir.example/r4\r\nHost: x",
        "https://fhir.example:99999/r4",
        "file:///r4",
        "//fhir.example/r4",
        "",
    ],
)
def test_what_does_not_is_not(url: str, no_network: None) -> None:
    outside = ListedHttp([LISTED], resolve=lambda *_: ["93.184.216.34"])

    assert not outside.is_listed(url)
    with pytest.raises(NotPermitted):
        outside.get_json(url, seconds=1)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"),
        *("::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "224.0.0.1"),
        "100.64.0.1",
    ],
)
def test_a_listed_name_that_leads_inward_is_not_connected(address: str, no_network: None) -> None:
    """DNS rebinding: the name is listed, what it says now is not."""
    for found in ([address], ["93.184.216.34", address]):
        outside = ListedHttp([LISTED], resolve=lambda *_, found=found: found)
        with pytest.raises(NotPermitted):
            outside.get_json(f"{LISTED}/Patient/1", seconds=1)


def test_a_private_network_may_be_opened_by_the_operator(no_network: None) -> None:
    outside = ListedHttp([LISTED], ["10.1.0.0/16"], resolve=lambda *_: ["10.1.2.3"])

    with pytest.raises(Opened):
        outside.get_json(f"{LISTED}/Patient/1", seconds=1)


def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    connected: list[object] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address: object, *_: object) -> None:
        connected.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unavailable):
        ListedHttp([LISTED], resolve=resolve).get_json(f"{LISTED}/x", seconds=1)

    assert asked == ["fhir.example"]
    assert connected == [("93.184.216.34", 443)]


@pytest.mark.parametrize(
    "url", ["http://fhir.example/r4", "ftp://x", "fhir.example", "http://10.0.0.1/r4", ""]
)
def test_only_https_can_be_listed_but_on_this_machine(url: str) -> None:
    with pytest.raises(InvalidRequest):
        ListedHttp([url])


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        ListedHttp([LISTED], ["10.0.0.0/33"])


Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@pytest.fixture
def server() -> Iterator[tuple[str, list[Answer]]]:
    answers: list[Answer] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers[0](self)

        def log_message(self, *_: object) -> None:
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}", answers
    running.shutdown()
    running.server_close()
    thread.join()


def dripping(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.1)


def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(10_000):
            handler.wfile.write(b" " * 10_000)
    except OSError:
        pass


def page(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"<html>")


@pytest.mark.parametrize("answer", [dripping, endless, page], ids=lambda each: each.__name__)
def test_answers_are_bounded_in_time_and_size_and_must_be_json(
    server: tuple[str, list[Answer]], answer: Answer
) -> None:
    url, answers = server
    answers.append(answer)
    began = time.monotonic()

    with pytest.raises(Unavailable):
        ListedHttp([url]).get_json(f"{url}/x", seconds=0.5)

    assert time.monotonic() - began < 5
