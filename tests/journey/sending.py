"""Sending a Part 10 file as it is: the data set goes over the wire undecoded."""

from pathlib import Path

from pydicom.filereader import read_file_meta_info
from pynetdicom import AE, _config

from tests.journey.running import RunningCloud


def send_raw(cloud: RunningCloud, calling: str, path: Path) -> int:
    """Send one file over an association of its own; the DIMSE status."""
    meta = read_file_meta_info(path)
    ae = AE(ae_title=calling)
    ae.add_requested_context(meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID)
    association = ae.associate("127.0.0.1", cloud.dicom_port, ae_title="IMAGINGCLOUD")
    assert association.is_established, (path.name, meta.TransferSyntaxUID)
    # With this the file's own bytes are sent; without it they are decoded and encoded again.
    _config.STORE_SEND_CHUNKED_DATASET = True
    try:
        for _ in range(3):  # pynetdicom as a sender loses a status about once in 700
            status = association.send_c_store(path)
            if "Status" in status:
                return int(status.Status)
    finally:
        association.release()
    raise AssertionError(f"{path.name}: no status")
