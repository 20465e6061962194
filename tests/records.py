"""Instance records for tests of the index: each attribute open to change, nothing random."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from imaging_cloud.adapters.sql.engine import IndexDatabase
from imaging_cloud.adapters.sql.exam_rows import ExamRules
from imaging_cloud.adapters.sql.intake import SqlIntake
from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.imaging import (
    InstanceAttributes,
    InstanceHeader,
    Origin,
    PatientAttributes,
    SeriesAttributes,
    StudyAttributes,
)
from imaging_cloud.ports.intake import InstanceRecord

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
RESIDENT_ID = "11010519491231002X"
OTHER_RESIDENT_ID = "110101199003077694"

RULES = ExamRules(region=ZoneInfo("Asia/Shanghai"), describe=describe_exam, version="test-1")

_PATIENT = set(PatientAttributes.__dataclass_fields__)
_STUDY = set(StudyAttributes.__dataclass_fields__)
_SERIES = set(SeriesAttributes.__dataclass_fields__)
_INSTANCE = set(InstanceAttributes.__dataclass_fields__)


def open_intake(database: IndexDatabase, **changes: Any) -> SqlIntake:
    rules = {"region": RULES.region, "describe": RULES.describe, "version": RULES.version}
    return SqlIntake(database, ExamRules(**{**rules, **changes}))


def make_record(
    number: int = 1,
    *,
    study: str = "1.2.3",
    institution: str = "HOSP_A",
    seed: str = "",
    minutes: float = 0,
    **changes: Any,
) -> InstanceRecord:
    """One CT slice; `changes` are attributes of any level (description is the study's)."""
    series_uid = changes.pop("series_uid", f"{study}.1")
    values: dict[str, Any] = {
        "patient_id": "A-1001",
        "name": "Zhang^Wei=张^伟",
        "birth_date": date(1949, 12, 31),
        "sex": "M",
        "study_uid": study,
        "study_date": date(2026, 11, 8),
        "study_time": time(9, 30),
        "accession_number": "ACC1",
        "description": "胸部CT平扫",
        "series_uid": series_uid,
        "modality": "CT",
        "series_number": 1,
        "sop_instance_uid": f"{series_uid}.{number}",
        "sop_class_uid": CT,
        "transfer_syntax_uid": EXPLICIT,
        "instance_number": number,
        "rows": 512,
        "columns": 512,
        **changes,
    }
    series_description = values.pop("series_description", "Lung 5.0")
    source = values.pop("source", "CT1")
    sha256 = hashlib.sha256(f"{values['sop_instance_uid']}|{seed}".encode()).hexdigest()
    of_series = {**values, "description": series_description}
    return InstanceRecord(
        header=InstanceHeader(
            patient=PatientAttributes(**_part(values, _PATIENT)),
            study=StudyAttributes(**_part(values, _STUDY)),
            series=SeriesAttributes(**_part(of_series, _SERIES)),
            instance=InstanceAttributes(**_part(values, _INSTANCE)),
        ),
        origin=Origin(institution=institution, kind="c-store", source=source),
        object_key=f"{institution}/{sha256[:2]}/{sha256}",
        sha256=sha256,
        size=1000 + number,
        received_at=NOW + timedelta(minutes=minutes),
    )


def _part(values: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}
