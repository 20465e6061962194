"""`python -m gateway`: one gateway process, on its own socket or on one that it inherits."""

import logging
import os
import signal
import socket
import sys
import threading

from gateway.server import open_listener, run_gateway
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.settings import Settings

# Set by a supervisor that shares one listening socket among several gateways.
LISTENER_VARIABLE = "IMAGING_CLOUD_DICOM_FD"


def main() -> int:
    settings = Settings()
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    listener = _listener(settings)
    prepare_home(settings)
    cloud = open_cloud(settings)
    try:
        run_gateway(cloud, settings, listener, stop, lambda: _announce(listener))
    finally:
        cloud.close()
    return 0


def _listener(settings: Settings) -> socket.socket:
    inherited = os.environ.get(LISTENER_VARIABLE)
    if inherited:
        return socket.socket(fileno=int(inherited))
    return open_listener(settings.dicom_host, settings.dicom_port)


def _announce(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    logging.getLogger("gateway").info("DICOM on %s port %s", host, port)


if __name__ == "__main__":
    sys.exit(main())
