"""How long an exam serves: days by kind of exam. A table, since every region sets its own.

Basis: no national window per item was found; 30 days is Zhejiang's reminder, 30 and 90 days are
those of the published trials (O'Connor 2014, Wasser 2013, Lammers 2014), a year is the interval
of breast screening and bone density. A clinician of the region signs its own table.
"""

from dataclasses import dataclass

from imaging_cloud.domain.exams.descriptor import ExamDescriptor, ExamModality, Purpose

CATALOGUE_VERSION = "2026.11"

# Beyond this no prior is shown, whatever its kind: two years, the look-back of the proposal.
LOOK_BACK_DAYS = 730

# An order that was checked this long ago may still be carried out. A proposal, like the windows.
ORDER_MEMORY_HOURS = 24
# The same institution asking again within this time is still making one and the same order.
SAME_ORDER_MINUTES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWindow:
    """`days` a prior serves, the day itself included; None in a key means any."""

    modality: ExamModality
    purpose: Purpose | None = None
    focus: str | None = None
    days: int


# The first row that fits counts: item before default.
WINDOWS: tuple[ServiceWindow, ...] = (
    ServiceWindow(modality=ExamModality.XR, focus="bone density", days=365),
    ServiceWindow(modality=ExamModality.MG, purpose=Purpose.SCREENING, days=365),
    ServiceWindow(modality=ExamModality.XR, days=30),
    ServiceWindow(modality=ExamModality.US, days=30),
    ServiceWindow(modality=ExamModality.CT, days=90),
    ServiceWindow(modality=ExamModality.MR, days=90),
    ServiceWindow(modality=ExamModality.MG, days=90),
    ServiceWindow(modality=ExamModality.PT, days=90),
    ServiceWindow(modality=ExamModality.NM, days=90),
    ServiceWindow(modality=ExamModality.RF, days=90),
    ServiceWindow(modality=ExamModality.XA, days=90),
)


def window_days(ordered: ExamDescriptor) -> int | None:
    """The days a prior of the ordered kind serves; None when the kind is not known."""
    for row in WINDOWS:
        if (
            row.modality is ordered.modality
            and row.purpose in (None, ordered.purpose)
            and row.focus in (None, ordered.focus)
        ):
            return row.days
    return None
