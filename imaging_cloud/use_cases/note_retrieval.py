"""note_retrieval: what a check of the archive found gone or damaged is offered to nobody."""

from collections import defaultdict

from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.retrieval import Retrieval
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.verify_archive import VerifyReport

_FOUND_BY_CHECKS = (Retrieval.MISSING, Retrieval.INCOMPLETE)
_Study = tuple[str, str]


def note_retrieval(report: VerifyReport, cloud: Cloud, *, whole: bool) -> int:
    """Note the studies whose objects were found gone or damaged; how many of them there are.

    `whole`: every byte was read, so that studies noted earlier and found sound now are at hand
    again. What the operator took offline stays so.
    """
    found = _damaged(report, cloud)
    noted = {(place, uid): why for place, uid, why in cloud.recognition.list_not_at_hand()}
    for study, retrieval in found.items():
        if noted.get(study) not in (retrieval, Retrieval.OFFLINE):
            cloud.recognition.note_retrieval(*study, retrieval)
    if whole and report.counts.total() == len(report.faults):
        for study, why in noted.items():
            if why in _FOUND_BY_CHECKS and study not in found:
                cloud.recognition.note_retrieval(*study, Retrieval.AT_HAND)
    return len(found)


def _damaged(report: VerifyReport, cloud: Cloud) -> dict[_Study, Retrieval]:
    instances: dict[str, set[str]] = defaultdict(set)
    for fault in report.faults:
        if fault.sop_instance_uid and not fault.repaired:
            # An object's key begins with its institution (receive_instance.object_key).
            instances[fault.key.partition("/")[0]].add(fault.sop_instance_uid)
    lost: dict[_Study, int] = defaultdict(int)
    for institution, uids in instances.items():
        for row in cloud.index.find_stored(institution, sorted(uids)).values():
            lost[institution, row.study_uid] += 1
    return {study: _extent(study, count, cloud) for study, count in lost.items()}


def _extent(study: _Study, lost: int, cloud: Cloud) -> Retrieval:
    institution, uid = study
    held = cloud.index.list_instances(Scope(institution=institution), uid)
    return Retrieval.MISSING if lost >= len(held) else Retrieval.INCOMPLETE
