"""S3Store: objects in a bucket of any S3 server, through the `minio` client."""

import base64
import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error, ServerError
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry, Timeout

from imaging_cloud.adapters.s3_body import S3Body
from imaging_cloud.domain.errors import (
    CloudError,
    InvalidRequest,
    NotFound,
    OutOfSpace,
    StoreAway,
    Unavailable,
)
from imaging_cloud.ports.object_store import ObjectStore, StoredObject

_log = logging.getLogger(__name__)

# One PUT up to here; beyond it several parts of this size, each held in memory.
_PART_BYTES = 64 << 20
_READ_BYTES = 1 << 20
_CONNECTIONS = 64
_CONNECT_SECONDS, _READ_SECONDS = 3, 30
_READY_SECONDS = 0.9  # connect and read each: an answer within 2 s in all
_PUT_EXPIRY = timedelta(minutes=15)
_DICOM = "application/dicom"

_PROBES = "_probe/"
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")
_OK, _NOT_FOUND, _CONFLICT, _EXISTS, _NOT_IMPLEMENTED, _FULL = 200, 404, 409, 412, 501, 507
_MISSING_CODES = frozenset({"NoSuchKey", "NoSuchVersion", "NotFound", "ResourceNotFound"})
_FULL_CODES = frozenset({"XMinioStorageFull", "InsufficientStorage", "QuotaExceeded"})
# What servers without a code of their own say (SeaweedFS: "no free volumes left").
_FULL_WORDS = re.compile("no space|no free volume|disk full|storage full", re.IGNORECASE)
_ERROR_BYTES = 4096
_MAX_KEY = 1024
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Location:
    """Where a bucket is: `s3://BUCKET?endpoint=http://127.0.0.1:8333&region=us-east-1`."""

    bucket: str
    endpoint: str
    region: str = "us-east-1"

    @classmethod
    def parse(cls, url: str) -> "S3Location":
        parts = urlsplit(url)
        given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        endpoint = given.get("endpoint", "https://s3.amazonaws.com").rstrip("/")
        address = urlsplit(endpoint)
        named = parts.scheme == "s3" and _BUCKET.fullmatch(parts.netloc)
        if not named or address.scheme not in ("http", "https") or not address.netloc:
            raise InvalidRequest(
                "object store: s3://BUCKET?endpoint=http://host:port&region=name is needed",
                field="OBJECT_STORE_URL",
            )
        return cls(bucket=parts.netloc, endpoint=endpoint, region=given.get("region", "us-east-1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Abilities:
    """What a server was found to do. Nothing here is needed for safety: keys are content."""

    refuses_existing: bool
    checks_content: bool


class _NotWhenSilent(Retry):
    """A server that was silent for the whole timeout is not asked again: a sender is waiting."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)


class S3Store(ObjectStore):
    """Objects are put in one request with their MD5, which the server checks.

    A key stands for its content, so a put onto an existing key would write the same bytes;
    servers that know If-None-Match are spared even that.
    """

    names_lag = False

    def __init__(self, location: S3Location, *, access_key: str, secret_key: str) -> None:
        self._location = location
        self._pool = urllib3.PoolManager(
            maxsize=_CONNECTIONS,
            timeout=Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
            retries=_NotWhenSilent(
                total=2,
                backoff_factor=0.2,
                status_forcelist=(500, 502, 503, 504),
                allowed_methods=None,  # every request here may be repeated
                raise_on_status=False,
                redirect=0,
            ),
        )
        self._keys = (access_key, secret_key)
        self._client = self._open_client(self._pool)
        self._quick = self._open_client(
            urllib3.PoolManager(
                maxsize=2,
                timeout=Timeout(connect=_READY_SECONDS, read=_READY_SECONDS),
                retries=Retry(total=0),
            )
        )
        self._conditional = True

    def _open_client(self, pool: urllib3.PoolManager) -> Minio:
        address = urlsplit(self._location.endpoint)
        access_key, secret_key = self._keys
        return Minio(
            endpoint=address.netloc,
            access_key=access_key,
            secret_key=secret_key,
            secure=address.scheme == "https",
            region=self._location.region,
            http_client=pool,
        )

    def put_file(self, key: str, path: Path) -> None:
        with _translated_errors(key):
            size = path.stat().st_size
            if size <= _PART_BYTES:
                self._put_once(_checked(key), lambda: path.open("rb"), size)
            else:
                self._put_parts(_checked(key), path, size)

    def put_bytes(self, key: str, content: bytes) -> None:
        with _translated_errors(key):
            self._put_once(_checked(key), lambda: io.BytesIO(content), len(content))

    def make_durable(self, keys: Sequence[str]) -> None:
        """An answered PUT is durable, name and all."""

    def _put_once(self, key: str, opened: Callable[[], BinaryIO], size: int) -> None:
        with opened() as file:
            digest = _md5_of(file)
        answer = self._put(key, opened, size, digest, conditional=self._conditional)
        if answer.status == _NOT_IMPLEMENTED and self._conditional:
            self._conditional = False
            answer = self._put(key, opened, size, digest, conditional=False)
        if answer.status == _CONFLICT:  # another writer of this very key is on its way
            answer = self._put(key, opened, size, digest, conditional=self._conditional)
        if answer.status == _EXISTS:
            self._check_same_size(key, size)
        elif answer.status != _OK:
            raise _meaning_of(answer.status, _code_of(answer.data), key, _text_of(answer.data))

    def _put(
        self,
        key: str,
        opened: Callable[[], BinaryIO],
        size: int,
        digest: bytes,
        *,
        conditional: bool,
    ) -> urllib3.BaseHTTPResponse:
        """PUT through a presigned address: the body is streamed, and headers are ours."""
        url = self._client.get_presigned_url(
            method="PUT", bucket_name=self._bucket, object_name=key, expires=_PUT_EXPIRY
        )
        headers = {
            "Content-Length": str(size),
            "Content-MD5": base64.b64encode(digest).decode(),
            "Content-Type": _DICOM,
        }
        if conditional:
            headers["If-None-Match"] = "*"
        with opened() as body:
            return self._pool.urlopen("PUT", url, body=body, headers=headers, redirect=False)

    def _put_parts(self, key: str, path: Path, size: int) -> None:
        """Large objects: looked for first, since parts cannot be made conditional everywhere."""
        try:
            self._check_same_size(key, size)
        except NotFound:
            with path.open("rb") as file:
                self._client.put_object(
                    bucket_name=self._bucket,
                    object_name=key,
                    data=file,
                    length=size,
                    content_type=_DICOM,
                    part_size=_PART_BYTES,
                    num_parallel_uploads=1,
                )

    def _check_same_size(self, key: str, size: int) -> None:
        """Content-addressed objects of one key are equal; another size means damage, so say so."""
        if self.stat_object(key).size != size:
            raise Unavailable(
                f"object {key} is stored with another size: run `imaging-cloud check`"
            )

    def open_object(self, key: str) -> BinaryIO:
        with _translated_errors(key):
            response = self._client.get_object(bucket_name=self._bucket, object_name=_checked(key))
        return io.BufferedReader(S3Body(response))

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        if length <= 0:
            return b""
        try:
            with _translated_errors(key):
                response = self._client.get_object(
                    bucket_name=self._bucket,
                    object_name=_checked(key),
                    offset=offset,
                    length=length,
                )
        except _BeyondEnd:
            return b""
        with S3Body(response) as body:
            return body.readall()

    def stat_object(self, key: str) -> StoredObject:
        with _translated_errors(key):
            found = self._client.stat_object(bucket_name=self._bucket, object_name=_checked(key))
        return StoredObject(key=key, size=found.size or 0, changed_at=found.last_modified)

    def list_objects(self, prefix: str = "") -> Iterator[StoredObject]:
        with _translated_errors():
            for found in self._client.list_objects(
                bucket_name=self._bucket, prefix=prefix, recursive=True
            ):
                name = found.object_name or ""
                if not found.is_dir and not name.startswith(_PROBES):
                    yield StoredObject(
                        key=name, size=found.size or 0, changed_at=found.last_modified
                    )

    def delete_object(self, key: str) -> None:
        try:
            with _translated_errors(key):
                self._client.remove_object(bucket_name=self._bucket, object_name=_checked(key))
        except NotFound:
            return

    def check_ready(self) -> None:
        with _translated_errors():
            if not self._quick.bucket_exists(bucket_name=self._bucket):
                raise Unavailable(f"bucket {self._bucket} is not there")

    def probe_abilities(self) -> S3Abilities:
        """Find out and log what the server does with If-None-Match and a wrong Content-MD5.

        Raises Unavailable when a plain round trip fails.
        """
        self.check_ready()
        key = f"{_PROBES}{uuid4().hex}"

        def opened() -> BinaryIO:
            return io.BytesIO(b"probe")

        try:
            right, wrong = _md5(b"probe").digest(), _md5(b"other").digest()
            with _translated_errors(key):
                first = self._put(key, opened, 5, right, conditional=True)
                if first.status == _NOT_IMPLEMENTED:
                    first = self._put(key, opened, 5, right, conditional=False)
                if first.status != _OK:
                    raise _meaning_of(first.status, _code_of(first.data), key, _text_of(first.data))
                again = self._put(key, opened, 5, right, conditional=True)
                damaged = self._put(f"{key}-md5", opened, 5, wrong, conditional=False)
            if self.read_range(key, 1, 3) != b"rob":
                raise Unavailable("the object store does not give back what it was given")
        finally:
            self.delete_object(key)
            self.delete_object(f"{key}-md5")
        found = S3Abilities(
            refuses_existing=again.status == _EXISTS, checks_content=damaged.status != _OK
        )
        self._conditional = found.refuses_existing
        _log.info(
            "object store: If-None-Match %s, Content-MD5 %s",
            "kept" if found.refuses_existing else "ignored",
            "checked" if found.checks_content else "ignored",
        )
        return found

    @property
    def _bucket(self) -> str:
        return self._location.bucket


def _md5_of(file: BinaryIO) -> bytes:
    digest = _md5()
    while chunk := file.read(_READ_BYTES):
        digest.update(chunk)
    return digest.digest()


def _md5(data: bytes = b"") -> "hashlib._Hash":
    return hashlib.md5(data, usedforsecurity=False)


def _checked(key: str) -> str:
    if len(key) > _MAX_KEY or _KEY.fullmatch(key) is None:
        raise InvalidRequest("an object key is made of plain names and slashes", field="key")
    return key


def _code_of(body: bytes) -> str:
    found = _CODE.search(body)
    return found[1].decode() if found else ""


def _text_of(body: bytes) -> str:
    return body[:_ERROR_BYTES].decode("utf-8", "replace")


class _BeyondEnd(CloudError):  # noqa: N818 - named by its meaning
    """A range that begins at or after the object's end."""


def _meaning_of(status: int, code: str, key: str, message: str = "") -> CloudError:
    if code == "NoSuchBucket":
        return Unavailable("the bucket of the object store is not there")
    if code in _MISSING_CODES or (status == _NOT_FOUND and not code):
        return NotFound(f"no object {key}")
    if code == "InvalidRange":
        return _BeyondEnd(f"object {key} ends before")
    if status == _FULL or code in _FULL_CODES or _FULL_WORDS.search(message):
        return OutOfSpace("the object store is full")
    return StoreAway(f"the object store answered {status} {code}".rstrip())


@contextmanager
def _translated_errors(key: str = "") -> Iterator[None]:
    try:
        yield
    except S3Error as exc:
        status = exc.response.status
        raise _meaning_of(status, exc.code or "", key, exc.message or "") from exc
    except ServerError as exc:
        raise _meaning_of(exc.status_code, "", key) from exc
    except MinioException as exc:
        raise StoreAway("the object store answered something else than S3") from exc
    except (HTTPError, OSError) as exc:
        raise StoreAway(f"the object store cannot be reached ({type(exc).__name__})") from exc
