"""From draft ServiceRequests to orders that can be judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from imaging_cloud.domain.baskets import BesideOrder
from imaging_cloud.domain.catalogue import LOOK_BACK_DAYS, window_days
from imaging_cloud.domain.errors import InvalidRequest
from imaging_cloud.domain.exams.descriptor import ExamDescriptor, ExamModality
from imaging_cloud.domain.orders import Coding, Order, Priority
from imaging_cloud.domain.reexam_reasons import REASONS_SYSTEM
from imaging_cloud.domain.softening import SITUATION_SYSTEM, situations_in
from imaging_cloud.use_cases.order_codes import OrderReader
from imaging_cloud.web.fhir.elements import Concept, moment_of
from imaging_cloud.web.fhir.facts import codings
from imaging_cloud.web.fhir.resources import Resource, ServiceRequest, entries_of, read_resource
from imaging_cloud.web.languages import CHINESE
from imaging_cloud.web.plain_words import exam_words

_MOST_DRAFTS = 50
_LONGEST_NAME = 1024
_DEAD = frozenset({"revoked", "entered-in-error", "completed", "ended"})
_IMAGING = ("363679005", "394914008", "RAD", "imaging", "IMG", "CT", "MRI", "NMR", "RUS", "XRC")
_IMAGING_WORDS = ("imaging", "radiolog", "影像", "放射", "超声", "核医学")
_ELSEWHERE = (
    *("108252007", "409063005", "409073007", "387713003", "103693007"),
    *("LAB", "laboratory", "counselling", "education", "surgical-procedure"),
)
_PRIORITIES = {priority.value for priority in Priority}


# More codes than these tell nothing new of one order.
_MOST_CODES = 50
_MOST_REASONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`key` is `ServiceRequest/ID`, or empty without an id; `placed_at` is aware.

    `name` is empty for an order whose codes nobody can put into words.
    """

    key: str
    name: str
    codings: tuple[Coding, ...]
    request: ServiceRequest
    exam: ExamDescriptor
    placed_at: datetime

    def document(self, institution: str) -> dict[str, Any]:
        """The `order` of the plain call (docs/http.md)."""
        given = self._given
        return {
            "name": self.name,
            "code": self.codings[0].code if self.codings else None,
            "codings": [{"system": each.system, "code": each.code} for each in self.codings],
            "priority": self._priority,
            "reasonCodes": [{"system": each.system, "code": each.code} for each in self.reasons][
                :_MOST_REASONS
            ],
            "reexamReason": given[0] if given else None,
            "institution": institution,
            "placedAt": self.placed_at.isoformat(),
        }

    @property
    def _priority(self) -> str | None:
        return self.request.priority if self.request.priority in _PRIORITIES else None

    @property
    def _given(self) -> list[str]:
        """The reasons for repeating that the order gives already."""
        told = (one for each in self.request.reason_code for one in codings(each))
        return [each.code for each in told if each.system == REASONS_SYSTEM]

    @property
    def reasons(self) -> tuple[Coding, ...]:
        """Why the exam is ordered; words that name a situation as its code, never themselves."""
        found: list[Coding] = []
        for each in self.request.reason_code:
            found += (one for one in codings(each) if one.system != REASONS_SYSTEM)
            found += (Coding(SITUATION_SYSTEM, one) for one in situations_in(each.all_words))
        return tuple(dict.fromkeys(found))

    def as_order(self, institution: str) -> Order:
        return Order(
            name=self.name,
            codings=self.codings,
            priority=Priority(self._priority or "routine"),
            reasons=self.reasons,
            reexam_reason=next(iter(self._given), None),
            institution=institution,
            placed_at=self.placed_at,
        )

    def beside(self, *, active: bool) -> BesideOrder:
        return BesideOrder(key=self.key, name=self.title, exam=self.exam, active=active)

    @property
    def title(self) -> str:
        """What a card calls the order."""
        code = self.codings[0].code if self.codings else ""
        return self.name or exam_words(self.exam, CHINESE) or code


def read_drafts(
    bundle: dict[str, Any], *, now: datetime, zone: tzinfo, reader: OrderReader
) -> tuple[tuple[Draft, ...], tuple[Resource, ...], frozenset[str]]:
    """(imaging drafts, all resources that were read, the keys of everything in the basket)."""
    drafts, read, keys = [], [], set()
    for place, document in entries_of(bundle, "context.draftOrders"):
        keys.add(f"{document.get('resourceType')}/{document.get('id')}")
        resource = read_resource(document, place)
        if resource is not None:
            read.append(resource)
        if isinstance(resource, ServiceRequest):
            draft = _draft(resource, now, zone, reader)
            if draft is not None:
                drafts.append(draft)
    if len(drafts) > _MOST_DRAFTS:
        field = "context.draftOrders"
        raise InvalidRequest(f"{field}: at most {_MOST_DRAFTS} imaging orders at once", field=field)
    return tuple(drafts), tuple(read), frozenset(keys)


