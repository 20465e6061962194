"""log_in_by_code: a patient proves by a one-time code that a number is theirs.

Whoever asks learns nothing of the number: known or not, the same is written, counted and answered,
and the message goes out when the answer is already there.
"""

import hmac
import logging
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import InvalidRequest, NotAuthenticated, Unavailable
from imaging_cloud.domain.identifiers import PatientIdentifier, checked_identifier
from imaging_cloud.domain.patients import usable_identifier
from imaging_cloud.ports.audit_trail import AuditEvent
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.code_sender import CodeMessage
from imaging_cloud.ports.logins import PendingLogin
from imaging_cloud.use_cases.limit_tries import (
    CODES_FOR_ADDRESS,
    CODES_FOR_NUMBER,
    WRONG_CODES_OF_ADDRESS,
    check_left,
    note,
    spend,
)
from imaging_cloud.use_cases.sessions import start_session

CODE_MINUTES = 10
CODE_TRIES = 5
_DIGITS = 6
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCode:
    """`message` is to be handed to `send_code` after the answer; None: there is nobody to tell."""

    login_id: str
    code: str
    message: CodeMessage | None


def ask_for_code(
    issuer: str, value: str, *, address: str, language: str, cloud: Cloud
) -> AskedCode:
    """Raises InvalidRequest for what cannot be such a number, TooManyTries, Unavailable."""
    if not cloud.sender.is_offered:
        raise InvalidRequest("log-in by code is not offered here")
    identifier = _checked(issuer, value)
    spend(CODES_FOR_ADDRESS, address, cloud)
    spend(CODES_FOR_NUMBER, f"{identifier.issuer}|{identifier.value}", cloud)
    is_known = bool(cloud.exams.find_persons((identifier,)))
    now = cloud.clock.now()
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    login_id = secrets.token_urlsafe(24)
    digest = _digest(login_id, code, cloud)
    login = PendingLogin(
        login_id=login_id,
        identifier=identifier,
        # Of somebody unknown no code is the right one.
        code_digest=digest if is_known else secrets.token_hex(32),
        expires_at=now + timedelta(minutes=CODE_MINUTES),
    )
    cloud.logins.add_login(login, now=now)
    message = CodeMessage(
        identifier=identifier, code=code, expires_at=login.expires_at, language=language
    )
    return AskedCode(login_id=login_id, code=code, message=message if is_known else None)


def send_code(asked: AskedCode, cloud: Cloud) -> None:
    """After the answer, so that its time tells nothing. A failure is logged; one asks again."""
    if asked.message is None:
        return
    try:
        cloud.sender.send_code(asked.message)
    except Unavailable as error:
        _LOG.error("a log-in code could not be sent: %s", error)


def log_in_with_code(login_id: str, code: str, *, address: str, cloud: Cloud) -> str:
    """The token of a new session. Raises NotAuthenticated alike for wrong, old and used codes."""
    check_left(WRONG_CODES_OF_ADDRESS, address, cloud)
    login = cloud.logins.take_try(login_id, tries=CODE_TRIES, now=cloud.clock.now())
    given = _digest(login_id, _digits(code), cloud)
    right = hmac.compare_digest(given, login.code_digest if login else "")
    if login is None or not right or not cloud.logins.finish_login(login_id):
        note(WRONG_CODES_OF_ADDRESS, address, cloud)
        _LOG.warning("log-in refused: wrong or old code")
        raise NotAuthenticated("this code is wrong, or has run out: ask for a new one")
    identifier = login.identifier
    persons = cloud.exams.find_persons((identifier,))
    cloud.audit.append_event(
        AuditEvent(
            at=cloud.clock.now(),
            action="logged-in",
            actor="patient",
            role=Role.PATIENT.value,
            person_id=persons[0].person_id if persons else "",
            detail="code",
        )
    )
    subject = f"{identifier.issuer}|{identifier.value}"
    return start_session(Principal(role=Role.PATIENT, subject=subject), cloud)


def _checked(issuer: str, value: str) -> PatientIdentifier:
    usable = usable_identifier(
        checked_identifier(issuer, unicodedata.normalize("NFKC", value).strip()[:128])
    )
    if usable is None:
        raise InvalidRequest("value: this cannot be such a number", field="value")
    return usable


def _digits(code: str) -> str:
    """As people type it: with spaces, or in full-width digits."""
    plain = unicodedata.normalize("NFKC", code[:64])
    return "".join(character for character in plain if character.isdecimal())


def _digest(login_id: str, code: str, cloud: Cloud) -> str:
    return cloud.signer.digest_secret("login-code", f"{login_id}|{code}")
