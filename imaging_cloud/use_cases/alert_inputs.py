"""An order check's inputs as JSON and back: what the alert log keeps, and what a replay judges.

Kept are the order, the facts, the priors as they were described then, and how sure the identity
was. Names, numbers and birth dates are not: identity was decided, and only the decision counts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from imaging_cloud.domain.alerts import EarlierOrder
from imaging_cloud.domain.exams.descriptor import (
    Contrast,
    ExamDescriptor,
    ExamModality,
    Laterality,
    Purpose,
    Region,
)
from imaging_cloud.domain.judging import KnownExam, OrderInputs
from imaging_cloud.domain.orders import ClinicalFacts, Coding, Order, Priority
from imaging_cloud.domain.patients import Certainty
from imaging_cloud.domain.recognition import NO_STANDING, Standing
from imaging_cloud.domain.retrieval import AT_HAND, Retrieval

Document = dict[str, Any]


def inputs_document(inputs: OrderInputs) -> Document:
    """Shape: `order`, `facts`, `identity`, `exams`, `earlier`, `checkedAt`, `region`, `quiet`."""
    order, facts = inputs.order, inputs.facts
    return {
        "order": {
            "name": order.name,
            "code": order.code,
            **({"codings": _pairs(order.codings)} if order.codings else {}),
            "modality": order.modality,
            "laterality": order.laterality,
            "priority": order.priority.value,
            "reasons": _pairs(order.reasons),
            "reexamReason": order.reexam_reason,
            "institution": order.institution,
            "placedAt": order.placed_at.isoformat(),
        },
        "facts": {
            "conditions": _pairs(facts.conditions),
            "allergies": _pairs(facts.allergies),
            "eGFR": facts.egfr,
            "pregnant": facts.pregnant,
            "devices": _pairs(facts.devices),
        },
        "ordered": _written(inputs.ordered),
        "identity": [inputs.certainty.value, inputs.person_id],
        "exams": [_exam(each) for each in inputs.exams],
        "earlier": [
            [each.institution, each.asked_at.isoformat(), _written(each.exam)]
            for each in inputs.earlier
        ],
        "checkedAt": inputs.checked_at.isoformat(),
        "region": str(inputs.region),
        "quiet": inputs.quiet_seconds,
    }


def _exam(exam: KnownExam) -> list[Any]:
    return [
        exam.institution,
        exam.study_uid,
        exam.performed_at.isoformat() if exam.performed_at else None,
        _written(exam.descriptor),
        exam.last_received_at.isoformat(),
        exam.visible,
        exam.settled,
        exam.doubt,
        *_beyond(exam),
    ]


def _beyond(exam: KnownExam) -> list[Any]:
    """Retrievability and standing, where there is something to say: most priors have neither."""
    standing = exam.standing
    if exam.retrieval is AT_HAND and standing == NO_STANDING:
        return []
    return [exam.retrieval.value, [standing.mark, standing.reaches, standing.days]]


@lru_cache(maxsize=4096)
def _written(exam: ExamDescriptor) -> str:
    """One line a meaning: `CT|CHEST+ABDOMEN||||…`, in the order of the descriptor's fields."""
    regions = "+".join(region.value for region in exam.regions)
    return "|".join(
        (
            *(exam.modality.value, regions, exam.focus.replace("|", " "), exam.laterality.value),
            *(exam.contrast.value, "angio" if exam.angio else "", exam.purpose.value),
        )
    )


@lru_cache(maxsize=4096)
def _read(text: str) -> ExamDescriptor:
    modality, regions, focus, laterality, contrast, angio, purpose = text.split("|")
    return ExamDescriptor(
        modality=ExamModality(modality),
        regions=tuple(Region(each) for each in regions.split("+") if each),
        focus=focus,
        laterality=Laterality(laterality),
        contrast=Contrast(contrast),
        angio=bool(angio),
        purpose=Purpose(purpose),
    )


def _pairs(codings: Sequence[Coding]) -> list[list[str]]:
    return [[each.system, each.code] for each in codings]


def inputs_of(document: Mapping[str, Any]) -> OrderInputs:
    """What `inputs_document` wrote. Raises KeyError, ValueError or TypeError for anything else."""
    certainty, person_id = document["identity"]
    return OrderInputs(
        order=_order_of(document["order"]),
        ordered=_read(document["ordered"]),
        facts=_facts_of(document["facts"]),
        certainty=Certainty(certainty),
        person_id=person_id,
        exams=tuple(_exam_of(each) for each in document["exams"]),
        earlier=tuple(
            EarlierOrder(institution=place, asked_at=datetime.fromisoformat(at), exam=_read(exam))
            for place, at, exam in document["earlier"]
        ),
        checked_at=datetime.fromisoformat(document["checkedAt"]),
        region=ZoneInfo(document["region"]),
        quiet_seconds=document["quiet"],
    )


def _order_of(document: Mapping[str, Any]) -> Order:
    return Order(
        name=document["name"],
        code=document["code"],
        codings=_codings(document.get("codings", ())),
        modality=document["modality"],
        laterality=document["laterality"],
        priority=Priority(document["priority"]),
        reasons=_codings(document["reasons"]),
        reexam_reason=document["reexamReason"],
        institution=document["institution"],
        placed_at=datetime.fromisoformat(document["placedAt"]),
    )


def _facts_of(document: Mapping[str, Any]) -> ClinicalFacts:
    return ClinicalFacts(
        conditions=_codings(document["conditions"]),
        allergies=_codings(document["allergies"]),
        egfr=document["eGFR"],
        pregnant=document["pregnant"],
        devices=_codings(document["devices"]),
    )


def _exam_of(row: Sequence[Any]) -> KnownExam:
    institution, study_uid, performed_at, meaning, last_received_at, *rest = row
    visible, settled, doubt, *beyond = rest
    retrieval, (mark, reaches, days) = beyond or ("", ("", None, None))
    return KnownExam(
        institution=institution,
        study_uid=study_uid,
        performed_at=datetime.fromisoformat(performed_at) if performed_at else None,
        descriptor=_read(meaning),
        last_received_at=datetime.fromisoformat(last_received_at),
        visible=visible,
        settled=settled,
        doubt=doubt,
        standing=Standing(mark=mark, reaches=reaches, days=days),
        retrieval=Retrieval(retrieval),
    )


def _codings(pairs: Sequence[Sequence[str]]) -> tuple[Coding, ...]:
    return tuple(Coding(system, code) for system, code in pairs)
