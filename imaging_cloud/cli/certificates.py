"""Which TLS certificate makes a device: bind, list, replace, forget."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from imaging_cloud.cli.common import note_operator_act, opened
from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.domain.identifiers import checked_ae_title, checked_fingerprint
from imaging_cloud.ports.access_register import DeviceCertificate
from imaging_cloud.ports.cloud import Cloud

_PEM = b"-----BEGIN"
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"

AeTitle = Annotated[str, typer.Argument(help="The AE title of a registered device.")]
CertificateFile = Annotated[
    Path | None,
    typer.Option(
        "--certificate",
        exists=True,
        dir_okay=False,
        help="The device's own certificate, PEM or DER (never its key).",
    ),
]
Fingerprint = Annotated[
    str | None,
    typer.Option("--fingerprint", help="Or only the SHA-256 fingerprint of it, in hexadecimal."),
]


def add_commands(devices: typer.Typer) -> None:
    devices.command("bind")(bind_certificate)
    devices.command("unbind")(unbind_certificate)
    devices.command("certificates")(list_certificates)


def bind_certificate(
    ae_title: AeTitle, certificate: CertificateFile = None, fingerprint: Fingerprint = None
) -> None:
    """Bind a TLS certificate to a device; from then on it is known by certificate and AE title.

    A device may have several, so that a new one can be bound before the old one is unbound.
    Takes effect at its next association; without TLS it is then refused.
    """
    chosen = read_certificate(checked_ae_title(ae_title), certificate, fingerprint)
    if chosen is None:
        raise InvalidRequest("give --certificate FILE or --fingerprint SHA256", field="certificate")
    with opened() as cloud:
        save_certificate(cloud, chosen)


def unbind_certificate(
    ae_title: AeTitle,
    fingerprint: Annotated[str, typer.Argument(help="As `device certificates` lists it.")],
) -> None:
    """Forget a certificate of a device, because it was replaced, lost or stolen."""
    title, digits = checked_ae_title(ae_title), checked_fingerprint(fingerprint)
    with opened() as cloud:
        device = cloud.register.find_device(title)
        if device is None or not cloud.register.unbind_certificate(title, digits):
            raise NotFound(f"device {title} has no certificate with this fingerprint")
        note_operator_act(
            cloud, "certificate-unbound", institution=device.institution, detail=f"{title} {digits}"
        )
        if not cloud.register.list_certificates(title):
            print(f"device {title}: has no certificate any more, so it may come without TLS")
        print(f"device {title}: certificate forgotten")


def list_certificates(
    ae_title: Annotated[str | None, typer.Argument(help="One device; without it all.")] = None,
) -> None:
    """List bound certificates, one a line: AE title, fingerprint, last day, subject."""
    title = checked_ae_title(ae_title) if ae_title is not None else None
    with opened() as cloud:
        for each in cloud.register.list_certificates(title):
            last_day = each.not_after.date().isoformat() if each.not_after else ""
            print(f"{each.ae_title}\t{each.fingerprint}\t{last_day}\t{each.subject}")


def read_certificate(
    ae_title: str, file: Path | None, fingerprint: str | None
) -> DeviceCertificate | None:
    """What the two options say; None when neither was given."""
    if file is None:
        if fingerprint is None:
            return None
        return DeviceCertificate(ae_title=ae_title, fingerprint=checked_fingerprint(fingerprint))
    if fingerprint is not None:
        raise InvalidRequest(
            "--certificate or --fingerprint, not both: the file has its own", field="fingerprint"
        )
    return _read_file(ae_title, file.read_bytes())


def save_certificate(cloud: Cloud, certificate: DeviceCertificate) -> None:
    title = certificate.ae_title
    changed = cloud.register.bind_certificate(certificate)
    device = cloud.register.find_device(title)
    note_operator_act(
        cloud,
        "certificate-bound",
        institution=device.institution if device else "",
        detail=f"{title} {certificate.fingerprint}",
    )
    print(f"device {title}: certificate {'bound' if changed else 'already bound'}")


def _read_file(ae_title: str, data: bytes) -> DeviceCertificate:
    """The first certificate of the file."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        if _PEM in data:
            certificate = x509.load_pem_x509_certificate(data[data.index(_CERTIFICATE) :])
        else:
            certificate = x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise InvalidRequest(
            "--certificate: the file holds no X.509 certificate (PEM or DER)", field="certificate"
        ) from error
    if certificate.not_valid_after_utc < datetime.now(UTC):
        raise InvalidRequest("the certificate has expired", field="certificate")
    return DeviceCertificate(
        ae_title=ae_title,
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        subject=certificate.subject.rfc4514_string(),
        not_after=certificate.not_valid_after_utc,
    )
