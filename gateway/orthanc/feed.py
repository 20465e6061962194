"""Following `/changes` without missing any: where we stand, and whether the feed still fits.

Orthanc deletes the lines of deleted resources, lets anybody empty the feed (numbers then go on),
and knows no identity of its database (`DatabaseServerIdentifier` of newer versions is made from
network cards and ports). So a place in the feed is a number *and* the fingerprint of its line.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.orthanc.answers import Change, ChangePage, ListedInstance

# Lines before our place that are read again each time: databases with parallel writers show
# numbers out of order for a moment. It also brings the line of our place itself.
OVERLAP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Everything up to `seq` was seen. `fingerprint` is "" when that line was missing already."""

    seq: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Fits:
    """The page goes on from our place."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Changes may have passed unseen: all instances must be listed. `reason` is for people."""

    reason: str


def judge_page(place: Place, page: ChangePage) -> Fits | Broken:
    """Whether `page`, read from OVERLAP lines before `place`, goes on from there.

    Doubt counts as broken: listing again costs time, a missed change costs an instance.
    """
    if page.last < place.seq:
        return Broken("the feed ends before our place: a new database")
    upto = [change for change in page.changes if change.seq <= place.seq]
    if upto and upto[-1].seq == place.seq:
        if upto[-1].fingerprint == place.fingerprint:
            return Fits()
        return Broken("another change stands at our place: a new database")
    after = [change.seq for change in page.changes if change.seq > place.seq]
    goes_on = after[0] == place.seq + 1 if after else page.last == place.seq
    if place.fingerprint == "" and (upto or goes_on):
        return Fits()
    if not upto and goes_on:
        # Emptied right behind us, or all that came before is deleted: nothing was missed.
        return Fits()
    return Broken("the change at our place is gone: the feed was emptied, or it was deleted")


def place_of(page: ChangePage) -> Place:
    """The place at the end of the feed, from the answer to `/changes?last`."""
    newest = page.changes[-1] if page.changes else None
    if newest is not None and newest.seq == page.last:
        return Place(seq=newest.seq, fingerprint=newest.fingerprint)
    return Place(seq=page.last, fingerprint="")


def place_after(place: Place, change: Change) -> Place:
    """The later of the two."""
    if change.seq <= place.seq:
        return place
    return Place(seq=change.seq, fingerprint=change.fingerprint)


def walk_instances(
    list_page: Callable[[int, int], list[ListedInstance]], *, limit: int
) -> Iterator[ListedInstance]:
    """All instances, over pages by offset, while others are added and deleted.

    A deletion moves what follows to the front, past the offset of the next page. So each page
    begins inside the one before; when they share no instance, too much was deleted, and the
    walk goes back until they do. An instance may come more than once, none is left out.
    """
    overlap = limit // 5
    before: set[str] = set()
    offset = 0
    while True:
        page = list_page(offset, limit)
        ids = {row.instance_id for row in page}
        if offset > 0 and before.isdisjoint(ids):
            offset = max(0, offset - limit)
            continue
        yield from (row for row in page if row.instance_id not in before)
        if len(page) < limit:
            return
        before = ids
        offset += limit - overlap