def select_drafts(
    drafts: Sequence[Draft], selections: Sequence[str] | None, keys: frozenset[str]
) -> tuple[Draft, ...]:
    """The drafts that were just selected (order-select). Raises InvalidRequest, naming it."""
    if selections is None:
        field = "context.selections"
        raise InvalidRequest(f"{field}: needed by order-select", field=field)
    known = {key.rpartition("/")[2] for key in keys} | keys
    for number, selection in enumerate(selections):
        if selection not in known:
            field = f"context.selections.{number}"
            raise InvalidRequest(f"{field}: not in context.draftOrders", field=field)
    chosen = set(selections)
    return tuple(
        draft
        for draft in drafts
        if draft.key and (draft.key in chosen or draft.request.id in chosen)
    )


def active_orders(
    resources: Iterable[Resource],
    drafts: Sequence[Draft],
    *,
    now: datetime,
    zone: tzinfo,
    reader: OrderReader,
) -> tuple[BesideOrder, ...]:
    """Imaging orders that were placed already and are neither done, nor dropped, nor forgotten."""
    drafted = {draft.key for draft in drafts}
    found = []
    for each in resources:
        if not isinstance(each, ServiceRequest) or each.status not in {"active", "on-hold", ""}:
            continue
        order = _draft(each, now, zone, reader)
        if order is None or (order.key and order.key in drafted):
            continue
        age = (now - order.placed_at).days
        if age <= (window_days(order.exam) or LOOK_BACK_DAYS):
            found.append(order.beside(active=True))
    return tuple(found)


def _draft(
    request: ServiceRequest, now: datetime, zone: tzinfo, reader: OrderReader
) -> Draft | None:
    """None for what is no imaging order, or none that is to be done."""
    if request.status in _DEAD or request.do_not_perform:
        return None
    told = tuple(dict.fromkeys(codings(request.code)))[:_MOST_CODES]
    name, exam = _name_of(request, told, reader)
    if not exam.regions:
        # A coded site says where, but never narrows what the order itself says.
        sites = (one for site in request.body_site for one in codings(site))
        told = tuple(dict.fromkeys((*told, *sites)))[:_MOST_CODES]
        name, exam = _name_of(request, told, reader)
    if not (name or told) or not _is_imaging(request.category, exam):
        return None
    return Draft(
        key=f"ServiceRequest/{request.id}" if request.id else "",
        name=name,
        codings=told,
        request=request,
        exam=exam,
        placed_at=_when(request, now, zone),
    )


def _when(request: ServiceRequest, now: datetime, zone: tzinfo) -> datetime:
    """The day it is for, where it is planned ahead; else the day it was written."""
    written = moment_of(request.authored_on, zone) or now
    start = request.occurrence_date_time or request.occurrence_period.start
    planned = moment_of(start, zone)
    return max(written, planned) if planned is not None else written


def _name_of(
    request: ServiceRequest, told: tuple[Coding, ...], reader: OrderReader
) -> tuple[str, ExamDescriptor]:
    """The first of text and displays that says what is examined and where, with the body site.

    An order without words has the name that its codes stand for.
    """
    sites = " ".join(site.words for site in request.body_site if site.words)
    code = request.code
    words = [code.text, *(each.display for each in code.coding)]
    if not any(word.strip() for word in words):
        words = [reader.name_of(told) or sites]
    names = [_joined(name, sites) for name in dict.fromkeys(words) if name.strip()]
    if not names:
        return "", reader.describe("", told).descriptor
    described = [(name, reader.describe(name, told).descriptor) for name in names]
    clear = [each for each in described if _is_clear(each[1])]
    return clear[0] if clear else described[0]


def _joined(name: str, sites: str) -> str:
    """The body site stands behind the name unless the name says it already."""
    whole = name if not sites or sites.casefold() in name.casefold() else f"{name} {sites}"
    return whole.strip()[:_LONGEST_NAME]


def _is_clear(exam: ExamDescriptor) -> bool:
    return exam.modality is not ExamModality.UNKNOWN and bool(exam.regions)


def _is_imaging(categories: Iterable[Concept], exam: ExamDescriptor) -> bool:
    """By its category where it says; else only what is known to be an exam by its name."""
    told = tuple(categories)
    for each in told:
        words = each.all_words.casefold()
        if each.has(*_IMAGING) or any(word in words for word in _IMAGING_WORDS):
            return True
    if any(each.has(*_ELSEWHERE) for each in told):
        return False
    return exam.modality is not ExamModality.UNKNOWN
