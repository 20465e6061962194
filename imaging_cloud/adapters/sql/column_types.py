"""Column types of the index, and the form in which text enters it."""

import hashlib
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

# Identifiers compare byte by byte everywhere: the same order in SQLite, PostgreSQL and Python,
# and prefix searches can use the index whatever the locale of the database.
_BYTEWISE = "C"

# A hash keeps an over-long identifier unique after it was cut.
_HASH_LENGTH = 32


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware UTC out. SQLite keeps it as naive UTC text, which sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot enter the index")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - the signature is SQLAlchemy's
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def key_type(length: int) -> TypeEngine[str]:
    """Text that identifies: bounded, compared byte by byte."""
    return String(length).with_variant(String(length, collation=_BYTEWISE), "postgresql")


def search_type() -> TypeEngine[str]:
    """Text that is searched by prefix: compared byte by byte."""
    return Text().with_variant(Text(collation=_BYTEWISE), "postgresql")


def clean_text(text: str, length: int) -> str:
    """Drop what a database cannot hold (NUL, lone surrogates) and cut to `length` characters.

    Only the index is cut: the object keeps every byte.
    """
    if len(text) <= length and text.isascii() and "\x00" not in text:
        return text
    short = text[: length + 64].replace("\x00", "")
    return short.encode("utf-8", "replace").decode("utf-8")[:length]


def clean_identifier(text: str, length: int) -> str:
    """Like clean_text, but two different identifiers never become the same by being cut."""
    whole = text.replace("\x00", "").encode("utf-8", "backslashreplace").decode("utf-8").strip()
    if len(whole) <= length:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{whole[: length - _HASH_LENGTH - 1]}#{digest}"


def _id_maker() -> Callable[[], str]:
    lock = threading.Lock()
    last = 0

    def make() -> str:
        nonlocal last
        with lock:
            # 48 bits of milliseconds and 12 bits of counter in one number that only grows
            # (RFC 9562 6.2, method 3), so ids of one process sort in the order they were made.
            stamp = max(last + 1, time.time_ns() * 4096 // 1_000_000)
            last = stamp
        bits = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0x2 << 62
        return str(UUID(int=bits | int.from_bytes(os.urandom(8), "big") >> 2))

    return make


new_id = _id_maker()
"""A UUIDv7 as text (36 characters): unique without a sequence, sorting by the time it was made."""

JsonValue = dict[str, Any] | list[Any]
