"""SqlHarvestLedger: cursors of harvested archives."""

from dataclasses import asdict

from sqlalchemy import literal, select

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.tables import HARVEST_STATE, INSTANCE
from imaging_cloud.adapters.sql.upserting import upsert_row
from imaging_cloud.ports.harvest_ledger import HarvestLedger, HarvestState


class SqlHarvestLedger(HarvestLedger):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def find_state(self, archive: str, institution: str) -> HarvestState | None:
        statement = select(HARVEST_STATE).where(
            HARVEST_STATE.c.institution == institution, HARVEST_STATE.c.archive == archive
        )
        rows = self._database.read(
            lambda connection: connection.execute(statement).mappings().all()
        )
        return HarvestState(**rows[0]) if rows else None

    def save_state(self, state: HarvestState) -> None:
        row = asdict(state)
        self._database.write(lambda connection: upsert_row(connection, HARVEST_STATE, row))

    def has_instance(self, institution: str, sop_instance_uid: str) -> bool:
        statement = select(literal(1)).where(
            INSTANCE.c.institution == institution, INSTANCE.c.sop_instance_uid == sop_instance_uid
        )
        return self._database.read(
            lambda connection: connection.execute(statement).scalar() is not None
        )
