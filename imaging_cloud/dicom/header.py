"""read_header: from a spooled Part 10 file to the attributes the index keeps.

The whole data set is walked by its lengths, so a cut or lying object is found out before anything
is acknowledged; only some thirty values are decoded.
"""

import io
import mmap
import re
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from imaging_cloud.dicom.file_meta import read_file_meta
from imaging_cloud.dicom.inflate import inflate
from imaging_cloud.dicom.text import charsets_of, decode_text
from imaging_cloud.dicom.transfer_syntaxes import Encoding, encoding_of
from imaging_cloud.dicom.walk import Buffer, Elements, Walker, Wanted
from imaging_cloud.domain.errors import InvalidInstance
from imaging_cloud.domain.exams.descriptor import ProcedureCode
from imaging_cloud.domain.identifiers import PatientIdentifier, checked_uid
from imaging_cloud.domain.imaging import (
    InstanceAttributes,
    InstanceHeader,
    PatientAttributes,
    SeriesAttributes,
    StudyAttributes,
)

_CHARSET = 0x00080005
_TEXTS = {
    "ImageLaterality": 0x00200062,
    "Laterality": 0x00200060,
    "StudyDate": 0x00080020,
    "StudyTime": 0x00080030,
    "AccessionNumber": 0x00080050,
    "Modality": 0x00080060,
    "ReferringPhysicianName": 0x00080090,
    "TimezoneOffsetFromUTC": 0x00080201,
    "StudyDescription": 0x00081030,
    "SeriesDescription": 0x0008103E,
    "PatientName": 0x00100010,
    "PatientID": 0x00100020,
    "IssuerOfPatientID": 0x00100021,
    "PatientBirthDate": 0x00100030,
    "PatientSex": 0x00100040,
    "ContrastBolusAgent": 0x00180010,
    "BodyPartExamined": 0x00180015,
    "ProtocolName": 0x00181030,
    "StudyID": 0x00200010,
    "SeriesNumber": 0x00200011,
    "InstanceNumber": 0x00200013,
    "NumberOfStudyRelatedSeries": 0x00201206,
    "NumberOfStudyRelatedInstances": 0x00201208,
    "NumberOfSeriesRelatedInstances": 0x00201209,
    "NumberOfFrames": 0x00280008,
    "SOPClassUID": 0x00080016,
    "SOPInstanceUID": 0x00080018,
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
}
_ROWS, _COLUMNS, _BITS_ALLOCATED = 0x00280010, 0x00280011, 0x00280100
_CODE_VALUE, _CODE_SCHEME, _CODE_MEANING = 0x00080100, 0x00080102, 0x00080104
_PROCEDURE_CODES, _REQUEST_ATTRIBUTES, _REQUESTED_CODES = 0x00081032, 0x00400275, 0x00321064
_ANATOMIC_REGION, _OTHER_IDS, _CONTRAST_SEQUENCE = 0x00082218, 0x00101002, 0x00180012

# An item may declare a character set of its own (PS3.3 C.12.1.1.2).
_CODE_ITEM = Wanted(
    values=frozenset({_CHARSET, _CODE_VALUE, _CODE_SCHEME, _CODE_MEANING}),
    sequences={},
)
_WANTED = Wanted(
    values=frozenset({_CHARSET, _ROWS, _COLUMNS, _BITS_ALLOCATED, *_TEXTS.values()}),
    sequences={
        _PROCEDURE_CODES: _CODE_ITEM,
        _REQUESTED_CODES: _CODE_ITEM,
        _ANATOMIC_REGION: _CODE_ITEM,
        _CONTRAST_SEQUENCE: _CODE_ITEM,
        _REQUEST_ATTRIBUTES: Wanted(
            values=frozenset({_CHARSET}), sequences={_REQUESTED_CODES: _CODE_ITEM}
        ),
        _OTHER_IDS: Wanted(
            values=frozenset({_CHARSET, _TEXTS["PatientID"], _TEXTS["IssuerOfPatientID"]}),
            sequences={},
        ),
    },
)

# What `_instance` reads; all else is common to the instances of a series.
_OF_INSTANCE = frozenset(
    {
        *(_ROWS, _COLUMNS, _BITS_ALLOCATED),
        *(_TEXTS[keyword] for keyword in ("SOPInstanceUID", "SOPClassUID", "InstanceNumber")),
        *(_TEXTS[keyword] for keyword in ("NumberOfFrames", "ImageLaterality")),
    }
)

_DATE = re.compile(r"(\d{4})[.\-]?(\d{2})[.\-]?(\d{2})")
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.(\d{1,6}))?")


