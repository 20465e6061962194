"""Instances for gateway tests: small, of nobody, and different whenever asked."""

from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian

CT = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
ROOT = "1.2.826.0.1.3680043.10.1499"


@dataclass(frozen=True)
class Instance:
    """A Part 10 file and, apart, its data set as it goes over the wire."""

    uid: str
    sop_class: str
    transfer_syntax: str
    part10: bytes
    data_set: bytes

    def write_to(self, folder: Path) -> Path:
        path = folder / f"{self.uid}.dcm"
        path.write_bytes(self.part10)
        return path


def make_instance(
    number: int = 1,
    *,
    pixels: bytes = b"\x01\x02" * 512,
    transfer_syntax: str = ExplicitVRLittleEndian,
    sop_class: str = CT,
) -> Instance:
    """A CT slice of 32 columns, as many rows as the pixels fill."""
    ds = Dataset()
    ds.SOPClassUID = sop_class
    ds.SOPInstanceUID = f"{ROOT}.3.{number}"
    ds.StudyDate, ds.StudyTime = "20261120", "101500"
    ds.Modality = "CT"
    ds.StudyDescription = "CT Chest"
    ds.PatientName, ds.PatientID = "Nobody^Test", "T-1"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{ROOT}.1", f"{ROOT}.2"
    ds.InstanceNumber = number
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Columns, ds.Rows = 32, min(65535, max(1, len(pixels) // 64))
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    if UID(transfer_syntax).is_encapsulated:
        ds.PixelData = _encapsulated(pixels)
        ds["PixelData"].is_undefined_length = True
    else:
        ds.PixelData = pixels
    ds["PixelData"].VR = "OW"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ds.SOPClassUID
    meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax
    ds.file_meta = meta
    out = DicomBytesIO()
    dcmwrite(out, ds, enforce_file_format=True)
    part10 = out.getvalue()
    return Instance(
        uid=str(ds.SOPInstanceUID),
        sop_class=sop_class,
        transfer_syntax=str(transfer_syntax),
        part10=part10,
        data_set=part10[_data_set_offset(part10) :],
    )


def _encapsulated(pixels: bytes) -> bytes:
    """One frame, no offset table (PS3.5 A.4); the bytes need not be a real JPEG to be stored."""
    item = b"\xfe\xff\x00\xe0"
    return item + bytes(4) + item + len(pixels).to_bytes(4, "little") + pixels


def _data_set_offset(part10: bytes) -> int:
    """(0002,0000) says how long group 0002 is behind it; our own writer can be believed."""
    return 144 + int.from_bytes(part10[140:144], "little")


def stored_data_set(path: Path) -> bytes:
    part10 = path.read_bytes()
    return part10[_data_set_offset(part10) :]
