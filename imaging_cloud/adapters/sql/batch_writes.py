"""Writing a judged batch: one statement per table, rows in key order.

New rows are plain inserts: a key that another process was faster with is a unique violation,
after which the whole batch is done again against what is known then. (The studies are locked
first, so on PostgreSQL it hardly happens.) Counters are raised in SQL by what was inserted.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Table, Update, bindparam, select, update

from imaging_cloud.adapters.sql.batch import Batch, Key, SeriesInBatch, StudyInBatch
from imaging_cloud.adapters.sql.driver import Driver
from imaging_cloud.adapters.sql.exam_rows import meaning_columns
from imaging_cloud.adapters.sql.intake_rows import Row
from imaging_cloud.adapters.sql.people import People
from imaging_cloud.adapters.sql.received_events import ReceivedEvents, Sending
from imaging_cloud.adapters.sql.tables import AUDIT_EVENT, EXAM, INSTANCE, OUTBOX, SERIES, STUDY
from imaging_cloud.adapters.sql.trail_rows import INSTANCES_RECEIVED, arrival_row, audit_row
from imaging_cloud.ports.audit_trail import AuditEvent

_MEANING = (
    *("performed_at", "modality", "regions", "focus", "laterality", "contrast", "angio"),
    *("purpose", "description", "because", "rules_version"),
)


def _update_of(table: Table, uid: str, set_to: Iterable[str], raise_by: Iterable[str]) -> Update:
    """Update one row by key, for executemany: bound names are the columns' with `new_` before."""
    return (
        update(table)
        .where(table.c.institution == bindparam("at_institution"), table.c[uid] == bindparam("uid"))
        .values(
            {
                **{name: bindparam(f"new_{name}", type_=table.c[name].type) for name in set_to},
                **{name: table.c[name] + bindparam(f"new_{name}") for name in raise_by},
            }
        )
    )


_STUDY_CHANGES = [
    "description",
    "procedure_codes",
    "image_lateralities",
    "modalities",
    "series_expected",
    "instances_expected",
    "last_received_at",
]
# Of a known study or series most instances change nothing but these.
_COUNT_STUDY = _update_of(
    STUDY, "study_uid", ("last_received_at",), ("series_count", "instance_count")
)
_COUNT_SERIES = _update_of(SERIES, "series_uid", (), ("instance_count",))
_SERIES_CHANGES = [
    *("description", "protocol_name", "body_part", "laterality", "contrast_agent"),
    "instances_expected",
]
_UPDATE_STUDY = _update_of(STUDY, "study_uid", _STUDY_CHANGES, ("series_count", "instance_count"))
_UPDATE_SERIES = _update_of(SERIES, "series_uid", _SERIES_CHANGES, ("instance_count",))
_UPDATE_EXAM = _update_of(EXAM, "study_uid", ("last_received_at",), ("instance_count",))
_UPDATE_EXAM_MEANING = _update_of(
    EXAM, "study_uid", ("last_received_at", *_MEANING), ("instance_count",)
)


def write_batch(
    connection: Connection, batch: Batch, at: datetime, events: ReceivedEvents, *, commits: bool
) -> list[Sending]:
    """Write everything that the records taken into the batch change, if there are any.

    `commits`: it may commit as well, as nothing follows in this transaction. Returns what the
    trail was told, to be noted in `events` once the batch is committed.
    """
    touched = sorted(key for key, each in batch.studies.items() if each.added)
    studies = [batch.studies[key] for key in touched]
    if not studies:
        return []
    driver = batch.driver
    _find_persons(connection, studies, at)
    meanings = _meanings(connection, batch, studies)
    with driver.together(commits=commits):
        driver.insert(INSTANCE, sorted(batch.new_instances, key=_instance_key))
        _write_series(batch)
        _write_studies(driver, studies)
        _write_exams(driver, studies, meanings)
        due = [each for study in studies for each in _due(study, events, at)]
        driver.insert(AUDIT_EVENT, [_audit(study, sending, at) for study, sending in due])
        driver.insert_missing(
            OUTBOX,
            [arrival_row(each.row["institution"], each.row["study_uid"], at) for each in studies],
        )
    return [sending for _, sending in due]


def _instance_key(row: Row) -> tuple[str, str]:
    return (row["institution"], row["sop_instance_uid"])


def _find_persons(connection: Connection, studies: list[StudyInBatch], at: datetime) -> None:
    """Give each new study its person, once; later instances never change it."""
    new = [(each, each.facts) for each in studies if each.facts is not None]
    if not new:
        return
    people = People(connection, [one for _, facts in new for one in facts.identifiers])
    for study, facts in new:
        study.row["person_id"] = people.person_for(facts)
    people.save(connection, at)


