"""How the pixels of an image are laid out (PS3.3 C.7.6.3, PS3.5 §8)."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from imaging_cloud.domain.errors import NotSupported

# Larger frames are slide scans, which are read by tiles; a lying header is not believed either.
MAX_SAMPLES = 2**28
_BITS = frozenset({1, 8, 16, 32, 64})


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelFormat:
    rows: int
    columns: int
    samples: int
    frames: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    planar: bool
    photometric: str

    @property
    def shape(self) -> tuple[int, ...]:
        if self.samples == 1:
            return (self.rows, self.columns)
        return (self.rows, self.columns, self.samples)

    @property
    def native_frame_bits(self) -> int:
        """One frame without compression; 4:2:2 keeps two samples of three (C.7.6.3.1.2)."""
        samples = self.samples
        if self.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422"):
            samples = 2
        return self.rows * self.columns * samples * self.bits_allocated


def pixel_format(dataset: Dataset) -> PixelFormat:
    """Raises NotSupported when the object holds no image, or one that cannot be shown."""
    try:
        rows, columns = int(dataset.Rows), int(dataset.Columns)
        bits = int(dataset.BitsAllocated)
        found = PixelFormat(
            rows=rows,
            columns=columns,
            samples=int(dataset.get("SamplesPerPixel") or 1),
            frames=frame_count(dataset),
            bits_allocated=bits,
            bits_stored=min(int(dataset.get("BitsStored") or bits), bits),
            signed=dataset.get("PixelRepresentation") == 1,
            planar=dataset.get("PlanarConfiguration") == 1,
            photometric=str(dataset.get("PhotometricInterpretation") or "MONOCHROME2"),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise NotSupported("this object holds no picture") from error
    if found.samples not in (1, 3) or bits not in _BITS or min(rows, columns) < 1:
        raise NotSupported("this object's pixels are of a kind that is not shown here")
    if rows * columns * found.samples > MAX_SAMPLES:
        raise NotSupported("this object's frames are too large to be shown here")
    return found


def frame_count(dataset: Dataset) -> int:
    try:
        return max(int(dataset.get("NumberOfFrames") or 1), 1)
    except (TypeError, ValueError):
        return 1


def representative_frame(dataset: Dataset) -> int:
    """The frame, from 1, that stands for the object: its own choice, else the middle one."""
    frames = frame_count(dataset)
    chosen = dataset.get("RepresentativeFrameNumber")
    if isinstance(chosen, int) and 1 <= chosen <= frames:
        return chosen
    return (frames + 1) // 2
