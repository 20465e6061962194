"""FHIR data types as far as they are read: R4 and R5 shapes in one, unknown fields ignored."""

from datetime import date, datetime, tzinfo
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

_MAX_TEXT = 4096
_MAX_ITEMS = 500
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_WHOLE_DATE = len("2026-11-20")


class Fhir(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="ignore", frozen=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:  # noqa: ANN401 - whatever was sent
        return without_nulls(value)


def without_nulls(value: object) -> object:
    """FHIR knows no null; what is sent as one says no more than what is left out."""
    if not isinstance(value, dict):
        return value
    return {key: each for key, each in value.items() if each is not None}


def _as_list(value: object) -> object:
    """One where many may stand, as some servers write it, and nothing for null."""
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _concept(value: object) -> object:
    """Take a CodeableConcept, an R5 CodeableReference around one, or a lone Coding."""
    if isinstance(value, dict) and "concept" in value:
        return value["concept"]
    if isinstance(value, dict) and "code" in value and "coding" not in value:
        return {"coding": [value]}
    return value


Text = Annotated[str, Field(max_length=_MAX_TEXT)]
Code = Annotated[str, Field(max_length=256)]
# As long as the order check takes a code system's name.
Uri = Annotated[str, Field(max_length=1024)]


class Coding(Fhir):
    system: Uri = ""
    code: Code = ""
    display: Text = ""


class Concept(Fhir):
    """A CodeableConcept."""

    coding: Annotated[
        tuple[Coding, ...], Field(max_length=_MAX_ITEMS), BeforeValidator(_as_list)
    ] = ()
    text: Text = ""

    @property
    def words(self) -> str:
        """What a person would read: the text, else the first display."""
        return self.text or next((each.display for each in self.coding if each.display), "")

    @property
    def all_words(self) -> str:
        return " · ".join(part for part in (self.text, *(c.display for c in self.coding)) if part)

    def has(self, *codes: str) -> bool:
        """Whether any coding has one of the codes, whatever its system."""
        return any(each.code in codes for each in self.coding)


AConcept = Annotated[Concept, BeforeValidator(_concept)]


def _concepts(value: object) -> object:
    return tuple(_concept(each) for each in value) if isinstance(value, list | tuple) else value


Concepts = Annotated[
    tuple[Concept, ...],
    Field(max_length=_MAX_ITEMS),
    BeforeValidator(_concepts),
    BeforeValidator(_as_list),
]


class Identifier(Fhir):
    use: Code = ""
    type: AConcept = Concept()
    system: Text = ""
    value: Text = ""


class Reference(Fhir):
    reference: Text = ""
    type: Text = ""
    identifier: Identifier | None = None
    display: Text = ""


class Quantity(Fhir):
    value: float | None = None
    comparator: Code = ""
    unit: Text = ""
    system: Text = ""
    code: Code = ""


class Period(Fhir):
    start: Text = ""
    end: Text = ""


class HumanName(Fhir):
    use: Code = ""
    text: Text = ""
    family: Text = ""
    given: Annotated[tuple[Text, ...], BeforeValidator(_as_list)] = ()

    @property
    def words(self) -> str:
        """The name as it is written: characters without blanks, letters with them."""
        if self.text:
            return self.text
        parts = [part for part in (self.family, *self.given) if part]
        whole = "".join(parts)
        ideographic = any(ord(letter) >= 0x2E80 for letter in whole)  # noqa: PLR2004 - CJK begins
        return whole if ideographic else " ".join(parts)


Identifiers = Annotated[
    tuple[Identifier, ...], Field(max_length=_MAX_ITEMS), BeforeValidator(_as_list)
]
Names = Annotated[tuple[HumanName, ...], Field(max_length=_MAX_ITEMS), BeforeValidator(_as_list)]
References = Annotated[
    tuple[Reference, ...], Field(max_length=_MAX_ITEMS), BeforeValidator(_as_list)
]


def moment_of(text: str, zone: tzinfo) -> datetime | None:
    """A FHIR dateTime that names a whole day at least; a day alone is its noon in `zone`.

    Years that time zones cannot reckon with are as none.
    """
    try:
        if len(text) == _WHOLE_DATE:
            day = date.fromisoformat(text)
            if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
                return None
            return datetime(day.year, day.month, day.day, 12, tzinfo=zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) < _WHOLE_DATE or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def day_of(text: str) -> date | None:
    """A FHIR date that names a whole day; `1949` and `1949-12` say too little."""
    if len(text) < _WHOLE_DATE:
        return None
    try:
        return date.fromisoformat(text[:_WHOLE_DATE])
    except ValueError:
        return None
