"""Reading a request's body from a plain `def` endpoint, which runs in a thread."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import anyio
from anyio import from_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from imaging_cloud.domain.errors import InvalidRequest

# A sender that says nothing for so long is gone; its thread is needed by others.
_SILENCE_SECONDS = 30
_MAX_FIELDS = 200


def read_body(request: Request) -> bytes:
    """The whole body; BodyLimit keeps it small."""
    return from_thread.run(request.body)


def read_form(request: Request) -> dict[str, str]:
    """The first value of each field of a form as browsers send it without files."""
    body = read_body(request).decode("utf-8", "replace")
    try:
        fields = parse_qs(body, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise InvalidRequest("the form has too many fields") from error
    return {name: values[0] for name, values in fields.items()}


def body_chunks(request: Request) -> Iterator[bytes]:
    """The body piece by piece, as it arrives; never the whole of it in memory."""
    stream = request.stream()

    async def next_chunk() -> bytes | None:
        with anyio.fail_after(_SILENCE_SECONDS):
            try:
                return await anext(stream)
            except StopAsyncIteration:
                return None

    try:
        while (chunk := from_thread.run(next_chunk)) is not None:
            yield chunk
    except TimeoutError as error:
        raise InvalidRequest("the body stopped arriving") from error
    except ClientDisconnect as error:
        raise InvalidRequest("the sender went away before the body was complete") from error
