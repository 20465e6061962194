"""Rows of the catalogue: items, the studies an item touches, and the names never understood."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, tuple_

from imaging_cloud.adapters.sql.intake_rows import codes_from_json
from imaging_cloud.adapters.sql.listing import read_list, write_list
from imaging_cloud.adapters.sql.tables import EXAM, STUDY, UNREAD_ORDER
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamEvidence,
    ExamModality,
    Laterality,
    Purpose,
    Region,
)
from imaging_cloud.domain.exams.mapping import EVERYWHERE, CatalogueItem, keys_of
from imaging_cloud.ports.catalogue import UnreadName

_PAGE = 5000


def item_row(item: CatalogueItem, version: int, at: datetime) -> dict[str, Any]:
    return {
        "institution": item.institution,
        "item_key": item.key,
        "code": item.code,
        "name": item.name,
        "modality": item.modality,
        "regions": None if item.regions is None else write_list(item.regions),
        "focus": item.focus,
        "laterality": item.laterality,
        "contrast": item.contrast,
        "angio": item.angio,
        "purpose": item.purpose,
        "version": version,
        "saved_at": at,
    }


def item_from_row(row: Mapping[Any, Any]) -> CatalogueItem:
    regions = row["regions"]
    return CatalogueItem(
        institution=row["institution"],
        code=row["code"],
        name=row["name"],
        modality=None if row["modality"] is None else ExamModality(row["modality"]),
        regions=None if regions is None else tuple(Region(each) for each in read_list(regions)),
        focus=row["focus"],
        laterality=None if row["laterality"] is None else Laterality(row["laterality"]),
        contrast=None if row["contrast"] is None else Contrast(row["contrast"]),
        angio=row["angio"],
        purpose=None if row["purpose"] is None else Purpose(row["purpose"]),
    )


Place = tuple[str, str]


def touched_page(
    connection: Connection, institution: str, keys: frozenset[str], after: Place | None
) -> tuple[list[Place], Place | None]:
    """The studies of one page that any of the keys names, and where the next page begins.

    A study is its institution ("" asks for every one) and its UID.
    """
    place = tuple_(STUDY.c.institution, STUDY.c.study_uid)
    columns = (STUDY.c.institution, STUDY.c.study_uid, STUDY.c.description, STUDY.c.procedure_codes)
    wanted = select(*columns).order_by(STUDY.c.institution, STUDY.c.study_uid).limit(_PAGE)
    if institution != EVERYWHERE:
        wanted = wanted.where(STUDY.c.institution == institution)
    page = connection.execute(wanted.where(place > after) if after else wanted).all()
    touched = [
        (row.institution, row.study_uid)
        for row in page
        if not keys.isdisjoint(_keys(row.description, row.procedure_codes))
    ]
    last = (page[-1].institution, page[-1].study_uid) if len(page) == _PAGE else None
    return touched, last


def _keys(description: str, codes: list[list[str]]) -> tuple[str, ...]:
    return keys_of(ExamEvidence(name=description, procedure_codes=codes_from_json(codes)))


def unread_studies(connection: Connection, institution: str | None, limit: int) -> list[UnreadName]:
    """Names of exams without a modality or a place; empty names have nothing to be mapped by."""
    unknown = EXAM.c.modality == ExamModality.UNKNOWN.value
    nowhere = EXAM.c.regions == write_list(())
    wanted = (
        select(
            EXAM.c.institution,
            EXAM.c.description,
            EXAM.c.modality,
            EXAM.c.regions,
            func.count().label("times"),
            func.max(EXAM.c.last_received_at).label("last_seen_at"),
        )
        .where(or_(unknown, nowhere), EXAM.c.description != "")
        .where(EXAM.c.purpose != Purpose.OTHER.value)
        .group_by(EXAM.c.institution, EXAM.c.description, EXAM.c.modality, EXAM.c.regions)
        .order_by(func.count().desc())
        .limit(limit)
    )
    if institution is not None:
        wanted = wanted.where(EXAM.c.institution == institution)
    return [
        UnreadName(
            institution=row.institution,
            name=row.description,
            code="",
            seen_as="study",
            missing=_missing(row.modality, row.regions),
            times=row.times,
            last_seen_at=row.last_seen_at,
        )
        for row in connection.execute(wanted)
    ]


def _missing(modality: str, regions: str) -> tuple[str, ...]:
    unread = ("modality",) if modality == ExamModality.UNKNOWN.value else ()
    return unread if read_list(regions) else (*unread, "regions")


def unread_orders(connection: Connection, institution: str | None, limit: int) -> list[UnreadName]:
    wanted = select(UNREAD_ORDER).order_by(UNREAD_ORDER.c.times.desc()).limit(limit)
    if institution is not None:
        wanted = wanted.where(UNREAD_ORDER.c.institution == institution)
    return [
        UnreadName(
            institution=row.institution,
            name=row.name,
            code=row.code,
            seen_as="order",
            missing=tuple(row.missing.split("|")),
            times=row.times,
            last_seen_at=row.last_seen_at,
        )
        for row in connection.execute(wanted)
    ]
