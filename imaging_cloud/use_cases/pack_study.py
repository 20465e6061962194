"""pack_study: a study as one ZIP archive (APPNOTE 6.3), made while it is sent."""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.open_study import OpenedStudy

_CHUNK = 256 * 1024


class _Outlet(io.RawIOBase):
    """A file that is written to and emptied, and cannot go back: sizes follow their content."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def pack_study(opened: OpenedStudy, read_me: str, cloud: Cloud, *, at: datetime) -> Iterator[bytes]:
    """The archive, piece by piece: READ-ME.txt and the Part 10 files, byte for byte as stored.

    Names inside are series and image numbers in the order of the study. An archive that was cut
    short has no directory at its end, which every program notices.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry("READ-ME.txt", at), read_me.encode())
        for name, row in _names(opened.instances):
            entry = _entry(name, at)
            with (
                cloud.objects.open_object(row.object_key) as stream,
                archive.open(entry, "w", force_zip64=row.size >= zipfile.ZIP64_LIMIT) as target,
            ):
                while chunk := stream.read(_CHUNK):
                    target.write(chunk)
                    yield outlet.take()
            yield outlet.take()
    yield outlet.take()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.external_attr = 0o644 << 16
    return entry


def _names(rows: tuple[InstanceRow, ...]) -> Iterator[tuple[str, InstanceRow]]:
    """`DICOM/SER00001/IMG00001.dcm`: as file sets name theirs (PS3.10 8.2), and no patient data."""
    series: dict[str, int] = {}
    counted: dict[str, int] = {}
    for row in rows:
        number = series.setdefault(row.series_uid, len(series) + 1)
        counted[row.series_uid] = counted.get(row.series_uid, 0) + 1
        yield f"DICOM/SER{number:05}/IMG{counted[row.series_uid]:05}.dcm", row
