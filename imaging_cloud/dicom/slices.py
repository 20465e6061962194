"""What a viewer needs of each picture of a series, as plain JSON values, without the patient.

The keys are those of docs/http.md ("The series document").
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from imaging_cloud.dicom.grey import Display, Lut, Window, WindowFunction, display_of
from imaging_cloud.dicom.pixel_format import PixelFormat
from imaging_cloud.dicom.render import Look, pixel_ratio

Facts = dict[str, Any]

_ONE_DIRECTION = 0.999
_SAME_PLACE_MM = 1e-3
_POINT = 3


def slice_facts(dataset: Dataset, layout: PixelFormat, frame: int) -> Facts:
    """Facts of frame `frame` (from 1); what the header does not say is left out."""
    found: Facts = {
        "frame": frame,
        "number": _whole(dataset.get("InstanceNumber")),
        "rows": layout.rows,
        "columns": layout.columns,
        "samples": layout.samples,
        "bitsAllocated": layout.bits_allocated,
        "bitsStored": layout.bits_stored,
        "signed": layout.signed,
        "photometric": layout.photometric,
        "aspect": pixel_ratio(dataset),
        **display_facts(display_of(dataset, frame)),
        **_place(dataset, frame),
        **_spacing(dataset, frame),
        **_time(dataset),
        "units": _text(dataset, "RescaleType") or None,
        "sourceLossy": dataset.get("LossyImageCompression") == "01" or None,
        "patientOrientation": _words(dataset.get("PatientOrientation")),
        "laterality": _text(dataset, "ImageLaterality") or _text(dataset, "Laterality") or None,
        "view": _text(dataset, "ViewPosition") or None,
        "imageType": _words(dataset.get("ImageType")),
    }
    return {key: value for key, value in found.items() if value is not None}


def display_facts(display: Display) -> Facts:
    """A Display as JSON values; `display_from` reads them back."""
    windows = [
        [each.center, each.width, each.function.value, each.name] for each in display.windows
    ]
    return {
        "slope": display.slope,
        "intercept": display.intercept,
        "modalityLut": _lut_facts(display.modality_lut),
        "voiLut": _lut_facts(display.voi_lut),
        "windows": windows,
        "padding": list(display.padding) if display.padding else None,
        "inverse": display.inverse,
    }


def _lut_facts(lut: Lut | None) -> Facts | None:
    if lut is None:
        return None
    entries = lut.entries.astype("<u2").tobytes()
    return {"first": lut.first, "entries": base64.b64encode(entries).decode("ascii")}


def look_from(facts: Facts) -> Look:
    """How the picture of a slice is made, out of its facts; without any palette."""
    padding = facts.get("padding")
    display = Display(
        slope=facts.get("slope", 1.0),
        intercept=facts.get("intercept", 0.0),
        modality_lut=_lut_from(facts.get("modalityLut")),
        voi_lut=_lut_from(facts.get("voiLut")),
        windows=tuple(
            Window(center, width, WindowFunction(function), name)
            for center, width, function, name in facts.get("windows", ())
        ),
        padding=(padding[0], padding[1]) if padding else None,
        inverse=facts.get("inverse", False),
    )
    return Look(display=display, bits=facts["bitsStored"], ratio=facts.get("aspect", 1.0))


def _lut_from(facts: Facts | None) -> Lut | None:
    if facts is None:
        return None
    entries = np.frombuffer(base64.b64decode(facts["entries"]), "<u2").astype(np.float32)
    return Lut(facts["first"], entries)


def _group(dataset: Dataset, frame: int, sequence: str, keyword: str) -> Any:  # noqa: ANN401
    """A value from the frame's functional groups, else from the object itself."""
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    shared = dataset.get("SharedFunctionalGroupsSequence") or ()
    for group in (*per_frame[frame - 1 : frame], *shared):
        items = group.get(sequence) or ()
        if items and items[0].get(keyword) is not None:
            return items[0].get(keyword)
    return dataset.get(keyword)


