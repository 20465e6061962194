"""Institutions, devices and consents: who takes part, and what patients decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.access import Consent
from imaging_cloud.domain.identifiers import PatientIdentifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """`fingerprints` are those of the certificates bound to it; adding a device binds none.

    `tls`: whether it is called by TLS at `host` and `port`; how it calls is `fingerprints`' say.
    """

    ae_title: str
    institution: str
    host: str | None = None
    port: int | None = None
    tls: bool = False
    fingerprints: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCertificate:
    """A TLS certificate by which a device is known; it may have several while one replaces another.

    `fingerprint` is SHA-256 of the DER encoding, 64 lower-case hexadecimal digits; `subject` and
    `not_after` are for people, and unknown where only the fingerprint was given.
    """

    ae_title: str
    fingerprint: str
    subject: str = ""
    not_after: datetime | None = None


class AccessRegister(Protocol):
    """Raises Unavailable when the index is away."""

    def add_institution(self, institution: Institution) -> bool:
        """Add it, or bring its name up to date; False when nothing changed."""
        ...

    def ensure_person(self, identifier: PatientIdentifier, *, at: datetime) -> str:
        """The oldest person with this identifier, made now if there is none; its person_id."""
        ...

    def list_institutions(self) -> list[Institution]: ...

    def find_institution(self, code: str) -> Institution | None: ...

    def has_institution(self, code: str) -> bool:
        """Whether it takes part. Institutions are never removed, so a yes is remembered."""
        ...

    def add_device(self, device: Device) -> bool:
        """Add or update; False when nothing changed.

        Raises NotFound for an unknown institution, Conflict when the AE title is another's.
        """
        ...

    def list_devices(self) -> list[Device]: ...

    def find_device(self, ae_title: str) -> Device | None: ...

    def bind_certificate(self, certificate: DeviceCertificate) -> bool:
        """Let a device be known by it, from its next association; False when it was already.

        Raises NotFound for an unknown device, Conflict when it is of another institution's device.
        """
        ...

    def unbind_certificate(self, ae_title: str, fingerprint: str) -> bool:
        """Forget it, from the next association; False when it was not bound to this device."""
        ...

    def list_certificates(self, ae_title: str | None = None) -> list[DeviceCertificate]:
        """Those of one device, or of all, by AE title and fingerprint."""
        ...

    def decide_consent(self, consent: Consent) -> None:
        """Record a decision and its audit entry in one transaction; the newest one counts."""
        ...

    def list_consents(self, person_id: str) -> list[Consent]:
        """The standing (newest) decision for each institution."""
        ...

    def list_consent_history(self, person_id: str, limit: int = 200) -> list[Consent]: ...

    def is_token_revoked(self, token_id: str) -> bool: ...

    def revoke_token(self, token_id: str, *, at: datetime) -> None: ...
