"""What all tables of the index share: lengths, column types, one MetaData."""

from sqlalchemy import BigInteger, MetaData
from sqlmodel import SQLModel

from imaging_cloud.adapters.sql.column_types import key_type, search_type

# Lengths in characters. UIDs: PS3.5 9.1. The others bound what the index keeps of a value.
UID_LENGTH = 64
CODE_LENGTH = 64
IDENTIFIER_LENGTH = 128
ID_LENGTH = 36
TEXT_LENGTH = 1024
SHORT_LENGTH = 64
KEY_LENGTH = 255

UID = key_type(UID_LENGTH)
CODE = key_type(CODE_LENGTH)
IDENTIFIER = key_type(IDENTIFIER_LENGTH)
ID = key_type(ID_LENGTH)
KEY = key_type(KEY_LENGTH)
SEARCH = search_type()
BIG = BigInteger


class IndexRow(SQLModel):
    """The base of all tables, with a MetaData of their own."""

    metadata = MetaData(
        naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
    )
