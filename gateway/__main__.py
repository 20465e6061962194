"""`python -m gateway`: one gateway process, on its own sockets or on ones that it inherits."""

import sys
import threading

from gateway.server import run_gateway
from gateway.tls import Secured, TlsFiles
from imaging_cloud import process
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.warm_up import warm_up

_WARM_UP_AFTER_SECONDS = 0.5


def main() -> int:
    settings = Settings()
    process.configure_logging(settings.log_level)
    stop = process.stop_on_signals()
    prepare_home(settings)
    cloud = open_cloud(settings)
    try:
        serve_peers(cloud, settings, stop)
    finally:
        cloud.close()
    return 0


def serve_peers(cloud: Cloud, settings: Settings, stop: threading.Event) -> None:
    """Serve on the sockets of the settings, or on those that were handed to this process."""
    listener = process.socket_for(process.DICOM_FD, settings.dicom_host, settings.dicom_port)
    run_gateway(
        cloud,
        settings,
        listener,
        stop,
        lambda: _be_ready(cloud, stop),
        secured=_secured(settings),
        shared_folder=process.runtime_folder(settings.home),
    )


def _be_ready(cloud: Cloud, stop: threading.Event) -> None:
    """The sockets are open: who calls at once is served first, then this process warms up."""
    process.announce_ready()

    def warm() -> None:
        if not stop.wait(_WARM_UP_AFTER_SECONDS):
            warm_up(cloud)

    threading.Thread(target=warm, name="warm-up", daemon=True).start()


def _secured(settings: Settings) -> Secured | None:
    certificate, key = settings.dicom_tls_certificate, settings.dicom_tls_key
    client_ca = settings.dicom_tls_client_ca
    if certificate is None or key is None or client_ca is None:
        return None
    files = TlsFiles(certificate=certificate, key=key, client_ca=client_ca)
    listener = process.socket_for(
        process.DICOM_TLS_FD, settings.resolved_dicom_tls_host, settings.dicom_tls_port
    )
    return Secured(listener, files)


if __name__ == "__main__":
    sys.exit(main())
