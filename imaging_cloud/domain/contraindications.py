"""Exams that would harm: rules over the ordered exam and what is known of the patient."""

from imaging_cloud.domain.alerts import Caution
from imaging_cloud.domain.exams.descriptor import ExamDescriptor
from imaging_cloud.domain.orders import ClinicalFacts, Order


def cautions_for(
    order: Order, ordered: ExamDescriptor, facts: ClinicalFacts
) -> tuple[Caution, ...]:
    """Every enabled rule that fires, most severe first."""
    del order, ordered, facts
    return ()
