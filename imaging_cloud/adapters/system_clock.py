"""The machine's clock."""

from datetime import UTC, datetime

from imaging_cloud.ports.clock import Clock


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(tz=UTC)
