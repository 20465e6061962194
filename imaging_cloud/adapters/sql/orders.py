"""Orders that were checked of late: another hospital may have ordered the same exam already."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, exists, select

from imaging_cloud.adapters.sql.column_types import UtcDateTime
from imaging_cloud.adapters.sql.exam_rows import descriptor_of_document
from imaging_cloud.adapters.sql.prepared import Asker, PreparedByDialect
from imaging_cloud.adapters.sql.table_base import ID
from imaging_cloud.adapters.sql.tables import ALERT, ALERT_DECISION
from imaging_cloud.domain.alerts import EarlierOrder
from imaging_cloud.ports.exam_register import PersonOrder

# Nobody has more orders in a day that could still count.
_MOST = 50


def find_orders(
    asker: Asker, persons: Mapping[str, str], since: datetime
) -> tuple[PersonOrder, ...]:
    """Orders checked for the persons since then, without previews and those dropped for a prior.

    `persons` maps `person0`, `person1` … to person ids.
    """
    rows = _orders_of(len(persons)).rows(asker, {**persons, "since": since})
    return tuple(order for row in rows if (order := _order(*row)) is not None)


def _order(institution: str, person_id: str, at: datetime, answer: Any) -> PersonOrder | None:  # noqa: ANN401 - JSON
    """None where an older version wrote the answer another way: a note less, and no failure."""
    try:
        exam = descriptor_of_document(answer["exam"])
    except (KeyError, ValueError, TypeError):
        return None
    return PersonOrder(
        person_id=person_id,
        earlier=EarlierOrder(institution=institution, asked_at=at, exam=exam),
    )


@lru_cache(maxsize=64)
def _orders_of(count: int) -> PreparedByDialect:
    persons = [bindparam(f"person{n}", type_=ID) for n in range(count)]
    dropped = exists().where(
        ALERT_DECISION.c.institution == ALERT.c.institution,
        ALERT_DECISION.c.alert_id == ALERT.c.alert_id,
        ALERT_DECISION.c.outcome == bindparam("dropped", "recognised"),
    )
    asked: Any = ALERT.c.person_id == persons[0] if count == 1 else ALERT.c.person_id.in_(persons)
    return PreparedByDialect(
        select(ALERT.c.institution, ALERT.c.person_id, ALERT.c.at, ALERT.c.answer)
        .where(asked, ALERT.c.at >= bindparam("since", type_=UtcDateTime()), ~dropped)
        .where(ALERT.c.preview.is_(False))
        .order_by(ALERT.c.at.desc())
        .limit(_MOST)
    )
