"""SqlLogins and SqlThrottle: codes under way, and counts of tries that all processes share."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, case, delete, insert, select, update

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.tables import LOGIN_CODE, TRY_COUNT
from imaging_cloud.adapters.sql.upserting import insert_into
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.ports.logins import Logins, PendingLogin, Throttle

_SPENT_TRY = (
    LOGIN_CODE.c.login_id,
    LOGIN_CODE.c.issuer,
    LOGIN_CODE.c.value,
    LOGIN_CODE.c.code_digest,
    LOGIN_CODE.c.expires_at,
)


class SqlLogins(Logins):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def add_login(self, login: PendingLogin, *, now: datetime) -> None:
        row = {
            "login_id": login.login_id,
            "issuer": login.identifier.issuer,
            "value": login.identifier.value,
            "code_digest": login.code_digest,
            "tries": 0,
            "expires_at": login.expires_at,
        }

        def add(connection: Connection) -> None:
            connection.execute(delete(LOGIN_CODE).where(LOGIN_CODE.c.expires_at <= now))
            connection.execute(delete(TRY_COUNT).where(TRY_COUNT.c.over_at <= now))
            connection.execute(insert(LOGIN_CODE), [row])

        self._database.write(add)

    def take_try(self, login_id: str, *, tries: int, now: datetime) -> PendingLogin | None:
        statement = (
            update(LOGIN_CODE)
            .where(
                LOGIN_CODE.c.login_id == login_id,
                LOGIN_CODE.c.tries < tries,
                LOGIN_CODE.c.expires_at > now,
            )
            .values(tries=LOGIN_CODE.c.tries + 1)
            .returning(*_SPENT_TRY)
        )
        row = self._database.write(lambda connection: connection.execute(statement).one_or_none())
        if row is None:
            return None
        return PendingLogin(
            login_id=row.login_id,
            identifier=PatientIdentifier(row.issuer, row.value),
            code_digest=row.code_digest,
            expires_at=row.expires_at,
        )

    def finish_login(self, login_id: str) -> bool:
        statement = delete(LOGIN_CODE).where(LOGIN_CODE.c.login_id == login_id)
        return self._database.write(lambda connection: connection.execute(statement).rowcount > 0)


class SqlThrottle(Throttle):
    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def count(self, key: str, *, seconds: int, now: datetime) -> int:
        start = _window(now, seconds)
        row = {
            "try_key": key,
            "window_start": start,
            "tries": 1,
            "over_at": datetime.fromtimestamp(start, tz=UTC) + timedelta(seconds=seconds),
        }

        def count(connection: Connection) -> int:
            statement = insert_into(TRY_COUNT, connection.dialect).values(row)
            new = statement.excluded
            counted = case(
                (TRY_COUNT.c.window_start == new.window_start, TRY_COUNT.c.tries + 1), else_=1
            )
            upsert = statement.on_conflict_do_update(
                index_elements=["try_key"],
                set_={
                    "tries": counted,
                    "window_start": new.window_start,
                    "over_at": new.over_at,
                },
            ).returning(TRY_COUNT.c.tries)
            return int(connection.execute(upsert).scalar_one())

        return self._database.write(count)

    def read(self, key: str, *, seconds: int, now: datetime) -> int:
        statement = select(TRY_COUNT.c.tries).where(
            TRY_COUNT.c.try_key == key, TRY_COUNT.c.window_start == _window(now, seconds)
        )
        found = self._database.read(lambda connection: connection.execute(statement).scalar())
        return int(found or 0)


def _window(now: datetime, seconds: int) -> int:
    moment = int(now.timestamp())
    return moment - moment % seconds
