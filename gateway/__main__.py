"""`python -m gateway`: one gateway process, on its own sockets or on ones that it inherits."""

import sys

from imaging_cloud import process
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.settings import Settings


def main() -> int:
    settings = Settings()
    process.configure_logging(settings.log_level)
    process.share_metrics(settings.home)
    # Only now: what it imports opens its counters where they are shared.
    from gateway.start import serve_peers  # noqa: PLC0415

    stop = process.stop_on_signals()
    prepare_home(settings)
    cloud = open_cloud(settings)
    try:
        serve_peers(cloud, settings, stop)
    finally:
        cloud.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
