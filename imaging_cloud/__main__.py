"""`python -m imaging_cloud` is the command `imaging-cloud`."""

from imaging_cloud.cli.main import run

if __name__ == "__main__":
    run()
