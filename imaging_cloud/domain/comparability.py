"""The one place that decides whether a prior exam answers an order.

Each question (modality, regions, side, contrast, vessels, purpose, age) gives a finding; the
grade follows from the findings, and their words are the reasons a physician reads.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from imaging_cloud.domain.alerts import Comparison, Grade
from imaging_cloud.domain.catalogue import LOOK_BACK_DAYS, window_days
from imaging_cloud.domain.comparison_words import (
    KIND_UNKNOWN,
    PURPOSE_ZH,
    RETRIEVAL,
    SAME_SIDE,
    SIDE,
    in_chinese,
    in_english,
)
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamModality,
    Laterality,
    Purpose,
    Region,
)
from imaging_cloud.domain.recognition import NO_STANDING, Standing
from imaging_cloud.domain.retrieval import AT_HAND, Retrieval

RULES_VERSION = "2026.11.4"

# What a whole-body exam (often skull base to mid-thigh) can be trusted to show.
_WHOLE_BODY_SHOWS = frozenset(
    {
        *(Region.NECK, Region.CHEST, Region.ABDOMEN, Region.PELVIS, Region.HIP),
        *(Region.CSPINE, Region.TSPINE, Region.LSPINE, Region.SACRUM, Region.WHOLEBODY),
    }
)

_CONTRAST_ENOUGH: dict[Contrast, frozenset[Contrast]] = {
    Contrast.NONE: frozenset(Contrast),
    Contrast.UNKNOWN: frozenset(Contrast),
    Contrast.WITH: frozenset({Contrast.WITH, Contrast.BOTH}),
    Contrast.BOTH: frozenset({Contrast.BOTH}),
    Contrast.ORAL: frozenset({Contrast.ORAL}),
}


@dataclass(frozen=True, slots=True)
class _Finding:
    """One question's answer: fine, or what is missing; in words of both languages."""

    fine: bool
    words: str = ""
    zh: str = ""


def compare(
    ordered: ExamDescriptor,
    prior: ExamDescriptor,
    *,
    performed_on: date | None,
    ordered_on: date,
    standing: Standing = NO_STANDING,
    retrieval: Retrieval = AT_HAND,
) -> Comparison | None:
    """Grade a prior against an order; None when it has no bearing. Dates are the region's days.

    Opposite sides never match. A prior without a date, or dated after the order, never serves
    as a duplicate; neither does one whose images cannot be had, or whose mark of quality (HR)
    does not reach the asking institution where the region keeps such marks.
    """
    age = (ordered_on - performed_on).days if performed_on else None
    if age is not None and age > LOOK_BACK_DAYS:
        return None
    if _opposite(ordered.laterality, prior.laterality) or not _touch(ordered, prior):
        return None
    if ordered.modality is not prior.modality:
        return _related_by_other_modality(ordered, prior, age, retrieval)
    window = window_days(ordered) if standing.days is None else standing.days
    findings = (
        _regions(ordered, prior),
        _focus(ordered, prior),
        _side(ordered.laterality, prior.laterality),
        _contrast(ordered.contrast, prior.contrast),
        _vessels(ordered, prior),
        _purpose(ordered.purpose, prior.purpose),
        _recognised(standing),
        _at_hand(retrieval),
    )
    timely = _age(age, window)
    told = [each for each in (*findings, timely) if each.words]
    return Comparison(
        grade=_grade(all(each.fine for each in findings), timely.fine),
        reasons=("same modality", *(each.words for each in told)),
        reasons_zh=("检查类型相同", *(each.zh for each in told)),
        age_days=age,
        valid_until=_last_day(performed_on, window),
    )


def _last_day(performed_on: date | None, window: int | None) -> date | None:
    if performed_on is None or window is None:
        return None
    try:
        return performed_on + timedelta(days=window)
    except OverflowError:
        return None


def _grade(whole: bool, timely: bool) -> Grade:
    if not timely:
        return Grade.RELATED
    return Grade.DUPLICATE if whole else Grade.PARTIAL


def _opposite(one: Laterality, other: Laterality) -> bool:
    return {one, other} == {Laterality.LEFT, Laterality.RIGHT}


