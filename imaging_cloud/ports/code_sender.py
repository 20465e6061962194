"""The way by which a one-time code reaches a patient: a text message service, as a rule.

Where the phone number comes from is the sender's business: the cloud knows none.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.identifiers import PatientIdentifier


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMessage:
    """`language` is that of the page on which the code was asked for: zh-CN or en."""

    identifier: PatientIdentifier
    code: str
    expires_at: datetime
    language: str


class CodeSender(Protocol):
    @property
    def is_offered(self) -> bool:
        """False: there is no way to send, so nobody logs in by code."""
        ...

    @property
    def shows_on_screen(self) -> bool:
        """True for the demo alone: the page itself shows the code."""
        ...

    def send_code(self, message: CodeMessage) -> None:
        """Hand it over. Raises Unavailable. Never logs the message."""
        ...
