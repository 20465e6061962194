"""Deriving in tests: the worker's own way, at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset

from imaging_cloud.use_cases.derive_studies import derive_next
from imaging_cloud.use_cases.settle_studies import settle_studies
from tests.protocol.serving import Web

JPHC = "image/jphc; transfer-syntax=1.2.840.10008.1.2.4.202"


def derive_all(web: Web) -> int:
    """Settle and derive what waits; how many studies were derived."""
    while settle_studies(web.cloud, quiet=timedelta(seconds=-1)):
        pass
    count = 0
    with ThreadPoolExecutor(2) as crew:
        while derive_next(web.cloud, crew):
            count += 1
    return count


def derived_keys(web: Web) -> list[str]:
    return sorted(each.key for each in web.cloud.objects.list_objects("derived/"))


def decoded(codestream: bytes, skip: int = 0) -> np.ndarray:
    return imagecodecs.htj2k_decode(codestream, skipres=skip, resilient=True)


def address(dataset: Dataset, base: str = "/dicom-web") -> str:
    return f"{base}/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
