"""The catalogue contract, over SQLite and PostgreSQL: mappings, re-describing, the work list."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from imaging_cloud.adapters.sql.catalogue import SqlCatalogue
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_register import SqlExamRegister
from imaging_cloud.adapters.sql.exam_rows import ExamRules
from imaging_cloud.adapters.sql.intake import SqlIntake
from imaging_cloud.adapters.sql.outbox import SqlOutbox
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamEvidence,
    ExamModality,
    ProcedureCode,
    Region,
)
from imaging_cloud.domain.exams.mapping import CatalogueItem
from tests.records import NOW, RULES, make_record, open_intake

ODD = "特检三号"
# A series that tells no place either.
SILENT = {"body_part": "", "series_description": "", "protocol_name": ""}
LATER = NOW + timedelta(hours=1)


def item(name: str = ODD, institution: str = "HOSP_A", **said: object) -> CatalogueItem:
    given = {"modality": ExamModality.MR, "regions": (Region.KNEE,), **said}
    return CatalogueItem(institution=institution, name=name, **given)  # type: ignore[arg-type]


@pytest.fixture
def catalogue(database: IndexDatabase) -> SqlCatalogue:
    return SqlCatalogue(database, fresh_seconds=0)


@pytest.fixture
def intake(database: IndexDatabase, catalogue: SqlCatalogue) -> Iterator[SqlIntake]:
    opened = open_intake(database, describe=catalogue.describe)
    yield opened
    opened.close()


@pytest.fixture
def outbox(database: IndexDatabase, catalogue: SqlCatalogue) -> SqlOutbox:
    rules = ExamRules(region=RULES.region, describe=catalogue.describe, version="test-2")
    return SqlOutbox(database, rules)


def settle(outbox: SqlOutbox) -> int:
    studies = outbox.take_settled(LATER, 1000)
    for study in studies:
        outbox.settle_study(study, at=LATER)
    return len(studies)


def save(catalogue: SqlCatalogue, *items: CatalogueItem, replace: bool = False) -> tuple[int, ...]:
    institution = items[0].institution if items else "HOSP_A"
    saved = catalogue.save_items(institution, items, replace=replace, at=NOW)
    return (saved.added, saved.changed, saved.removed, saved.unchanged, saved.version)


def meaning_of(register: SqlExamRegister, study_uid: str) -> tuple[str, tuple[str, ...], str]:
    (exam,) = register.explain_exams(study_uid)
    words = dict(exam.because).get("regions", "")
    return exam.descriptor.modality.value, tuple(exam.descriptor.regions), words


def test_a_mapping_takes_effect_on_studies_already_there(
    database: IndexDatabase, intake: SqlIntake, outbox: SqlOutbox, catalogue: SqlCatalogue
) -> None:
    register = SqlExamRegister(database)
    intake.record_instance(make_record(1, study="1.2.3", description="特检 三号", **SILENT))
    intake.record_instance(make_record(2, study="1.2.4", description="胸部CT平扫"))
    settle(outbox)
    assert meaning_of(register, "1.2.3") == ("CT", (), "")

    saved = catalogue.save_items("HOSP_A", [item(name="特检 三号")], replace=False, at=NOW)

    assert saved.studies == 1
    assert settle(outbox) == 1
    assert meaning_of(register, "1.2.3") == ("MR", ("KNEE",), "mapping: 特检 三号")
    assert meaning_of(register, "1.2.4")[:2] == ("CT", ("CHEST",))


def test_a_removed_mapping_gives_the_study_back_to_the_rules(
    database: IndexDatabase, intake: SqlIntake, outbox: SqlOutbox, catalogue: SqlCatalogue
) -> None:
    save(catalogue, item())
    intake.record_instance(make_record(1, description=ODD, **SILENT))
    settle(outbox)
    assert meaning_of(SqlExamRegister(database), "1.2.3")[0] == "MR"

    assert save(catalogue, replace=True) == (0, 0, 1, 0, 2)

    assert settle(outbox) == 1
    assert meaning_of(SqlExamRegister(database), "1.2.3") == ("CT", (), "")


def test_the_same_items_again_change_nothing(catalogue: SqlCatalogue) -> None:
    assert save(catalogue, item(), item(name="乙")) == (2, 0, 0, 0, 1)
    assert save(catalogue, item(), item(name="乙")) == (0, 0, 0, 2, 1)
    assert save(catalogue, item(contrast=Contrast.WITH)) == (0, 1, 0, 0, 2)
    assert [each.contrast for each in catalogue.list_items("HOSP_A")] == [None, Contrast.WITH]
    assert catalogue.list_items("HOSP_B") == ()


def test_another_process_sees_the_new_mapping(
    database: IndexDatabase, catalogue: SqlCatalogue
) -> None:
    other = SqlCatalogue(database, fresh_seconds=0)
    evidence = ExamEvidence(name=ODD, institution="HOSP_A")
    assert other.describe(evidence).descriptor.regions == ()

    save(catalogue, item())

    assert other.describe(evidence).descriptor.regions == (Region.KNEE,)


def test_the_own_item_goes_before_the_regions_and_the_code_before_the_name(
    catalogue: SqlCatalogue,
) -> None:
    save(catalogue, item(institution="", regions=(Region.HEAD,)))
    save(catalogue, item())
    save(catalogue, CatalogueItem(institution="HOSP_A", code="X9", regions=(Region.FOOT,)))

    def regions(institution: str, *codes: str) -> tuple[Region, ...]:
        coded = tuple(ProcedureCode(value=code, scheme="99L") for code in codes)
        evidence = ExamEvidence(name=ODD, procedure_codes=coded, institution=institution)
        return catalogue.describe(evidence).descriptor.regions

    assert regions("HOSP_B") == (Region.HEAD,)
    assert regions("HOSP_A") == (Region.KNEE,)
    assert regions("HOSP_A", "X9") == (Region.FOOT,)


def test_every_field_comes_back(catalogue: SqlCatalogue) -> None:
    whole = item(focus="", angio=False, contrast=Contrast.ORAL, regions=())
    save(catalogue, whole)

    assert catalogue.list_items() == (whole,)


def test_the_work_list_has_unread_studies_and_orders_until_they_are_mapped(
    intake: SqlIntake, outbox: SqlOutbox, catalogue: SqlCatalogue
) -> None:
    for number in (1, 2, 3):
        intake.record_instance(
            make_record(number, study=f"1.2.{number}", description=ODD, **SILENT)
        )
    intake.record_instance(make_record(4, study="1.2.9", description="胸部CT平扫"))
    settle(outbox)
    for _ in range(2):
        catalogue.note_unread_order("HOSP_B", "某检查", "", ("modality", "regions"), NOW)

    found = [
        (each.institution, each.name, each.seen_as, each.missing, each.times)
        for each in catalogue.list_unread(None, 10)
    ]

    assert found == [
        ("HOSP_A", ODD, "study", ("regions",), 3),
        ("HOSP_B", "某检查", "order", ("modality", "regions"), 2),
    ]
    assert [each.name for each in catalogue.list_unread("HOSP_B", 10)] == ["某检查"]
    save(catalogue, item(name="某检查", institution="HOSP_B"))
    assert [each.name for each in catalogue.list_unread(None, 10)] == [ODD]


def test_with_the_index_away_the_last_mapping_goes_on(
    database: IndexDatabase, catalogue: SqlCatalogue
) -> None:
    save(catalogue, item())
    evidence = ExamEvidence(name=ODD, institution="HOSP_A")
    assert catalogue.describe(evidence).descriptor.regions == (Region.KNEE,)

    database.reader.dispose()
    away = SqlCatalogue(IndexDatabase("postgresql://nobody@127.0.0.1:1/none"), fresh_seconds=0)

    assert away.describe(evidence).descriptor.regions == ()
    assert catalogue.describe(evidence).descriptor.regions == (Region.KNEE,)