def _write_series(batch: Batch) -> None:
    keys = sorted(key for key, each in batch.series.items() if each.added)
    touched = [batch.series[key] for key in keys]
    batch.driver.insert(
        SERIES,
        [{**each.row, "instance_count": each.added} for each in touched if each.is_new],
    )
    known = [each for each in touched if not each.is_new]
    for statement, changed in ((_UPDATE_SERIES, True), (_COUNT_SERIES, False)):
        rows = [_series_change(each) for each in known if each.evidence_changed is changed]
        batch.driver.run(statement, rows)


def _series_change(series: SeriesInBatch) -> Row:
    row = {
        "at_institution": series.row["institution"],
        "uid": series.row["series_uid"],
        "new_instance_count": series.added,
    }
    if series.evidence_changed:
        row |= {f"new_{name}": series.row[name] for name in _SERIES_CHANGES}
    return row


def _write_studies(driver: Driver, studies: list[StudyInBatch]) -> None:
    driver.insert(
        STUDY,
        [
            {**each.row, "series_count": each.series_added, "instance_count": each.added}
            for each in studies
            if each.is_new
        ],
    )
    known = [each for each in studies if not each.is_new]
    for statement, changed in ((_UPDATE_STUDY, True), (_COUNT_STUDY, False)):
        rows = [_study_change(each) for each in known if each.evidence_changed is changed]
        driver.run(statement, rows)


def _study_change(study: StudyInBatch) -> Row:
    row = {**_key_of(study), "new_series_count": study.series_added}
    if study.evidence_changed:
        row |= {f"new_{name}": study.row[name] for name in _STUDY_CHANGES}
    return row


def _key_of(study: StudyInBatch) -> Row:
    return {
        "at_institution": study.row["institution"],
        "uid": study.row["study_uid"],
        "new_instance_count": study.added,
        "new_last_received_at": study.row["last_received_at"],
    }


def _meanings(connection: Connection, batch: Batch, studies: list[StudyInBatch]) -> dict[Key, Row]:
    """Work out the meaning of studies whose evidence is new."""
    changed = [each for each in studies if each.evidence_changed]
    series = _series_by_study(connection, batch, changed)
    return {
        key: meaning_columns(each.row, series[key], batch.rules)
        for each in changed
        for key in (_study_key(each),)
    }


def _write_exams(driver: Driver, studies: list[StudyInBatch], meanings: Mapping[Key, Row]) -> None:
    """Where no evidence is new only the counters move."""
    new, rewritten, counted = [], [], []
    for each in studies:
        meaning = meanings.get(_study_key(each))
        if meaning is None:
            counted.append(_key_of(each))
        elif each.is_new:
            new.append(_new_exam(each, meaning))
        else:
            rewritten.append({**_key_of(each), **{f"new_{k}": v for k, v in meaning.items()}})
    driver.insert(EXAM, new)
    driver.run(_UPDATE_EXAM_MEANING, rewritten)
    driver.run(_UPDATE_EXAM, counted)


def _study_key(study: StudyInBatch) -> tuple[str, str]:
    return (study.row["institution"], study.row["study_uid"])


def _series_by_study(
    connection: Connection, batch: Batch, studies: list[StudyInBatch]
) -> dict[tuple[str, str], list[Row]]:
    """All series rows of the studies, as the batch leaves them."""
    found: dict[tuple[str, str], list[Row]] = {_study_key(each): [] for each in studies}
    for series in batch.series.values():
        key = (series.row["institution"], series.row["study_uid"])
        if key in found:
            found[key].append(series.row)
    for each in studies:
        if each.is_new:
            continue
        institution, study_uid = _study_key(each)
        in_hand = {row["series_uid"] for row in found[institution, study_uid]}
        statement = select(SERIES).where(
            SERIES.c.institution == institution, SERIES.c.study_uid == study_uid
        )
        for row in connection.execute(statement).mappings():
            if row["series_uid"] not in in_hand:
                found[institution, study_uid].append(dict(row))
    return found


def _new_exam(study: StudyInBatch, meaning: Row) -> Row:
    row = study.row
    return {
        "institution": row["institution"],
        "study_uid": row["study_uid"],
        "person_id": row["person_id"],
        "instance_count": study.added,
        "first_received_at": row["first_received_at"],
        "last_received_at": row["last_received_at"],
        **meaning,
    }


def _due(
    study: StudyInBatch, events: ReceivedEvents, at: datetime
) -> list[tuple[StudyInBatch, Sending]]:
    """The senders of the study in this batch of whom the trail has not just been told."""
    place = (study.row["institution"], study.row["study_uid"])
    sendings = ((*place, source, kind) for source, kind in study.received)
    return [(study, each) for each in sendings if events.is_due(each, at)]


def _audit(study: StudyInBatch, sending: Sending, at: datetime) -> Row:
    institution, study_uid, source, kind = sending
    return audit_row(
        AuditEvent(
            at=at,
            action=INSTANCES_RECEIVED,
            actor=source,
            role=kind,
            institution=institution,
            study_uid=study_uid,
            person_id=study.row["person_id"],
            detail=f"{study.received[source, kind]} instances",
        )
    )
