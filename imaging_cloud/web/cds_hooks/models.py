"""The JSON of a CDS Hooks call and of feedback, as far as it is read (CDS Hooks 2.0.1)."""

import re
from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.web.fhir.elements import Coding, without_nulls

_FHIR_ID = r"[A-Za-z0-9.\-]{1,64}"
_PATIENT_ID = re.compile(rf"(?:Patient/)?({_FHIR_ID})")


Read = TypeVar("Read", bound=BaseModel)


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:  # noqa: ANN401 - whatever was sent
        return without_nulls(value)


def _patient_id(value: object) -> object:
    found = _PATIENT_ID.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("the id of a FHIR Patient is needed")
    return found[1]


def _null_is_empty(value: object) -> object:
    return {} if value is None else value


Word = Annotated[str, Field(min_length=1, max_length=128, pattern=r"\S")]
Address = Annotated[str, Field(max_length=2048)]


class FhirAuthorization(_Model):
    """Its names have underscores, unlike all others."""

    access_token: Annotated[str, Field(alias="access_token", max_length=8192)] = ""


class HookContext(_Model):
    patient_id: Annotated[str, BeforeValidator(_patient_id)]
    draft_orders: dict[str, Any]
    selections: Annotated[tuple[Address, ...], Field(max_length=500)] | None = None


class HookCall(_Model):
    """`prefetch` keeps apart what was not sent (no key) and what is empty (`null`)."""

    hook: Word
    hook_instance: Word
    context: HookContext
    fhir_server: Address = ""
    fhir_authorization: FhirAuthorization | None = None
    prefetch: Annotated[dict[str, Any], BeforeValidator(_null_is_empty)] = {}


class AcceptedSuggestion(_Model):
    id: Word


class OverrideReason(_Model):
    """`userComment`; 1.0 said `comment`."""

    reason: Coding | None = None
    user_comment: Annotated[
        str,
        Field(max_length=4096, validation_alias=AliasChoices("userComment", "comment")),
    ] = ""


class FeedbackItem(_Model):
    card: Word
    outcome: Annotated[str, Field(pattern="^(accepted|overridden)$")]
    outcome_timestamp: Word
    accepted_suggestions: Annotated[tuple[AcceptedSuggestion, ...], Field(max_length=50)] = ()
    override_reason: OverrideReason | None = None


class Feedback(_Model):
    feedback: Annotated[tuple[FeedbackItem, ...], Field(min_length=1, max_length=1000)]


def parse_call(body: bytes) -> HookCall:
    return _parse(HookCall, body)


def parse_feedback(body: bytes) -> Feedback:
    return _parse(Feedback, body)


def _parse(kind: type[Read], body: bytes) -> Read:
    """Raises InvalidRequest that names the first wrong field; values are never repeated."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise InvalidRequest(f"{field}: {first['msg']}", field=field) from None
