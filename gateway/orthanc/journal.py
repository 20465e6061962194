"""The journal of one harvest: what became of each instance, and the place that is stored."""

import time
from collections import Counter

from gateway.orthanc.crew import Job
from gateway.orthanc.feed import Place
from gateway.orthanc.report import HarvestProgress, HarvestReport, Outcome, Phase
from gateway.orthanc.take import Taken
from gateway.orthanc.watermark import Watermark
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.harvest_ledger import HarvestState

_NOT_STORED = (Outcome.REFUSED, Outcome.UNREADABLE)


class Journal:
    """Used by one thread. `phase` and `note` are set by the harvest for those who look on."""

    def __init__(self, archive: str, institution: str, cloud: Cloud) -> None:
        self._archive, self._institution, self._cloud = archive, institution, cloud
        self._outcomes: Counter[Outcome] = Counter()
        self._refusals: Counter[str] = Counter()
        self._bytes = 0
        self._resyncs: list[str] = []
        self._expected = 0
        self._stored: Place | None = None
        self._saved_at = 0.0
        self.watermark = Watermark(None)
        self.phase = Phase.CONNECTING
        self.note = ""

    def load(self) -> Place | None:
        """The stored place of this archive, None on the first harvest. Raises Unavailable."""
        state = self._cloud.harvests.find_state(self._archive, self._institution)
        if state is not None:
            self._stored = Place(seq=state.cursor, fingerprint=state.archive_identity)
            self.watermark = Watermark(self._stored)
        return self._stored

    def begin_listing(self, reason: str, instances: int) -> None:
        self.phase = Phase.LISTING
        self._resyncs.append(reason)
        self._expected = self._outcomes.total() + instances

    def count(self, job: Job, taken: Taken) -> None:
        self._outcomes[taken.outcome] += 1
        self._bytes += taken.size
        if taken.cause:
            self._refusals[taken.cause] += 1
        self.watermark.finish(job.step)

    def save_if_older(self, seconds: float) -> None:
        """Store the watermark, if it moved and was last stored that long ago.

        An index that is away is no trouble here: the place is stored later, and until then what
        is already recorded is known by its UID.
        """
        place, now = self.watermark.reached, time.monotonic()
        if place is None or place == self._stored or now - self._saved_at < seconds:
            return
        self._saved_at = now
        state = HarvestState(
            archive=self._archive,
            institution=self._institution,
            archive_identity=place.fingerprint,
            cursor=place.seq,
            updated_at=self._cloud.clock.now(),
        )
        try:
            self._cloud.harvests.save_state(state)
        except Unavailable:
            return
        self._stored = place

    def progress(self, in_hand: int, trouble: str) -> HarvestProgress:
        """`trouble` is why instances wait, "" when they do not."""
        done = self._outcomes.total()
        return HarvestProgress(
            phase=self.phase,
            done=done,
            known=max(done + in_hand, self._expected),
            refused=sum(self._outcomes[outcome] for outcome in _NOT_STORED),
            bytes_fetched=self._bytes,
            note=trouble or self.note,
        )

    def report(self, *, last: int, caught_up: bool, trouble: str) -> HarvestReport:
        return HarvestReport(
            outcomes=self._outcomes,
            refusals=self._refusals,
            bytes_fetched=self._bytes,
            cursor=self._stored.seq if self._stored else 0,
            last=last,
            caught_up=caught_up and self.watermark.waiting == 0,
            resyncs=tuple(self._resyncs),
            trouble=trouble,
        )
