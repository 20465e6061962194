"""open_cloud: the one place that chooses implementations for the ports."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Protocol, TypeVar, cast
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from imaging_cloud.adapters.code_senders import open_sender
from imaging_cloud.adapters.filesystem_spool import FilesystemSpool
from imaging_cloud.adapters.filesystem_store import FilesystemStore
from imaging_cloud.adapters.listed_http import ListedHttp
from imaging_cloud.adapters.prefixed_store import PrefixedStore
from imaging_cloud.adapters.process_jail import ProcessJail
from imaging_cloud.adapters.sql.access_register import SqlAccessRegister
from imaging_cloud.adapters.sql.alert_log import SqlAlertLog
from imaging_cloud.adapters.sql.audit_trail import SqlAuditTrail
from imaging_cloud.adapters.sql.catalogue import SqlCatalogue
from imaging_cloud.adapters.sql.cds_clients import SqlCdsClients
from imaging_cloud.adapters.sql.commitments import SqlCommitments
from imaging_cloud.adapters.sql.decisions import SqlDecisionRegister
from imaging_cloud.adapters.sql.derivations import SqlDerivations
from imaging_cloud.adapters.sql.engine import open_engine
from imaging_cloud.adapters.sql.exam_register import SqlExamRegister
from imaging_cloud.adapters.sql.exam_rows import ExamRules
from imaging_cloud.adapters.sql.harvest_ledger import SqlHarvestLedger
from imaging_cloud.adapters.sql.index import SqlImagingIndex
from imaging_cloud.adapters.sql.intake import SqlIntake
from imaging_cloud.adapters.sql.logins import SqlLogins, SqlThrottle
from imaging_cloud.adapters.sql.migrate import upgrade_index
from imaging_cloud.adapters.sql.outbox import SqlOutbox
from imaging_cloud.adapters.sql.quarantine import SqlQuarantine
from imaging_cloud.adapters.sql.recognition import SqlRecognition
from imaging_cloud.adapters.sql.shares import SqlShares
from imaging_cloud.adapters.sql.statistics import SqlStatistics
from imaging_cloud.adapters.system_clock import SystemClock
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.exams.version import RULES
from imaging_cloud.ports.cds_clients import CdsClients, ClientTokens
from imaging_cloud.ports.cloud import Cloud, Policy
from imaging_cloud.ports.object_store import ObjectStore
from imaging_cloud.ports.token_signer import TokenSigner
from imaging_cloud.settings import Settings

T = TypeVar("T")


def prepare_home(settings: Settings) -> None:
    """Create or upgrade what is missing: folders, key, index. Safe to run in many processes."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade_index(settings.resolved_database_url)


def open_cloud(settings: Settings) -> Cloud:
    """Everything a face needs. `prepare_home` must have run once before."""
    engine = open_engine(settings.resolved_database_url)
    zone = ZoneInfo(settings.time_zone)
    clients = SqlCdsClients(engine)
    networks = settings.private_networks
    catalogue = SqlCatalogue(engine)
    rules = ExamRules(region=zone, describe=catalogue.describe, version=RULES)
    return Cloud(
        spool=FilesystemSpool(
            settings.home / "spool",
            max_bytes=settings.max_instance_bytes,
            reserve=settings.reserve_bytes,
        ),
        objects=open_store(settings.resolved_object_store_url),
        intake=SqlIntake(engine, rules),
        index=SqlImagingIndex(engine),
        exams=SqlExamRegister(engine),
        catalogue=catalogue,
        register=SqlAccessRegister(engine),
        audit=SqlAuditTrail(engine),
        alerts=SqlAlertLog(engine),
        decisions=SqlDecisionRegister(engine),
        statistics=SqlStatistics(engine),
        recognition=SqlRecognition(engine),
        harvests=SqlHarvestLedger(engine),
        outbox=SqlOutbox(engine, rules),
        derivations=SqlDerivations(engine),
        jail=ProcessJail(max(os.cpu_count() or 1, 1)),
        commitments=SqlCommitments(engine),
        quarantine=SqlQuarantine(engine, rules),
        signer=_on_first_use(lambda: _open_signer(settings)),
        clients=clients,
        client_tokens=_on_first_use(lambda: _open_client_tokens(clients, networks)),
        outside=ListedHttp(settings.fhir_servers, networks),
        shares=SqlShares(engine),
        logins=SqlLogins(engine),
        throttle=SqlThrottle(engine),
        sender=open_sender(
            settings.login_codes,
            secret=settings.login_codes_secret.get_secret_value(),
            http_host=settings.http_host,
        ),
        clock=SystemClock(),
        policy=_policy(settings, zone),
    )


