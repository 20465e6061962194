"""run_web: uvicorn on a socket that is bound already, until SIGTERM."""

import logging
import signal
import socket
from types import FrameType

import uvicorn

from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.web.app import create_app

# Requests in hand get this long; the supervisor as a whole has 10 s.
_GRACE_SECONDS = 7


def make_server(cloud: Cloud) -> uvicorn.Server:
    """A server whose own access log is off: it would write addresses with their queries."""
    config = uvicorn.Config(
        create_app(cloud),
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ws="none",
    )
    return uvicorn.Server(config)


def run_web(cloud: Cloud, listener: socket.socket) -> None:
    """Serve on `listener` in the main thread; returns after SIGTERM or SIGINT.

    The caller owns the cloud and closes it. The handlers found on entry are put back.
    """
    server = make_server(cloud)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn's own handling raises the signal again when done, which would end the process
    # before its caller could close the cloud.
    before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        _serve(server, listener)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    factory = server.config.get_loop_factory()
    import asyncio  # noqa: PLC0415

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(server._serve([listener]))  # noqa: SLF001
