"""request_commitment: keep a storage commitment request, before anybody is told of it."""

from datetime import timedelta

from imaging_cloud.domain.commitments import MAX_REFERENCES, Reference
from imaging_cloud.domain.errors import InvalidRequest, OutOfSpace
from imaging_cloud.domain.identifiers import is_uid
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.commitments import CommitmentRequest, Requester

# The association that a request came on has the first word for so long.
_GRACE = timedelta(seconds=5)


def request_commitment(
    requester: Requester, transaction_uid: str, references: tuple[Reference, ...], cloud: Cloud
) -> bool:
    """Keep the request, durable on return; False when it only repeats one that is in hand.

    Raises InvalidRequest for what is no request, OutOfSpace for more than MAX_REFERENCES,
    Unavailable when the index is away.
    """
    if not is_uid(transaction_uid):
        raise InvalidRequest("TransactionUID (0008,1195) is missing or not valid")
    if not references:
        raise InvalidRequest("ReferencedSOPSequence (0008,1199) is missing or empty")
    if len(references) > MAX_REFERENCES:
        raise OutOfSpace(f"more than {MAX_REFERENCES} references: ask in parts")
    if not all(is_uid(each.sop_class_uid) and is_uid(each.sop_instance_uid) for each in references):
        raise InvalidRequest("a reference without valid SOP class and instance UIDs")
    now = cloud.clock.now()
    return cloud.commitments.add_request(
        CommitmentRequest(
            institution=requester.institution,
            ae_title=requester.ae_title,
            transaction_uid=transaction_uid,
            references=references,
            requested_at=now,
            report_from=now + _GRACE,
        )
    )
