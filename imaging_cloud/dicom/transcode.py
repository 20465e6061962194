"""A stored instance as explicit VR little endian, uncompressed (PS3.5 A.2)."""

import io
from collections.abc import Callable

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID

from imaging_cloud.dicom.json_model import little_endian
from imaging_cloud.dicom.pixel_format import pixel_format
from imaging_cloud.dicom.stored import DOUBLE_PIXELS, FLOAT_PIXELS, StoredInstance
from imaging_cloud.dicom.transfer_syntaxes import EXPLICIT_LITTLE, encoding_of
from imaging_cloud.domain.errors import NotSupported

# The whole object is held in memory; larger ones are retrieved as stored, or frame by frame.
MAX_BYTES = 512 * 1024**2
_SWAPPED = frozenset({"OW", "OF", "OL", "OD", "OV"})
_OFFSETS = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")


def explicit_little(stored: StoredInstance, frame_of: Callable[[int], bytes]) -> bytes:
    """A Part 10 file. `frame_of(number)`: the frame uncompressed, little endian.

    The instance keeps its UID: its values are those that it always stood for (PS3.18 8.7.3.5.2).
    Raises NotSupported.
    """
    dataset = stored.dataset
    little = encoding_of(stored.transfer_syntax_uid).little
    if not little:
        dataset.walk(_swap)
    if stored.pixels is not None:
        _put_pixels(dataset, stored, frame_of)
    for keyword in _OFFSETS:
        if keyword in dataset:
            del dataset[keyword]
    return _written(dataset)


def _put_pixels(dataset: Dataset, stored: StoredInstance, frame_of: Callable[[int], bytes]) -> None:
    layout = pixel_format(dataset)
    if layout.frames * (layout.native_frame_bits // 8) > MAX_BYTES:
        raise NotSupported("this object is too large to be converted; retrieve it as stored")
    if layout.bits_allocated == 1 and layout.frames > 1:
        raise NotSupported("one-bit frames are not converted; retrieve them as stored")
    pixels = b"".join(frame_of(number) for number in range(1, layout.frames + 1))
    pixels += bytes(len(pixels) % 2)
    tag = stored.pixels.tag if stored.pixels else 0
    if tag in {FLOAT_PIXELS, DOUBLE_PIXELS}:
        dataset.add_new(tag, "OF" if tag == FLOAT_PIXELS else "OD", pixels)
        return
    dataset.add_new(tag, "OW" if layout.bits_allocated > 8 else "OB", pixels)  # noqa: PLR2004
    if stored.pixels is not None and stored.pixels.length is None:
        _describe_decoded(dataset, samples=layout.samples)


def _describe_decoded(dataset: Dataset, *, samples: int) -> None:
    """What decoding changed: colours are RGB, sample by sample."""
    if samples > 1:
        dataset.PhotometricInterpretation = "RGB"
        dataset.PlanarConfiguration = 0


def _swap(holder: Dataset, element: object) -> None:
    """Words of big endian bulk values the other way round; pydicom keeps them as they are."""
    del holder
    vr, value = getattr(element, "VR", ""), getattr(element, "value", None)
    if vr in _SWAPPED and isinstance(value, bytes):
        element.value = little_endian(vr, value, little=False)  # type: ignore[attr-defined]


def _written(dataset: Dataset) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(EXPLICIT_LITTLE)
    out = io.BytesIO()
    whole = FileDataset("", dict(dataset.items()), preamble=bytes(128), file_meta=meta)
    try:
        dcmwrite(out, whole, enforce_file_format=True, implicit_vr=False, little_endian=True)
    except (ValueError, TypeError, AttributeError, KeyError, NotImplementedError) as error:
        raise NotSupported(
            "this object's data set cannot be converted; retrieve it as stored"
        ) from error
    return out.getvalue()
