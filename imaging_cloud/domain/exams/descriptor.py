"""What an exam is: the descriptor, and the evidence from which it is worked out.

The codes and their order are those of the labelling guide (docs/exam-meaning.md).
"""

from dataclasses import dataclass, field
from enum import StrEnum


class ExamModality(StrEnum):
    """The kind of exam, not the DICOM Modality of one series: CR, DX and DR are all XR."""

    CT = "CT"
    MR = "MR"
    XR = "XR"
    MG = "MG"
    US = "US"
    NM = "NM"
    PT = "PT"
    XA = "XA"
    RF = "RF"
    UNKNOWN = "?"


class Region(StrEnum):
    """Anatomical regions, declared in the order in which they are always written."""

    HEAD = "HEAD"
    FACE = "FACE"
    ORBIT = "ORBIT"
    EAR = "EAR"
    PITUITARY = "PITUITARY"
    NECK = "NECK"
    CSPINE = "CSPINE"
    TSPINE = "TSPINE"
    LSPINE = "LSPINE"
    SACRUM = "SACRUM"
    CHEST = "CHEST"
    HEART = "HEART"
    BREAST = "BREAST"
    ABDOMEN = "ABDOMEN"
    PELVIS = "PELVIS"
    SHOULDER = "SHOULDER"
    ARM = "ARM"
    ELBOW = "ELBOW"
    WRIST = "WRIST"
    HAND = "HAND"
    HIP = "HIP"
    THIGH = "THIGH"
    KNEE = "KNEE"
    LEG = "LEG"
    ANKLE = "ANKLE"
    FOOT = "FOOT"
    WHOLEBODY = "WHOLEBODY"


class Laterality(StrEnum):
    LEFT = "L"
    RIGHT = "R"
    BOTH = "B"
    UNSAID = ""


class Contrast(StrEnum):
    NONE = "none"
    WITH = "with"
    BOTH = "both"
    ORAL = "oral"
    UNKNOWN = "?"


class Purpose(StrEnum):
    DIAGNOSTIC = "diagnostic"
    SCREENING = "screening"
    GUIDANCE = "guidance"
    PLANNING = "planning"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamDescriptor:
    """What was, or would be, imaged. `regions` is in `Region` order; empty means nothing tells."""

    modality: ExamModality
    regions: tuple[Region, ...] = ()
    focus: str = ""
    laterality: Laterality = Laterality.UNSAID
    contrast: Contrast = Contrast.UNKNOWN
    angio: bool = False
    purpose: Purpose = Purpose.DIAGNOSTIC


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureCode:
    """A coded procedure or body part: DICOM CodeValue, CodingSchemeDesignator, CodeMeaning."""

    value: str
    scheme: str
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamEvidence:
    """Everything a study header or an order says about the exam, as received.

    `name` is the order's item name or the StudyDescription. `modalities` are DICOM Modality
    codes of the series (or the one an order names). `lateralities` are DICOM Laterality or
    ImageLaterality values (R, L, B, U). `contrast_agents` holds ContrastBolusAgent texts;
    an empty tuple says nothing, since many scanners leave the element out. `institution` is the
    code of the one whose words these are: its own catalogue goes first.
    """

    name: str = ""
    modalities: tuple[str, ...] = ()
    series_descriptions: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    procedure_codes: tuple[ProcedureCode, ...] = ()
    lateralities: tuple[str, ...] = ()
    contrast_agents: tuple[str, ...] = ()
    institution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamMeaning:
    """A descriptor and, for each of its fields, the words that led to it (for a person to see)."""

    descriptor: ExamDescriptor
    because: tuple[tuple[str, str], ...] = field(default=())
