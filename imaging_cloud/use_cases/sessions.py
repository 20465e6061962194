"""Sessions of our own pages: tokens that live an hour and end for good when somebody logs out."""

import secrets
from dataclasses import replace

from imaging_cloud.domain.access import Principal
from imaging_cloud.domain.errors import NotAuthenticated
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.identify_caller import read_caller

SESSION_MINUTES = 60
# Tells our own sessions from tokens that somebody was given and pasted: those outlive a log-out.
_MARK = "session-"


def start_session(principal: Principal, cloud: Cloud) -> str:
    """A token for the cookie of this browser."""
    marked = replace(principal, token_id=_MARK + secrets.token_urlsafe(12))
    now = cloud.clock.now()
    return cloud.signer.sign_token(marked, issued_at=now, minutes=SESSION_MINUTES)


def end_session(token: str, cloud: Cloud) -> None:
    """Revoke the token, wherever a copy of it may be; nothing for what is no session of ours."""
    try:
        principal = read_caller(token, cloud)
    except NotAuthenticated:
        return
    if principal.token_id.startswith(_MARK):
        cloud.register.revoke_token(principal.token_id, at=cloud.clock.now())
