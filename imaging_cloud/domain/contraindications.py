"""Exams that would harm: the whole table of rules, read for one order and one patient."""

from imaging_cloud.domain.alerts import Caution, Severity
from imaging_cloud.domain.cautions.barium import BARIUM_RULES
from imaging_cloud.domain.cautions.iodine import IODINE_RULES
from imaging_cloud.domain.cautions.magnetic import MAGNETIC_RULES
from imaging_cloud.domain.cautions.pregnancy import PREGNANCY_RULES
from imaging_cloud.domain.cautions.rule import Rule, RuleState, fired_rules
from imaging_cloud.domain.exams.descriptor import ExamDescriptor
from imaging_cloud.domain.orders import ClinicalFacts, Order

RULES: tuple[Rule, ...] = (*BARIUM_RULES, *IODINE_RULES, *MAGNETIC_RULES, *PREGNANCY_RULES)

_STRENGTH = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


def cautions_for(
    order: Order, ordered: ExamDescriptor, facts: ClinicalFacts
) -> tuple[Caution, ...]:
    """What is told: every enabled rule that fires and yields to no other, most severe first."""
    enabled = [rule for rule in fired(order, ordered, facts) if rule.state is RuleState.ENABLED]
    codes = {rule.code for rule in enabled}
    told = [rule for rule in enabled if codes.isdisjoint(rule.yields_to)]
    return tuple(_caution(rule) for rule in sorted(told, key=_rank))


def fired(order: Order, ordered: ExamDescriptor, facts: ClinicalFacts) -> tuple[Rule, ...]:
    """All rules that fire, those under evaluation included: for counting, not for telling."""
    return fired_rules(RULES, order, ordered, facts)


def _rank(rule: Rule) -> tuple[int, str]:
    return _STRENGTH[rule.severity], rule.code


def _caution(rule: Rule) -> Caution:
    return Caution(rule=rule.code, severity=rule.severity, message=rule.message, source=rule.source)
