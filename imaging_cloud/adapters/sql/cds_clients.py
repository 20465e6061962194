"""SqlCdsClients: registered order screens, and which of their tokens were used."""

import itertools
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, select

from imaging_cloud.adapters.sql.column_types import clean_identifier
from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.table_base import KEY_LENGTH
from imaging_cloud.adapters.sql.tables import CDS_CLIENT, CLIENT_TOKEN_USE, INSTITUTION
from imaging_cloud.adapters.sql.upserting import insert_into, upsert_row
from imaging_cloud.domain.errors import NotFound
from imaging_cloud.ports.cds_clients import CdsClient, CdsClients

# Every so many uses those that have run out anyway are swept away.
_SWEEP = 100


class SqlCdsClients(CdsClients):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database
        self._uses = itertools.count(1)

    def add_client(self, client: CdsClient) -> bool:
        row = {
            "issuer": client.issuer,
            "institution": client.institution,
            "jku": client.jku,
            "jwks": client.jwks,
        }

        def add(connection: Connection) -> bool:
            known = select(INSTITUTION.c.code).where(INSTITUTION.c.code == client.institution)
            if connection.execute(known).one_or_none() is None:
                raise NotFound(f"institution {client.institution} is not known: add it first")
            found = connection.execute(_client(client.issuer)).one_or_none()
            if found is not None and _as_client(found) == client:
                return False
            upsert_row(connection, CDS_CLIENT, row)
            return True

        return self._database.write(add)

    def remove_client(self, issuer: str) -> bool:
        statement = delete(CDS_CLIENT).where(CDS_CLIENT.c.issuer == issuer)
        return self._database.write(lambda connection: connection.execute(statement).rowcount > 0)

    def list_clients(self) -> list[CdsClient]:
        statement = select(CDS_CLIENT).order_by(CDS_CLIENT.c.issuer)
        return [_as_client(row) for row in self._all(statement)]

    def find_client(self, issuer: str) -> CdsClient | None:
        rows = self._all(_client(issuer)) if len(issuer) <= KEY_LENGTH else []
        return _as_client(rows[0]) if rows else None

    def use_token_once(
        self, issuer: str, token_id: str, *, expires_at: datetime, now: datetime
    ) -> bool:
        row = {
            "issuer": issuer,
            "token_id": clean_identifier(token_id, KEY_LENGTH),
            "expires_at": expires_at,
        }
        sweeping = next(self._uses) % _SWEEP == 0

        def use(connection: Connection) -> bool:
            if sweeping:
                connection.execute(
                    delete(CLIENT_TOKEN_USE).where(CLIENT_TOKEN_USE.c.expires_at < now)
                )
            return _insert_new(connection, CLIENT_TOKEN_USE, row)

        return self._database.write(use)

    def _all(self, statement: Select[Any]) -> list[Row[Any]]:
        return self._database.read(lambda connection: list(connection.execute(statement)))


def _insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert the row; False when its key is there already."""
    statement = insert_into(table, connection.dialect).values(row).on_conflict_do_nothing()
    return connection.execute(statement).rowcount > 0


def _client(issuer: str) -> Select[Any]:
    return select(CDS_CLIENT).where(CDS_CLIENT.c.issuer == issuer)


def _as_client(row: Row[Any]) -> CdsClient:
    return CdsClient(issuer=row.issuer, institution=row.institution, jku=row.jku, jwks=row.jwks)
