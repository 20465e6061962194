"""The harvest: an Orthanc's instances into the cloud, each once, whatever is killed meanwhile.

The stored place moves on only past changes whose instances are durable here, or refused and on
the list of refusals. What lies behind it and was taken already is known by its SOP Instance UID.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from gateway.orthanc.answers import Change, ChangePage, ListedInstance
from gateway.orthanc.client import OrthancClient
from gateway.orthanc.crew import Crew, Job
from gateway.orthanc.errors import ResourceFailed, ResourceGone
from gateway.orthanc.feed import (
    OVERLAP,
    Broken,
    Place,
    judge_page,
    place_after,
    place_of,
    walk_instances,
)
from gateway.orthanc.journal import Journal
from gateway.orthanc.pace import Pace
from gateway.orthanc.report import HarvestReport, Phase, ShowProgress
from gateway.orthanc.take import Wanted, give_up_instance, take_instance
from imaging_cloud.domain.errors import CloudError, Unavailable
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.cloud import Cloud

_T = TypeVar("_T")

# Seconds a wait may last before the wish to stop is looked at again.
_BLINK = 0.2


class _StopAsked(Exception):  # noqa: N818 - not an error
    """Somebody set `stop`."""


def harvest_archive(  # noqa: PLR0913 - what, where to, and how
    client: OrthancClient,
    institution: str,
    cloud: Cloud,
    *,
    follow: bool,
    stop: threading.Event,
    progress: ShowProgress | None = None,
    pace: Pace | None = None,
) -> HarvestReport:
    """Take everything the archive has; with `follow` go on until `stop`, else until caught up.

    With `follow` an archive or a cloud that is away is waited for; without it, for
    `pace.patience` seconds. Nothing that is the world's fault is raised: `report.trouble` says
    it. Two harvests of one archive at a time are harmless but fetch everything twice: see
    gateway.orthanc.lock.
    """
    origin = Origin(institution=institution, kind="harvest", source=client.url)
    pace = pace or Pace()
    crew = Crew(
        partial(take_instance, client=client, origin=origin, cloud=cloud),
        partial(give_up_instance, origin=origin, cloud=cloud),
        pace,
    )
    journal = Journal(client.url, institution, cloud)
    try:
        return _Harvest(client, crew, journal, pace, stop, progress, follow).run()
    finally:
        client.close()


class _Harvest:
    def __init__(  # noqa: PLR0913 - built by harvest_archive alone
        self,
        client: OrthancClient,
        crew: Crew,
        journal: Journal,
        pace: Pace,
        stop: threading.Event,
        show: ShowProgress | None,
        follow: bool,
    ) -> None:
        self._client, self._crew, self._journal = client, crew, journal
        self._pace, self._stop, self._show, self._follow = pace, stop, show, follow
        self._shown_at = 0.0
        self._last = 0
        # Changes up to here are behind us by virtue of the place we began from.
        self._floor = 0
        self._seen: set[int] = set()
        # Instances of changes up to here may have been taken by an earlier harvest.
        self._recorded_upto = 0

    def run(self) -> HarvestReport:
        caught_up, trouble = False, ""
        try:
            place = self._begin()
            while True:
                caught_up = False
                place = self._catch_up(place)
                caught_up = True
                if not self._follow:
                    self._finish_all()
                    break
                self._wait_for_poll()
        except _StopAsked:
            pass
        except CloudError as stopped_by:
            trouble = str(stopped_by)
        finally:
            self._close()
        return self._journal.report(last=self._last, caught_up=caught_up, trouble=trouble)

    def _begin(self) -> Place:
        self._patiently(self._client.check_is_orthanc)
        place = self._patiently(self._journal.load)
        if place is None:
            return self._list_all("the first harvest of this archive")
        self._floor = place.seq
        self._recorded_upto = self._patiently(self._client.read_last_change).last
        return place

    def _catch_up(self, place: Place) -> Place:
        """Read the feed from `place` to its end, start every instance; the place at the end."""
        while True:
            since = max(0, place.seq - OVERLAP)
            page = self._patiently(
                partial(self._client.read_changes, since, self._pace.change_page)
            )
            verdict = judge_page(place, page)
            if isinstance(verdict, Broken):
                place = self._list_all(verdict.reason)
                continue
            self._journal.phase = Phase.FOLLOWING
            place = self._take_page(place, page)
            if page.done:
                return place

    def _take_page(self, place: Place, page: ChangePage) -> Place:
        self._last = max(self._last, page.last)
        for change in page.changes:
            if change.seq > self._floor and change.seq not in self._seen:
                # A number that shows up late has no place of its own; it keeps ours from moving.
                self._take_change(change, own_place=change.seq > place.seq)
                place = place_after(place, change)
        self._seen = {change.seq for change in page.changes}
        return place

    def _take_change(self, change: Change, *, own_place: bool) -> None:
        place = Place(seq=change.seq, fingerprint=change.fingerprint) if own_place else None
        if not change.is_new_instance:
            self._journal.watermark.add(place, done=True)
            return
        may_be_recorded = change.seq <= self._recorded_upto
        wanted = Wanted(instance_id=change.instance_id, may_be_recorded=may_be_recorded)
        self._start(wanted, place)

    def _list_all(self, reason: str) -> Place:
        """Take all instances by listing them; the place from which the feed is to be read then.

        That place is read first, so that what comes during the listing is in the feed after it.
        """
        begin = place_of(self._patiently(self._client.read_last_change))
        self._journal.begin_listing(reason, self._patiently(self._client.count_instances))
        for row in walk_instances(self._list_page, limit=self._pace.list_page):
            uid = row.sop_instance_uid
            self._start(Wanted(instance_id=row.instance_id, sop_instance_uid=uid), None)
        # What came meanwhile is in the listing and in the feed: be done with the first before.
        while self._crew.in_flight:
            self._step(_BLINK)
        self._last = self._patiently(self._client.read_last_change).last
        self._recorded_upto = self._last
        self._journal.watermark.add(begin, done=True)
        self._floor, self._seen = begin.seq, set()
        return begin

    def _list_page(self, since: int, limit: int) -> list[ListedInstance]:
        return self._patiently(partial(self._client.list_instances, since, limit))

    def _start(self, wanted: Wanted, place: Place | None) -> None:
        while self._crew.in_hand >= self._pace.window:
            self._step(_BLINK)
        self._crew.start(Job(wanted, self._journal.watermark.add(place)))
        self._step(0)

    def _finish_all(self) -> None:
        while self._crew.in_hand:
            self._step(_BLINK)

    def _wait_for_poll(self) -> None:
        until = time.monotonic() + self._pace.poll
        while (left := until - time.monotonic()) > 0:
            if self._crew.in_hand == 0:
                self._journal.phase = Phase.CAUGHT_UP
            self._step(min(_BLINK, left))

    def _patiently(self, call: Callable[[], _T]) -> _T:
        """The call's answer, however long the archive or the cloud is away."""
        since, pause, phase = time.monotonic(), self._pace.first_pause, self._journal.phase
        while True:
            try:
                answer = call()
            except (ResourceFailed, ResourceGone, Unavailable) as trouble:
                if not self._follow and time.monotonic() - since > self._pace.patience:
                    raise
                self._journal.phase, self._journal.note = Phase.WAITING, str(trouble)
            else:
                self._journal.phase, self._journal.note = phase, ""
                return answer
            until = time.monotonic() + pause
            while (left := until - time.monotonic()) > 0:
                self._step(min(_BLINK, left))
            pause = min(pause * 2, self._pace.longest_hold)

    def _step(self, wait: float) -> None:
        """Count what ended, store the place, show where we are: the heartbeat of every wait."""
        for job, taken in self._crew.collect(wait):
            self._journal.count(job, taken)
        self._journal.save_if_older(self._pace.save_every)
        self._show_now(self._pace.show_every)
        if self._stop.is_set():
            raise _StopAsked
        held = self._crew.held_since
        if not self._follow and held and time.monotonic() - held > self._pace.patience:
            raise Unavailable(self._crew.trouble)

    def _show_now(self, at_most_every: float) -> None:
        if self._show is None or time.monotonic() - self._shown_at < at_most_every:
            return
        self._shown_at = time.monotonic()
        progress = self._journal.progress(self._crew.in_hand, self._crew.trouble)
        self._show(progress)

    def _close(self) -> None:
        """Let what is in flight end, break off what takes long, store the place."""
        self._crew.close()
        until = time.monotonic() + self._pace.grace
        while self._crew.in_flight:
            if time.monotonic() > until:
                self._client.abort()
            for job, taken in self._crew.collect(_BLINK):
                self._journal.count(job, taken)
        self._journal.save_if_older(0)
        self._show_now(0)
