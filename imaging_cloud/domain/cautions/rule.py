"""A rule of the contraindication table as a value, and the pure functions that read it."""

from dataclasses import dataclass
from enum import StrEnum

from imaging_cloud.domain.alerts import Severity
from imaging_cloud.domain.cautions.agents import Agent, agents_of
from imaging_cloud.domain.cautions.codes import Codes, ReadCoding, read_codings
from imaging_cloud.domain.exams.descriptor import ExamDescriptor, Purpose, Region
from imaging_cloud.domain.orders import ClinicalFacts, Order


class RuleState(StrEnum):
    """evaluation: judged, not told. enabled: told. retired: kept for old alerts."""

    EVALUATION = "evaluation"
    ENABLED = "enabled"
    RETIRED = "retired"


class Place(StrEnum):
    """Where a code may stand; reasons of the order count as conditions."""

    CONDITIONS = "conditions"
    ALLERGIES = "allergies"
    DEVICES = "devices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """at_least <= eGFR < below, in mL/min/1.73 m²."""

    at_least: float
    below: float

    def holds(self, value: float) -> bool:
        return self.at_least <= value < self.below


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about the patient, true when any of its parts is.

    `codes` are looked for in `places`, `substances` among the allergies only, since the same code
    elsewhere is a medicine that is taken. `pregnant`: the plain fact; where it is known it outranks
    the codes, which pile up in problem lists. `egfr_unknown` needs that no value was given.
    """

    codes: Codes = Codes()  # noqa: RUF009 - frozen, so one empty value may serve all
    places: tuple[Place, ...] = (Place.CONDITIONS,)
    substances: Codes = Codes()  # noqa: RUF009
    egfr: Between | None = None
    egfr_unknown: bool = False
    pregnant: bool = False
    any_device: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamTest:
    """The exams a rule is about: any of the agents and, where there are some, of the regions."""

    agents: tuple[Agent, ...]
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """All `findings` must hold, `unless` must not. It yields to stronger rules that are told."""

    code: str
    version: int = 1
    state: RuleState = RuleState.ENABLED
    title: str
    severity: Severity
    message: str
    source: str
    exam: ExamTest
    findings: tuple[Finding, ...]
    unless: Finding | None = None
    yields_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The clinical facts with their codings read. None is unknown, never normal."""

    codings: dict[Place, tuple[ReadCoding, ...]]
    egfr: float | None
    pregnant: bool | None
    has_device: bool


def patient_of(order: Order, facts: ClinicalFacts) -> Patient:
    return Patient(
        codings={
            Place.CONDITIONS: read_codings((*facts.conditions, *order.reasons)),
            Place.ALLERGIES: read_codings(facts.allergies),
            Place.DEVICES: read_codings(facts.devices),
        },
        egfr=facts.egfr,
        pregnant=facts.pregnant,
        has_device=bool(facts.devices),
    )


def fired_rules(
    rules: tuple[Rule, ...], order: Order, ordered: ExamDescriptor, facts: ClinicalFacts
) -> tuple[Rule, ...]:
    """Every rule that holds and is not retired, those under evaluation included."""
    if ordered.purpose is Purpose.OTHER:  # a reconstruction, a film copy: nobody is examined
        return ()
    agents, patient = agents_of(order, ordered), patient_of(order, facts)
    return tuple(
        rule
        for rule in rules
        if rule.state is not RuleState.RETIRED
        and _is_about(rule.exam, agents, ordered)
        and all(_holds(finding, patient) for finding in rule.findings)
        and not (rule.unless and _holds(rule.unless, patient))
    )


def _is_about(test: ExamTest, agents: frozenset[Agent], ordered: ExamDescriptor) -> bool:
    if agents.isdisjoint(test.agents):
        return False
    return not test.regions or not set(test.regions).isdisjoint(ordered.regions)


def _holds(finding: Finding, patient: Patient) -> bool:
    if finding.any_device and patient.has_device:
        return True
    if finding.egfr_unknown and patient.egfr is None:
        return True
    if finding.egfr and patient.egfr is not None and finding.egfr.holds(patient.egfr):
        return True
    if finding.pregnant and patient.pregnant is not None:
        return patient.pregnant
    return _among(finding.codes, patient, finding.places) or _among(
        finding.substances, patient, (Place.ALLERGIES,)
    )


def _among(codes: Codes, patient: Patient, places: tuple[Place, ...]) -> bool:
    return any(codes.hold(coding) for place in places for coding in patient.codings[place])