def read_header(path: Path, data_set_offset: int) -> InstanceHeader:
    """Read a sealed spool file. For bad bytes it raises InvalidInstance and nothing else."""
    with path.open("rb") as file:
        meta = read_file_meta(file)
        if file.seek(0, 2) <= data_set_offset:
            raise InvalidInstance("there is no data set", cause="truncated")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            data = memoryview(mapped)
            try:
                return header_of(data[data_set_offset:], meta.transfer_syntax_uid)
            finally:
                data.release()


def read_header_of(content: Buffer, data_set_offset: int) -> InstanceHeader:
    """The same of a file that is at hand; its meta ends where the data set begins."""
    meta = read_file_meta(io.BytesIO(content[:data_set_offset]))
    if len(content) <= data_set_offset:
        raise InvalidInstance("there is no data set", cause="truncated")
    return header_of(memoryview(content)[data_set_offset:], meta.transfer_syntax_uid)


def header_of(data_set: memoryview, transfer_syntax_uid: str) -> InstanceHeader:
    """The header of one data set in the given transfer syntax."""
    try:
        return _header_of(data_set, transfer_syntax_uid)
    finally:
        data_set.release()


def _header_of(data_set: memoryview, transfer_syntax_uid: str) -> InstanceHeader:
    encoding = encoding_of(transfer_syntax_uid)
    if encoding.deflated:
        return _read_attributes(inflate(data_set), encoding, transfer_syntax_uid)
    return _read_attributes(data_set, encoding, transfer_syntax_uid)


def _read_attributes(data: Buffer, encoding: Encoding, transfer_syntax_uid: str) -> InstanceHeader:
    walker = Walker(data, explicit=encoding.explicit, little=encoding.little)
    elements = walker.walk(0, len(data), _WANTED)
    values = _Values(elements, encoding)
    common = _common(elements, values)
    return InstanceHeader(
        study=common.study,
        series=common.series,
        instance=_instance(values, transfer_syntax_uid),
        patient=common.patient,
    )


@dataclass(frozen=True, slots=True)
class _Common:
    """What the instances of a series have in common."""

    study: StudyAttributes
    series: SeriesAttributes
    patient: PatientAttributes


# Decoded before, by the bytes it was decoded from: of a series only the first is decoded in full.
# Bounded in number and bytes, whatever is sent.
_known: dict[Hashable, _Common] = {}
_MOST_KNOWN = 128
_MOST_KEY_BYTES = 4096


def _common(elements: Elements, values: "_Values") -> _Common:
    key = _key_of(elements, _OF_INSTANCE)
    known = _known.get(key)
    if known is None:
        known = _Common(study=_study(values), series=_series(values), patient=_patient(values))
        if _bytes_in(elements) <= _MOST_KEY_BYTES:
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[key] = known
    return known


def _key_of(elements: Elements, without: Collection[int]) -> Hashable:
    """All that was kept but for the named tags, in the order of the data set."""
    own = tuple([each for each in elements.values.items() if each[0] not in without])
    if not elements.sequences:
        return own
    return own, tuple(
        (tag, tuple(_key_of(item, ()) for item in items))
        for tag, items in elements.sequences.items()
    )


def _bytes_in(elements: Elements) -> int:
    return sum(len(value) for value in elements.values.values()) + sum(
        1 + _bytes_in(item) for items in elements.sequences.values() for item in items
    )


