"""A part of a store: every key behind a prefix, so that several clouds can share one bucket."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from imaging_cloud.ports.object_store import ObjectStore, StoredObject


class PrefixedStore(ObjectStore):
    """`prefix` has no slash at either end."""

    def __init__(self, store: ObjectStore, prefix: str) -> None:
        self._store = store
        self.names_lag = store.names_lag
        self._prefix = prefix + "/"

    def put_file(self, key: str, path: Path) -> None:
        self._store.put_file(self._prefix + key, path)

    def put_bytes(self, key: str, content: bytes) -> None:
        self._store.put_bytes(self._prefix + key, content)

    def make_durable(self, keys: Sequence[str]) -> None:
        self._store.make_durable([self._prefix + key for key in keys])

    def open_object(self, key: str) -> BinaryIO:
        return self._store.open_object(self._prefix + key)

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        return self._store.read_range(self._prefix + key, offset, length)

    def stat_object(self, key: str) -> StoredObject:
        return self._without(self._store.stat_object(self._prefix + key))

    def list_objects(self, prefix: str = "") -> Iterator[StoredObject]:
        return (self._without(each) for each in self._store.list_objects(self._prefix + prefix))

    def delete_object(self, key: str) -> None:
        self._store.delete_object(self._prefix + key)

    def check_ready(self) -> None:
        self._store.check_ready()

    def _without(self, stored: StoredObject) -> StoredObject:
        return replace(stored, key=stored.key.removeprefix(self._prefix))
