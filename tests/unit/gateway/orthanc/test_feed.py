"""The feed: what goes on from our place, what is broken, and walks over a moving list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.orthanc.answers import Change, ChangePage, ListedInstance
from gateway.orthanc.feed import (
    Broken,
    Fits,
    Place,
    judge_page,
    place_after,
    place_of,
    walk_instances,
)


def page(*lines: int, last: int, database: str = "one") -> ChangePage:
    changes = tuple(Change(seq=seq, fingerprint=f"{database}{seq}") for seq in lines)
    return ChangePage(changes=changes, last=last, done=True)


def place(seq: int, *, known: bool = True) -> Place:
    return Place(seq=seq, fingerprint=f"one{seq}" if known else "")


FITS = {
    "nothing new": (place(5), page(4, 5, last=5)),
    "more to come": (place(5), page(4, 5, 6, 7, last=7)),
    "lines of deleted instances are missing around us": (place(5), page(1, 5, 9, last=12)),
    "an archive still empty": (place(0, known=False), page(last=0)),
    "its first instance": (place(0, known=False), page(1, 2, last=2)),
    "emptied right behind us": (place(5), page(last=5)),
    "emptied right behind us, then more came": (place(5), page(6, 7, last=7)),
    "our line was missing before already": (place(5, known=False), page(3, 7, last=9)),
}
BROKEN = {
    "a new database, still small": (place(5), page(1, 2, last=2)),
    "a new database, empty": (place(5), page(last=0)),
    "a new database, grown past us": (place(5), page(4, 5, 6, last=6, database="two")),
    "our missing line is there": (place(5, known=False), page(4, 5, 6, last=6)),
    "emptied before we read to the end": (place(5), page(last=9)),
    "emptied before we read to the end, then more came": (place(5), page(8, 9, last=9)),
    "our line was deleted": (place(5), page(3, 4, 6, last=6)),
    "emptied while our line was missing": (place(5, known=False), page(8, last=8)),
}


@pytest.mark.parametrize(("where", "read"), FITS.values(), ids=FITS)
def test_a_page_that_goes_on_from_our_place_fits(where: Place, read: ChangePage) -> None:
    assert judge_page(where, read) == Fits()


@pytest.mark.parametrize(("where", "read"), BROKEN.values(), ids=BROKEN)
def test_a_page_behind_which_something_may_be_missing_is_broken(
    where: Place, read: ChangePage
) -> None:
    assert isinstance(judge_page(where, read), Broken)


@given(
    seen=st.integers(0, 20),
    more=st.integers(0, 20),
    emptied_at=st.integers(0, 40),
    deleted=st.sets(st.integers(1, 40)),
)
def test_whatever_is_deleted_or_emptied_no_change_is_missed(
    seen: int, more: int, emptied_at: int, deleted: set[int]
) -> None:
    """If the page fits, every change after our place is in it or its resource is deleted."""
    last = seen + more
    emptied_at = min(emptied_at, last)
    left = [seq for seq in range(1, last + 1) if seq > emptied_at and seq not in deleted]

    verdict = judge_page(place(seen, known=seen > 0), page(*left, last=last))

    if verdict == Fits():
        assert not [seq for seq in range(seen + 1, emptied_at + 1) if seq not in deleted]


def test_the_end_of_the_feed_is_a_place_without_line_when_that_line_is_gone() -> None:
    assert place_of(page(9, last=9)) == place(9)
    assert place_of(page(7, last=9)) == place(9, known=False)
    assert place_of(page(last=9)) == place(9, known=False)


def test_a_place_never_moves_back() -> None:
    late = Change(seq=3, fingerprint="one3")

    assert place_after(place(5), late) == place(5)
    assert place_after(place(2), late) == place(3)


@given(
    size=st.integers(0, 60),
    limit=st.integers(5, 20),
    events=st.lists(
        st.tuples(st.sets(st.integers(0, 80), max_size=25), st.integers(0, 8)), max_size=12
    ),
)
def test_a_walk_leaves_out_nothing_that_stays(
    size: int, limit: int, events: list[tuple[set[int], int]]
) -> None:
    """Between two pages any instances are deleted and others added; those that stay are seen."""
    archive = [str(number) for number in range(size)]
    began_with, added = set(archive), 1000
    moves = iter(events)

    def list_page(since: int, count: int) -> list[ListedInstance]:
        nonlocal added
        found = [
            ListedInstance(instance_id=name, sop_instance_uid="")
            for name in archive[since : since + count]
        ]
        deleted, new = next(moves, (set[int](), 0))
        archive[:] = [name for name in archive if not name.isdecimal() or int(name) not in deleted]
        archive.extend(str(added + number) for number in range(new))
        added += new
        return found

    seen = {row.instance_id for row in walk_instances(list_page, limit=limit)}

    assert began_with & set(archive) <= seen
