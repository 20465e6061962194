"""Who may associate: calling AE titles against the register, asked at every association."""

import shlex
from dataclasses import dataclass

from gateway.refusals import Reason, printable
from imaging_cloud.domain.errors import InvalidRequest, Unavailable
from imaging_cloud.domain.identifiers import checked_ae_title
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.ports.access_register import AccessRegister

# PS3.8 9.3.4, Table 9-21: result, source, reason.
CALLING_AE_NOT_RECOGNIZED = (0x01, 0x01, 0x03)
TEMPORARY_CONGESTION = (0x02, 0x03, 0x01)
LOCAL_LIMIT_EXCEEDED = (0x02, 0x03, 0x02)
NO_REASON_GIVEN = (0x01, 0x01, 0x01)


@dataclass(frozen=True, slots=True)
class Refused:
    reason: Reason
    answer: tuple[int, int, int]
    detail: str


def admit_peer(calling_ae: str, peer: str, register: AccessRegister) -> Origin | Refused:
    """The origin that this peer's instances get, or why it is not let in."""
    try:
        device = register.find_device(checked_ae_title(calling_ae))
    except InvalidRequest:
        device = None
    except Unavailable:
        return Refused(
            Reason.INDEX_AWAY, TEMPORARY_CONGESTION, "the register of devices cannot be asked"
        )
    if device is None:
        return Refused(
            Reason.UNREGISTERED_DEVICE,
            CALLING_AE_NOT_RECOGNIZED,
            "not a registered device; if it should be: "
            f"imaging-cloud device add {shlex.quote(printable(calling_ae))} --institution CODE",
        )
    return Origin(institution=device.institution, kind="c-store", source=device.ae_title, peer=peer)
