"""Tables of log-in codes, counts of tries, and patients' links."""

from sqlalchemy import JSON, Column, Index, Integer, MetaData, Table, Text

from imaging_cloud.adapters.sql.column_types import UtcDateTime, key_type

_CODE, _ID, _IDENTIFIER, _DIGEST = key_type(64), key_type(36), key_type(128), key_type(64)


def share_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """Add `share`, `login_code` and `try_count` to the index's tables.

    A share keeps the SHA-256 of its link's token, never the token. Codes and passcodes are kept
    as digests that need the region's key. A count's `window_start` is in seconds.
    """
    share = Table(
        "share",
        metadata,
        Column("share_id", _ID, primary_key=True),
        Column("token_hash", _DIGEST, nullable=False),
        Column("person_id", _ID, nullable=False),
        Column("issuer", _CODE, nullable=False),
        Column("value", _IDENTIFIER, nullable=False),
        Column("study_uids", JSON, nullable=False),
        Column("label", Text, nullable=False),
        Column("passcode_digest", _DIGEST, nullable=False),
        Column("max_opens", Integer),
        Column("opens", Integer, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("created_at", UtcDateTime, nullable=False),
        Column("expires_at", UtcDateTime, nullable=False),
        Column("revoked_at", UtcDateTime),
    )
    Index(None, share.c.token_hash)
    Index(None, share.c.person_id)
    login = Table(
        "login_code",
        metadata,
        Column("login_id", _CODE, primary_key=True),
        Column("issuer", _CODE, nullable=False),
        Column("value", _IDENTIFIER, nullable=False),
        Column("code_digest", _DIGEST, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("expires_at", UtcDateTime, nullable=False),
    )
    Index(None, login.c.expires_at)
    tries = Table(
        "try_count",
        metadata,
        Column("try_key", _DIGEST, primary_key=True),
        Column("window_start", Integer, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("over_at", UtcDateTime, nullable=False),
    )
    Index(None, tries.c.over_at)
    return share, login, tries
