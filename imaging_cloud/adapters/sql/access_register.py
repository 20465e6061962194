"""SqlAccessRegister: institutions, devices, consents and revoked tokens."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
)

from imaging_cloud.adapters.sql.column_types import clean_text, new_id
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.people import People, clean_patient_identifier
from imaging_cloud.adapters.sql.prepared import PreparedByDialect
from imaging_cloud.adapters.sql.table_base import IDENTIFIER, IDENTIFIER_LENGTH, TEXT_LENGTH
from imaging_cloud.adapters.sql.tables import (
    AUDIT_EVENT,
    CONSENT_DECISION,
    DEVICE,
    DEVICE_CERTIFICATE,
    INSTITUTION,
    TOKEN_REVOCATION,
)
from imaging_cloud.adapters.sql.trail_rows import CONSENT_DECIDED, audit_row
from imaging_cloud.adapters.sql.upserting import upsert_row
from imaging_cloud.domain.access import Consent
from imaging_cloud.domain.errors import Conflict, NotFound
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.patients import PersonFacts, usable_identifier
from imaging_cloud.ports.access_register import (
    AccessRegister,
    Device,
    DeviceCertificate,
    Institution,
)
from imaging_cloud.ports.audit_trail import AuditEvent

_REVOKED = PreparedByDialect(
    select(literal_column("1")).where(
        TOKEN_REVOCATION.c.token_id == bindparam("token", type_=IDENTIFIER)
    )
)


class SqlAccessRegister(AccessRegister):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database
        self._known: set[str] = set()

    def add_institution(self, institution: Institution) -> bool:
        name = clean_text(institution.name, TEXT_LENGTH)

        def add(connection: Connection) -> bool:
            known = connection.execute(_institution(institution.code)).one_or_none()
            if known is not None and known.name == name:
                return False
            upsert_row(connection, INSTITUTION, {"code": institution.code, "name": name})
            return True

        return self._database.write(add)

    def ensure_person(self, identifier: PatientIdentifier, *, at: datetime) -> str:
        wanted = clean_patient_identifier(usable_identifier(identifier) or identifier)

        def ensure(connection: Connection) -> str:
            people = People(connection, [wanted])
            known = people.oldest_with(wanted)
            if known is not None:
                return known
            person_id = people.person_for(PersonFacts(identifiers=(wanted,)))
            people.save(connection, at)
            return person_id

        return self._database.write(ensure)

    def list_institutions(self) -> list[Institution]:
        rows = self._all(select(INSTITUTION).order_by(INSTITUTION.c.code))
        return [Institution(code=row.code, name=row.name) for row in rows]

    def find_institution(self, code: str) -> Institution | None:
        rows = self._all(_institution(code))
        return Institution(code=rows[0].code, name=rows[0].name) if rows else None

    def has_institution(self, code: str) -> bool:
        if code not in self._known and self.find_institution(code) is not None:
            self._known.add(code)
        return code in self._known

    def add_device(self, device: Device) -> bool:
        row = {
            "ae_title": device.ae_title,
            "institution": device.institution,
            "host": device.host,
            "port": device.port,
            "tls": device.tls,
        }

        def add(connection: Connection) -> bool:
            if connection.execute(_institution(device.institution)).one_or_none() is None:
                raise NotFound(f"institution {device.institution} is not known: add it first")
            known = connection.execute(_device(device.ae_title)).one_or_none()
            if known is not None and known.institution != device.institution:
                raise Conflict(f"AE title {device.ae_title} belongs to {known.institution}")
            if known is not None and known._mapping == row:  # noqa: SLF001 - Row's public accessor
                return False
            upsert_row(connection, DEVICE, row)
            return True

        return self._database.write(add)

    def list_devices(self) -> list[Device]:
        return _as_devices(self._all(_devices_and_certificates()))

    def find_device(self, ae_title: str) -> Device | None:
        found = self._all(_devices_and_certificates().where(DEVICE.c.ae_title == ae_title))
        return next(iter(_as_devices(found)), None)

    def bind_certificate(self, certificate: DeviceCertificate) -> bool:
        row = {
            "ae_title": certificate.ae_title,
            "fingerprint": certificate.fingerprint,
            "subject": clean_text(certificate.subject, TEXT_LENGTH),
            "not_after": certificate.not_after,
        }

        def bind(connection: Connection) -> bool:
            device = connection.execute(_device(certificate.ae_title)).one_or_none()
            if device is None:
                raise NotFound(f"device {certificate.ae_title} is not known: add it first")
            others = connection.execute(_holders(certificate.fingerprint)).all()
            for other in others:
                if other.institution != device.institution:
                    raise Conflict(f"the certificate is that of {other.ae_title}, another's device")
            known = any(other.ae_title == certificate.ae_title for other in others)
            upsert_row(connection, DEVICE_CERTIFICATE, row)
            return not known

        return self._database.write(bind)

    def unbind_certificate(self, ae_title: str, fingerprint: str) -> bool:
        bound = delete(DEVICE_CERTIFICATE).where(
            DEVICE_CERTIFICATE.c.ae_title == ae_title,
            DEVICE_CERTIFICATE.c.fingerprint == fingerprint,
        )
        return self._database.write(lambda connection: connection.execute(bound).rowcount > 0)

    def list_certificates(self, ae_title: str | None = None) -> list[DeviceCertificate]:
        certificates = select(DEVICE_CERTIFICATE).order_by(
            DEVICE_CERTIFICATE.c.ae_title, DEVICE_CERTIFICATE.c.fingerprint
        )
        if ae_title is not None:
            certificates = certificates.where(DEVICE_CERTIFICATE.c.ae_title == ae_title)
        return [
            DeviceCertificate(
                ae_title=row.ae_title,
                fingerprint=row.fingerprint,
                subject=row.subject,
                not_after=row.not_after,
            )
            for row in self._all(certificates)
        ]

    def decide_consent(self, consent: Consent) -> None:
        """Durable on return; a repeated call is a second, equal decision."""
        event = AuditEvent(
            at=consent.decided_at,
            action=CONSENT_DECIDED,
            actor=consent.decided_by,
            role="patient",
            institution=consent.institution,
            person_id=consent.person_id,
            detail="granted" if consent.granted else "refused",
        )
        decision = {
            "person_id": consent.person_id,
            "institution": consent.institution,
            "decided_at": consent.decided_at,
            "decision_id": new_id(),
            "granted": consent.granted,
            "decided_by": clean_text(consent.decided_by, TEXT_LENGTH),
        }
        trail = audit_row(event)

        def decide(connection: Connection) -> None:
            connection.execute(insert(CONSENT_DECISION), [decision])
            connection.execute(insert(AUDIT_EVENT), [trail])

        self._database.write(decide)

    def list_consents(self, person_id: str) -> list[Consent]:
        standing: dict[str, Consent] = {}
        for row in self._all(_decisions(person_id)):
            standing.setdefault(row.institution, _consent(row))
        return [standing[institution] for institution in sorted(standing)]

    def list_consent_history(self, person_id: str, limit: int = 200) -> list[Consent]:
        return [_consent(row) for row in self._all(_decisions(person_id).limit(limit))]

    def is_token_revoked(self, token_id: str) -> bool:
        key = clean_text(token_id, IDENTIFIER_LENGTH)
        return bool(self._database.ask(lambda asker: _REVOKED.rows(asker, {"token": key})))

    def revoke_token(self, token_id: str, *, at: datetime) -> None:
        row = {"token_id": clean_text(token_id, IDENTIFIER_LENGTH), "revoked_at": at}
        self._database.write(lambda connection: upsert_row(connection, TOKEN_REVOCATION, row))

    def _all(self, statement: Select[Any]) -> list[Row[Any]]:
        return self._database.read(lambda connection: list(connection.execute(statement)))


def _institution(code: str) -> Select[Any]:
    return select(INSTITUTION).where(INSTITUTION.c.code == code)


def _device(ae_title: str) -> Select[Any]:
    return select(DEVICE).where(DEVICE.c.ae_title == ae_title)


def _holders(fingerprint: str) -> Select[Any]:
    """The devices that a certificate is bound to."""
    return (
        select(DEVICE)
        .join(DEVICE_CERTIFICATE, DEVICE_CERTIFICATE.c.ae_title == DEVICE.c.ae_title)
        .where(DEVICE_CERTIFICATE.c.fingerprint == fingerprint)
    )


def _devices_and_certificates() -> Select[Any]:
    """A row for each certificate, or one without; in one question, for every association asks."""
    bound = DEVICE.outerjoin(DEVICE_CERTIFICATE, DEVICE_CERTIFICATE.c.ae_title == DEVICE.c.ae_title)
    return (
        select(DEVICE, DEVICE_CERTIFICATE.c.fingerprint)
        .select_from(bound)
        .order_by(DEVICE.c.ae_title)
    )


def _as_devices(rows: list[Row[Any]]) -> list[Device]:
    devices: dict[str, Device] = {}
    for row in rows:
        known = devices.get(row.ae_title)
        fingerprints = known.fingerprints if known else frozenset()
        devices[row.ae_title] = Device(
            ae_title=row.ae_title,
            institution=row.institution,
            host=row.host,
            port=row.port,
            tls=row.tls,
            fingerprints=fingerprints | ({row.fingerprint} if row.fingerprint else set()),
        )
    return list(devices.values())


def _decisions(person_id: str) -> Select[Any]:
    """All decisions of a person, the newest first."""
    return (
        select(CONSENT_DECISION)
        .where(CONSENT_DECISION.c.person_id == person_id)
        .order_by(CONSENT_DECISION.c.decided_at.desc(), CONSENT_DECISION.c.decision_id.desc())
    )


def _consent(row: Row[Any]) -> Consent:
    return Consent(
        person_id=row.person_id,
        institution=row.institution,
        granted=row.granted,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )
