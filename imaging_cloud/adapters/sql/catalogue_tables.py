"""Tables of the catalogue: what hospitals say that their items mean, and names never understood."""

from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text

from imaging_cloud.adapters.sql.column_types import UtcDateTime, key_type

_CODE, _KEY, _SHORT = key_type(64), key_type(255), key_type(16)


def catalogue_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """Add `catalogue_item`, `catalogue_version` and `unread_order` to the index's tables.

    An item's `institution` is empty where it holds for the whole region; its `item_key` is
    `code:...` or `name:...`; a field that is null is left to the rules. Processes compare the
    versions with what they hold. Unread studies are found among the exams, unread orders here.
    """
    item = Table(
        "catalogue_item",
        metadata,
        Column("institution", _CODE, primary_key=True),
        Column("item_key", _KEY, primary_key=True),
        Column("code", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("modality", _SHORT),
        Column("regions", Text),
        Column("focus", Text),
        Column("laterality", _SHORT),
        Column("contrast", _SHORT),
        Column("angio", Boolean),
        Column("purpose", _SHORT),
        Column("version", Integer, nullable=False),
        Column("saved_at", UtcDateTime, nullable=False),
    )
    version = Table(
        "catalogue_version",
        metadata,
        Column("institution", _CODE, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("changed_at", UtcDateTime, nullable=False),
    )
    unread = Table(
        "unread_order",
        metadata,
        Column("institution", _CODE, primary_key=True),
        Column("name_key", _KEY, primary_key=True),
        Column("code", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("missing", Text, nullable=False),
        Column("times", Integer, nullable=False),
        Column("last_seen_at", UtcDateTime, nullable=False),
    )
    return item, version, unread
