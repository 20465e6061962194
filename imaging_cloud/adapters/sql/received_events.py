"""How often the trail says that a sender's instances of a study arrive: once a minute."""

from collections.abc import Iterable
from datetime import datetime, timedelta

# Institution, study, sender, kind of sender.
Sending = tuple[str, str, str, str]

_EVERY = timedelta(minutes=1)
_MOST = 4096


class ReceivedEvents:
    """What this process has told already. Not thread-safe: the leader of a batch asks.

    A thousand slices are one act of one sender; a row for each would bury the trail and cost each
    slice three pages of the index. How many came stands in the study.
    """

    def __init__(self) -> None:
        self._told: dict[Sending, datetime] = {}

    def is_due(self, sending: Sending, at: datetime) -> bool:
        told = self._told.get(sending)
        return told is None or not told <= at < told + _EVERY

    def note(self, sendings: Iterable[Sending], at: datetime) -> None:
        """Once the events are committed, and not before."""
        for each in sendings:
            self._told.pop(each, None)
            self._told[each] = at
        while len(self._told) > _MOST:
            del self._told[next(iter(self._told))]
