"""`python -m gateway`: one gateway process, on its own socket or on one that it inherits."""

import sys

from gateway.server import run_gateway
from imaging_cloud import process
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.settings import Settings


def main() -> int:
    settings = Settings()
    process.configure_logging(settings.log_level)
    stop = process.stop_on_signals()
    prepare_home(settings)
    cloud = open_cloud(settings)
    try:
        listener = process.socket_for(process.DICOM_FD, settings.dicom_host, settings.dicom_port)
        run_gateway(cloud, settings, listener, stop, process.announce_ready)
    finally:
        cloud.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
