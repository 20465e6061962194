"""Order screens that call the CDS services with JWTs of their own."""

import ipaddress
import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from imaging_cloud.cli.common import opened, require_institution
from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cds_clients import CdsClient
from imaging_cloud.ports.cloud import Cloud

_LONGEST = 255
_PRIVATE = ("d", "k", "p", "q")

clients = typer.Typer(
    no_args_is_help=True,
    help="Order screens that identify themselves by JWTs of their own (CDS Hooks, ES384 or RS384).",
)


def add_commands(app: typer.Typer) -> None:
    app.add_typer(clients, name="cds-client")


@clients.command("add")
def add_client(
    issuer: Annotated[str, typer.Argument(help="The `iss` of its tokens, as it writes it.")],
    institution: Annotated[str, typer.Option("--institution", help="Whose order screen it is.")],
    jku: Annotated[
        str, typer.Option("--jku", help="Where its public keys lie, as a JWK set; https.")
    ] = "",
    jwks: Annotated[
        Path | None,
        typer.Option("--jwks", help="A file with its public keys, as a JWK set.", exists=True),
    ] = None,
) -> None:
    """Register an order screen, or replace what was registered. It speaks for its institution.

    Example: imaging-cloud cds-client add https://his.example.org --institution HOSP_B
    --jku https://his.example.org/.well-known/jwks.json
    """
    if (jwks is None) is (not jku):
        raise InvalidRequest("one of --jku URL and --jwks FILE is needed")
    if not 0 < len(issuer) <= _LONGEST:
        raise InvalidRequest(f"the issuer: 1 to {_LONGEST} characters are needed")
    client = CdsClient(
        issuer=issuer,
        institution=institution,
        jku=_key_address(jku),
        jwks=_public_keys(jwks) if jwks else None,
    )
    with opened() as cloud:
        require_institution(cloud, institution)
        changed = cloud.clients.add_client(client)
        _note(cloud, "cds-client-added", institution, issuer)
        print(f"cds-client {issuer}: {'saved' if changed else 'already there'}")


@clients.command("remove")
def remove_client(
    issuer: Annotated[str, typer.Argument(help="The `iss` it was registered with.")],
) -> None:
    """Let an order screen's tokens count no more, from its next call on."""
    with opened() as cloud:
        known = cloud.clients.find_client(issuer)
        if known is None or not cloud.clients.remove_client(issuer):
            raise NotFound(f"cds-client {issuer} is not known")
        _note(cloud, "cds-client-removed", known.institution, issuer)
        print(f"cds-client {issuer}: removed")


@clients.command("list")
def list_clients() -> None:
    """List all, one a line: issuer, institution, where the keys are."""
    with opened() as cloud:
        for each in cloud.clients.list_clients():
            print(f"{each.issuer}\t{each.institution}\t{each.jku or 'registered keys'}")


def _key_address(text: str) -> str:
    """Https, or http on this machine."""
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))
    ):
        return text
    raise InvalidRequest("--jku: https://HOST/PATH is needed", field="jku")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _public_keys(path: Path) -> dict[str, Any]:
    """Read a JWK set with a `kid` for every key and nothing private in it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        keys = document["keys"]
        fine = bool(keys) and all(
            key["kty"] in {"EC", "RSA"} and isinstance(key["kid"], str) for key in keys
        )
    except (ValueError, KeyError, TypeError):
        fine = False
    if not fine:
        raise InvalidRequest(
            "--jwks: a JWK set is needed, keys of kind EC or RSA, each with a kid", field="jwks"
        )
    if any(name in key for key in keys for name in _PRIVATE):
        raise InvalidRequest("--jwks: private keys stay with the order screen", field="jwks")
    return {"keys": keys}


def _note(cloud: Cloud, action: str, institution: str, detail: str) -> None:
    cloud.audit.append_event(
        AuditEvent(
            at=cloud.clock.now(),
            action=action,
            actor="command line",
            role="operator",
            institution=institution,
            detail=detail,
        )
    )
