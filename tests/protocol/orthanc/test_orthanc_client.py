"""The client against servers that are no good Orthanc: bounded, checked, and GET alone."""

import base64
import io
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gateway.orthanc.address import parse_address
from gateway.orthanc.client import ClientLimits, OrthancClient
from gateway.orthanc.errors import ArchiveAway, ArchiveForbids, ResourceFailed, ResourceGone
from imaging_cloud.domain.errors import InvalidInstance

LIMITS = ClientLimits(
    connect_seconds=1, read_seconds=0.5, tries=3, retry_seconds=0.01, json_bytes=1000
)
INSTANCE = "d0e1865b-4287cf7d-81d2cb8e-0550cab2-c1f5fbfe"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "OddServer"

    def do_GET(self) -> None:
        self.server.requests.append((self.command, self.path, dict(self.headers)))
        status, headers, body = self.server.answer(self.path)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


Answer = tuple[int, dict[str, str], bytes]


class OddServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.answer: Callable[[str], Answer] = lambda _: (200, {}, b"{}")
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Clients that hang up in the middle are what these tests are about."""


@pytest.fixture
def make_server() -> Iterator[Callable[[], OddServer]]:
    running: list[tuple[OddServer, threading.Thread]] = []

    def make() -> OddServer:
        server = OddServer()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return server

    yield make
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server(make_server: Callable[[], OddServer]) -> OddServer:
    return make_server()


@pytest.fixture
def make_client() -> Iterator[Callable[..., OrthancClient]]:
    made: list[OrthancClient] = []

    def make(url: str) -> OrthancClient:
        client = OrthancClient(parse_address(url, {}), stop=threading.Event(), limits=LIMITS)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(server: OddServer, make_client: Callable[..., OrthancClient]) -> OrthancClient:
    return make_client(server.url)


def test_a_redirect_is_not_followed_and_takes_no_credentials_along(
    server: OddServer,
    make_server: Callable[[], OddServer],
    make_client: Callable[..., OrthancClient],
) -> None:
    other = make_server()
    server.answer = lambda path: (302, {"Location": other.url + path}, b"")
    client = make_client(server.url.replace("://", "://user:secret@"))

    with pytest.raises(ResourceFailed, match="302"):
        client.read_changes(0, 10)

    assert other.requests == []


def test_credentials_go_out_as_utf_8(
    server: OddServer, make_client: Callable[..., OrthancClient]
) -> None:
    make_client(server.url.replace("://", "://us%C3%A9r:s%3Ac@")).count_instances()

    sent = server.requests[0][2]["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "usér:s:c"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_door_that_is_shut_for_a_moment_is_knocked_at_again(
    server: OddServer, client: OrthancClient, status: int
) -> None:
    answers = iter([status, status, 200])
    server.answer = lambda _: (next(answers), {}, b'{"CountInstances": 5}')

    assert client.count_instances() == 5


def test_a_door_that_stays_shut_is_left_after_a_few_tries(
    server: OddServer, client: OrthancClient
) -> None:
    server.answer = lambda _: (503, {}, b"")

    with pytest.raises(ArchiveAway):
        client.count_instances()

    assert len(server.requests) == LIMITS.tries


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, ArchiveForbids), (403, ArchiveForbids), (404, ResourceGone), (500, ResourceFailed)],
)
def test_a_status_has_its_meaning(
    server: OddServer, client: OrthancClient, status: int, error: type[Exception]
) -> None:
    server.answer = lambda _: (status, {}, b"")

    with pytest.raises(error):
        client.read_instance(INSTANCE)


def test_nobody_there_is_away(
    make_server: Callable[[], OddServer], make_client: Callable[..., OrthancClient]
) -> None:
    client = make_client("http://127.0.0.1:1")

    with pytest.raises(ArchiveAway):
        client.check_is_orthanc()


@pytest.mark.parametrize("body", [b"", b"<html>", b"{" * 900, b"\xff\xfe", b'"' + b"a" * 2000])
def test_an_answer_that_is_no_json_or_too_much_of_it_is_refused(
    server: OddServer, client: OrthancClient, body: bytes
) -> None:
    server.answer = lambda _: (200, {}, body)

    with pytest.raises(ResourceFailed):
        client.read_changes(0, 10)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"DatabaseName": 1}', b"hello"])
def test_something_else_at_the_address_is_no_orthanc(
    server: OddServer, client: OrthancClient, body: bytes
) -> None:
    server.answer = lambda _: (200, {}, body)

    with pytest.raises(ArchiveAway):
        client.check_is_orthanc()


def test_a_file_that_ends_early_never_returns(server: OddServer, client: OrthancClient) -> None:
    server.answer = lambda _: (200, {"Content-Length": "1000", "Connection": "close"}, bytes(500))

    with pytest.raises(ArchiveAway):
        client.download_file(INSTANCE, io.BytesIO(), max_bytes=10_000)


def test_a_file_larger_than_allowed_is_refused_before_it_is_read_to_its_end(
    server: OddServer, client: OrthancClient
) -> None:
    server.answer = lambda _: (200, {}, bytes(3_000_000))
    into = io.BytesIO()

    with pytest.raises(InvalidInstance) as refused:
        client.download_file(INSTANCE, into, max_bytes=1000)

    assert refused.value.cause == "too-large"
    assert into.tell() <= 1000


def test_a_download_can_be_broken_off(server: OddServer, client: OrthancClient) -> None:
    server.answer = lambda _: (200, {}, bytes(3_000_000))
    client.abort()

    with pytest.raises(ArchiveAway):
        client.download_file(INSTANCE, io.BytesIO(), max_bytes=10_000_000)


def test_nothing_but_get_is_ever_sent(server: OddServer, client: OrthancClient) -> None:
    for call in (
        client.check_is_orthanc,
        client.count_instances,
        lambda: client.read_changes(0, 1),
        client.read_last_change,
        lambda: client.list_instances(0, 1),
        lambda: client.read_instance(INSTANCE),
        lambda: client.download_file(INSTANCE, io.BytesIO(), max_bytes=10),
    ):
        try:
            call()
        except (ArchiveAway, ResourceFailed):
            continue

    assert {method for method, *_ in server.requests} == {"GET"}
    assert len({path for _, path, _ in server.requests}) == 7
