"""The region's table of mutual recognition, and which studies cannot be opened."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imaging_cloud.domain.recognition import RecognisedItem, RecognitionTable
from imaging_cloud.domain.retrieval import Retrieval


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRecognition:
    """What an import changed; `version` counts the changes of the whole table."""

    added: int
    changed: int
    removed: int
    unchanged: int
    version: int


class RecognitionRegister(Protocol):
    def table(self) -> RecognitionTable:
        """The table as this process holds it, at most seconds old. Never raises."""
        ...

    def list_items(self) -> tuple[RecognisedItem, ...]: ...

    def list_areas(self) -> dict[str, frozenset[str]]:
        """The areas that each institution lies in; without an entry it lies in none."""
        ...

    def save_items(
        self, items: Sequence[RecognisedItem], *, replace: bool, at: datetime
    ) -> SavedRecognition:
        """Keep the items; with `replace` remove what is not among them."""
        ...

    def save_areas(self, institution: str, areas: Collection[str], *, at: datetime) -> bool:
        """Set the areas that an institution lies in; whether that changed anything."""
        ...

    def note_retrieval(self, institution: str, study_uid: str, retrieval: Retrieval) -> bool:
        """Note whether a study's images can be had; whether there is such a study."""
        ...

    def list_not_at_hand(self) -> list[tuple[str, str, Retrieval]]:
        """(institution, Study Instance UID, why) of every study whose images cannot all be had."""
        ...
