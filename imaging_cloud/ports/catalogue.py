"""What hospitals say that their own codes and names mean, and the names that nobody understood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.exams.descriptor import ExamEvidence, ExamMeaning
from imaging_cloud.domain.exams.mapping import CatalogueItem


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedItems:
    """What an import changed; `version` counts the changes of the institution's catalogue."""

    added: int
    changed: int
    removed: int
    unchanged: int
    studies: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadName:
    """A name without a modality or without a place. `seen_as` is 'study' or 'order'."""

    institution: str
    name: str
    code: str
    seen_as: str
    missing: tuple[str, ...]
    times: int
    last_seen_at: datetime | None


class Catalogue(Protocol):
    def describe(self, evidence: ExamEvidence) -> ExamMeaning:
        """What an exam means, the hospital's mapping first. Never raises for an index away."""
        ...

    def name_of(self, evidence: ExamEvidence) -> str:
        """The name of the item that the evidence's codes name, or nothing. Never raises."""
        ...

    def list_items(self, institution: str | None = None) -> tuple[CatalogueItem, ...]:
        """List the items of one institution ("" the region's own), or of all."""
        ...

    def save_items(
        self, institution: str, items: Sequence[CatalogueItem], *, replace: bool, at: datetime
    ) -> SavedItems:
        """Keep the items and queue every study they touch to be described again.

        With `replace` what is not among them is removed. The same items again change nothing.
        """
        ...

    def list_unread(self, institution: str | None, limit: int) -> list[UnreadName]:
        """The names never understood, the most frequent first. No mapping knows them.

        What other processes counted in the last second may be missing.
        """
        ...

    def note_unread_order(
        self, institution: str, name: str, code: str, missing: tuple[str, ...], at: datetime
    ) -> None:
        """Count an order whose name was not understood: soon, and without waiting for the index."""
        ...