def _policy(settings: Settings, zone: ZoneInfo) -> Policy:
    return Policy(
        consent=settings.consent_policy,
        time_zone=zone,
        quiet_seconds=settings.quiet_seconds,
        public_url=settings.resolved_public_url,
        max_instance_bytes=settings.max_instance_bytes,
        cds_origins=settings.cds_origins,
        smart_launch_url=settings.smart_launch_url,
        identifier_systems=_pairs(settings.identifier_systems),
        scratch=settings.home / "scratch",
        ack_on_spool=settings.ack_on_spool,
        trusted_proxies=settings.trusted_proxies,
    )


class _OnFirstUse:
    def __init__(self, opening: Callable[[], object]) -> None:
        self._opened = cache(opening)

    def __getattr__(self, name: str) -> object:
        return getattr(self._opened(), name)


def _on_first_use(opening: Callable[[], T]) -> T:
    """A port whose adapter is imported and opened when it is first called."""
    return cast("T", _OnFirstUse(opening))


def _open_signer(settings: Settings) -> TokenSigner:
    from imaging_cloud.adapters.jwt_signer import JwtSigner, read_or_make_key  # noqa: PLC0415

    return JwtSigner(
        settings.token_key.get_secret_value() or read_or_make_key(settings.home / "keys")
    )


def _open_client_tokens(clients: CdsClients, networks: tuple[str, ...]) -> ClientTokens:
    from imaging_cloud.adapters.client_tokens import JoseClientTokens, KeyCache  # noqa: PLC0415

    return JoseClientTokens(clients, KeyCache(lambda address: ListedHttp([address], networks)))


def _pairs(listed: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """`SYSTEM=ISSUER` entries as pairs; a system may itself hold a `=`."""
    pairs = []
    for entry in listed:
        system, separator, issuer = entry.rpartition("=")
        if not separator or not system:
            raise InvalidRequest(
                "IMAGING_CLOUD_IDENTIFIER_SYSTEMS: SYSTEM=ISSUER entries, separated by commas",
                field="identifier_systems",
            )
        pairs.append((system.strip(), issuer.strip()))
    return tuple(pairs)


def open_store(url: str) -> ObjectStore:
    """`file:///FOLDER`, or `s3://BUCKET[/PREFIX]?endpoint=…&region=…`, credentials from AWS_*."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FilesystemStore(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        store = _open_s3(url)
        prefix = parts.path.strip("/")
        return PrefixedStore(store, prefix) if prefix else store
    raise InvalidRequest(
        "IMAGING_CLOUD_OBJECT_STORE_URL: file:///FOLDER or s3://BUCKET?endpoint=URL is needed",
        field="object_store_url",
    )


class _S3Store(ObjectStore, Protocol):
    def probe_abilities(self) -> object: ...


def log_store_abilities(settings: Settings) -> None:
    """Find out at the start, for the log, which guarantees an S3 server gives beyond the API.

    None of them is needed for safety: keys are content. Raises Unavailable.
    """
    url = settings.resolved_object_store_url
    if urlsplit(url).scheme == "s3":
        _open_s3(url).probe_abilities()


def _open_s3(url: str) -> "_S3Store":
    # The S3 client takes a quarter of a second to import: only those who use it pay.
    from imaging_cloud.adapters.s3_store import S3Location, S3Store  # noqa: PLC0415

    return S3Store(
        S3Location.parse(url),
        access_key=os.environ.get("AWS_ACCESS_KEY_ID", ""),
        secret_key=os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
    )
