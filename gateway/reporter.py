"""Storage commitment reports on associations of our own, to where a device is registered.

We open the association and stay the SCP: the role is proposed (PS3.7 D.3.3.4), and a peer that
does not negotiate roles is sent the report all the same, as PS3.4 J.3.3 lets it expect.
"""

import hashlib
import logging
import ssl
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from pynetdicom import AE, build_role
from pynetdicom.association import Association
from pynetdicom.presentation import build_context

from gateway.commitment_messages import STORAGE_COMMITMENT, WELL_KNOWN_INSTANCE, event_of
from gateway.contexts import PLAIN
from gateway.metrics import COMMITMENTS
from gateway.refusals import trace_of
from gateway.server import quiet_pynetdicom
from gateway.tls import TlsFiles
from imaging_cloud.domain.commitments import REPORT_PATIENCE, Commitment, pause_after
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.ports.access_register import Device
from imaging_cloud.ports.cloud import Cloud

LOGGER = logging.getLogger("gateway")

_LEASE = timedelta(seconds=60)
_BATCH = 8
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 30
_SUCCESS = 0x0000
# pynetdicom's reactor looks for messages each millisecond: so long it surely takes to pause.
_PAUSE_SECONDS = 0.02


def deliver_reports(
    cloud: Cloud,
    ae_title: str,
    stop: threading.Event | None = None,
    tls: TlsFiles | None = None,
) -> int:
    """Deliver up to a batch of due reports; how many the peers took. Run by any number of workers.

    `tls` is for the devices that are called so; without it their reports wait. What fails is tried
    again after growing pauses, for REPORT_PATIENCE at most.
    """
    now = cloud.clock.now()
    due = cloud.commitments.take_reports(now, now + _LEASE, limit=_BATCH)
    by_device: dict[str, list[Commitment]] = {}
    for each in due:
        by_device.setdefault(each.ae_title, []).append(each)
    delivered = 0
    for title, commitments in by_device.items():
        if stop is not None and stop.is_set():
            for each in commitments:
                cloud.commitments.postpone(each, now, failed=False)
            continue
        for each in commitments:  # the devices before may have taken their time
            cloud.commitments.extend_lease(each, cloud.clock.now() + _LEASE)
        delivered += _deliver(title, commitments, cloud, ae_title, tls)
    return delivered


def _deliver(
    title: str,
    commitments: Sequence[Commitment],
    cloud: Cloud,
    ae_title: str,
    tls: TlsFiles | None,
) -> int:
    device = cloud.register.find_device(title)
    why = "is registered without host and port"
    taken: set[str] = set()
    if device is not None and device.host and device.port:
        try:
            taken, why = _send_all(device, commitments, ae_title, tls)
        except InvalidRequest as unusable:
            why = f"cannot be called: {unusable}"
        except Exception as error:  # noqa: BLE001 - one device must not keep the others waiting
            why = f"could not be sent to ({trace_of(error)})"
    for each in commitments:
        if each.commitment_id in taken:
            COMMITMENTS.labels("reported").inc()
            cloud.commitments.finish_report(each, cloud.clock.now())
        else:
            _try_later(each, why, cloud)
    return len(taken)


def _try_later(commitment: Commitment, why: str, cloud: Cloud) -> None:
    now = cloud.clock.now()
    is_over = now - commitment.requested_at > REPORT_PATIENCE
    COMMITMENTS.labels("given-up" if is_over else "undelivered").inc()
    LOGGER.warning(
        "commitment report %s: %s %s; %s",
        commitment.transaction_uid,
        commitment.ae_title,
        why,
        "given up" if is_over else f"attempt {commitment.attempts + 1}, will try again",
    )
    if is_over:
        cloud.commitments.give_up(commitment, now)
    else:
        until = now + pause_after(commitment.attempts + 1)
        cloud.commitments.postpone(commitment, until, failed=True)


def _send_all(
    device: Device, commitments: Sequence[Commitment], ae_title: str, tls: TlsFiles | None
) -> tuple[set[str], str]:
    """The ids of the reports that the device took, and why it did not take the others."""
    quiet_pynetdicom()
    ae = AE(ae_title=ae_title)
    ae.connection_timeout = ae.acse_timeout = _CONNECT_SECONDS
    ae.dimse_timeout = ae.network_timeout = _ANSWER_SECONDS
    association = ae.associate(
        str(device.host),
        int(device.port or 0),
        contexts=[build_context(STORAGE_COMMITMENT, list(PLAIN))],
        ae_title=device.ae_title,
        ext_neg=[build_role(STORAGE_COMMITMENT, scu_role=False, scp_role=True)],
        tls_args=_tls_arguments(device, tls),
    )
    if not association.is_established:
        way = " by TLS" if device.tls else ""
        return set(), f"at {device.host}:{device.port} cannot be reached{way} or refuses"
    if device.tls and not _is_itself(device, association):
        association.abort()
        return set(), (
            f"at {device.host}:{device.port} shows a certificate that is not bound to it; if it"
            f" should be: imaging-cloud device bind {device.ae_title}"
        )
    taken: set[str] = set()
    why = ""
    try:
        for each in commitments:
            status = _send(association, each, len(taken) + 1)
            if status != _SUCCESS:
                why = "gave no answer" if status is None else f"answered 0x{status:04X}"
                break
            taken.add(each.commitment_id)
    finally:
        association.release()
    return taken, why


def _tls_arguments(device: Device, tls: TlsFiles | None) -> tuple[ssl.SSLContext, str] | None:
    if not device.tls:
        return None
    if tls is None:
        raise InvalidRequest(
            "it is to be called by TLS, and IMAGING_CLOUD_DICOM_TLS_CERTIFICATE is not set",
            field="dicom_tls_certificate",
        )
    return tls.calling_context(), str(device.host)


def _is_itself(device: Device, association: Association) -> bool:
    """Any device of the site has a certificate that is trusted; reports are for one alone."""
    if not device.fingerprints:
        return True
    connection = association.dul.socket
    plain = connection.socket if connection is not None else None
    if not isinstance(plain, ssl.SSLSocket):
        return False
    certificate = plain.getpeercert(binary_form=True)
    return hashlib.sha256(certificate or b"").hexdigest() in device.fingerprints


def _send(association: Association, commitment: Commitment, message_id: int) -> int | None:
    if not association.is_established:
        return None
    kind, information = event_of(commitment)
    # Its reactor could take the answer for itself while it is about to pause: let it come to rest.
    association._reactor_checkpoint.clear()  # noqa: SLF001 - no public way
    time.sleep(_PAUSE_SECONDS)
    answer, _ = association.send_n_event_report(
        information, kind, STORAGE_COMMITMENT, WELL_KNOWN_INSTANCE, msg_id=message_id
    )
    return int(answer.Status) if "Status" in answer else None
