"""Reading a stored Part 10 object: its data set without pixels, and where the pixels lie."""

import io
import logging
import struct
import warnings
from dataclasses import dataclass
from typing import BinaryIO

from pydicom import config
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag

from imaging_cloud.dicom.file_meta import read_file_meta
from imaging_cloud.dicom.inflate import inflate
from imaging_cloud.dicom.transfer_syntaxes import encoding_of
from imaging_cloud.domain.errors import InvalidInstance, NotSupported

# What was accepted is shown as it is. pydicom's warnings quote values, which are patient data, and
# it writes each to its log as well.
config.settings.reading_validation_mode = config.IGNORE
warnings.filterwarnings("ignore", module=r"pydicom\..*")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS = 0x7FE00010, 0x7FE00008, 0x7FE00009
_PIXELS = frozenset({PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS})
_UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the pixels' value begins in `StoredInstance.source`; None as length: encapsulated."""

    tag: int
    vr: str
    offset: int
    length: int | None


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """`source` is the object's file, or the inflated data set of a deflated one."""

    dataset: Dataset
    transfer_syntax_uid: str
    pixels: PixelElement | None
    source: BinaryIO


def read_stored(source: BinaryIO) -> StoredInstance:
    """Raises NotSupported for what passed the intake and still cannot be read here."""
    try:
        return _read_stored(source)
    except (InvalidInstance, ValueError, KeyError, AttributeError, TypeError) as error:
        raise _unreadable() from error
    except (EOFError, RecursionError, NotImplementedError, struct.error) as error:
        raise _unreadable() from error


def _unreadable() -> NotSupported:
    return NotSupported("this object's data set cannot be read here; retrieve it as stored")


def _read_stored(source: BinaryIO) -> StoredInstance:
    meta = read_file_meta(source)
    syntax = meta.transfer_syntax_uid
    encoding = encoding_of(syntax)
    if encoding.deflated:
        source = io.BytesIO(inflate(source.read()))
    else:
        source.seek(meta.length)
    explicit = _is_explicit(source)
    dataset = read_dataset(
        source,
        is_implicit_VR=not explicit,
        is_little_endian=encoding.little,
        stop_when=_at_pixels,
    )
    pixels = _pixel_element(source, explicit=explicit, little=encoding.little)
    return StoredInstance(dataset, syntax, pixels, source)


def _is_explicit(source: BinaryIO) -> bool:
    """Whether the first element has a VR; in the field it does not always as its syntax says."""
    begin = source.tell()
    vr = source.read(6)[4:]
    source.seek(begin)
    return vr.isalpha() and vr.isupper()


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return int(tag) in _PIXELS


def _pixel_element(source: BinaryIO, *, explicit: bool, little: bool) -> PixelElement | None:
    """The element the reader stopped before; None at the end of the data set."""
    begin = source.tell()
    start = source.read(12)
    order = "<" if little else ">"
    if len(start) < 8:  # noqa: PLR2004 - the shortest element
        return None
    group, element = struct.unpack_from(f"{order}HH", start)
    tag = group << 16 | element
    if tag not in _PIXELS:
        return None
    header = 12 if explicit else 8
    (length,) = struct.unpack_from(f"{order}I", start, header - 4)
    vr = start[4:6].decode("ascii", "replace") if explicit else "OW"
    return PixelElement(tag, vr, begin + header, None if length == _UNDEFINED else length)
