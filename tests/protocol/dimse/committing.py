"""A commitment SCU (pynetdicom): asks on an association, hears reports there and on a port."""

import queue
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import StorageCommitmentPushModel

from imaging_cloud.ports.cloud import Cloud
from tests.protocol.dimse.instances import CT

WELL_KNOWN = "1.2.840.10008.1.20.1.1"


@dataclass(frozen=True)
class Report:
    """`way` is "same" or "new"; `failed` maps SOP Instance UIDs to failure reasons."""

    way: str
    event_type: int
    transaction_uid: str
    committed: tuple[str, ...]
    failed: dict[str, int]


@dataclass
class CommitmentPeer:
    """`refusals` and `aborts` are how many reports are met so before one is taken."""

    title: str = "CT1"
    refusals: int = 0
    aborts: int = 0
    reports: "queue.Queue[Report]" = field(default_factory=queue.Queue)

    def _hear(self, event: Any, way: str) -> tuple[int, None]:
        if self.aborts:
            self.aborts -= 1
            event.assoc.abort()
            return 0x0110, None
        if self.refusals:
            self.refusals -= 1
            return 0x0110, None
        information = event.event_information
        self.reports.put(
            Report(
                way=way,
                event_type=event.event_type,
                transaction_uid=str(information.TransactionUID),
                committed=tuple(
                    str(item.ReferencedSOPInstanceUID)
                    for item in information.get("ReferencedSOPSequence") or []
                ),
                failed={
                    str(item.ReferencedSOPInstanceUID): int(item.FailureReason)
                    for item in information.get("FailedSOPSequence") or []
                },
            )
        )
        return 0x0000, None

    @contextmanager
    def associated(self, port: int) -> Iterator[Association]:
        ae = AE(ae_title=self.title)
        ae.add_requested_context(StorageCommitmentPushModel, ExplicitVRLittleEndian)
        ae.add_requested_context(CT, ExplicitVRLittleEndian)
        handlers = [(evt.EVT_N_EVENT_REPORT, self._hear, ["same"])]
        association = ae.associate("127.0.0.1", port, evt_handlers=handlers)
        assert association.is_established
        try:
            yield association
        finally:
            if association.is_established:
                association.release()

    @contextmanager
    def listening(self, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[int]:
        """Where reports on new associations are taken."""
        ae = AE(ae_title=self.title)
        ae.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
        handlers = [(evt.EVT_N_EVENT_REPORT, self._hear, ["new"])]
        server = ae.start_server(
            ("127.0.0.1", port), block=False, evt_handlers=handlers, ssl_context=tls
        )
        assert server is not None
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()

    def next_report(self, seconds: float = 20) -> Report:
        return self.reports.get(timeout=seconds)

    def has_none(self) -> bool:
        return self.reports.empty()


def request(
    association: Association,
    references: list[tuple[str, str]],
    *,
    transaction_uid: str = "",
    action: int = 1,
    instance: str = WELL_KNOWN,
) -> tuple[int, str]:
    """N-ACTION with (SOP class, SOP instance) pairs; status and transaction UID."""
    information = Dataset()
    information.TransactionUID = transaction_uid or generate_uid()
    items = []
    for sop_class, sop_instance in references:
        item = Dataset()
        item.ReferencedSOPClassUID = sop_class
        item.ReferencedSOPInstanceUID = sop_instance
        items.append(item)
    information.ReferencedSOPSequence = Sequence(items)
    status, _ = association.send_n_action(information, action, StorageCommitmentPushModel, instance)
    return int(status.Status), str(information.TransactionUID)


class Worker:
    """Rounds of the worker's commitment part, in a thread, until the block ends."""

    def __init__(self, once: Any) -> None:
        self._once = once
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go)

    def _go(self) -> None:
        while not self._stop.wait(0.05):
            self._once()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def reported(cloud: Cloud) -> list[tuple[str, str]]:
    """(action, outcome) of the audit trail's commitment entries."""
    engine: Any = cloud.commitments
    rows = engine._database.read(
        lambda c: c.exec_driver_sql(
            "SELECT action, outcome FROM audit_event WHERE action LIKE 'commitment%' ORDER BY at"
        ).all()
    )
    return [tuple(row) for row in rows]
