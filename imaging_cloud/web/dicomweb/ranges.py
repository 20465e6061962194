"""Byte ranges and validators of single answers (RFC 9110 13 and 14)."""

from collections.abc import Callable

from fastapi import Request
from fastapi.responses import Response

Reader = Callable[[int, int], bytes]


def answer_bytes(
    request: Request, read: Reader, size: int, *, etag: str, media_type: str
) -> Response:
    """200, 206, 304 or 416; `read(offset, length)` gives bytes of a whole of `size`.

    `etag` without quotes. Nothing may be kept by any cache: these are patients' images, and a
    program that keeps them itself asks again with If-None-Match.
    """
    tag = f'"{etag}"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Vary": "Accept, Authorization, Cookie"}
    if matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    wanted = None
    if request.headers.get("if-range", tag) == tag:
        wanted = parse_range(request.headers.get("range"), size)
    if wanted is None:
        return Response(read(0, size), headers=headers, media_type=media_type)
    begin, end = wanted
    if begin >= end:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    content = read(begin, end - begin)
    return Response(content, status_code=206, headers=headers, media_type=media_type)


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """(begin, end) of one range; None where the whole is to be sent: no range, several, or none.

    begin >= end: the range is understood and lies outside.
    """
    unit, _, text = (header or "").partition("=")
    first, dash, last = text.strip().partition("-")
    known = unit.strip().lower() == "bytes" and dash and len(text) < 40  # noqa: PLR2004
    if not known or not all(part == "" or _is_number(part) for part in (first, last)):
        return None
    if first == "":
        return (max(size - int(last), 0) if int(last) else size, size) if last else None
    begin = int(first)
    if last and int(last) < begin:
        return None
    return begin, min(int(last) + 1, size) if last else size


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def matches(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match names the tag (weak comparison)."""
    named = {each.strip().removeprefix("W/") for each in (header or "").split(",")}
    return tag in named or "*" in named
