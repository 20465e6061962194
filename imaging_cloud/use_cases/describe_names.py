"""Describing a table of exam names: one row of words in, one descriptor out."""

from collections.abc import Iterable, Iterator, Mapping

from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import ExamDescriptor, ExamEvidence, ExamMeaning

COLUMNS = ("id", "modality", "regions", "focus", "laterality", "contrast", "angio", "purpose")
_NO_REGION = "?"


def describe_rows(
    rows: Iterable[Mapping[str, str]], *, evidence: bool = False
) -> Iterator[dict[str, str]]:
    """Read `id`, `name` or `study_description`, and what else a row has of a study's header.

    `modalities` and `body_part_examined` have '/' between their parts, `series_descriptions`
    ' | '. Columns may be missing or empty. With `evidence` each row also says which words of
    which source led to each field.
    """
    for row in rows:
        meaning = describe_exam(_evidence(row))
        told = {"evidence": _reasons(meaning)} if evidence else {}
        yield {"id": _text(row, "id"), **_codes(meaning.descriptor), **told}


def _reasons(meaning: ExamMeaning) -> str:
    return "; ".join(f"{field} from {words}" for field, words in meaning.because)


def _evidence(row: Mapping[str, str]) -> ExamEvidence:
    return ExamEvidence(
        name=_text(row, "name") or _text(row, "study_description"),
        modalities=_parts(row, "modalities", "/"),
        series_descriptions=_parts(row, "series_descriptions", " | "),
        body_parts=_parts(row, "body_part_examined", "/"),
    )


def _text(row: Mapping[str, str], column: str) -> str:
    return (row.get(column) or "").strip()


def _parts(row: Mapping[str, str], column: str, between: str) -> tuple[str, ...]:
    text = row.get(column)
    if not text:
        return ()
    return tuple([part for piece in text.split(between) if (part := piece.strip())])


def _codes(exam: ExamDescriptor) -> dict[str, str]:
    return {
        "modality": str(exam.modality),
        "regions": "+".join(exam.regions) or _NO_REGION,
        "focus": exam.focus,
        "laterality": str(exam.laterality),
        "contrast": str(exam.contrast),
        "angio": "1" if exam.angio else "0",
        "purpose": str(exam.purpose),
    }
