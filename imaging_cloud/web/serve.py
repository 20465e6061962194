"""run_web: uvicorn on a socket that is bound already, until it is told to stop."""

import asyncio
import gc
import logging
import socket
import threading
from collections.abc import Callable

import uvicorn

from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.web.app import create_app

# Requests in hand get this long; the supervisor as a whole has 10 s.
_GRACE_SECONDS = 7
_LOOK_SECONDS = 0.05


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


def run_web(
    cloud: Cloud,
    listener: socket.socket,
    stop: threading.Event,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve on `listener` until `stop` is set; the caller owns the cloud and closes it."""
    server = make_server(cloud)
    # The vocabulary and the code live as long as the process: looking through them for garbage
    # again and again would hold up whoever asks then.
    gc.collect()
    gc.freeze()
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(_serve(server, listener, stop, on_ready))


async def _serve(
    server: uvicorn.Server,
    listener: socket.socket,
    stop: threading.Event,
    on_ready: Callable[[], None],
) -> None:
    watching = asyncio.create_task(_watch(server, stop, on_ready))
    try:
        await server.serve(sockets=[listener])
    finally:
        watching.cancel()


async def _watch(
    server: uvicorn.Server, stop: threading.Event, on_ready: Callable[[], None]
) -> None:
    """Say when it answers, then wait for the end; an Event has nothing to await."""
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(_LOOK_SECONDS)
    on_ready()
    while not stop.is_set():  # noqa: ASYNC110 - set by a signal or another thread
        await asyncio.sleep(_LOOK_SECONDS)
    server.should_exit = True
