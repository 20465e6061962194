"""One batch of instances in one transaction: what is known, what each record is, what is written.

Everything that is known of a batch's keys is read in bulk, each record is judged against it in
the order of arrival (so two records of one UID inside a batch meet as well), and what follows is
written with one statement per table.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table

from imaging_cloud.adapters.sql.column_types import clean_text
from imaging_cloud.adapters.sql.driver import Driver, Question, SqliteDriver
from imaging_cloud.adapters.sql.exam_rows import ExamRules
from imaging_cloud.adapters.sql.intake_rows import (
    Row,
    add_to_list,
    codes_to_json,
    image_laterality,
    instance_row,
    series_evidence,
    series_row,
    study_expectation,
    study_row,
)
from imaging_cloud.adapters.sql.listing import read_list
from imaging_cloud.adapters.sql.people import clean_patient
from imaging_cloud.adapters.sql.table_base import TEXT_LENGTH
from imaging_cloud.adapters.sql.tables import INSTANCE, SERIES, STUDY
from imaging_cloud.adapters.sql.trail_rows import quarantine_refusal
from imaging_cloud.domain.imaging import PatientAttributes
from imaging_cloud.domain.patients import PersonFacts, facts_of_study
from imaging_cloud.ports.intake import (
    AlreadyRecorded,
    Clashes,
    Differs,
    InstanceRecord,
    Recorded,
    RecordOutcome,
    Refusal,
)

Key = tuple[str, str]  # institution, UID


_UIDS = {INSTANCE: "sop_instance_uid", SERIES: "series_uid", STUDY: "study_uid"}
# What neither judging nor describing nor writing back asks for is not read.
_UNREAD = {
    "patient_name",
    "name_alphabetic",
    "name_ideographic",
    "name_phonetic",
    "name_words",
    "birth_date",
    "sex",
    "accession_number",
    "study_id",
    "referring_physician",
    "referring_search",
    "first_received_at",
}
_COLUMNS = {
    INSTANCE: (
        *("sop_instance_uid", "study_uid", "series_uid", "sop_class_uid"),
        *("transfer_syntax_uid", "sha256"),
    ),
    SERIES: tuple(SERIES.c.keys()),
    STUDY: tuple(name for name in STUDY.c.keys() if name not in _UNREAD),  # noqa: SIM118
}


@dataclass(slots=True)
class StudyInBatch:
    """A study that the batch touches. `facts` are there for a new one, whose person is sought."""

    row: Row
    facts: PersonFacts | None = None
    added: int = 0
    series_added: int = 0
    evidence_changed: bool = False
    received: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.facts is not None


@dataclass(slots=True)
class SeriesInBatch:
    row: Row
    is_new: bool = False
    added: int = 0
    evidence_changed: bool = False


@dataclass(slots=True)
class Batch:
    """What the index knows of a batch's keys, and what the batch adds to it."""

    rules: ExamRules
    driver: Driver
    instances: dict[Key, Row] = field(default_factory=dict)
    series: dict[Key, SeriesInBatch] = field(default_factory=dict)
    studies: dict[Key, StudyInBatch] = field(default_factory=dict)
    new_instances: list[Row] = field(default_factory=list)


def load_batch(
    connection: Connection, records: Sequence[InstanceRecord], rules: ExamRules
) -> Batch:
    """Lock the studies of the records and read what is known of their keys."""
    asked = {table: _keys_of(records, table) for table in (INSTANCE, SERIES, STUDY)}
    driver = _driver_of(connection)
    known = _known(driver, asked)
    return Batch(
        rules=rules,
        driver=driver,
        instances=known[INSTANCE],
        series={key: SeriesInBatch(row) for key, row in known[SERIES].items()},
        studies={key: StudyInBatch(row) for key, row in known[STUDY].items()},
    )


def _driver_of(connection: Connection) -> Driver:
    if connection.dialect.name != "postgresql":
        return SqliteDriver(connection)
    # An index in SQLite starts without psycopg.
    from imaging_cloud.adapters.sql.postgres_driver import PostgresDriver  # noqa: PLC0415

    return PostgresDriver(connection)


def _keys_of(records: Sequence[InstanceRecord], table: Table) -> set[Key]:
    level = {INSTANCE: "instance", SERIES: "series", STUDY: "study"}[table]
    return {
        (each.origin.institution, getattr(getattr(each.header, level), _UIDS[table]))
        for each in records
    }


def _known(driver: Driver, asked: Mapping[Table, set[Key]]) -> dict[Table, dict[Key, Row]]:
    """Rows under any of the keys, by table and key; the studies are locked first."""
    questions = [
        Question(table, _UIDS[table], _COLUMNS[table], institution, uids)
        for table, keys in asked.items()
        for institution, uids in _by_institution(keys)
    ]
    locks = [f"study|{institution}|{uid}" for institution, uid in asked[STUDY]]
    found: dict[Table, dict[Key, Row]] = {table: {} for table in asked}
    for each, rows in zip(questions, driver.find(questions, locks), strict=True):
        found[each.table].update({(each.institution, row[each.uid]): row for row in rows})
    return found


