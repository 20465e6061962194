"""Every file with pixels that pydicom ships, through the web face, against pydicom's decoding."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom import Dataset, dcmread

from imaging_cloud.ports.access_register import Institution
from tests.protocol.dicomweb.deriving import JPHC, address, decoded, derive_all
from tests.protocol.serving import Web, serving

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

DATA = Path(pydicom.__file__).parent / "data"
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_UIDS = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
OCTETS = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
# Frames of a multi-frame object that are compared one by one.
MOST_FRAMES = 5
LABS = tuple(f"LAB_{number}" for number in range(12))


def read(path: Path) -> Dataset | None:
    """The file when it is an instance with pixels; what is no instance is refused on the way in."""
    if path.suffix in {".py", ".pyc", ".json", ".txt", ".md"} or not path.is_file():
        return None
    try:
        dataset = dcmread(path, force=True)
        is_whole = path.read_bytes()[128:132] == b"DICM"
        has_pixels = any(keyword in dataset for keyword in _PIXELS)
        has_uids = all(dataset.get(keyword) for keyword in _UIDS)
    except Exception:  # noqa: BLE001 - whatever it is, it is no instance
        return None
    return dataset if is_whole and has_pixels and has_uids else None


SHIPPED = [path for path in sorted(DATA.rglob("*")) if read(path) is not None]


def agreeing(path: Path, folder: Path) -> Path:
    """The file, or a copy whose file meta names the instance that the data set is."""
    dataset = dcmread(path)
    if dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID:
        return path
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(folder / "agreeing.dcm")
    return folder / "agreeing.dcm"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, dict[Path, str]]]:
    """One cloud with all of them, and where each is: files share UIDs, so each finds a place."""
    with serving(tmp_path_factory.mktemp("shipped") / "home") as web:
        kept: dict[Path, str] = {}
        for code in LABS:
            web.cloud.register.add_institution(Institution(code=code, name=code))
        for path in SHIPPED:
            sent = agreeing(path, tmp_path_factory.mktemp("sent"))
            kept[path] = next((code for code in LABS if web.keep([sent], code)[0].kept), "")
        derive_all(web)
        yield web, kept


def expected_frames(dataset: Dataset) -> list[np.ndarray] | None:
    """What pydicom decodes; None where it cannot."""
    try:
        pixels = dataset.pixel_array
        count = int(dataset.get("NumberOfFrames") or 1)
    except Exception:  # noqa: BLE001 - pydicom raises anything
        return None
    return list(pixels) if count > 1 else [pixels]


def plain(content: bytes, like: np.ndarray) -> np.ndarray:
    if content and len(content) * 8 < like.size * 8:  # one bit a pixel, packed
        bits = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little")
        return bits[: like.size].reshape(like.shape)
    return np.frombuffer(content, like.dtype.newbyteorder("<"))


def in_rgb(dataset: Dataset) -> bool:
    """Whether native frames are sent in the order and colours that pydicom shows."""
    return (
        dataset.get("PlanarConfiguration", 0) == 0
        and "422" not in dataset.PhotometricInterpretation
        and not dataset.PhotometricInterpretation.startswith("YBR")
    ) or dataset.file_meta.TransferSyntaxUID.is_compressed


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_frames_and_pictures_agree_with_pydicom(
    shipped: tuple[Web, dict[Path, str]], path: Path
) -> None:
    web, kept = shipped
    if not kept[path]:
        return  # refused with its reason: tests/journey/test_real_files.py
    dataset = read(path)
    assert dataset is not None
    expected = expected_frames(dataset)
    admin = web.token("technician", "t", kept[path])
    base = f"{address(dataset)}/instances/{dataset.SOPInstanceUID}"
    picture = web.get(f"{base}/rendered", admin)
    small = web.get(f"{base}/thumbnail", admin, headers={"Accept": "image/webp"})
    if expected is None:
        # Where pydicom cannot: our picture, or a clear word.
        assert picture.status_code == small.status_code
        assert picture.status_code in (200, 404, 406), picture.text
        if picture.status_code != 200:
            assert picture.json()["error"]["message"]
            return
    assert picture.status_code == small.status_code == 200, picture.text
    assert Image.open(io.BytesIO(picture.content)).size
    assert max(Image.open(io.BytesIO(small.content)).size) == 256
    converted(web, admin, base, dataset, expected)
    for number, frame in enumerate((expected or [])[:MOST_FRAMES], start=1):
        same_frame(web, admin, f"{base}/frames/{number}", dataset, frame)


def converted(
    web: Web, admin: str, url: str, dataset: Dataset, expected: list[np.ndarray] | None
) -> None:
    """The whole instance as explicit little endian: the same pixels, and the rest as it was."""
    accept = {"Accept": "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"}
    answer = web.get(url, admin, headers=accept)
    assert answer.status_code == (200 if expected else answer.status_code), answer.text
    if not expected:
        assert answer.status_code in (200, 406)
        return
    mine = dcmread(io.BytesIO(answer.content))
    assert mine.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    pixels = mine.pixel_array
    assert np.array_equal(pixels, expected if len(expected) > 1 else expected[0])
    for element in dataset:
        # Group lengths, trailing padding and the form of the pixels may go.
        is_kept = element.keyword not in ("", "PhotometricInterpretation", "PlanarConfiguration")
        if is_kept and element.VR != "SQ" and element.tag.group < 0x7FE0:
            assert mine[element.tag].value == element.value, element.keyword


def same_frame(web: Web, admin: str, url: str, dataset: Dataset, frame: np.ndarray) -> None:
    raw = web.get(url, admin, headers={"Accept": OCTETS})
    assert raw.status_code == 200, raw.text
    if in_rgb(dataset) and dataset.BitsAllocated > 1:
        assert np.array_equal(plain(raw.content, frame)[: frame.size].reshape(frame.shape), frame)
    coded = web.get(url, admin, headers={"Accept": JPHC})
    is_grey = dataset.PhotometricInterpretation.startswith("MONO") and dataset.BitsAllocated <= 16
    assert coded.status_code == (200 if is_grey else 406)
    if is_grey:
        assert np.array_equal(decoded(coded.content), frame)


def test_every_series_has_a_document_that_names_each_frame(
    shipped: tuple[Web, dict[Path, str]],
) -> None:
    web, kept = shipped
    seen = {}
    for path in SHIPPED:
        dataset = read(path)
        if not kept[path] or dataset is None or "Rows" not in dataset:
            continue
        token = web.token("technician", "t", kept[path])
        document = web.get(address(dataset, "/view-api"), token).json()
        slices = [document["common"] | each for each in document["slices"]]
        mine = [each for each in slices if each["instance"] == dataset.SOPInstanceUID]
        assert document["derived"], path.name
        assert mine, path.name
        seen[path.name] = {each["form"] for each in mine}
    assert len(seen) > 80
    assert seen["CT_small.dcm"] == {"htj2k"}
    assert seen["rtdose_rle.dcm"] == {"raw"}
    assert seen["examples_palette.dcm"] == {"rendered"}


def test_most_of_them_are_compared() -> None:
    assert len(SHIPPED) > 85
