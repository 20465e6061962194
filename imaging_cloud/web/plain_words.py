"""What was examined, in the words that patients know: "胸部 CT 平扫", "CT of the chest"."""

from imaging_cloud.domain.comparison_words import in_chinese, in_english
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamModality,
    Laterality,
    Purpose,
)
from imaging_cloud.web.languages import CHINESE

_KIND_ZH = {
    ExamModality.CT: "CT",
    ExamModality.MR: "磁共振",
    ExamModality.XR: "X 线摄片",
    ExamModality.MG: "X 线摄影（钼靶）",
    ExamModality.US: "超声",
    ExamModality.NM: "核医学显像",
    ExamModality.PT: "PET",
    ExamModality.XA: "血管造影",
    ExamModality.RF: "X 线透视",
}
_KIND_EN = {
    ExamModality.CT: "CT",
    ExamModality.MR: "MRI",
    ExamModality.XR: "X-ray",
    ExamModality.MG: "Mammogram",
    ExamModality.US: "Ultrasound",
    ExamModality.NM: "Nuclear medicine scan",
    ExamModality.PT: "PET",
    ExamModality.XA: "Angiogram",
    ExamModality.RF: "Fluoroscopy",
}
_CONTRAST_ZH = {
    Contrast.NONE: "平扫",
    Contrast.WITH: "增强",
    Contrast.BOTH: "平扫加增强",
    Contrast.ORAL: "口服对比剂",
}
_CONTRAST_EN = {
    Contrast.NONE: "without contrast",
    Contrast.WITH: "with contrast",
    Contrast.BOTH: "without and with contrast",
    Contrast.ORAL: "with contrast to drink",
}
# Only sectional exams are made with or without contrast in the sense that patients are told.
_SECTIONAL = frozenset({ExamModality.CT, ExamModality.MR})
_SIDE_ZH = {Laterality.LEFT: "左侧", Laterality.RIGHT: "右侧", Laterality.BOTH: "双侧"}
_SIDE_EN = {Laterality.LEFT: "left ", Laterality.RIGHT: "right ", Laterality.BOTH: "both sides, "}
_PURPOSE_ZH = {
    Purpose.SCREENING: "筛查",
    Purpose.GUIDANCE: "介入引导",
    Purpose.PLANNING: "放疗定位",
}
_PURPOSE_EN = {
    Purpose.SCREENING: "screening",
    Purpose.GUIDANCE: "guiding a procedure",
    Purpose.PLANNING: "planning of radiotherapy",
}


def exam_words(exam: ExamDescriptor | None, language: str) -> str:
    """Empty where neither kind nor place is known: then the hospital's own words have to do."""
    if exam is None or exam.modality is ExamModality.UNKNOWN:
        return ""
    return _chinese(exam) if language == CHINESE else _english(exam)


def _chinese(exam: ExamDescriptor) -> str:
    place = _SIDE_ZH.get(exam.laterality, "") + in_chinese(exam.regions) if exam.regions else ""
    kind = _KIND_ZH[exam.modality]
    words = [place, f"{kind}血管成像" if exam.angio and exam.modality in _SECTIONAL else kind]
    if exam.modality in _SECTIONAL and not exam.angio:
        words.append(_CONTRAST_ZH.get(exam.contrast, ""))
    purpose = _PURPOSE_ZH.get(exam.purpose, "")
    return " ".join(word for word in words if word) + (f"（{purpose}）" if purpose else "")


def _english(exam: ExamDescriptor) -> str:
    kind = _KIND_EN[exam.modality]
    if exam.angio and exam.modality in _SECTIONAL:
        kind += " of the vessels"
    place = f"{_SIDE_EN.get(exam.laterality, '')}{in_english(exam.regions)}" if exam.regions else ""
    words = f"{kind}: {place}" if place else kind
    more = []
    if exam.modality in _SECTIONAL and not exam.angio:
        more.append(_CONTRAST_EN.get(exam.contrast, ""))
    more.append(_PURPOSE_EN.get(exam.purpose, ""))
    return ", ".join([words, *(each for each in more if each)])
