"""DICOM over TLS: the profile of PS3.15 B.12 and B.13, client certificates always demanded.

TLS 1.3, and TLS 1.2 with the four suites of RFC 9325 4.2 (ephemeral keys, AES-GCM). Nothing
older, no renegotiation, no compression, no tickets. Security level 2 of OpenSSL refuses keys
below 112 bits of strength (RSA 2048) and SHA-1 signatures.
"""

import logging
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from imaging_cloud.domain.errors import InvalidRequest

LOGGER = logging.getLogger("gateway")

_SUITES = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
)


class TlsSettings(Protocol):
    """What is needed of the settings."""

    @property
    def dicom_tls_certificate(self) -> Path | None: ...
    @property
    def dicom_tls_key(self) -> Path | None: ...
    @property
    def dicom_tls_client_ca(self) -> Path | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files: our certificate with its chain, its key, and who may sign those of devices."""

    certificate: Path
    key: Path
    client_ca: Path

    @classmethod
    def of(cls, settings: TlsSettings) -> Self | None:
        """None where the settings name none; they name all three or none."""
        certificate, key = settings.dicom_tls_certificate, settings.dicom_tls_key
        client_ca = settings.dicom_tls_client_ca
        if certificate is None or key is None or client_ca is None:
            return None
        return cls(certificate=certificate, key=key, client_ca=client_ca)

    def context(self) -> ssl.SSLContext:
        """For who calls us. Raises InvalidRequest that says which file does not serve."""
        context = self._profile(ssl.PROTOCOL_TLS_SERVER)
        context.options |= ssl.OP_NO_TICKET | ssl.OP_CIPHER_SERVER_PREFERENCE
        context.num_tickets = 0
        return context

    def calling_context(self) -> ssl.SSLContext:
        """For devices that we call; raises InvalidRequest.

        What their certificates name is a device, not a host: who asks compares fingerprints.
        """
        return self._profile(ssl.PROTOCOL_TLS_CLIENT)

    def _profile(self, protocol: int) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        # A device's own certificate in the file is trust enough, whoever signed it.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.set_ciphers(":".join(_SUITES) + ":@SECLEVEL=2")
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        try:
            context.load_cert_chain(self.certificate, self.key, password=_no_password)
        except (OSError, ValueError) as error:
            raise InvalidRequest(
                "IMAGING_CLOUD_DICOM_TLS_CERTIFICATE and _KEY: a PEM certificate and its key,"
                f" without pass phrase, are needed ({_said(error)})",
                field="dicom_tls_certificate",
            ) from error
        try:
            context.load_verify_locations(self.client_ca)
        except OSError as error:
            raise InvalidRequest(
                "IMAGING_CLOUD_DICOM_TLS_CLIENT_CA: a PEM file with the certificates that sign"
                f" those of devices is needed ({_said(error)})",
                field="dicom_tls_client_ca",
            ) from error
        return context

    def stamp(self) -> tuple[int, ...]:
        """Changes when a file was replaced."""
        return tuple(
            each.stat().st_mtime_ns for each in (self.certificate, self.key, self.client_ca)
        )


def _no_password() -> str:
    raise ValueError("the key has a pass phrase")


def _said(error: Exception) -> str:
    """OpenSSL's word for it; never more than that, for keys pass through here."""
    if isinstance(error, ssl.SSLError):
        return error.reason or "unreadable"
    return getattr(error, "strerror", None) or str(error)


class Secured:
    """A listening socket and the context for who comes by it, read anew when files change.

    A renewed certificate of ours, or a new authority, serves from the next connection on.
    """

    def __init__(self, listener: socket.socket, files: TlsFiles) -> None:
        self.listener = listener
        self._files = files
        self._context = files.context()
        self._stamp = files.stamp()

    def context(self) -> ssl.SSLContext:
        try:
            stamp = self._files.stamp()
            if stamp != self._stamp:
                self._stamp = stamp
                self._context = self._files.context()
                LOGGER.info("DICOM TLS: certificates read anew")
        except (OSError, InvalidRequest) as error:
            LOGGER.warning("DICOM TLS: the former certificates stay in use: %s", error)
        return self._context
