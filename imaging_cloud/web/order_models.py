"""The order check's JSON, exactly as the contract has it: what is taken, field by field."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.orders import Priority

_MAX_TEXT = 1024
_MAX_ITEMS = 200

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_DATE_LENGTH = len("2026-11-20")
_COMPACT_DATE = re.compile(r"\d{8}")
_SEXES = {"MALE": "M", "FEMALE": "F", "OTHER": "O", "UNKNOWN": "", "U": ""}
_SIDES = {"LEFT": "L", "RIGHT": "R", "BILATERAL": "B", "BOTH": "B"}


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _null_is_empty(value: object) -> object:
    return () if value is None else value


def _iso_date(value: object) -> object:
    """DICOM's 19491231 beside ISO 8601; nothing else is guessed at."""
    value = _blank_is_none(value)
    if isinstance(value, str) and _COMPACT_DATE.fullmatch(value):
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    if value is not None and not isinstance(value, str):
        raise ValueError("a date as YYYY-MM-DD is needed")
    return value


def _iso_moment(value: object) -> object:
    """A bare number would be read as seconds since 1970, which no order screen means."""
    if not isinstance(value, str) or len(value) <= _DATE_LENGTH:
        raise ValueError("a date and time as YYYY-MM-DDThh:mm:ss+hh:mm is needed")
    return value


def _believable(moment: datetime) -> datetime:
    """Years that calendars and time zones can reckon with, whatever is added to them."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"a year from {_FIRST_YEAR} to {_LAST_YEAR} is needed")
    return moment


def _sex_code(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return _SEXES.get(value.strip().upper(), value.strip().upper())
    return value


def _side_code(value: object) -> object:
    value = _blank_is_none(value)
    if isinstance(value, str):
        return _SIDES.get(value.strip().upper(), value.strip().upper())
    return value


def _priority_code(value: object) -> object:
    value = _blank_is_none(value)
    if value is None:
        return Priority.ROUTINE.value
    return value.strip().lower() if isinstance(value, str) else value


class _Sex(StrEnum):
    MALE = "M"
    FEMALE = "F"
    OTHER = "O"
    UNKNOWN = ""


class _Side(StrEnum):
    LEFT = "L"
    RIGHT = "R"
    BOTH = "B"


Text = Annotated[str, Field(max_length=_MAX_TEXT)]
Needed = Annotated[str, Field(min_length=1, max_length=_MAX_TEXT, pattern=r"\S")]
Optional = Annotated[Text | None, BeforeValidator(_blank_is_none)]


class WireModel(BaseModel):
    """Unknown fields are ignored; known ones are taken in their own type only.

    `strict=False` stands where a validator before has looked at the type already.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="ignore", frozen=True, strict=True, allow_inf_nan=False
    )


class IdentifierIn(WireModel):
    issuer: Needed
    value: Needed


class CodingIn(WireModel):
    system: Text
    code: Needed


Codings = Annotated[
    tuple[CodingIn, ...],
    Field(max_length=_MAX_ITEMS, strict=False),
    BeforeValidator(_null_is_empty),
]


class PatientIn(WireModel):
    identifiers: Annotated[tuple[IdentifierIn, ...], Field(max_length=_MAX_ITEMS)]
    name: Optional = None
    birth_date: Annotated[date | None, Field(strict=False), BeforeValidator(_iso_date)] = None
    sex: Annotated[_Sex, Field(strict=False), BeforeValidator(_sex_code)] = _Sex.UNKNOWN


class OrderIn(WireModel):
    name: Optional = None
    code: Optional = None
    codings: Codings = ()
    modality: Optional = None
    laterality: Annotated[_Side | None, Field(strict=False), BeforeValidator(_side_code)] = None
    priority: Annotated[Priority, Field(strict=False), BeforeValidator(_priority_code)] = (
        Priority.ROUTINE
    )
    reason_codes: Codings = ()
    reexam_reason: Optional = None
    institution: Needed
    placed_at: Annotated[
        datetime, Field(strict=False), BeforeValidator(_iso_moment), AfterValidator(_believable)
    ]


class FactsIn(WireModel):
    conditions: Codings = ()
    allergies: Codings = ()
    egfr: Annotated[float | None, Field(alias="eGFR", ge=0, le=1000)] = None
    pregnant: bool | None = None
    devices: Codings = ()


class OrderCheckIn(WireModel):
    patient: PatientIn
    order: OrderIn
    facts: Annotated[FactsIn, BeforeValidator(lambda value: {} if value is None else value)] = (
        FactsIn()
    )
    preview: Annotated[bool, BeforeValidator(lambda value: False if value is None else value)] = (
        False
    )

    @model_validator(mode="after")
    def _says_what_is_ordered(self) -> "OrderCheckIn":
        order = self.order
        if order.name is None and order.code is None and not order.codings:
            raise InvalidRequest("order.name or order.code is needed", field="order.name")
        return self


def parse_order_check(body: bytes) -> OrderCheckIn:
    """Raises InvalidRequest that names the first wrong field; values are never repeated."""
    try:
        return OrderCheckIn.model_validate_json(body)
    except ValidationError as error:
        raise invalid_request(error) from None


def invalid_request(error: ValidationError) -> InvalidRequest:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    parts = [str(part) for part in first["loc"] if not _is_branch(part)]
    field = ".".join(parts) or "body"
    said = first["msg"]
    return InvalidRequest(f"{field}: {said}", field=field)


def _is_branch(part: int | str) -> bool:
    """Whether the part names a member of a union, which the caller has never heard of."""
    return isinstance(part, str) and "[" in part
