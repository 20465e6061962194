import io

import numpy as np
import pytest
from pydicom import dcmread, uid
from pydicom.dataset import Dataset

from sample_dicom.decoding import decode
from sample_dicom.encodings import Encoding, gb2312_with_escapes, put_pixels
from sample_dicom.instances import file_bytes

LOSSY = {Encoding.JPEG, Encoding.J2K_LOSSY}
SIGNED = {Encoding.EXPLICIT_LE, Encoding.EXPLICIT_BE, Encoding.RLE, Encoding.HTJ2K_RPCL}


@pytest.mark.parametrize("encoding", sorted(set(Encoding) - LOSSY))
def test_a_lossless_encoding_gives_back_every_value(encoding: Encoding) -> None:
    signed = encoding in SIGNED
    ramp = (np.arange(64 * 96).reshape(64, 96) * 7) % 4096
    pixels = (ramp - 2000).astype(np.int16) if signed else ramp.astype(np.uint16)
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = uid.CTImageStorage, "2.25.1"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = 16
    dataset.BitsStored = 12 if encoding is Encoding.J2K else 16
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(signed)

    put_pixels(dataset, pixels, encoding)

    content = file_bytes(dataset, encoding.transfer_syntax)
    assert np.array_equal(pixels, decode(dcmread(io.BytesIO(content))))


def test_escape_sequences_come_again_after_every_line() -> None:
    expected = b"CT \x1b$)A\xc6\xbd\r\n\x1b$)A\xc9\xa8 OK"

    assert expected == gb2312_with_escapes("CT 平\r\n扫 OK", "\r\n")
