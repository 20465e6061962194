"""describe_exam: from evidence to descriptor."""

from imaging_cloud.domain.exams.descriptor import (
    ExamDescriptor,
    ExamEvidence,
    ExamMeaning,
    ExamModality,
)


def describe_exam(evidence: ExamEvidence) -> ExamMeaning:
    """The meaning of an exam (placeholder until the meaning branch lands)."""
    known = [each for each in ExamModality if each in evidence.modalities]
    return ExamMeaning(
        descriptor=ExamDescriptor(modality=known[0] if known else ExamModality.UNKNOWN)
    )