def _touch(ordered: ExamDescriptor, prior: ExamDescriptor) -> bool:
    """Whether the two have a region in common, or could have.

    A prior of the same modality whose regions nothing tells may be the very exam: it is shown.
    """
    if not ordered.regions:
        return False
    if not prior.regions:
        return prior.modality is ordered.modality and ordered.modality is not ExamModality.UNKNOWN
    return bool(set(ordered.regions) & _shown_by(prior)) or bool(
        set(prior.regions) & _shown_by(ordered)
    )


def _shown_by(exam: ExamDescriptor) -> frozenset[Region]:
    regions = frozenset(exam.regions)
    return regions | _WHOLE_BODY_SHOWS if Region.WHOLEBODY in regions else regions


def _related_by_other_modality(
    ordered: ExamDescriptor, prior: ExamDescriptor, age: int | None, retrieval: Retrieval
) -> Comparison | None:
    if ExamModality.UNKNOWN in (ordered.modality, prior.modality):
        kind = _Finding(fine=False, words=KIND_UNKNOWN[0], zh=KIND_UNKNOWN[1])
    else:
        other, own = prior.modality, ordered.modality
        kind = _Finding(fine=False, words=f"{other} instead of {own}", zh=f"为{other}，非{own}")
    common = [region for region in ordered.regions if region in _shown_by(prior)]
    shared = _Finding(
        fine=True, words=f"both show {in_english(common)}", zh=f"均包含{in_chinese(common)}"
    )
    at_hand = _at_hand(retrieval)
    told = (
        *(kind, *((shared,) if common else ()), _undated(age)),
        *((at_hand,) if at_hand.words else ()),
    )
    return Comparison(
        grade=Grade.RELATED,
        reasons=tuple(each.words for each in told),
        reasons_zh=tuple(each.zh for each in told),
        age_days=age,
        valid_until=None,
    )


def _regions(ordered: ExamDescriptor, prior: ExamDescriptor) -> _Finding:
    if not prior.regions:
        return _Finding(
            fine=False, words="what the prior covers is not known", zh="既往检查部位不明"
        )
    shown = _shown_by(prior)
    missing = [region for region in ordered.regions if region not in shown]
    if missing:
        return _Finding(
            fine=False,
            words=f"does not cover {in_english(missing)}",
            zh=f"未覆盖{in_chinese(missing)}",
        )
    return _Finding(
        fine=True,
        words=f"covers {in_english(ordered.regions)}",
        zh=f"已覆盖{in_chinese(ordered.regions)}",
    )


def _focus(ordered: ExamDescriptor, prior: ExamDescriptor) -> _Finding:
    """A prior aimed at one organ answers no wider order, nor one aimed elsewhere.

    CT and PET show all that lies in their regions; elsewhere the aim decides what was looked at
    (ultrasound of the carotids is none of the thyroid, a rib film no chest film).
    """
    aims = {ordered.focus, prior.focus}
    if len(aims) == 1:
        return _Finding(fine=True)
    if not aims.isdisjoint(_OWN_TECHNIQUE):
        measured = prior.focus or "a picture"
        return _Finding(
            fine=False, words=f"the prior was made for {measured}", zh="既往检查目的不同"
        )
    if prior.focus in _AIMLESS:
        # A general film is none of the special view that is asked for now.
        fine = ordered.modality is not ExamModality.XR
        words = f"the prior was not aimed at {ordered.focus}"
        zh = f"既往检查未针对{ordered.focus}"
    else:
        fine = ordered.focus in _AIMLESS and ordered.modality in _SHOWS_ALL
        words, zh = f"the prior was aimed at {prior.focus}", f"既往检查仅针对{prior.focus}"
    return _Finding(fine=True) if fine else _Finding(fine=False, words=words, zh=zh)


_SHOWS_ALL = frozenset({ExamModality.CT, ExamModality.PT})
# Foci that name the region in other words.
_AIMLESS = frozenset({"", "lung", "intervertebral disc"})
# Foci that name another measurement than a picture of the region.
_OWN_TECHNIQUE = frozenset({"bone density", "bone age"})


