"""Storage commitment on the wire: N-ACTION's request read, N-EVENT-REPORT's written (PS3.4 J.3)."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as ItemSequence
from pynetdicom.events import Event

from gateway.refusals import trace_of
from imaging_cloud.domain.commitments import Commitment, Reference
from imaging_cloud.domain.errors import InvalidRequest

STORAGE_COMMITMENT = "1.2.840.10008.1.20.1"
# PS3.4 J.3.5: the one SOP Instance that all requests are made to.
WELL_KNOWN_INSTANCE = "1.2.840.10008.1.20.1.1"

REQUEST_COMMITMENT = 1  # PS3.4 Table J.3.2-1: the only action type
ALL_COMMITTED = 1  # PS3.4 Table J.3.3-1: event type "successful"
SOME_FAILED = 2  # event type "complete, failures exist"


@dataclass(frozen=True, slots=True)
class Asked:
    transaction_uid: str
    references: tuple[Reference, ...]


def read_request(event: Event, stored_classes: AbstractSet[str]) -> Asked:
    """The Action Information of an N-ACTION-RQ. Raises InvalidRequest."""
    try:
        information = event.action_information
        items = information.get("ReferencedSOPSequence") or []
        return Asked(
            transaction_uid=str(information.get("TransactionUID", "")),
            references=tuple(_reference(item, stored_classes) for item in items),
        )
    except Exception as error:
        # The library's decoder raises whatever wrong bytes lead to.
        raise InvalidRequest(f"the request cannot be read ({trace_of(error)})") from error


def _reference(item: Dataset, stored_classes: AbstractSet[str]) -> Reference:
    sop_class = str(item.get("ReferencedSOPClassUID", ""))
    return Reference(
        sop_class, str(item.get("ReferencedSOPInstanceUID", "")), sop_class in stored_classes
    )


def event_of(commitment: Commitment) -> tuple[int, Dataset]:
    """Event type and Event Information of a checked request (PS3.4 Table J.3.3-1)."""
    information = Dataset()
    information.TransactionUID = commitment.transaction_uid
    if commitment.committed:
        items = [_item(reference) for reference in commitment.committed]
        information.ReferencedSOPSequence = ItemSequence(items)
    if not commitment.failed:
        return ALL_COMMITTED, information
    items = []
    for reference, reason in commitment.failed:
        item = _item(reference)
        item.FailureReason = reason
        items.append(item)
    information.FailedSOPSequence = ItemSequence(items)
    return SOME_FAILED, information


def _item(reference: Reference) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = reference.sop_class_uid
    item.ReferencedSOPInstanceUID = reference.sop_instance_uid
    return item