class _Values:
    """Decoding of kept elements; what cannot be understood is as if it were absent."""

    def __init__(
        self, elements: Elements, encoding: Encoding, charsets: tuple[str, ...] = ()
    ) -> None:
        self._elements = elements
        self._encoding = encoding
        declared = elements.values.get(_CHARSET)
        self._charsets = charsets_of(declared) if declared else charsets

    def text(self, keyword: str) -> str:
        return self._decode(_TEXTS[keyword])

    def first(self, keyword: str) -> str:
        """The first of several values (PS3.5 6.2)."""
        return self.text(keyword).split("\\")[0].strip()

    def uid(self, keyword: str) -> str:
        text = self.text(keyword)
        if not text:
            raise InvalidInstance(f"{keyword} is missing or empty", cause="missing-uid")
        return checked_uid(text, keyword)

    def integer(self, keyword: str) -> int | None:
        try:
            number = int(self.first(keyword) or "x")
        except ValueError:
            return None
        return number if -(2**31) <= number < 2**31 else None  # IS, PS3.5 6.2

    def short(self, tag: int) -> int | None:
        raw = self._elements.values.get(tag, b"")
        order = "little" if self._encoding.little else "big"
        return int.from_bytes(raw[:2], order) if len(raw) >= 2 else None  # type: ignore[arg-type]  # noqa: PLR2004 - US

    def date(self, keyword: str) -> date | None:
        match = _DATE.match(self.first(keyword))
        try:
            return date(*(int(part) for part in match.groups())) if match else None
        except ValueError:
            return None

    def time(self, keyword: str) -> time | None:
        match = _TIME.match(self.first(keyword))
        if match is None:
            return None
        hour, minute, second, fraction = match.groups(default="0")
        try:
            # 60 is a leap second (PS3.5 6.2 TM); the index does not need it.
            return time(int(hour), int(minute), min(int(second), 59), int(fraction.ljust(6, "0")))
        except ValueError:
            return None

    def items(self, tag: int) -> list["_Values"]:
        found = self._elements.sequences.get(tag, [])
        return [_Values(item, self._encoding, self._charsets) for item in found]

    def codes(self, tag: int) -> tuple[ProcedureCode, ...]:
        codes = (
            ProcedureCode(
                value=item._decode(_CODE_VALUE),  # noqa: SLF001 - own class
                scheme=item._decode(_CODE_SCHEME),  # noqa: SLF001
                meaning=item._decode(_CODE_MEANING),  # noqa: SLF001
            )
            for item in self.items(tag)
        )
        return tuple(code for code in codes if code.value or code.meaning)

    def _decode(self, tag: int) -> str:
        return decode_text(self._elements.values.get(tag, b""), self._charsets)


def _patient(values: _Values) -> PatientAttributes:
    others = (
        PatientIdentifier(item.text("IssuerOfPatientID"), item.text("PatientID"))
        for item in values.items(_OTHER_IDS)
    )
    return PatientAttributes(
        patient_id=values.text("PatientID"),
        issuer=values.text("IssuerOfPatientID"),
        other_identifiers=tuple(each for each in others if each.issuer and each.value),
        name=values.first("PatientName"),
        birth_date=values.date("PatientBirthDate"),
        sex=values.first("PatientSex").upper()[:1],
    )


def _study(values: _Values) -> StudyAttributes:
    requested = [
        code for item in values.items(_REQUEST_ATTRIBUTES) for code in item.codes(_REQUESTED_CODES)
    ]
    codes = (*values.codes(_PROCEDURE_CODES), *values.codes(_REQUESTED_CODES), *requested)
    return StudyAttributes(
        study_uid=values.uid("StudyInstanceUID"),
        study_date=values.date("StudyDate"),
        study_time=values.time("StudyTime"),
        timezone_offset=values.first("TimezoneOffsetFromUTC"),
        description=values.first("StudyDescription"),
        accession_number=values.first("AccessionNumber"),
        study_id=values.first("StudyID"),
        referring_physician=values.first("ReferringPhysicianName"),
        procedure_codes=tuple(dict.fromkeys(codes)),
        series_expected=values.integer("NumberOfStudyRelatedSeries"),
        instances_expected=values.integer("NumberOfStudyRelatedInstances"),
    )


def _series(values: _Values) -> SeriesAttributes:
    regions = [code.meaning or code.value for code in values.codes(_ANATOMIC_REGION)]
    agents = [code.meaning or code.value for code in values.codes(_CONTRAST_SEQUENCE)]
    return SeriesAttributes(
        series_uid=values.uid("SeriesInstanceUID"),
        modality=values.first("Modality").upper(),
        series_number=values.integer("SeriesNumber"),
        description=values.first("SeriesDescription"),
        protocol_name=values.first("ProtocolName"),
        body_part=values.first("BodyPartExamined") or "/".join(regions),
        laterality=values.first("Laterality").upper(),
        contrast_agent=values.text("ContrastBolusAgent") or "/".join(agents),
        instances_expected=values.integer("NumberOfSeriesRelatedInstances"),
    )


def _instance(values: _Values, transfer_syntax_uid: str) -> InstanceAttributes:
    return InstanceAttributes(
        sop_instance_uid=values.uid("SOPInstanceUID"),
        sop_class_uid=values.uid("SOPClassUID"),
        transfer_syntax_uid=transfer_syntax_uid,
        instance_number=values.integer("InstanceNumber"),
        rows=values.short(_ROWS),
        columns=values.short(_COLUMNS),
        frames=max(values.integer("NumberOfFrames") or 1, 1),
        bits_allocated=values.short(_BITS_ALLOCATED),
        image_laterality=values.first("ImageLaterality").upper(),
    )