def _by_institution(keys: set[Key]) -> Iterable[tuple[str, list[str]]]:
    uids: dict[str, list[str]] = {}
    for institution, value in sorted(keys):
        uids.setdefault(institution, []).append(value)
    return uids.items()


def judge_record(connection: Connection, batch: Batch, record: InstanceRecord) -> RecordOutcome:
    """Say what the record is, and take it into the batch when it is new."""
    row = instance_row(record)
    known = batch.instances.get((row["institution"], row["sop_instance_uid"]))
    patient = clean_patient(record.header.patient)
    clash = _clash(batch, row, known, patient)
    if known is not None and _same_bytes(known, row):
        return AlreadyRecorded()
    if clash:
        return Clashes(_quarantine(connection, record, "clash", clash), clash)
    if known is not None:
        message = "other bytes are stored under this SOP Instance UID"
        return Differs(_quarantine(connection, record, "differs", message))
    _take_in(batch, record, row, patient)
    return Recorded()


def _same_bytes(known: Row, row: Row) -> bool:
    return (known["sha256"], known["transfer_syntax_uid"]) == (
        row["sha256"],
        row["transfer_syntax_uid"],
    )


def _clash(batch: Batch, row: Row, known: Row | None, patient: PatientAttributes) -> str:
    """Why the record cannot belong where it says it does; "" when it can."""
    institution = row["institution"]
    if known is not None:
        for column, keyword in (
            ("study_uid", "study"),
            ("series_uid", "series"),
            ("sop_class_uid", "SOP class"),
        ):
            if known[column] != row[column]:
                return f"SOPInstanceUID is known in another {keyword}"
    series = batch.series.get((institution, row["series_uid"]))
    if series is not None and series.row["study_uid"] != row["study_uid"]:
        return "SeriesInstanceUID is known in another study"
    study = batch.studies.get((institution, row["study_uid"]))
    if study is not None and _is_other_patient(study.row, patient):
        return "StudyInstanceUID is known with another PatientID"
    return ""


def _is_other_patient(study: Row, patient: PatientAttributes) -> bool:
    """Whether the numbers differ, or their issuers where both are said.

    Archives leave IssuerOfPatientID out of objects whose modality wrote it into others of the
    same study.
    """
    if study["patient_id"] != patient.patient_id:
        return True
    return bool(study["issuer"] and patient.issuer and study["issuer"] != patient.issuer)


def _quarantine(connection: Connection, record: InstanceRecord, cause: str, message: str) -> str:
    return quarantine_refusal(
        connection,
        Refusal(
            origin=record.origin,
            cause=cause,
            message=message,
            sop_instance_uid=record.header.instance.sop_instance_uid,
            object_key=record.object_key,
            size=record.size,
            received_at=record.received_at,
        ),
    )


def _take_in(batch: Batch, record: InstanceRecord, row: Row, patient: PatientAttributes) -> None:
    institution = row["institution"]
    batch.instances[institution, row["sop_instance_uid"]] = row
    batch.new_instances.append(row)
    study = _study_of(batch, record, patient)
    series = _series_of(batch, record, study)
    study.added += 1
    series.added += 1
    via = (record.origin.source, record.origin.kind)
    study.received[via] = study.received.get(via, 0) + 1
    study.row["last_received_at"] = max(study.row["last_received_at"], record.received_at)
    _learn(study, series, record)


def take_in_regardless(batch: Batch, record: InstanceRecord) -> None:
    """Take the record in because a person said so, whatever judge_record would find."""
    _take_in(batch, record, instance_row(record), clean_patient(record.header.patient))


def _study_of(batch: Batch, record: InstanceRecord, patient: PatientAttributes) -> StudyInBatch:
    institution = record.origin.institution
    key = (institution, record.header.study.study_uid)
    study = batch.studies.get(key)
    if study is None:
        facts = facts_of_study(patient, institution)
        study = StudyInBatch(study_row(record, patient), facts=facts, evidence_changed=True)
        batch.studies[key] = study
    return study


def _series_of(batch: Batch, record: InstanceRecord, study: StudyInBatch) -> SeriesInBatch:
    key = (record.origin.institution, record.header.series.series_uid)
    series = batch.series.get(key)
    if series is None:
        series = SeriesInBatch(series_row(record), is_new=True)
        batch.series[key] = series
        study.series_added += 1
        study.evidence_changed = True
    return series


def _learn(study: StudyInBatch, series: SeriesInBatch, record: InstanceRecord) -> None:
    """Fill in evidence that earlier instances left empty; what is known stays."""
    for column, value in series_evidence(record.header.series).items():
        if value and not series.row[column]:
            series.row[column] = value
            series.evidence_changed = study.evidence_changed = True
    for column, value in (
        ("description", clean_text(record.header.study.description, TEXT_LENGTH)),
        ("procedure_codes", codes_to_json(record.header.study.procedure_codes)),
        *study_expectation(record.header.study).items(),
    ):
        if value and not study.row[column]:
            study.row[column] = value
            study.evidence_changed = True
    for column, value in (
        ("modalities", series.row["modality"]),
        ("image_lateralities", image_laterality(record)),
    ):
        longer = add_to_list(study.row[column], read_list(study.row[column]), value)
        if longer != study.row[column]:
            study.row[column] = longer
            study.evidence_changed = True
