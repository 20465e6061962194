"""SqlDecisionRegister: one row a card and outcome, the newest statement standing."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, select

from imaging_cloud.adapters.sql.column_types import clean_text
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.json_text import clean_json
from imaging_cloud.adapters.sql.table_base import KEY_LENGTH, TEXT_LENGTH, UID_LENGTH
from imaging_cloud.adapters.sql.tables import ALERT_DECISION
from imaging_cloud.adapters.sql.upserting import insert_into
from imaging_cloud.domain.decisions import AlertDecision
from imaging_cloud.ports.decisions import DecisionRegister

_KEY = ("institution", "alert_id", "card_id", "outcome")
_SAID = ("reason_code", "reason_text", "study_uid", "decided_at", "actor")


class SqlDecisionRegister(DecisionRegister):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def record(self, decision: AlertDecision) -> None:
        row = clean_json(asdict(decision)) | {
            "card_id": clean_text(decision.card_id, KEY_LENGTH),
            "reason_code": clean_text(decision.reason_code, KEY_LENGTH),
            "reason_text": clean_text(decision.reason_text, TEXT_LENGTH),
            "study_uid": clean_text(decision.study_uid, UID_LENGTH),
        }
        self._database.write(lambda connection: _keep_newest(connection, row))

    def list_decisions(self, institution: str, alert_id: str) -> list[AlertDecision]:
        asked = (
            select(ALERT_DECISION)
            .where(
                ALERT_DECISION.c.institution == institution, ALERT_DECISION.c.alert_id == alert_id
            )
            .order_by(ALERT_DECISION.c.decided_at, ALERT_DECISION.c.card_id)
        )
        rows = self._database.read(lambda connection: connection.execute(asked).all())
        return [_decision(row) for row in rows]


def _keep_newest(connection: Connection, row: dict[str, Any]) -> None:
    insert = insert_into(ALERT_DECISION, connection.dialect).values(row)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=_KEY,
            set_={name: insert.excluded[name] for name in _SAID},
            where=insert.excluded.decided_at > ALERT_DECISION.c.decided_at,
        )
    )


def _decision(row: Row[Any]) -> AlertDecision:
    return AlertDecision(**{name: getattr(row, name) for name in (*_KEY, *_SAID)})
