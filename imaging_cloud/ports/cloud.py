"""The bundle of everything a use case may call. Built once, by `bootstrap.open_cloud`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from imaging_cloud.domain.access import ConsentPolicy
from imaging_cloud.ports.access_register import AccessRegister
from imaging_cloud.ports.alert_log import AlertLog
from imaging_cloud.ports.audit_trail import AuditTrail
from imaging_cloud.ports.catalogue import Catalogue
from imaging_cloud.ports.cds_clients import CdsClients, ClientTokens
from imaging_cloud.ports.clock import Clock
from imaging_cloud.ports.code_sender import CodeSender
from imaging_cloud.ports.commitments import Commitments
from imaging_cloud.ports.decisions import DecisionRegister
from imaging_cloud.ports.derivations import Derivations
from imaging_cloud.ports.exam_register import ExamRegister
from imaging_cloud.ports.harvest_ledger import HarvestLedger
from imaging_cloud.ports.imaging_index import ImagingIndex
from imaging_cloud.ports.intake import Intake
from imaging_cloud.ports.jail import Jail
from imaging_cloud.ports.logins import Logins, Throttle
from imaging_cloud.ports.object_store import ObjectStore
from imaging_cloud.ports.outbox import Outbox
from imaging_cloud.ports.outside import Outside
from imaging_cloud.ports.quarantine import Quarantine
from imaging_cloud.ports.recognition import RecognitionRegister
from imaging_cloud.ports.shares import Shares
from imaging_cloud.ports.spool import Spool
from imaging_cloud.ports.statistics import Statistics
from imaging_cloud.ports.token_signer import TokenSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The region's choices that use cases need.

    `time_zone` is the region's: days between exams are counted there. `quiet_seconds` without
    a new instance make a study settled; before that it is still arriving. `public_url` stands
    before every address that leaves the cloud, without a slash at its end. `scratch` is a folder
    for files under way, which may be emptied whenever nothing runs.
    `ack_on_spool` bytes may wait on the spool, their senders told success, while store or index is
    away; 0: none may.

    `cds_origins` are the origins whose pages may call the CDS services (CORS). With a
    `smart_launch_url` cards offer a SMART launch instead of a plain link. `identifier_systems`
    are pairs of a FHIR identifier system and the issuer it stands for. `trusted_proxies` are
    networks whose word for the address of a caller is taken.
    """

    consent: ConsentPolicy
    time_zone: ZoneInfo
    quiet_seconds: float
    public_url: str
    max_instance_bytes: int
    scratch: Path
    cds_origins: tuple[str, ...] = ()
    smart_launch_url: str = ""
    identifier_systems: tuple[tuple[str, str], ...] = ()
    ack_on_spool: int = 0
    trusted_proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    spool: Spool
    objects: ObjectStore
    intake: Intake
    index: ImagingIndex
    exams: ExamRegister
    catalogue: Catalogue
    recognition: RecognitionRegister
    register: AccessRegister
    audit: AuditTrail
    alerts: AlertLog
    decisions: DecisionRegister
    statistics: Statistics
    harvests: HarvestLedger
    outbox: Outbox
    derivations: Derivations
    jail: Jail
    commitments: Commitments
    quarantine: Quarantine
    signer: TokenSigner
    clients: CdsClients
    client_tokens: ClientTokens
    outside: Outside
    shares: Shares
    logins: Logins
    throttle: Throttle
    sender: CodeSender
    clock: Clock
    policy: Policy

    def make_durable(self, keys: Sequence[str]) -> None:
        """Objects and rows taken in so far outlive a power cut without their spool entries.

        Raises Unavailable.
        """
        if self.objects.names_lag:
            self.objects.make_durable(keys)
        if self.intake.rows_lag:
            self.intake.make_durable()

    def close(self) -> None:
        """Finish pending commits and let go of connections. Safe to call once, at the end."""
        self.jail.close()
        self.intake.close()
        self.spool.close()
