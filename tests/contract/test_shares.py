"""Links, codes under way and counts of tries, on every engine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.logins import SqlLogins, SqlThrottle
from imaging_cloud.adapters.sql.shares import SqlShares
from imaging_cloud.domain.identifiers import PatientIdentifier
from imaging_cloud.domain.shares import Share
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.logins import PendingLogin

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
WHO = PatientIdentifier("CN-HEALTH-CARD", "H-1")
EVENT = AuditEvent(at=NOW, action="share-made", actor="patient", role="patient")
SHARE = Share(
    share_id="0123456789ab",
    person_id="p1",
    identifier=WHO,
    study_uids=("1.2", "1.3"),
    label="王医生",
    created_at=NOW,
    expires_at=NOW + timedelta(days=7),
    passcode_digest="d" * 64,
    max_opens=3,
)
LOGIN = PendingLogin(
    login_id="login", identifier=WHO, code_digest="c" * 64, expires_at=NOW + timedelta(minutes=10)
)


def test_a_share_is_found_by_its_id_its_token_and_its_person(database: IndexDatabase) -> None:
    shares = SqlShares(database)
    shares.add_share(SHARE, "a" * 64, EVENT)

    assert shares.find_share(SHARE.share_id) == SHARE
    assert shares.find_by_token("a" * 64) == SHARE
    assert shares.find_by_token("b" * 64) is None
    assert shares.list_shares(("p0", "p1")) == [SHARE]
    assert shares.list_shares(()) == []

    shares.revoke_share(SHARE.share_id, at=NOW, event=EVENT)
    shares.revoke_share(SHARE.share_id, at=NOW + timedelta(days=1), event=EVENT)

    assert shares.find_share(SHARE.share_id) == replace(SHARE, revoked_at=NOW)
    assert not shares.count_opening(SHARE.share_id, EVENT)


def test_tries_and_openings_at_once_are_never_more_than_there_are(database: IndexDatabase) -> None:
    shares, logins = SqlShares(database), SqlLogins(database)
    shares.add_share(SHARE, "a" * 64, EVENT)
    logins.add_login(LOGIN, now=NOW)

    with ThreadPoolExecutor(8) as pool:
        openings = list(pool.map(lambda _: shares.count_opening(SHARE.share_id, EVENT), range(12)))
        tries = list(pool.map(lambda _: shares.take_try(SHARE.share_id), range(12)))
        codes = list(pool.map(lambda _: logins.take_try("login", tries=5, now=NOW), range(12)))
        ends = list(pool.map(lambda _: logins.finish_login("login"), range(12)))

    assert (sum(openings), sum(tries), ends.count(True)) == (3, 5, 1)
    assert [each for each in codes if each is not None] == [LOGIN] * 5


def test_a_code_that_is_over_is_no_more_and_is_forgotten(database: IndexDatabase) -> None:
    logins = SqlLogins(database)
    logins.add_login(LOGIN, now=NOW)
    later = NOW + timedelta(minutes=10)

    assert logins.take_try("login", tries=5, now=later) is None
    logins.add_login(replace(LOGIN, login_id="next"), now=later)
    assert logins.take_try("login", tries=5, now=NOW) is None


def test_counts_of_a_window_are_shared_and_begin_anew_in_the_next(database: IndexDatabase) -> None:
    one, other = SqlThrottle(database), SqlThrottle(database)

    counted = [each.count("k", seconds=60, now=NOW) for each in (one, other, one)]

    assert counted == [1, 2, 3]
    assert other.read("k", seconds=60, now=NOW) == 3
    assert other.read("another", seconds=60, now=NOW) == 0
    assert one.read("k", seconds=60, now=NOW + timedelta(seconds=60)) == 0
    assert one.count("k", seconds=60, now=NOW + timedelta(seconds=60)) == 1
