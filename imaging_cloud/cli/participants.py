"""Who takes part: institutions, devices and access tokens."""

from typing import Annotated

import typer

from imaging_cloud.cli import certificates
from imaging_cloud.cli.certificates import (
    CertificateFile,
    Fingerprint,
    read_certificate,
    save_certificate,
)
from imaging_cloud.cli.common import note_operator_act, opened, require_institution
from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.identifiers import (
    checked_ae_title,
    checked_identifier,
    checked_institution,
)
from imaging_cloud.ports.access_register import Device, Institution

_MAX_TOKEN_MINUTES = 366 * 24 * 60

institutions = typer.Typer(no_args_is_help=True, help="Hospitals and practices that take part.")
devices = typer.Typer(
    no_args_is_help=True,
    help="Modalities and archives that may send: a calling AE that is not registered is refused.",
)
tokens = typer.Typer(no_args_is_help=True, help="Access tokens for programs and people.")


def add_commands(app: typer.Typer) -> None:
    app.add_typer(institutions, name="institution")
    app.add_typer(devices, name="device")
    app.add_typer(tokens, name="token")
    certificates.add_commands(devices)


@institutions.command("add")
def add_institution(
    code: Annotated[str, typer.Argument(help="Short code, e.g. HOSP_A: letters, digits, - and _.")],
    name: Annotated[str, typer.Option("--name", help="The name people read.")],
) -> None:
    """Add an institution, or bring its name up to date.

    Its code is also the issuer of its own patient numbers.
    """
    with opened() as cloud:
        changed = cloud.register.add_institution(
            Institution(code=checked_institution(code), name=name.strip())
        )
        note_operator_act(cloud, "institution-added", institution=code)
        print(f"institution {code}: {'saved' if changed else 'already there'}")


@institutions.command("list")
def list_institutions() -> None:
    """List all institutions, one a line: code, name."""
    with opened() as cloud:
        for institution in cloud.register.list_institutions():
            print(f"{institution.code}\t{institution.name}")


@devices.command("add")
def add_device(  # noqa: PLR0913 - the options of a command
    ae_title: Annotated[str, typer.Argument(help="The AE title it calls with, e.g. CT1.")],
    institution: Annotated[str, typer.Option("--institution", help="Whose device it is.")],
    host: Annotated[
        str | None, typer.Option("--host", help="Where it listens, for reports back to it.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="The port it listens on.")
    ] = None,
    tls: Annotated[
        bool, typer.Option("--tls", help="It is to be called there by DICOM TLS.")
    ] = False,
    certificate: CertificateFile = None,
    fingerprint: Fingerprint = None,
) -> None:
    """Register a modality or archive by its AE title. Takes effect at its next association.

    With a certificate it is known by both, and must come by TLS.
    """
    title = checked_ae_title(ae_title)
    if tls and not (host and port):
        raise InvalidRequest("--tls: say where it listens, by --host and --port", field="tls")
    bound = read_certificate(title, certificate, fingerprint)
    with opened() as cloud:
        require_institution(cloud, institution)
        device = Device(ae_title=title, institution=institution, host=host, port=port, tls=tls)
        changed = cloud.register.add_device(device)
        note_operator_act(cloud, "device-added", institution=institution, detail=device.ae_title)
        print(f"device {device.ae_title}: {'saved' if changed else 'already there'}")
        if bound is not None:
            save_certificate(cloud, bound)


@devices.command("list")
def list_devices() -> None:
    """List all devices, one a line: AE title, institution, host, port, and tls if called by it."""
    with opened() as cloud:
        for device in cloud.register.list_devices():
            where = f"{device.host or ''}\t{device.port or ''}" + ("\ttls" if device.tls else "")
            print(f"{device.ae_title}\t{device.institution}\t{where}")


@tokens.command("issue")
def issue_token(
    role: Annotated[Role, typer.Option("--role", help="What the bearer may do.")],
    subject: Annotated[
        str,
        typer.Option("--subject", help="Who it is; for a patient an identifier as 'ISSUER|VALUE'."),
    ],
    institution: Annotated[
        str | None, typer.Option("--institution", help="The institution it acts for.")
    ] = None,
    minutes: Annotated[
        int, typer.Option("--minutes", min=1, max=_MAX_TOKEN_MINUTES, help="How long it is good.")
    ] = 480,
) -> None:
    """Print a bearer token and nothing else.

    Example: TOKEN=$(imaging-cloud token issue --role physician --subject dr-li
    --institution HOSP_B)
    """
    with opened() as cloud:
        if role is Role.GUEST:
            raise InvalidRequest("--role: guests come by a patient's link alone", field="role")
        if institution is not None:
            require_institution(cloud, institution)
        if role is Role.PATIENT:
            subject = _patient_subject(subject)
        principal = Principal(role=role, subject=subject, institution=institution)
        token = cloud.signer.sign_token(principal, issued_at=cloud.clock.now(), minutes=minutes)
        detail = role.value if role is Role.PATIENT else f"{role.value} {subject}"
        note_operator_act(cloud, "token-issued", institution=institution or "", detail=detail)
        print(token)


def _patient_subject(subject: str) -> str:
    issuer, separator, value = subject.partition("|")
    if not separator:
        raise InvalidRequest(
            "--subject: a patient is named by an identifier, as 'ISSUER|VALUE'", field="subject"
        )
    identifier = checked_identifier(issuer, value)
    return f"{identifier.issuer}|{identifier.value}"
