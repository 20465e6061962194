"""Settings: the environment (prefix IMAGING_CLOUD_) and a `.env` file, typed."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from imaging_cloud.domain.access import ConsentPolicy
from imaging_cloud.domain.identifiers import checked_ae_title

_CORES = os.cpu_count() or 1


def _known_zone(name: str) -> str:
    ZoneInfo(name)
    return name


def _comma_separated(value: object) -> object:
    """`1.2,3.4` from the environment as a tuple; anything else as it is."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)]


def _known_networks(listed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(ip_network(text)) for text in listed)


Networks = Annotated[Listed, AfterValidator(_known_networks)]


def _none_if_empty(value: object) -> object:
    """An empty setting is none; `Path("")` would be the working folder."""
    return None if value == "" else value


_OptionalFile = Annotated[Path | None, BeforeValidator(_none_if_empty)]


class Settings(BaseSettings):
    """All settings with their defaults. Each is documented in docs/operations.md."""

    model_config = SettingsConfigDict(
        env_prefix="IMAGING_CLOUD_",
        env_file=".env",
        extra="ignore",
        frozen=True,
    )

    home: Path = Path("imaging-cloud-data")
    database_url: str = ""
    object_store_url: str = ""

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    trusted_proxies: Networks = ()

    login_codes: str = ""
    login_codes_secret: SecretStr = SecretStr("")

    cds_origins: Listed = ()
    fhir_servers: Listed = ()
    private_networks: Listed = ()
    identifier_systems: Listed = ()
    smart_launch_url: str = ""

    dicom_host: str = "127.0.0.1"
    dicom_port: int = Field(default=11112, ge=0, le=65535)
    ae_title: Annotated[str, AfterValidator(checked_ae_title)] = "IMAGINGCLOUD"
    private_sop_classes: Listed = ()
    dicom_tls_host: str = ""
    dicom_tls_port: int = Field(default=2762, ge=0, le=65535)
    dicom_tls_certificate: _OptionalFile = None
    dicom_tls_key: _OptionalFile = None
    dicom_tls_client_ca: _OptionalFile = None
    plain_with_certificate: bool = False
    max_associations: int = Field(default=200, ge=1)
    max_associations_of_one_device: int = Field(default=0, ge=0)
    association_timeout_seconds: float = Field(default=7, gt=0)
    idle_timeout_seconds: float = Field(default=300, gt=0)
    max_instance_bytes: int = Field(default=4 * 1024**3, gt=0)
    reserve_bytes: int = Field(default=64 * 1024**2, ge=0)
    ack_on_spool: int = Field(default=0, ge=0)

    # Python works on one core a process; more than two only wait for each other's commits.
    gateway_processes: int = Field(default=min(2, _CORES), ge=1)
    web_processes: int = Field(default=1, ge=1)
    worker_processes: int = Field(default=1, ge=0)

    consent_policy: ConsentPolicy = ConsentPolicy.OPT_IN
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    quiet_seconds: float = Field(default=60, gt=0)

    token_key: SecretStr = SecretStr("")
    log_level: str = "INFO"

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        files = (self.dicom_tls_certificate, self.dicom_tls_key, self.dicom_tls_client_ca)
        if any(files) and not all(files):
            raise ValueError(
                "DICOM TLS needs all three: IMAGING_CLOUD_DICOM_TLS_CERTIFICATE,"
                " IMAGING_CLOUD_DICOM_TLS_KEY and IMAGING_CLOUD_DICOM_TLS_CLIENT_CA"
            )
        return self

    @property
    def resolved_dicom_tls_host(self) -> str:
        """Where the gateway listens for TLS: beside the plain port unless told otherwise."""
        return self.dicom_tls_host or self.dicom_host

    @property
    def resolved_database_url(self) -> str:
        """The configured database, or SQLite in HOME."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'index.sqlite3'}"

    @property
    def resolved_object_store_url(self) -> str:
        """The configured store, or a folder in HOME."""
        return self.object_store_url or f"file://{quote(str(self.home.absolute() / 'objects'))}"

    @property
    def resolved_public_url(self) -> str:
        """The address that others reach the web face by, without a slash at its end."""
        return (self.public_url or f"http://{self.http_host}:{self.http_port}").rstrip("/")
