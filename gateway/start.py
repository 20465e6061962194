"""The gateway of a process that has its settings: its sockets, and serving on them."""

import threading

from gateway import memory
from gateway.server import run_gateway
from gateway.tls import Secured, TlsFiles
from imaging_cloud import process
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.warm_up import warm_up

_WARM_UP_AFTER_SECONDS = 0.5


def serve_peers(cloud: Cloud, settings: Settings, stop: threading.Event) -> None:
    """Serve on the sockets of the settings, or on those that were handed to this process."""
    listener = process.socket_for(process.DICOM_FD, settings.dicom_host, settings.dicom_port)
    secured = _secured(settings)
    memory.settle()
    run_gateway(
        cloud,
        settings,
        listener,
        stop,
        lambda: _be_ready(cloud, stop),
        secured=secured,
        shared_folder=process.runtime_folder(settings.home),
    )


def _be_ready(cloud: Cloud, stop: threading.Event) -> None:
    """The sockets are open: who calls at once is served first, then this process warms up."""
    process.announce_ready()

    def warm() -> None:
        if not stop.wait(_WARM_UP_AFTER_SECONDS):
            warm_up(cloud)
            memory.settle()

    threading.Thread(target=warm, name="warm-up", daemon=True).start()


def _secured(settings: Settings) -> Secured | None:
    files = TlsFiles.of(settings)
    if files is None:
        return None
    listener = process.socket_for(
        process.DICOM_TLS_FD, settings.resolved_dicom_tls_host, settings.dicom_tls_port
    )
    return Secured(listener, files)
