"""What was received: the attributes of an instance that the cloud keeps in its index."""

from dataclasses import dataclass
from datetime import date, time

from imaging_cloud.domain.exams.descriptor import ProcedureCode
from imaging_cloud.domain.identifiers import PatientIdentifier


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientAttributes:
    """The patient as the object names them.

    `patient_id` and `issuer` are as received ("" when absent); `other_identifiers` holds the
    items of OtherPatientIDsSequence that name an issuer. `name` is the whole PN value with its
    component groups (`Zhang^XiaoDong=张^小东`), decoded.
    """

    patient_id: str = ""
    issuer: str = ""
    other_identifiers: tuple[PatientIdentifier, ...] = ()
    name: str = ""
    birth_date: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyAttributes:
    """`series_expected` and `instances_expected` are what the sender says that the study has.

    From NumberOfStudyRelatedSeries and NumberOfStudyRelatedInstances (PS3.4 C.3.4), which some
    archives leave in what they send.
    """

    study_uid: str
    study_date: date | None = None
    study_time: time | None = None
    timezone_offset: str = ""
    description: str = ""
    accession_number: str = ""
    study_id: str = ""
    referring_physician: str = ""
    procedure_codes: tuple[ProcedureCode, ...] = ()
    series_expected: int | None = None
    instances_expected: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesAttributes:
    series_uid: str
    modality: str = ""
    series_number: int | None = None
    description: str = ""
    protocol_name: str = ""
    body_part: str = ""
    laterality: str = ""
    contrast_agent: str = ""
    instances_expected: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceAttributes:
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    instance_number: int | None = None
    rows: int | None = None
    columns: int | None = None
    frames: int = 1
    bits_allocated: int | None = None
    image_laterality: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceHeader:
    """All that one instance says of itself, its series, its study and its patient."""

    patient: PatientAttributes
    study: StudyAttributes
    series: SeriesAttributes
    instance: InstanceAttributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where bytes came from: the institution that answers for them and the way they took.

    `kind` is one of c-store, stow, import, harvest, replay; `source` is the calling AE title,
    the token's subject, or the archive's address without credentials.
    """

    institution: str
    kind: str
    source: str = ""
    peer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a sender said an instance is before its bytes were read (the DIMSE command set)."""

    sop_class_uid: str
    sop_instance_uid: str
