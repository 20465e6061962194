"""The places for peers: who holds one, who must wait, who must make room."""

import threading
from collections import Counter
from dataclasses import dataclass, field

from gateway.limits import Limits
from gateway.metrics import ACTIVE
from gateway.refusals import Reason
from gateway.wire import Wire


@dataclass(eq=False, slots=True)
class Place:
    """One connection; `device` is set once it has associated."""

    address: str
    wire: Wire
    device: str = ""
    ended: threading.Event = field(default_factory=threading.Event)


class Places:
    """Thread-safe. Connections come in order, so the first in the table is the oldest."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._places: dict[Place, None] = {}

    def arrive(self, place: Place) -> Place | None:
        """Take a place for a connection; the one that had to make room for it, if any.

        An honest peer associates within milliseconds, so it is the oldest silent connection of
        the address with the most of them that goes: a flood pushes out its own.
        """
        with self._lock:
            silent = [each for each in self._places if not each.device]
            self._places[place] = None
        if len(silent) < self._limits.max_half_open:
            return None
        crowd = Counter(each.address for each in silent).most_common(1)[0][0]
        return next(each for each in silent if each.address == crowd)

    def associate(self, place: Place, device: str) -> Reason | None:
        """Count it as this device's association, or say which limit forbids that."""
        with self._lock:
            if place not in self._places:
                return Reason.TOO_MANY_HALF_OPEN
            others = [each for each in self._places if each.device]
            if len(others) >= self._limits.max_associations:
                return Reason.TOO_MANY_ASSOCIATIONS
            of_device = sum(each.device == device for each in others)
            of_address = sum(each.address == place.address for each in others)
            if max(of_device, of_address) >= self._limits.max_of_one_peer:
                return Reason.TOO_MANY_OF_ONE_PEER
            place.device = device
            ACTIVE.inc()
            return None

    def leave(self, place: Place) -> None:
        """Safe to call again."""
        with self._lock:
            held = place in self._places
            self._places.pop(place, None)
            if held and place.device:
                ACTIVE.dec()
        place.ended.set()

    def count(self) -> int:
        with self._lock:
            return len(self._places)

    def all_held(self) -> list[Place]:
        with self._lock:
            return list(self._places)