def _side(ordered: Laterality, prior: Laterality) -> _Finding:
    """A side that only one of them names may be the other one: less than the whole answer."""
    if ordered is prior:
        words, zh = SAME_SIDE[ordered]
        return _Finding(fine=True, words=words, zh=zh)
    if prior is Laterality.BOTH:
        return _Finding(fine=True, words="shows both sides", zh="已包含双侧")
    if prior is Laterality.UNSAID:
        return _Finding(
            fine=False, words="the prior does not say which side", zh="既往检查未注明左右"
        )
    words, zh = SIDE[prior]
    if ordered is Laterality.BOTH:
        return _Finding(fine=False, words=f"shows the {words} side only", zh=f"仅有{zh}侧")
    return _Finding(
        fine=False,
        words=f"the order does not say which side; the prior shows the {words}",
        zh=f"申请未注明左右，既往检查为{zh}侧",
    )


def _contrast(ordered: Contrast, prior: Contrast) -> _Finding:
    if prior in _CONTRAST_ENOUGH[ordered]:
        if ordered is prior:
            return _Finding(fine=True, words="same contrast", zh="对比剂使用相同")
        return _Finding(fine=True, words="contrast enough", zh="对比剂条件满足")
    if prior is Contrast.UNKNOWN:
        words, zh = "whether the prior had contrast is not known", "既往检查是否增强不明"
    elif ordered is Contrast.BOTH and prior is Contrast.WITH:
        words, zh = "the prior has no native phase", "既往检查缺少平扫"
    elif ordered is Contrast.ORAL:
        words, zh = "the prior had no enteric contrast", "既往检查未用消化道对比剂"
    else:
        words, zh = "the prior had no intravenous contrast", "既往检查未增强"
    return _Finding(fine=False, words=words, zh=zh)


def _vessels(ordered: ExamDescriptor, prior: ExamDescriptor) -> _Finding:
    if ordered.angio is prior.angio:
        return (
            _Finding(fine=True, words="both angiography", zh="均为血管检查")
            if (ordered.angio)
            else _Finding(fine=True)
        )
    if ordered.angio:
        return _Finding(fine=False, words="the prior is no angiography", zh="既往检查非血管成像")
    return _Finding(fine=False, words="the prior is an angiography", zh="既往检查为血管成像")


def _purpose(ordered: Purpose, prior: Purpose) -> _Finding:
    """Screening is answered by a diagnostic exam, not the other way round."""
    if ordered is prior:
        return _Finding(fine=True)
    if (ordered, prior) == (Purpose.SCREENING, Purpose.DIAGNOSTIC):
        return _Finding(fine=True, words="diagnostic prior", zh="既往为诊断性检查")
    return _Finding(
        fine=False, words=f"the prior was for {prior}", zh=f"既往检查用于{PURPOSE_ZH[prior]}"
    )


def _recognised(standing: Standing) -> _Finding:
    """The mark of quality, where the region keeps such marks and the exam is another's."""
    if standing.reaches is None:
        return _Finding(fine=True)
    mark = standing.mark
    if standing.reaches:
        return _Finding(fine=True, words=f"recognised by mark {mark}", zh=f"互认标识：{mark}")
    if not mark:
        return _Finding(
            fine=False, words="carries no mark of recognition (HR)", zh="无互认标识（HR）"
        )
    return _Finding(
        fine=False,
        words=f"the mark {mark} does not reach this institution",
        zh=f"互认标识{mark}的范围不含本机构",
    )


def _at_hand(retrieval: Retrieval) -> _Finding:
    if retrieval is AT_HAND:
        return _Finding(fine=True)
    words, zh = RETRIEVAL[retrieval]
    return _Finding(fine=False, words=words, zh=zh)


def _age(age: int | None, window: int | None) -> _Finding:
    if age is None or age < 0 or window is None:
        return _undated(age)
    return _Finding(
        fine=age <= window, words=f"{age} of {window} days", zh=f"{age}天前，互认期{window}天"
    )


def _undated(age: int | None) -> _Finding:
    if age is None:
        return _Finding(fine=False, words="the prior has no date", zh="既往检查无日期")
    if age < 0:
        return _Finding(
            fine=False, words="the prior is dated after the order", zh="既往检查日期晚于申请"
        )
    return _Finding(fine=False, words=f"{age} days old", zh=f"{age}天前")
