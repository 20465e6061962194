"""The recognition register on both engines: the table, the areas, and what is not at hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.recognition import SqlRecognition
from imaging_cloud.domain.exams.descriptor import ExamModality
from imaging_cloud.domain.recognition import Level, RecognisedItem
from imaging_cloud.domain.retrieval import Retrieval

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CITY = RecognisedItem(
    institution="HOSP_A",
    modality=ExamModality.CT,
    region="CHEST",
    contrast="plain",
    level=Level.CITY,
    area="杭州",
    days=30,
    since=date(2026, 1, 1),
    source="x",
)
UNION = RecognisedItem(modality=ExamModality.MR, level=Level.UNION, area="长三角")


def test_the_table_is_kept_changed_and_replaced(database: IndexDatabase) -> None:
    register, other = (SqlRecognition(database, fresh_seconds=0) for _ in range(2))

    first = register.save_items([CITY, UNION], replace=False, at=NOW)
    again = register.save_items([CITY, UNION], replace=True, at=NOW)
    longer = register.save_items([replace(CITY, days=60)], replace=True, at=NOW)

    assert (first.added, first.version) == (2, 1)
    assert (again.unchanged, again.version) == (2, 1)
    assert (longer.changed, longer.removed, longer.version) == (1, 1, 2)
    assert register.list_items() == (replace(CITY, days=60),)
    assert (len(other.table()), other.table().version) == (1, 2)


def test_an_institution_lies_in_areas_until_it_does_not(database: IndexDatabase) -> None:
    register = SqlRecognition(database, fresh_seconds=0)

    assert register.save_areas("HOSP_B", ["浙江", "宁波"], at=NOW)
    assert not register.save_areas("HOSP_B", ["宁波", "浙江"], at=NOW)
    assert register.list_areas() == {"HOSP_B": frozenset({"宁波", "浙江"})}
    assert register.save_areas("HOSP_B", [], at=NOW)
    assert register.list_areas() == {}
    assert register.table().version == 2


def test_a_study_that_is_not_there_cannot_be_taken_offline(database: IndexDatabase) -> None:
    register = SqlRecognition(database)

    assert not register.note_retrieval("HOSP_A", "1.2.3", Retrieval.OFFLINE)
    assert register.list_not_at_hand() == []
