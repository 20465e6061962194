"""identify_cds_client: from an order screen's own JWT to who is asking (CDS Hooks 2.0.1)."""

import base64
import binascii
import json

from imaging_cloud.domain.access import Principal, Role
from imaging_cloud.domain.errors import NotAuthenticated
from imaging_cloud.ports.cloud import Cloud


def is_client_token(token: str) -> bool:
    """Whether the token says that it was signed by a key pair, as ours never are."""
    head = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    algorithm = header.get("alg") if isinstance(header, dict) else None
    return isinstance(algorithm, str) and not algorithm.startswith("HS")


def identify_cds_client(token: str, audience: str, cloud: Cloud) -> Principal:
    """Raises NotAuthenticated for any fault of the token, or when it was used before.

    The caller speaks for the institution it was registered for, and for no other.
    """
    now = cloud.clock.now()
    read = cloud.client_tokens.read_client_token(token, audience=audience, now=now)
    if not cloud.clients.use_token_once(
        read.client.issuer, read.token_id, expires_at=read.expires_at, now=now
    ):
        raise NotAuthenticated("the client's token was used before (jti); make a new one each time")
    return Principal(
        role=Role.SERVICE,
        subject=read.client.issuer,
        institution=read.client.institution,
        token_id=read.token_id,
        expires_at=read.expires_at,
    )
