"""Made-up instances, with which an intake that nobody waits for yet goes through its statements."""

from datetime import UTC, datetime

from imaging_cloud.domain.imaging import (
    InstanceAttributes,
    InstanceHeader,
    Origin,
    PatientAttributes,
    SeriesAttributes,
    StudyAttributes,
)
from imaging_cloud.ports.intake import InstanceRecord

# No institution has such a code (`checked_institution`), so no other transaction wants these rows.
_ORIGIN = Origin(institution=".rehearsal", kind="c-store")


def make_records() -> list[InstanceRecord]:
    """One that begins a study and one that follows in it; they are never committed."""
    return [_make_record(number) for number in (1, 2)]


def _make_record(number: int) -> InstanceRecord:
    return InstanceRecord(
        header=InstanceHeader(
            patient=PatientAttributes(patient_id="1"),
            study=StudyAttributes(study_uid="1"),
            series=SeriesAttributes(series_uid="1.1", modality="CT"),
            instance=InstanceAttributes(
                sop_instance_uid=f"1.1.{number}",
                sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
                transfer_syntax_uid="1.2.840.10008.1.2.1",
                instance_number=number,
            ),
        ),
        origin=_ORIGIN,
        object_key=f"rehearsal/{number}",
        sha256=f"{number:064x}",
        size=0,
        received_at=datetime.now(UTC),
    )
