"""The DICOM JSON model (PS3.18 Annex F): data sets as JSON values, always valid JSON."""

import base64
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

Json = dict[str, Any]

# Longer binary values are left out as BulkDataURI (PS3.18 F.2.2): nobody reads them as JSON.
MAX_INLINE_BYTES = 1024
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_INTEGER = frozenset({"IS", "SL", "SS", "SV", "UL", "US", "UV"})
_REAL = frozenset({"DS", "FL", "FD"})
_WORD_BYTES = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
_PN_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def json_name(tag: int) -> str:
    return f"{tag:08X}"


def json_element(vr: str, values: Iterable[Any]) -> Json:
    """An element from plain values; without Value when there is none (PS3.18 F.2.5)."""
    kept = [_plain(vr, value) for value in values if value is not None and value != ""]
    return {"vr": vr, "Value": kept} if kept else {"vr": vr}


def _plain(vr: str, value: object) -> object:
    return person_name(str(value)) if vr == "PN" else value


def person_name(text: str) -> dict[str, str]:
    """The component groups of a PN value (PS3.5 6.2.1.1), empty ones left out."""
    groups = zip(_PN_GROUPS, text.split("="), strict=False)
    return {name: group.rstrip(" ") for name, group in groups if group.strip(" ^")}


def dataset_json(
    dataset: Dataset, bulk_address: Callable[[str], str], *, little: bool = True
) -> Json:
    """All elements; `bulk_address` makes an address of a path such as `00540010/0/00281201`.

    An element whose value cannot be decoded stays as its VR alone: one bad private element must
    not hide a study.
    """
    return _dataset_json(dataset, bulk_address, "", little=little)


def _dataset_json(
    dataset: Dataset, bulk_address: Callable[[str], str], path: str, *, little: bool
) -> Json:
    found: Json = {}
    for tag in sorted(dataset.keys()):
        if tag.group <= 2 or tag.element == 0:  # noqa: PLR2004 - file meta; group lengths
            continue
        found[json_name(tag)] = _element(dataset, tag, bulk_address, path, little=little)
    return found


def _element(
    dataset: Dataset, tag: BaseTag, bulk_address: Callable[[str], str], path: str, *, little: bool
) -> Json:
    here = f"{path}{json_name(tag)}"
    try:
        element = dataset[tag]
    except Exception:  # noqa: BLE001 - pydicom raises anything for bad values
        return {"vr": "UN"}
    if element.VR == "SQ":
        items = [
            _dataset_json(item, bulk_address, f"{here}/{number}/", little=little)
            for number, item in enumerate(element.value or ())
        ]
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    vr = _settled_vr(element)
    if vr in _BINARY:
        return _binary(vr, element.value, here, bulk_address, little=little)
    try:
        values = [_value(vr, value) for value in _values_of(element)]
    except (ValueError, TypeError, OverflowError):
        return {"vr": vr}
    return {"vr": vr, "Value": values} if any(v is not None for v in values) else {"vr": vr}


def _settled_vr(element: DataElement) -> str:
    """One VR where the dictionary offers several (`US or SS`)."""
    vr = str(element.VR)
    if " or " not in vr:
        return vr
    if isinstance(element.value, bytes):
        return "OW" if "OW" in vr else "UN"
    return vr.split(" or ", maxsplit=1)[0]


def _values_of(element: DataElement) -> list[Any]:
    value = element.value
    if value is None or (isinstance(value, str | bytes) and not value):
        return []
    return list(value) if isinstance(value, MultiValue | list | tuple) else [value]


def _value(vr: str, value: Any) -> Any:  # noqa: ANN401 - pydicom's values are of many types
    if value is None or value == "":
        return None
    if vr == "PN":
        return person_name(str(value))
    if vr == "AT":
        return json_name(int(value))
    if vr in _INTEGER:
        return int(value)
    if vr in _REAL:
        number = float(value)
        # JSON has no NaN or infinity; null stands for a value that is not there (F.2.5).
        return number if math.isfinite(number) else None
    return str(value)


def _binary(
    vr: str, value: object, path: str, bulk_address: Callable[[str], str], *, little: bool
) -> Json:
    if not isinstance(value, bytes) or not value:
        return {"vr": vr}
    if len(value) > MAX_INLINE_BYTES:
        return {"vr": vr, "BulkDataURI": bulk_address(path)}
    raw = little_endian(vr, value, little=little)
    return {"vr": vr, "InlineBinary": base64.b64encode(raw).decode("ascii")}


def little_endian(vr: str, value: bytes, *, little: bool) -> bytes:
    """Bulk data is always little endian (PS3.18 8.7.3.5 and F.2.7)."""
    width = _WORD_BYTES.get(vr, 1)
    if little or width == 1 or len(value) % width:
        return value
    return np.frombuffer(value, dtype=f">u{width}").astype(f"<u{width}").tobytes()
