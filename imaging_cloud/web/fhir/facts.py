"""From FHIR resources to the clinical facts that the rules read."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from imaging_cloud.domain.cautions.wording import allergies_in, devices_in, medicines_in
from imaging_cloud.domain.orders import Coding
from imaging_cloud.web.fhir.elements import Concept, moment_of
from imaging_cloud.web.fhir.resources import (
    AllergyIntolerance,
    Condition,
    Device,
    MedicationUse,
    Observation,
    Resource,
)

# LOINC: glomerular filtration rate per 1.73 m² predicted from creatinine or cystatin C.
EGFR_CODES = (
    *("33914-3", "48642-3", "48643-1", "62238-1", "69405-9", "77147-7"),
    *("88293-6", "88294-4", "98979-8", "98980-6"),
)
PREGNANCY_CODE = "82810-3"
_PREGNANT = ("77386006", "LA15173-0")
_NOT_PREGNANT = ("60001007", "LA26683-5")

# An older value says nothing of today's kidneys; the same limit as docs/order-check-rules.md.
EGFR_DAYS = 90
_PREGNANT_DAYS = 300
_NOT_PREGNANT_DAYS = 30
_PER_SURFACE = re.compile(r"1[.,]73")
_PER_SECOND = re.compile(r"/s(?:ec)?\b", re.IGNORECASE)
_VOLUME = re.compile(r"^\s*ml\s*/\s*(?:min|s)", re.IGNORECASE)
_LEAST_PER_MINUTE = 3
_LARGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`egfr_at` is when the value was measured."""

    conditions: tuple[Coding, ...] = ()
    allergies: tuple[Coding, ...] = ()
    devices: tuple[Coding, ...] = ()
    egfr: float | None = None
    egfr_at: datetime | None = None
    pregnant: bool | None = None

    def document(self) -> dict[str, Any]:
        """The `facts` of the plain call (docs/http.md)."""
        return {
            "conditions": [_coding(each) for each in self.conditions],
            "allergies": [_coding(each) for each in self.allergies],
            "eGFR": self.egfr,
            "pregnant": self.pregnant,
            "devices": [_coding(each) for each in self.devices],
        }


def _coding(coding: Coding) -> dict[str, str]:
    return {"system": coding.system, "code": coding.code}


def facts_of(resources: Iterable[Resource], *, now: datetime, zone: tzinfo) -> Facts:
    """Only what holds now: active, not refuted, and not too old; missing stays unknown."""
    conditions: list[Coding] = []
    allergies: list[Coding] = []
    devices: list[Coding] = []
    observations: list[Observation] = []
    for each in resources:
        match each:
            case Condition() if each.counts:
                conditions += codings(each.code)
            case AllergyIntolerance() if each.counts:
                for concept in (each.code, *(one.substance for one in each.reaction)):
                    allergies += [*codings(concept), *allergies_in(concept.all_words)]
            case MedicationUse() if each.counts:
                for concept in each.concepts:
                    conditions += [*codings(concept), *medicines_in(concept.all_words)]
            case Device() if each.counts:
                devices += _device(each)
            case Observation() if each.counts:
                observations.append(each)
            case _:
                pass
    egfr, egfr_at = _newest_egfr(observations, now, zone)
    return Facts(
        conditions=_once(conditions),
        allergies=_once(allergies),
        devices=_once(devices),
        egfr=egfr,
        egfr_at=egfr_at,
        pregnant=_pregnant(observations, now, zone),
    )


def codings(concept: Concept) -> list[Coding]:
    return [Coding(each.system, each.code) for each in concept.coding if each.code.strip()]


def _once(found: list[Coding]) -> tuple[Coding, ...]:
    return tuple(dict.fromkeys(found))[:200]


def _device(device: Device) -> list[Coding]:
    """A device that says nothing of itself is one all the same: MR asks what it is."""
    found = [coding for concept in device.type for coding in codings(concept)]
    for concept in device.type:
        found += devices_in(concept.all_words)
    return found or [Coding("", "device")]


def _newest_egfr(
    observations: list[Observation], now: datetime, zone: tzinfo
) -> tuple[float | None, datetime | None]:
    """(value in mL/min/1.73 m², when) of the newest that can be read."""
    known = []
    for each in observations:
        if not each.code.has(*EGFR_CODES):
            continue
        at, value = moment_of(each.when, zone), _filtration(each)
        if (
            at is not None
            and value is not None
            and _age_in_days(at, now, zone) in range(EGFR_DAYS + 1)
        ):
            known.append((at, value))
    if not known:
        return None, None
    at, value = max(known)
    return value, at


def _age_in_days(at: datetime, now: datetime, zone: tzinfo) -> int:
    return (now.astimezone(zone).date() - at.astimezone(zone).date()).days


def _filtration(observation: Observation) -> float | None:
    quantity = observation.value_quantity
    if quantity is None:
        whole = observation.value_integer
        return float(whole) if whole is not None and whole >= _LEAST_PER_MINUTE else None
    if quantity.value is None or not 0 <= quantity.value <= _LARGEST:
        return None
    value = _per_minute(quantity.value, quantity.code or quantity.unit, quantity.unit)
    if value is not None and quantity.comparator == "<":
        # "<30" lies below 30, whatever it is.
        return math.nextafter(value, 0)
    return value


def _per_minute(value: float, code: str, unit: str) -> float | None:
    """Value in mL/min/1.73 m². Without a unit only what cannot be per second is believed."""
    if not code:
        return value if value >= _LEAST_PER_MINUTE else None
    written = code if _PER_SURFACE.search(code) else unit
    if not (_PER_SURFACE.search(written) and _VOLUME.match(written)):
        return None
    return value * 60 if _PER_SECOND.search(written) else value


def _pregnant(observations: list[Observation], now: datetime, zone: tzinfo) -> bool | None:
    """What the newest pregnancy status says, while it can still hold; None when nothing does."""
    told = []
    for each in observations:
        at = moment_of(each.when, zone)
        if at is None or not each.code.has(PREGNANCY_CODE):
            continue
        value = each.value_codeable_concept
        told.append((at, value.has(*_PREGNANT), value.has(*_NOT_PREGNANT)))
    if not told:
        return None
    at, is_pregnant, is_not = max(told)
    age = _age_in_days(at, now, zone)
    if is_pregnant and age in range(_PREGNANT_DAYS + 1):
        return True
    return False if is_not and age in range(_NOT_PREGNANT_DAYS + 1) else None
