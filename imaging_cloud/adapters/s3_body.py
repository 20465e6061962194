"""The body of an S3 answer as a raw stream that gives its connection back when closed."""

import io
from collections.abc import Callable

import urllib3
from urllib3.exceptions import HTTPError

from imaging_cloud.domain.errors import Unavailable


class S3Body(io.RawIOBase):
    """Raises Unavailable when the stream breaks or ends before its announced length."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        super().__init__()
        self._response = response

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        view = memoryview(buffer)
        data = self._reading(lambda: self._response.read(len(view)))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self._reading(self._response.read)

    def _reading(self, read: Callable[[], bytes]) -> bytes:
        try:
            return read()
        except (HTTPError, OSError) as exc:
            raise Unavailable("the object store broke off while reading") from exc

    def close(self) -> None:
        if not self.closed:
            self._response.close()
            self._response.release_conn()
        super().close()
