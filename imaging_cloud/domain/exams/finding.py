"""A value found for one field, and the words that led to it."""

from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")


class Finding(NamedTuple, Generic[Value]):
    value: Value
    because: str
