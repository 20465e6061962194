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


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks for an association: `fingerprint` is that of its certificate, "" without TLS."""

    ae_title: str
    address: str
    fingerprint: str = ""


def admit_peer(
    caller: Caller, register: AccessRegister, *, plain_with_certificate: bool
) -> Origin | Refused:
    """The origin that this peer's instances get, or why it is not let in.

    A device that certificates are bound to is only itself with one of them; who comes by TLS
    needs a bound one. `plain_with_certificate` lets a bound device come without TLS as well.
    """
    calling_ae = caller.ae_title
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
    if caller.fingerprint and caller.fingerprint not in device.fingerprints:
        return Refused(
            Reason.WRONG_CERTIFICATE,
            CALLING_AE_NOT_RECOGNIZED,
            "its certificate is not bound to this AE title; if it should be: imaging-cloud device"
            f" bind {shlex.quote(device.ae_title)} --fingerprint {caller.fingerprint}",
        )
    if device.fingerprints and not caller.fingerprint and not plain_with_certificate:
        return Refused(
            Reason.TLS_NEEDED,
            CALLING_AE_NOT_RECOGNIZED,
            "a certificate is bound to this AE title, so it must come by TLS",
        )
    return Origin(
        institution=device.institution,
        kind="c-store",
        source=device.ae_title,
        peer=caller.address,
    )
