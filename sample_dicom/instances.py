"""From a study's description to DICOM datasets and the bytes of their files."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID

from sample_dicom.encodings import put_pixels, write_code_extensions
from sample_dicom.model import Picture, Series, Study, make_uid
from sample_dicom.people import INSTITUTIONS, PEOPLE, RESIDENT

IMPLEMENTATION_UID = "2.25.147831276043985301275640395417290512387"
CODE_EXTENSION = ("", "ISO 2022 IR 58")


def study_files(study: Study, today: date) -> Iterator[bytes]:
    """Give the complete files of the study, in series and instance order."""
    for series_number, series in enumerate(study.series, start=1):
        for number, picture in enumerate(series.draw(), start=1):
            dataset = _instance(study, series, picture, today, (series_number, number))
            if study.character_set == CODE_EXTENSION:
                write_code_extensions(dataset)
            yield file_bytes(dataset, series.encoding.transfer_syntax)


def _instance(
    study: Study, series: Series, picture: Picture, today: date, numbers: tuple[int, int]
) -> Dataset:
    day = study.performed_on(today)
    series_uid = make_uid(day, study.slug, numbers[0])
    dataset = Dataset()
    dataset.SpecificCharacterSet = (
        list(study.character_set) if len(study.character_set) > 1 else study.character_set[0]
    )
    dataset.SOPClassUID = series.sop_class
    dataset.SOPInstanceUID = make_uid(day, study.slug, *numbers)
    for name in ("StudyDate", "SeriesDate", "ContentDate", "AcquisitionDate"):
        setattr(dataset, name, f"{day:%Y%m%d}")
    for name in ("StudyTime", "SeriesTime", "ContentTime", "AcquisitionTime"):
        setattr(dataset, name, study.time)
    dataset.TimezoneOffsetFromUTC = "+0800"
    dataset.Modality = series.modality
    dataset.Manufacturer = "SYNTHETIC"
    dataset.ManufacturerModelName = "Drawn phantom"
    dataset.StationName = f"{study.institution}-{series.modality}1"
    chinese, english = INSTITUTIONS[study.institution]
    reads_chinese = study.character_set[-1] not in {"ISO 2022 IR 87", "ISO_IR 100"}
    dataset.InstitutionName = chinese if reads_chinese else english
    dataset.AccessionNumber = f"{study.institution[-1]}{make_uid(study.slug)[-9:]}"
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = study.description
    dataset.SeriesDescription = series.description
    _patient(dataset, study, day)
    dataset.StudyInstanceUID = study.uid(today)
    dataset.SeriesInstanceUID = series_uid
    dataset.StudyID = make_uid(study.slug)[-6:]
    dataset.SeriesNumber, dataset.InstanceNumber = numbers
    if series.body_part:
        dataset.BodyPartExamined = series.body_part
    _fill(dataset, {**series.attributes, **picture.attributes})
    if dataset.get("FrameOfReferenceUID") == "":
        dataset.FrameOfReferenceUID = make_uid(day, study.slug, "frame of reference")
    if picture.pixels is not None:
        _image_pixel(dataset, picture)
        put_pixels(dataset, picture.pixels, series.encoding)
    return dataset


def _patient(dataset: Dataset, study: Study, day: date) -> None:
    person = PEOPLE[study.person]
    dataset.PatientName = person.dicom_name
    dataset.PatientID = person.numbers[study.institution]
    if study.issuer:
        dataset.IssuerOfPatientID = study.institution
    dataset.PatientBirthDate = f"{person.birth:%Y%m%d}"
    dataset.PatientSex = person.sex
    had_birthday = (day.month, day.day) >= (person.birth.month, person.birth.day)
    dataset.PatientAge = f"{day.year - person.birth.year - (not had_birthday):03d}Y"
    if person.resident:
        other = Dataset()
        other.PatientID = person.resident
        other.IssuerOfPatientID = RESIDENT
        other.TypeOfPatientID = "TEXT"
        dataset.OtherPatientIDsSequence = [other]


def _image_pixel(dataset: Dataset, picture: Picture) -> None:
    pixels = picture.pixels
    if pixels is None:  # pragma: no cover: the caller has looked
        return
    colour = not picture.photometric.startswith("MONOCHROME")
    plane = pixels.shape[-3:-1] if colour else pixels.shape[-2:]
    if pixels.ndim - len(plane) - colour:
        dataset.NumberOfFrames = pixels.shape[0]
    dataset.SamplesPerPixel = 3 if colour else 1
    dataset.PhotometricInterpretation = picture.photometric
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = plane
    dataset.BitsAllocated = pixels.dtype.itemsize * 8
    dataset.BitsStored = picture.bits_stored
    dataset.HighBit = picture.bits_stored - 1
    dataset.PixelRepresentation = int(np.issubdtype(pixels.dtype, np.signedinteger))
    dataset.BurnedInAnnotation = "YES"


def _fill(dataset: Dataset, attributes: dict[str, Any]) -> None:
    """Set attributes by keyword; a list of dictionaries becomes a sequence."""
    for keyword, value in attributes.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            items = []
            for entry in value:
                item = Dataset()
                _fill(item, entry)
                items.append(item)
            setattr(dataset, keyword, items)
        else:
            setattr(dataset, keyword, value)


def file_bytes(dataset: Dataset, transfer_syntax: UID) -> bytes:
    """Give the complete file: preamble, meta information, dataset."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = "SAMPLE_DICOM_1"
    whole = FileDataset(io.BytesIO(), dataset, preamble=b"\0" * 128, file_meta=meta)
    buffer = io.BytesIO()
    dcmwrite(buffer, whole, enforce_file_format=True)
    return buffer.getvalue()
