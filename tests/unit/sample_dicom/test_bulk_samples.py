from datetime import date
from pathlib import Path

from pydicom import dcmread

from sample_dicom.bulk import write_bulk


def test_the_bulk_set_has_the_sizes_of_real_traffic(tmp_path: Path) -> None:
    count = write_bulk(tmp_path, today=date(2026, 11, 20), studies=2, slices=3, small=2)

    paths = sorted(tmp_path.rglob("*.dcm"))
    sizes = sorted(path.stat().st_size for path in paths)
    assert count == len(paths) == 10
    assert all(9_000 < size < 11_500 for size in sizes[:4])
    assert all(524_288 < size < 527_000 for size in sizes[4:])
    assert len({dcmread(path).SOPInstanceUID for path in paths}) == 10
    assert len({dcmread(path).StudyInstanceUID for path in paths}) == 2
