"""The kind of an exam as statistics and price lists count it: coarse, and readable."""

from functools import lru_cache

from imaging_cloud.domain.exams.descriptor import Contrast, ExamDescriptor

_MARKS = {Contrast.WITH: "contrast", Contrast.BOTH: "contrast", Contrast.ORAL: "enteric"}
# Longer lists of regions are named by their number.
_MOST_NAMED = 4


@lru_cache(maxsize=4096)
def item_of(exam: ExamDescriptor) -> str:
    """`CT CHEST`, `CT CHEST+ABDOMEN contrast`, `CT HEART angio`; unknown parts are `?`."""
    regions = "+".join(sorted(region.value for region in exam.regions)) or "?"
    if len(exam.regions) > _MOST_NAMED:
        regions = f"{len(exam.regions)} regions"
    mark = "angio" if exam.angio else _MARKS.get(exam.contrast, "")
    return " ".join(word for word in (exam.modality.value, regions, mark) if word)
