"""render_slice: one frame as a picture, from what is derived where that is enough."""

from imaging_cloud.dicom.frames import frame_source
from imaging_cloud.dicom.pixel_format import representative_frame
from imaging_cloud.dicom.range_file import range_file
from imaging_cloud.dicom.render import Rendering, look_of, render_picture, render_pixels
from imaging_cloud.dicom.stored import read_stored
from imaging_cloud.domain.errors import NotFound
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.derive_frames import HTJ2K, decode_frame
from imaging_cloud.use_cases.derived_shelf import Shelf, reduced_pixels

# The longer side of the JPEG previews of colour frames.
_PREVIEW_SIDE = 256


def render_slice(row: InstanceRow, asked: Rendering, shelf: Shelf, cloud: Cloud) -> bytes:
    """The encoded picture. Raises NotSupported where there is none, NotFound for no such frame."""
    picture = _from_derived(row, asked, shelf, cloud)
    if picture is not None:
        return picture
    key = row.object_key
    stored = read_stored(
        range_file(lambda offset, length: cloud.objects.read_range(key, offset, length), row.size)
    )
    frame = asked.frame or representative_frame(stored.dataset)
    pixels = decode_frame(frame_source(stored, frame), cloud.jail)
    return render_pixels(pixels, look_of(stored.dataset, frame), asked)


def _from_derived(row: InstanceRow, asked: Rendering, shelf: Shelf, cloud: Cloud) -> bytes | None:
    """A small picture of what was derived; None when that has to come from the original."""
    box = asked.viewport
    if box is None or box.part is not None or (asked.frame is None and row.frames > 1):
        return None
    found = shelf.find_slice(row, asked.frame or 1)
    if found is None:
        return None
    side = max(box.width, box.height)
    try:
        if found.facts["form"] == HTJ2K:
            return render_pixels(reduced_pixels(found, side, cloud), found.look, asked)
        if asked.window is None and side <= _PREVIEW_SIDE:
            return render_picture(found.read_preview(cloud), found.look, asked)
    except NotFound:
        shelf.forget(found.document)
    return None
