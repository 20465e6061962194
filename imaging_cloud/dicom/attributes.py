"""The attributes that searches match and return: DICOM keyword to query field (PS3.18 10.6.1)."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from pydicom.datadict import keyword_for_tag, tag_for_keyword


class Level(IntEnum):
    STUDY = 1
    SERIES = 2
    INSTANCE = 3


class Kind(StrEnum):
    """How the value of a key is read (PS3.4 C.2.2.2)."""

    TEXT = "text"
    UIDS = "uids"
    CODES = "codes"
    DATES = "dates"
    TIMES = "times"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Key:
    """`field` is the ImagingQuery's; the conformance statement lists this table."""

    keyword: str
    level: Level
    kind: Kind
    field: str

    @property
    def tag(self) -> int:
        return tag_of(self.keyword)


KEYS = (
    Key("StudyInstanceUID", Level.STUDY, Kind.UIDS, "study_uids"),
    Key("PatientID", Level.STUDY, Kind.TEXT, "patient_id"),
    Key("IssuerOfPatientID", Level.STUDY, Kind.TEXT, "issuer"),
    Key("PatientName", Level.STUDY, Kind.TEXT, "patient_name"),
    Key("PatientBirthDate", Level.STUDY, Kind.DATES, "birth_date"),
    Key("PatientSex", Level.STUDY, Kind.TEXT, "sex"),
    Key("StudyDate", Level.STUDY, Kind.DATES, "study_date"),
    Key("StudyTime", Level.STUDY, Kind.TIMES, "study_time"),
    Key("AccessionNumber", Level.STUDY, Kind.TEXT, "accession_number"),
    Key("StudyID", Level.STUDY, Kind.TEXT, "study_id"),
    Key("StudyDescription", Level.STUDY, Kind.TEXT, "study_description"),
    Key("ReferringPhysicianName", Level.STUDY, Kind.TEXT, "referring_physician"),
    Key("ModalitiesInStudy", Level.STUDY, Kind.CODES, "modalities_in_study"),
    Key("SeriesInstanceUID", Level.SERIES, Kind.UIDS, "series_uids"),
    Key("Modality", Level.SERIES, Kind.CODES, "modality"),
    Key("SeriesNumber", Level.SERIES, Kind.NUMBER, "series_number"),
    Key("SeriesDescription", Level.SERIES, Kind.TEXT, "series_description"),
    Key("BodyPartExamined", Level.SERIES, Kind.TEXT, "body_part"),
    Key("SOPInstanceUID", Level.INSTANCE, Kind.UIDS, "sop_instance_uids"),
    Key("SOPClassUID", Level.INSTANCE, Kind.UIDS, "sop_class_uids"),
    Key("InstanceNumber", Level.INSTANCE, Kind.NUMBER, "instance_number"),
)


def tag_of(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return tag


def keyword_of(name: str) -> str | None:
    """The keyword of a keyword or an eight-digit tag (PS3.18 8.3.4.1); None for neither."""
    if tag_for_keyword(name) is not None:
        return name
    try:
        tag = int(name, 16) if len(name) == 8 else 0  # noqa: PLR2004 - GGGGEEEE
    except ValueError:
        return None
    return keyword_for_tag(tag) or None


KEY_OF = {key.keyword: key for key in KEYS}
