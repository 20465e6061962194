"""A patient's studies as cards of a page, for the portal and for whoever has a link."""

from dataclasses import dataclass

from fastapi import Request

from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.imaging_index import StudyRow
from imaging_cloud.use_cases.describe_own import describe_own
from imaging_cloud.web.calls import cloud_of, scope_of_call
from imaging_cloud.web.languages import language_of
from imaging_cloud.web.patient_api import newest_first
from imaging_cloud.web.plain_words import exam_words
from imaging_cloud.web.security import principal_of

MOST_STUDIES = 100


@dataclass(frozen=True, slots=True)
class StudyCard:
    """`words` in plain language; `named` as the hospital called it, where that says more."""

    row: StudyRow
    words: str
    named: str
    institution: str


def study_cards(request: Request, *uids: str) -> list[StudyCard]:
    """All that the caller may see, newest first; of these alone where some are named."""
    cloud = cloud_of(request)
    language = language_of(request.headers.get("accept-language", ""))
    query = ImagingQuery(study_uids=uids, limit=MOST_STUDIES)
    rows = cloud.index.find_studies(query, scope_of_call(request))
    meanings = describe_own(principal_of(request), cloud) if rows else {}
    names = {each.code: each.name for each in cloud.register.list_institutions()}
    cards = []
    for row in newest_first(rows):
        words = exam_words(meanings.get((row.institution, row.study_uid)), language)
        cards.append(
            StudyCard(
                row=row,
                words=words or row.description,
                named=row.description if words else "",
                institution=names.get(row.institution, row.institution),
            )
        )
    return cards
