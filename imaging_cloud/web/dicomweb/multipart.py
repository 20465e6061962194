"""multipart/related (RFC 2046, RFC 2387): written part by part, read without holding a part."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from imaging_cloud.domain.errors import InvalidRequest

_MAX_HEADER_BYTES = 16 * 1024
_MAX_PARTS = 50_000
_MAX_BOUNDARY = 70  # RFC 2046 5.1.1
_CRLF = b"\r\n"


def new_boundary() -> str:
    """Random, so that no stored object can hold it."""
    return secrets.token_hex(16)


def part_head(boundary: str, content_type: str, location: str = "") -> bytes:
    lines = [f"--{boundary}", f"Content-Type: {content_type}"]
    if location:
        lines.append(f"Content-Location: {location}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def multipart_end(boundary: str) -> bytes:
    return f"--{boundary}--\r\n".encode("ascii")


@dataclass(frozen=True, slots=True)
class Limits:
    """Past any of these the request is refused with InvalidRequest."""

    part_bytes: int
    header_bytes: int = _MAX_HEADER_BYTES
    parts: int = _MAX_PARTS


class MultipartReader:
    """Pulls parts out of a body that arrives in chunks of any size.

    Memory: one chunk and a boundary's length, whatever the part's size. Boundaries are found with
    bytes.find, which runs at memory speed.
    """

    def __init__(self, chunks: Iterable[bytes], boundary: str, limits: Limits) -> None:
        if not 1 <= len(boundary) <= _MAX_BOUNDARY or not boundary.isascii():
            raise InvalidRequest("Content-Type: a boundary of 1 to 70 characters is needed")
        self._chunks = iter(chunks)
        self._limits = limits
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        # A body may begin with a boundary, without the CRLF that stands before all others.
        self._buffer = bytearray(_CRLF)

    def parts(self) -> Iterator["Part"]:
        """Each part once; what its taker left unread is skipped. Raises InvalidRequest."""
        self._skip_preamble()
        count = 0
        while self._begin_part():
            count += 1
            if count > self._limits.parts:
                raise InvalidRequest(f"more than {self._limits.parts} parts")
            part = Part(self, self._read_headers())
            yield part
            while part.read(1 << 20):
                pass

    def _skip_preamble(self) -> None:
        while (at := self._buffer.find(self._delimiter)) < 0:
            del self._buffer[: -len(self._delimiter)]
            self._need_more()
        del self._buffer[: at + len(self._delimiter)]

    def _begin_part(self) -> bool:
        """After a delimiter: True when another part follows, False at the closing one."""
        while len(self._buffer) < 2 or (  # noqa: PLR2004 - `--` or CRLF
            b"\n" not in self._buffer and not self._buffer.startswith(b"--")
        ):
            if len(self._buffer) > self._limits.header_bytes:
                raise InvalidRequest("a boundary line is too long")
            self._need_more()
        if self._buffer.startswith(b"--"):
            return False
        end = self._buffer.find(b"\n")
        if self._buffer[:end].strip(b" \t\r"):
            raise InvalidRequest("a boundary line goes on with something else")
        del self._buffer[: end + 1]
        return True

    def _read_headers(self) -> dict[str, str]:
        """Lower-case names; folded lines are joined (RFC 822 3.1.1)."""
        lines: list[str] = []
        taken = 0
        while line := self._read_line():
            taken += len(line)
            if taken > self._limits.header_bytes:
                raise InvalidRequest("the headers of a part are too long")
            text = line.decode("latin-1")
            if text[0] in " \t" and lines:
                lines[-1] += " " + text.strip()
            else:
                lines.append(text)
        pairs = (line.partition(":") for line in lines)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    def _read_line(self) -> bytes:
        while (at := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > self._limits.header_bytes:
                raise InvalidRequest("the headers of a part are too long")
            self._need_more()
        line = bytes(self._buffer[:at]).rstrip(b"\r")
        del self._buffer[: at + 1]
        if not line:
            self._share_line_end()
        return line

    def _share_line_end(self) -> None:
        """The delimiter after an empty part may share the CRLF that ends the part's headers."""
        bare = self._delimiter[len(_CRLF) :]
        while len(self._buffer) < len(bare):
            self._need_more()
        if self._buffer.startswith(bare):
            self._buffer[:0] = _CRLF

    def read_content(self, size: int) -> tuple[bytes, bool]:
        """(up to `size` bytes of the present part, whether it is at its end)."""
        while True:
            at = self._buffer.find(self._delimiter, 0, size + len(self._delimiter))
            if at >= 0:
                taken = bytes(self._buffer[:at])
                del self._buffer[: at + len(self._delimiter)]
                return taken, True
            safe = min(len(self._buffer) - len(self._delimiter) + 1, size)
            if safe > 0:
                taken = bytes(self._buffer[:safe])
                del self._buffer[:safe]
                return taken, False
            self._need_more()

    @property
    def limits(self) -> Limits:
        return self._limits

    def _need_more(self) -> None:
        for chunk in self._chunks:
            if chunk:
                self._buffer += chunk
                return
        raise InvalidRequest("the body ends before its closing boundary")


class Part:
    """One part; `read` gives its content piece by piece, b"" at its end."""

    def __init__(self, reader: MultipartReader, headers: dict[str, str]) -> None:
        self.headers = headers
        self._reader = reader
        self._ended = False
        self._taken = 0

    def read(self, size: int) -> bytes:
        while not self._ended:
            data, self._ended = self._reader.read_content(size)
            self._taken += len(data)
            if self._taken > self._reader.limits.part_bytes:
                raise InvalidRequest(f"a part of more than {self._reader.limits.part_bytes} bytes")
            if data:
                return data
        return b""
