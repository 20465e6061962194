"""describe_own: what a patient's exams mean, for the patient and whoever has a link."""

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.exams.descriptor import ExamDescriptor
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.identify_caller import own_identifier, standing_share


def describe_own(principal: Principal, cloud: Cloud) -> dict[tuple[str, str], ExamDescriptor]:
    """By (institution, Study Instance UID); the caller looks up only what they may see."""
    if principal.role is Role.GUEST:
        identifier = standing_share(principal, cloud).identifier
    else:
        identifier = own_identifier(principal)
    found = cloud.exams.find_exams_of((identifier,), asking_institution="")
    return {(exam.institution, exam.study_uid): exam.descriptor for exam in found.exams}
