"""From the words of an order or a study header to what the exam means.

Order of trust: codes, the name, the series' names, the body parts of the header, and last the
DICOM modality by itself (docs/exam-meaning.md).
"""

from typing import NamedTuple

from imaging_cloud.domain.exams.codes import read_codes
from imaging_cloud.domain.exams.contrast import decide_contrast, implied_contrast
from imaging_cloud.domain.exams.descriptor import ExamDescriptor, ExamEvidence, ExamMeaning
from imaging_cloud.domain.exams.laterality import decide_laterality
from imaging_cloud.domain.exams.modality import decide_modality
from imaging_cloud.domain.exams.purpose import decide_angio, decide_purpose, is_treatment
from imaging_cloud.domain.exams.reading import Reading, read_again, read_name
from imaging_cloud.domain.exams.regions import as_regions, decide_focus, decide_regions


class Readings(NamedTuple):
    """All texts of the evidence, read: `told` are codes and name, most trusted first."""

    told: tuple[Reading, ...]
    folder: Reading
    series: tuple[Reading, ...]
    body: tuple[Reading, ...]


def describe_exam(evidence: ExamEvidence) -> ExamMeaning:
    texts = _read_all(evidence)
    told, series = texts.told, texts.series
    modality = decide_modality((*told, texts.folder), series, evidence.modalities)
    kind = modality.value
    places = (*told, texts.folder)
    shown = (series, (texts.folder,), texts.body)
    received = bool(evidence.modalities or series)
    regions = decide_regions(told, shown, kind, received=received)
    purpose = decide_purpose(
        told, texts.folder, series, texts.body, kind, placed=bool(regions.value)
    )
    said = decide_contrast(told, series, evidence.contrast_agents, kind)
    contrast = implied_contrast(
        said, kind, purpose.value, regions.value, treated=is_treatment(told)
    )
    side = decide_laterality(
        told, series, evidence.lateralities, regions.value, modality.value, purpose.value
    )
    angio = decide_angio((*told, texts.folder), kind, purpose.value, contrast.value)
    focus = decide_focus((*places, *texts.body), kind)
    descriptor = ExamDescriptor(
        modality=modality.value,
        regions=as_regions(regions.value),
        focus=focus.value,
        laterality=side.value,
        contrast=contrast.value,
        angio=angio.value,
        purpose=purpose.value,
    )
    reasons = (
        ("modality", modality.because),
        ("regions", regions.because),
        ("focus", focus.because),
        ("laterality", side.because),
        ("contrast", contrast.because),
        ("angio", angio.because),
        ("purpose", purpose.because),
    )
    because = tuple([reason for reason in reasons if reason[1]])
    return ExamMeaning(descriptor=descriptor, because=because)


def _read_all(evidence: ExamEvidence) -> Readings:
    name, folder = read_name(evidence.name)
    return Readings(
        told=(*read_codes(evidence.procedure_codes), name),
        folder=folder,
        series=tuple([read_again(text, "series") for text in evidence.series_descriptions]),
        body=tuple([read_again(text, "body part") for text in evidence.body_parts]),
    )