def _place(dataset: Dataset, frame: int) -> Facts:
    """Where the frame lies in the patient (PS3.3 C.7.6.2), in mm."""
    position = _group(dataset, frame, "PlanePositionSequence", "ImagePositionPatient")
    orientation = _group(dataset, frame, "PlaneOrientationSequence", "ImageOrientationPatient")
    thickness = _group(dataset, frame, "PixelMeasuresSequence", "SliceThickness")
    return {
        "position": _reals(position, _POINT),
        "orientation": _reals(orientation, 2 * _POINT),
        "thickness": _real(thickness),
        "location": _real(dataset.get("SliceLocation")),
        "frameOfReference": _text(dataset, "FrameOfReferenceUID") or None,
    }


def _spacing(dataset: Dataset, frame: int) -> Facts:
    """Distance of rows and of columns in mm, and whether that is in the patient or the detector."""
    found = _reals(_group(dataset, frame, "PixelMeasuresSequence", "PixelSpacing"), 2)
    if found:
        return {"spacing": found, "spacingAt": "patient"}
    found = _reals(dataset.get("ImagerPixelSpacing"), 2)
    if found:
        return {"spacing": found, "spacingAt": "detector"}
    for region in dataset.get("SequenceOfUltrasoundRegions") or ():
        units = (region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection"))
        deltas = _reals([region.get("PhysicalDeltaY"), region.get("PhysicalDeltaX")], 2)
        if units == (3, 3) and deltas:  # centimetres (PS3.3 C.8.5.5.1.15)
            return {"spacing": [abs(each) * 10 for each in deltas], "spacingAt": "ultrasound"}
    return {}


def _time(dataset: Dataset) -> Facts:
    """Milliseconds between frames of a cine loop (PS3.3 C.7.6.5); the first usable one."""
    vector = dataset.get("FrameTimeVector")
    times = [dataset.get("FrameTime")]
    if isinstance(vector, MultiValue):
        times += vector[1:2]
    for rate in ("RecommendedDisplayFrameRate", "CineRate"):
        found = _real(dataset.get(rate))
        times.append(1000 / found if found is not None and found > 0 else None)
    for time in times:
        found = _real(time)
        if found is not None and found > 0:
            return {"frameTime": found}
    return {}


def _real(value: object) -> float | None:
    found = _reals([value], 1)
    return found[0] if found else None


def _reals(values: Any, count: int) -> list[float] | None:  # noqa: ANN401 - as pydicom gives them
    try:
        found = [float(value) for value in values]
    except (TypeError, ValueError):
        return None
    return found if len(found) == count and np.isfinite(found).all() else None


def _whole(value: object) -> int | None:
    try:
        return int(str(value)) if value is not None else None
    except ValueError:
        return None


def _text(dataset: Dataset, keyword: str) -> str:
    return str(dataset.get(keyword) or "").strip()


def _words(value: object) -> list[str] | None:
    if value is None or value == "":
        return None
    return [str(each) for each in value] if not isinstance(value, str) else [value]  # type: ignore[attr-defined]


def viewing_order(slices: Sequence[Facts]) -> list[int]:
    """Which slice comes first, second, …: along the normal where all lie parallel and apart.

    Else as they came (by instance number, then frame). The end at which the first instance lies
    stays the beginning.
    """
    as_they_are = list(range(len(slices)))
    if len(slices) < 2 or not all("position" in s and "orientation" in s for s in slices):  # noqa: PLR2004
        return as_they_are
    turns = np.array([each["orientation"] for each in slices])
    normals = np.cross(turns[:, :3], turns[:, 3:])
    if (normals @ normals[0] < _ONE_DIRECTION).any():
        return as_they_are
    along = np.array([each["position"] for each in slices]) @ normals[0]
    order = np.argsort(along, kind="stable")
    if (np.diff(along[order]) < _SAME_PLACE_MM).any():
        return as_they_are
    half = max(len(slices) // 2, 1)
    backwards = along[:half].mean() > along[half:].mean()
    return [int(at) for at in (order[::-1] if backwards else order)]
