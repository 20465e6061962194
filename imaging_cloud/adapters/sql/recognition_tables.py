"""Tables of mutual recognition: marks and windows by item, areas of institutions, their version."""

from datetime import date, datetime

from sqlalchemy import Text
from sqlmodel import Field

from imaging_cloud.adapters.sql.column_types import UtcDateTime, key_type
from imaging_cloud.adapters.sql.table_base import CODE, SHORT_LENGTH, IndexRow


class RecognisedItemRow(IndexRow, table=True):
    """Empty key columns mean any, `institution` included; without a level it only sets `days`."""

    __tablename__ = "recognised_item"

    institution: str = Field(sa_type=CODE, primary_key=True)
    modality: str = Field(sa_type=key_type(16), primary_key=True)
    region: str = Field(sa_type=key_type(SHORT_LENGTH), primary_key=True)
    contrast: str = Field(sa_type=key_type(16), primary_key=True)
    level: str = Field(sa_type=key_type(16), primary_key=True)
    area: str = Field(sa_type=CODE, primary_key=True)
    days: int | None
    since: date | None
    until: date | None
    source: str = Field(sa_type=Text)


class InstitutionAreaRow(IndexRow, table=True):
    """An institution lies in an area: a province, a city, a union of hospitals."""

    __tablename__ = "institution_area"

    institution: str = Field(sa_type=CODE, primary_key=True)
    area: str = Field(sa_type=CODE, primary_key=True)


class RecognitionVersionRow(IndexRow, table=True):
    """One row: processes compare the version with what they hold."""

    __tablename__ = "recognition_version"

    name: str = Field(sa_type=key_type(16), primary_key=True)
    version: int
    changed_at: datetime = Field(sa_type=UtcDateTime)
