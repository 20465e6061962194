"""The access register, audit trail, alert log and harvest ledger, over SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from imaging_cloud.adapters.sql.access_register import SqlAccessRegister
from imaging_cloud.adapters.sql.alert_log import SqlAlertLog
from imaging_cloud.adapters.sql.audit_trail import SqlAuditTrail
from imaging_cloud.adapters.sql.database_errors import IndexRefusal
from imaging_cloud.adapters.sql.engine import IndexDatabase, open_engine
from imaging_cloud.adapters.sql.exam_register import SqlExamRegister
from imaging_cloud.adapters.sql.harvest_ledger import SqlHarvestLedger
from imaging_cloud.adapters.sql.tables import AUDIT_EVENT, CONSENT_DECISION
from imaging_cloud.domain.access import Consent
from imaging_cloud.domain.errors import Conflict, NotFound
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.ports.access_register import Device, DeviceCertificate, Institution
from imaging_cloud.ports.alert_log import LoggedAlert
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.harvest_ledger import HarvestState
from tests.records import NOW, RESIDENT_ID, make_record, open_intake

RESIDENT = PatientIdentifier("CN-RESIDENT-ID", RESIDENT_ID)


@pytest.fixture
def register(database: IndexDatabase) -> SqlAccessRegister:
    return SqlAccessRegister(database)


def test_institutions_are_added_renamed_and_listed(register: SqlAccessRegister) -> None:
    assert register.add_institution(Institution(code="HOSP_B", name="第二医院"))
    assert register.add_institution(Institution(code="HOSP_A", name="One"))
    assert not register.add_institution(Institution(code="HOSP_A", name="One"))
    assert register.add_institution(Institution(code="HOSP_A", name="First"))

    assert register.list_institutions() == [
        Institution(code="HOSP_A", name="First"),
        Institution(code="HOSP_B", name="第二医院"),
    ]
    assert register.find_institution("HOSP_B") == Institution(code="HOSP_B", name="第二医院")
    assert register.find_institution("hosp_b") is None


def test_devices_belong_to_one_institution(register: SqlAccessRegister) -> None:
    for code in ("HOSP_A", "HOSP_B"):
        register.add_institution(Institution(code=code, name=code))
    device = Device(ae_title="CT1", institution="HOSP_A")
    placed = Device(ae_title="CT1", institution="HOSP_A", host="10.0.0.7", port=104)

    assert register.add_device(device)
    assert not register.add_device(device)
    assert register.add_device(placed)

    assert register.find_device("CT1") == placed
    assert register.list_devices() == [placed]
    assert register.find_device("CT2") is None
    with pytest.raises(Conflict, match="HOSP_A"):
        register.add_device(Device(ae_title="CT1", institution="HOSP_B"))
    with pytest.raises(NotFound):
        register.add_device(Device(ae_title="CT9", institution="HOSP_X"))


def test_certificates_are_bound_to_devices_of_one_institution(register: SqlAccessRegister) -> None:
    for code, title in (("HOSP_A", "CT1"), ("HOSP_A", "CT2"), ("HOSP_B", "CT9")):
        register.add_institution(Institution(code=code, name=code))
        register.add_device(Device(ae_title=title, institution=code))
    first = DeviceCertificate(
        ae_title="CT1", fingerprint="a" * 64, subject="CN=ct1", not_after=NOW + timedelta(days=9)
    )
    second = DeviceCertificate(ae_title="CT1", fingerprint="b" * 64)

    assert register.bind_certificate(first)
    assert not register.bind_certificate(first)
    assert register.bind_certificate(second)
    assert register.bind_certificate(replace(second, ae_title="CT2"))

    assert register.list_certificates("CT1") == [first, second]
    assert [each.ae_title for each in register.list_certificates()] == ["CT1", "CT1", "CT2"]
    device = register.find_device("CT1")
    assert device is not None
    assert device.fingerprints == {"a" * 64, "b" * 64}
    assert [len(each.fingerprints) for each in register.list_devices()] == [2, 1, 0]
    with pytest.raises(Conflict, match="CT1"):
        register.bind_certificate(replace(first, ae_title="CT9"))
    with pytest.raises(NotFound):
        register.bind_certificate(replace(first, ae_title="CT3"))

    assert register.unbind_certificate("CT1", "a" * 64)
    assert not register.unbind_certificate("CT1", "a" * 64)
    assert register.list_certificates("CT1") == [second]


def consent(granted: bool, *, minutes: int = 0, institution: str = "HOSP_B") -> Consent:
    return Consent(
        person_id="p1",
        institution=institution,
        granted=granted,
        decided_at=NOW + timedelta(minutes=minutes),
        decided_by="CN-RESIDENT-ID",
    )


def test_the_newest_decision_counts_and_all_are_kept(
    register: SqlAccessRegister, database: IndexDatabase
) -> None:
    decisions = [
        consent(True, minutes=1),
        consent(False, minutes=3),
        consent(True, minutes=2),
        consent(True, minutes=1, institution="HOSP_C"),
    ]
    for each in decisions:
        register.decide_consent(each)

    assert register.list_consents("p1") == [decisions[1], decisions[3]]
    assert register.list_consent_history("p1")[:2] == [decisions[1], decisions[2]]
    assert len(register.list_consent_history("p1", limit=3)) == 3
    assert register.list_consents("p2") == []
    events = SqlAuditTrail(database).list_events_of("p1")
    assert [event.detail for event in events][:2] == ["refused", "granted"]
    assert {event.action for event in events} == {"consent-decided"}


def test_revoked_tokens_stay_revoked(register: SqlAccessRegister) -> None:
    assert not register.is_token_revoked("t1")
    register.revoke_token("t1", at=NOW)
    register.revoke_token("t1", at=NOW)
    assert register.is_token_revoked("t1")
    assert not register.is_token_revoked("t2")


def test_a_person_is_made_once_and_then_found(
    register: SqlAccessRegister, database: IndexDatabase
) -> None:
    made = register.ensure_person(RESIDENT, at=NOW)
    written = PatientIdentifier("CN-RESIDENT-ID", f" {RESIDENT_ID.lower()}")

    assert register.ensure_person(written, at=NOW) == made
    intake = open_intake(database)
    intake.record_instance(make_record(other_identifiers=(RESIDENT,)))
    intake.close()
    answer = SqlExamRegister(database).find_exams_of([RESIDENT], asking_institution="HOSP_A")
    assert [person.person_id for person in answer.persons] == [made]
    assert [exam.person_id for exam in answer.exams] == [made]


def test_many_at_once_make_one_person(database_url: str) -> None:
    databases = [open_engine(database_url) for _ in range(4)]
    registers = [SqlAccessRegister(each) for each in databases]
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda n: registers[n % 4].ensure_person(RESIDENT, at=NOW), range(24)))

    assert len(made) == 1
    for each in databases:
        each.close()


def test_events_come_back_newest_first_and_cannot_be_changed(database: IndexDatabase) -> None:
    trail = SqlAuditTrail(database)
    events = [
        AuditEvent(
            at=NOW + timedelta(minutes=minute),
            action="study-viewed",
            actor="dr-li",
            role="physician",
            institution="HOSP_B",
            study_uid="1.2.3",
            person_id="p1",
            detail="x\x00y",
        )
        for minute in range(3)
    ]
    for each in events:
        trail.append_event(each)
    trail.append_event(AuditEvent(at=NOW, action="log-in", actor="x", role="admin"))

    listed = trail.list_events_of("p1")
    assert [event.at for event in listed] == [event.at for event in reversed(events)]
    assert listed[0].detail == "xy"
    assert len(trail.list_events_of("p1", limit=2)) == 2
    for table in (AUDIT_EVENT, CONSENT_DECISION):
        SqlAccessRegister(database).decide_consent(consent(True))
        for statement in (delete(table), update(table).values(institution="HOSP_X")):
            with pytest.raises(IndexRefusal), database.writing() as connection:
                connection.execute(statement)


def test_an_alert_is_found_by_its_id(database: IndexDatabase) -> None:
    log = SqlAlertLog(database)
    alert = LoggedAlert(
        alert_id="a1",
        at=NOW,
        institution="HOSP_B",
        actor="his",
        outcome="duplicate",
        rules_version="1",
        catalogue_version="1",
        person_id="p1",
        item="CT CHEST",
        inputs={"order": {"name": "胸部CT平扫"}, "facts": {"eGFR": None}},
        answer={"matches": [{"ageDays": 12}]},
    )

    event = AuditEvent(at=NOW, action="order-check", actor="his", role="service", person_id="p1")
    log.add_alerts([(alert, event)])

    assert [event.action for event in SqlAuditTrail(database).list_events_of("p1")] == [
        "order-check"
    ]
    assert log.find_alert("a1") == alert
    assert log.find_alert("a2") is None


def test_a_harvest_goes_on_where_it_stood(database: IndexDatabase) -> None:
    ledger = SqlHarvestLedger(database)
    state = HarvestState(
        archive="http://127.0.0.1:8042",
        institution="HOSP_A",
        archive_identity="x",
        cursor=2**40,
        updated_at=NOW,
    )
    later = HarvestState(
        archive=state.archive,
        institution="HOSP_A",
        archive_identity="y",
        cursor=2,
        updated_at=NOW + timedelta(1),
    )

    assert ledger.find_state(state.archive, "HOSP_A") is None
    ledger.save_state(state)
    assert ledger.find_state(state.archive, "HOSP_A") == state
    ledger.save_state(later)
    assert ledger.find_state(state.archive, "HOSP_A") == later
    assert ledger.find_state(state.archive, "HOSP_B") is None


def test_a_recorded_instance_need_not_be_fetched(database: IndexDatabase) -> None:
    ledger = SqlHarvestLedger(database)
    intake = open_intake(database)
    intake.record_instance(make_record())
    intake.close()

    assert ledger.has_instance("HOSP_A", "1.2.3.1.1")
    assert not ledger.has_instance("HOSP_B", "1.2.3.1.1")
