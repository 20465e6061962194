"""Rendered resources and thumbnails (PS3.18 10.4.1.1.3, 10.4.1.1.4)."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from imaging_cloud.dicom.grey import Window, WindowFunction
from imaging_cloud.dicom.render import DEFAULT_QUALITY, JPEG, PICTURE_TYPES, Rendering, Viewport
from imaging_cloud.domain.errors import InvalidRequest, NotFound, NotSupported
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.render_slice import render_slice
from imaging_cloud.web.calls import cloud_of, shelf_of
from imaging_cloud.web.dicomweb.media_types import MULTIPART, MediaType, choose, parse_accept
from imaging_cloud.web.dicomweb.multipart import multipart_end, new_boundary, part_head
from imaging_cloud.web.dicomweb.parts import (
    instance_address,
    middle_picture,
    opened_part,
)

_THUMBNAIL = Viewport(width=256, height=256)
_MAX_SIDE = 8192
_MIN_NUMBERS, _MAX_NUMBERS = 2, 6


def get_rendered(request: Request) -> Response:
    """One picture; of a study or series the middle one, or with multipart/related all of them."""
    accepted = _accepted(request)
    if "sop_instance_uid" not in request.path_params and _wants_all(accepted):
        return _all_pictures(request, accepted)
    media_type = choose(accepted, PICTURE_TYPES)
    asked = _asked(request, media_type, frame=None)
    return _picture(request, asked)


def get_rendered_frame(request: Request, frame: str) -> Response:
    """One frame as a picture."""
    number = _frame_number(frame)
    media_type = choose(_accepted(request), PICTURE_TYPES)
    return _picture(request, _asked(request, media_type, frame=number))


def get_thumbnail(request: Request) -> Response:
    """A small picture that stands for the study, series or instance."""
    return _thumbnail(request, frame=None)


def get_thumbnail_frame(request: Request, frame: str) -> Response:
    """A small picture of one frame."""
    return _thumbnail(request, frame=_frame_number(frame))


def _thumbnail(request: Request, *, frame: int | None) -> Response:
    media_type = choose(_accepted(request), PICTURE_TYPES)
    viewport = _viewport(request.query_params.get("viewport")) or _THUMBNAIL
    asked = Rendering(frame=frame, media_type=media_type, viewport=viewport, quality=80)
    return _picture(request, asked)


def _frame_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 10**8:
        raise InvalidRequest("frame: a number from 1 is needed", field="frame")
    return int(text[:9])


def _accepted(request: Request) -> list[MediaType]:
    return parse_accept(request.headers.get("accept"), request.query_params.get("accept"))


def _wants_all(accepted: list[MediaType]) -> bool:
    return bool(accepted) and accepted[0].name == MULTIPART


def _picture(request: Request, asked: Rendering) -> Response:
    row = middle_picture(opened_part(request, "view"))
    picture = render_slice(row, asked, shelf_of(request), cloud_of(request))
    return Response(picture, media_type=asked.media_type)


def _all_pictures(request: Request, accepted: list[MediaType]) -> Response:
    """Every instance's picture from the middle outwards, so that scrubbing works at once."""
    parts = [MediaType(each.of_parts or JPEG) for each in accepted if each.name == MULTIPART]
    media_type = choose(parts, PICTURE_TYPES)
    asked = _asked(request, media_type, frame=None)
    opened = opened_part(request, "view")
    middle_picture(opened)  # NotFound when there is none
    rows = [row for row in opened.instances if row.rows]
    cloud, shelf = cloud_of(request), shelf_of(request)
    boundary = new_boundary()

    def content() -> Iterator[bytes]:
        for row in _from_middle(rows):
            try:
                picture = render_slice(row, asked, shelf, cloud)
            except (NotSupported, NotFound):
                continue
            address = instance_address(row, cloud.policy.public_url)
            yield part_head(boundary, media_type, f"{address}/rendered")
            yield picture
            yield b"\r\n"
        yield multipart_end(boundary)

    kind = f'{MULTIPART}; type="{media_type}"; boundary={boundary}'
    return StreamingResponse(content(), media_type=kind)


def _from_middle(rows: list[InstanceRow]) -> list[InstanceRow]:
    middle = len(rows) // 2
    order = sorted(range(len(rows)), key=lambda number: (abs(number - middle), number))
    return [rows[number] for number in order]


def _asked(request: Request, media_type: str, *, frame: int | None) -> Rendering:
    query = request.query_params
    return Rendering(
        frame=frame,
        media_type=media_type,
        quality=_quality(query.get("quality")),
        window=_window(query.get("window")),
        viewport=_viewport(query.get("viewport")),
    )


def _quality(text: str | None) -> int:
    if text is None:
        return DEFAULT_QUALITY
    if not text.isdecimal() or not 1 <= int(text[:4]) <= 100:  # noqa: PLR2004 - percent
        raise InvalidRequest("quality: 1 to 100 is needed", field="quality")
    return min(int(text), 95)


def _window(text: str | None) -> Window | None:
    """`center,width[,function]` (PS3.18 8.3.5.1.4)."""
    if text is None:
        return None
    center, _, rest = text.partition(",")
    width, _, function = rest.partition(",")
    try:
        window = Window(
            float(center), float(width), WindowFunction(function.strip().lower() or "linear")
        )
    except ValueError as error:
        raise _bad_window() from error
    if not (abs(window.center) < 1e9 and 0 < window.width < 1e9):  # noqa: PLR2004 - finite
        raise _bad_window()
    return window


def _bad_window() -> InvalidRequest:
    return InvalidRequest(
        "window: center,width,function is needed, function linear, linear-exact or sigmoid",
        field="window",
    )


def _viewport(text: str | None) -> Viewport | None:
    """`width,height[,x,y,width,height]` (PS3.18 8.3.5.1.3); flips are not offered."""
    if text is None:
        return None
    parts = text.split(",")
    if not (
        len(parts) in (_MIN_NUMBERS, _MAX_NUMBERS)
        and all(part.strip().isdecimal() and len(part) < 8 for part in parts)  # noqa: PLR2004
    ):
        raise _bad_viewport()
    width, height, *rest = (int(part) for part in parts)
    if not (1 <= width <= _MAX_SIDE and 1 <= height <= _MAX_SIDE):
        raise _bad_viewport()
    if not rest:
        return Viewport(width=width, height=height)
    left, top, part_width, part_height = rest
    if part_width < 1 or part_height < 1 or max(rest) > 2**16:
        raise _bad_viewport()
    return Viewport(width=width, height=height, part=(left, top, part_width, part_height))


def _bad_viewport() -> InvalidRequest:
    return InvalidRequest(
        f"viewport: width,height[,x,y,width,height] is needed, at most {_MAX_SIDE} a side",
        field="viewport",
    )
