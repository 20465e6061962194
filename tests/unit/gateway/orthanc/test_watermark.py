"""The watermark stands before the first thing that is not done."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.orthanc.feed import Place
from gateway.orthanc.watermark import Watermark


def place(seq: int) -> Place:
    return Place(seq=seq, fingerprint="")


@given(st.permutations(range(1, 9)), st.integers(0, 8))
def test_it_is_the_last_place_before_the_first_hole(order: list[int], finished: int) -> None:
    watermark = Watermark(place(0))
    steps = {seq: watermark.add(place(seq)) for seq in range(1, 9)}

    for seq in order[:finished]:
        watermark.finish(steps[seq])

    holes = [seq for seq in range(1, 9) if seq not in order[:finished]]
    assert watermark.reached == place(min(holes, default=9) - 1)
    assert watermark.waiting == (9 - min(holes) if holes else 0)


def test_the_place_after_a_listing_waits_for_all_that_was_listed() -> None:
    watermark = Watermark(None)
    listed = [watermark.add(None), watermark.add(None)]
    watermark.add(place(7), done=True)

    watermark.finish(listed[1])
    assert watermark.reached is None
    watermark.finish(listed[0])

    assert watermark.reached == place(7)
