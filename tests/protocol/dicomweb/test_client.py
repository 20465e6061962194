"""The dicomweb-client library against a running cloud: what others rely on, as they use it."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient
from dicomweb_client.session_utils import create_session
from pydicom.dataset import Dataset

from tests.makers import data_set_bytes, make_study, uid
from tests.protocol.serving import Web

SERIES = uid("s1", "series")


@pytest.fixture
def client(web: Web) -> Iterator[DICOMwebClient]:
    session = create_session()
    session.headers["Authorization"] = f"Bearer {web.token('service', 'test', 'HOSP_A')}"
    yield DICOMwebClient(url=f"{web.url}/dicom-web", session=session)
    session.close()


@pytest.fixture
def stored(client: DICOMwebClient, tmp_path: Path) -> list[Path]:
    files = make_study(tmp_path, count=3)
    answer = client.store_instances([pydicom.dcmread(path) for path in files])
    assert len(answer.ReferencedSOPSequence) == 3
    return files


def test_what_is_stored_is_found_at_every_level(client: DICOMwebClient, stored: list[Path]) -> None:
    [study] = client.search_for_studies(search_filters={"PatientID": "A-1001"})
    [series] = client.search_for_series(uid("s1"))
    instances = client.search_for_instances(uid("s1"), SERIES)

    found = Dataset.from_json(study)
    assert found.StudyInstanceUID == uid("s1")
    assert found.PatientName == "Zhang^Wei=张^伟"
    assert found.StudyDescription == "胸部CT平扫"
    assert found.NumberOfStudyRelatedInstances == 3
    assert Dataset.from_json(series).Modality == "CT"
    assert len(instances) == 3
    assert len(client.search_for_instances()) == 3
    assert client.search_for_studies(search_filters={"PatientID": "nobody"}) == []


def test_searches_page_through_everything(client: DICOMwebClient, tmp_path: Path) -> None:
    for number in range(5):
        files = make_study(tmp_path / str(number), count=1, study=f"p{number}")
        client.store_instances([pydicom.dcmread(path) for path in files])

    pages = [client.search_for_studies(limit=2, offset=offset) for offset in (0, 2, 4)]

    found = [study["0020000D"]["Value"][0] for page in pages for study in page]
    assert sorted(found) == sorted(uid(f"p{number}") for number in range(5))
    assert len(client.search_for_studies(get_remaining=True)) == 5


def test_instances_come_back_byte_for_byte(client: DICOMwebClient, stored: list[Path]) -> None:
    def content(dataset: Dataset) -> bytes:
        out = io.BytesIO()
        dataset.save_as(out)
        return data_set_bytes(out.getvalue())

    expected = {content(pydicom.dcmread(path)) for path in stored}

    study = client.retrieve_study(uid("s1"))
    series = client.retrieve_series(uid("s1"), SERIES)
    one = client.retrieve_instance(uid("s1"), SERIES, uid("s1", 2))

    assert {content(each) for each in study} == expected
    assert {content(each) for each in series} == expected
    assert content(one) in expected
    assert len(list(client.iter_study(uid("s1")))) == 3


def test_metadata_is_complete_but_for_the_pixels(
    client: DICOMwebClient, stored: list[Path]
) -> None:
    [first, *rest] = client.retrieve_study_metadata(uid("s1"))
    one = client.retrieve_instance_metadata(uid("s1"), SERIES, uid("s1", 1))

    assert len(rest) == 2
    assert len(client.retrieve_series_metadata(uid("s1"), SERIES)) == 3
    original = pydicom.dcmread(stored[0])
    address = one["7FE00010"]["BulkDataURI"]
    found = Dataset.from_json({tag: each for tag, each in one.items() if tag != "7FE00010"})
    for element in original:
        if element.keyword not in {"PixelData", "SpecificCharacterSet"}:
            assert found[element.tag].value == element.value
    [pixels] = client.retrieve_bulkdata(address)
    assert pixels == original.PixelData
    assert first["00080018"]["Value"] == [uid("s1", 1)]


def test_frames_and_rendered_pictures(client: DICOMwebClient, stored: list[Path]) -> None:
    names = (uid("s1"), SERIES, uid("s1", 1))

    [frame] = client.retrieve_instance_frames(*names, frame_numbers=[1])
    rendered = client.retrieve_instance_rendered(*names, media_types=("image/jpeg",))
    png = client.retrieve_instance_frames_rendered(*names, [1], media_types=("image/png",))

    assert frame == pydicom.dcmread(stored[0]).PixelData
    assert rendered.startswith(b"\xff\xd8")
    assert png.startswith(b"\x89PNG")


def test_a_compressed_frame_is_sent_as_stored_or_decoded(
    client: DICOMwebClient, tmp_path: Path
) -> None:
    shipped = Path(pydicom.__file__).parent / "data" / "test_files" / "MR_small_jp2klossless.dcm"
    dataset = pydicom.dcmread(shipped)
    client.store_instances([dataset])
    names = (dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID)

    [kept] = client.retrieve_instance_frames(
        *names, [1], media_types=(("image/jp2", "1.2.840.10008.1.2.4.90"),)
    )
    [plain] = client.retrieve_instance_frames(
        *names, [1], media_types=(("application/octet-stream", "1.2.840.10008.1.2.1"),)
    )

    assert b"\xff\x4f\xff\x51" in kept
    assert np.array_equal(
        np.frombuffer(plain, "<i2").reshape(dataset.Rows, dataset.Columns), dataset.pixel_array
    )
