"""Who may see what: roles, the region's consent policy, and the scope a caller reads within."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    PHYSICIAN = "physician"
    PATIENT = "patient"
    TECHNICIAN = "technician"
    ADMIN = "admin"
    SERVICE = "service"
    GUEST = "guest"


class ConsentPolicy(StrEnum):
    """What another institution sees of a patient who has said nothing."""

    OPT_IN = "opt-in"
    OPT_OUT = "opt-out"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller, as its token says. A patient's subject is an identifier `ISSUER|VALUE`.

    A guest's subject is the id of the share whose link was opened; `label` is what the patient
    called that link.
    """

    role: Role
    subject: str
    institution: str | None = None
    token_id: str = ""
    expires_at: datetime | None = None
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The studies a caller may read; every read of the index carries one.

    everything: no limit (operators). Otherwise a study is visible when its institution is
    `institution`, or it belongs to one of `person_ids` (a patient reading their own), or
    `shared_with_institution` and the person's consent opens it to `institution` under `policy`.
    An empty scope sees nothing. `only_studies` narrows all that: of what is visible, no study but
    these (None: no such limit).
    """

    everything: bool = False
    institution: str | None = None
    shared_with_institution: bool = False
    person_ids: tuple[str, ...] = ()
    policy: ConsentPolicy = ConsentPolicy.OPT_IN
    only_studies: tuple[str, ...] | None = None


NOTHING = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A person's standing decision about one institution; the newest decision counts."""

    person_id: str
    institution: str
    granted: bool
    decided_at: datetime
    decided_by: str


def institution_may_see(policy: ConsentPolicy, decision: bool | None) -> bool:
    """Whether an institution sees a person's exams made elsewhere.

    `decision` is the person's newest decision about that institution, None when there is none.
    A spoken no counts under every policy but `open`, where the region has decided.
    """
    match policy:
        case ConsentPolicy.OPEN:
            return True
        case ConsentPolicy.OPT_OUT:
            return decision is not False
        case ConsentPolicy.OPT_IN:
            return decision is True


def scope_of(
    principal: Principal,
    policy: ConsentPolicy,
    person_ids: tuple[str, ...] = (),
) -> Scope:
    """The reading scope of a caller; `person_ids` are those of a patient's own identifier.

    A guest's is that of the share (domain/shares.py); without one a guest sees nothing.
    """
    match principal.role:
        case Role.ADMIN:
            return Scope(everything=True)
        case Role.PATIENT:
            return Scope(person_ids=person_ids)
        case Role.GUEST:
            return NOTHING
        case Role.TECHNICIAN:
            return Scope(institution=principal.institution)
        case Role.SERVICE if principal.institution is None:
            return Scope(everything=True)
        case Role.PHYSICIAN | Role.SERVICE:
            return Scope(
                institution=principal.institution,
                shared_with_institution=principal.institution is not None,
                policy=policy,
            )
