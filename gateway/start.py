"""The gateway of a process that has its settings: its sockets, and serving on them."""

import threading

from gateway import memory
from gateway.server import run_gateway
from gateway.tls import Secured, TlsFiles
from imaging_cloud import process
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.warm_up import warm_up


def serve_peers(cloud: Cloud, settings: Settings, stop: threading.Event) -> None:
    """Serve on the sockets of the settings, or on those that were handed to this process."""
    listener = process.socket_for(process.DICOM_FD, settings.dicom_host, settings.dicom_port)
    secured = _secured(settings)
    # Half a second once, before the first peer: it would slow down all of the first ones.
    warm_up(cloud, intake=True)
    memory.settle()
    run_gateway(
        cloud,
        settings,
        listener,
        stop,
        process.announce_ready,
        secured=secured,
        shared_folder=process.runtime_folder(settings.home),
    )


def _secured(settings: Settings) -> Secured | None:
    files = TlsFiles.of(settings)
    if files is None:
        return None
    listener = process.socket_for(
        process.DICOM_TLS_FD, settings.resolved_dicom_tls_host, settings.dicom_tls_port
    )
    return Secured(listener, files)
