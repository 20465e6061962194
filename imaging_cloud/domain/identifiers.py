"""Names of things: UIDs, AE titles, institutions, patient identifiers. All checked before use."""

import re
from dataclasses import dataclass

from imaging_cloud.domain.errors import InvalidInstance, InvalidRequest

# PS3.5 §9.1: digits and dots, at most 64. Leading zeros in a component are forbidden there but
# common in the field; they are harmless to us, so they pass. What must never pass is a path.
_UID = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_MAX_UID = 64

# Also part of object keys and spool folders, hence the narrow alphabet.
_INSTITUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")

# PS3.5 §6.2 AE: up to 16 characters of the default repertoire without backslash and controls.
_AE_TITLE = re.compile(r"[\x20-\x5b\x5d-\x7e]{1,16}")

# SHA-256 in hexadecimal, as `openssl x509 -fingerprint -sha256` prints it, colons or none.
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")

_ISSUER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


@dataclass(frozen=True, slots=True, order=True)
class PatientIdentifier:
    """A patient's number and who gave it: the pair identifies, the value alone never does."""

    issuer: str
    value: str


def is_uid(text: str) -> bool:
    return len(text) <= _MAX_UID and _UID.fullmatch(text) is not None


def checked_uid(text: str, keyword: str) -> str:
    """Return `text`, or raise InvalidInstance naming the DICOM keyword that held it."""
    if not is_uid(text):
        raise InvalidInstance(
            f"{keyword} is not a valid UID (PS3.5 9.1): 1 to 64 digits and dots are needed",
            cause="invalid-uid",
        )
    return text


def checked_institution(code: str) -> str:
    if _INSTITUTION.fullmatch(code) is None:
        raise InvalidRequest(
            "institution: a code of 1 to 32 letters, digits, '-' or '_' is needed",
            field="institution",
        )
    return code


def checked_ae_title(text: str) -> str:
    """Return the AE title without its padding (leading and trailing spaces do not count)."""
    title = text.strip(" ")
    if _AE_TITLE.fullmatch(title) is None:
        raise InvalidRequest(
            "AE title: 1 to 16 characters of the default repertoire, no backslash (PS3.5 6.2)",
            field="ae_title",
        )
    return title


def checked_fingerprint(text: str) -> str:
    """The SHA-256 fingerprint of a certificate as 64 lower-case hexadecimal digits."""
    digits = text.strip().rpartition("=")[2].replace(":", "").lower()
    if _FINGERPRINT.fullmatch(digits) is None:
        raise InvalidRequest(
            "fingerprint: SHA-256 of the certificate is needed, 64 hexadecimal digits"
            " (openssl x509 -noout -fingerprint -sha256 -in FILE)",
            field="fingerprint",
        )
    return digits


def checked_identifier(issuer: str, value: str) -> PatientIdentifier:
    if _ISSUER.fullmatch(issuer) is None or not value.strip():
        raise InvalidRequest(
            "identifier: an issuer code and a value are needed, as ISSUER|VALUE",
            field="identifiers",
        )
    return PatientIdentifier(issuer, value.strip())
