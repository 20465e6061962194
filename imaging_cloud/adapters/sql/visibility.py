"""A Scope as SQL: which study rows a caller may read, and whose copy of a study comes first."""

from typing import Any

from sqlalchemy import Case, ColumnElement, FromClause, and_, case, false, func, or_, select, true

from imaging_cloud.adapters.sql.tables import CONSENT_DECISION
from imaging_cloud.domain.access import ConsentPolicy, Scope


def visible(study: FromClause, scope: Scope) -> ColumnElement[bool]:
    """Whether the scope reads a row of the study table (or an alias of it)."""
    if scope.everything:
        return true() if scope.only_studies is None else study.c.study_uid.in_(scope.only_studies)
    ways: list[ColumnElement[bool]] = []
    if scope.institution is not None:
        ways.append(study.c.institution == scope.institution)
        if scope.shared_with_institution:
            ways.append(_opened_to(study, scope.institution, scope.policy))
    if scope.person_ids:
        ways.append(study.c.person_id.in_(scope.person_ids))
    if not ways:
        return false()
    if scope.only_studies is None:
        return or_(*ways)
    return and_(or_(*ways), study.c.study_uid.in_(scope.only_studies))


def _opened_to(study: FromClause, institution: str, policy: ConsentPolicy) -> ColumnElement[bool]:
    """`access.institution_may_see`, asked of the newest decision in SQL."""
    if policy is ConsentPolicy.OPEN:
        return true()
    silence = true() if policy is ConsentPolicy.OPT_OUT else false()
    return func.coalesce(newest_decision(study.c.person_id, institution), silence)


def newest_decision(
    person_id: ColumnElement[str], institution: str | ColumnElement[str]
) -> ColumnElement[Any]:
    """Select the person's standing decision about the institution, NULL when there is none."""
    decision = CONSENT_DECISION.alias()
    return (
        select(decision.c.granted)
        .where(decision.c.person_id == person_id, decision.c.institution == institution)
        .order_by(decision.c.decided_at.desc(), decision.c.decision_id.desc())
        .limit(1)
        .scalar_subquery()
    )


def sees_one_institution(scope: Scope) -> bool:
    """Whether every visible row is of one institution, so that no study can be there twice."""
    return not (scope.everything or scope.person_ids or scope.shared_with_institution)


def not_own(study: FromClause, scope: Scope) -> Case[int]:
    """0 for the caller's own institution's rows, 1 for others: the first rank of copies."""
    own = scope.institution if scope.institution is not None else ""
    return case((study.c.institution == own, 0), else_=1)


def is_better_copy(other: FromClause, study: FromClause, scope: Scope) -> ColumnElement[bool]:
    """Whether `other` comes before `study`: own institution first, then by code."""
    mine, theirs = not_own(study, scope), not_own(other, scope)
    return or_(theirs < mine, (theirs == mine) & (other.c.institution < study.c.institution))
