"""The places for peers: who holds one, who must wait, who must make room."""

import contextlib
import math
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.census import Census, Holdings
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
    """Thread-safe. Connections come in order, so the first in the table is the oldest.

    With a census the limits are of all processes that take part in it, else of this one.
    """

    def __init__(self, limits: Limits, census: Census | None = None) -> None:
        self._limits = limits
        self._census = census
        self._lock = threading.Lock()
        self._places: dict[Place, None] = {}
        self._silent: dict[Place, None] = {}
        self._held: Counter[tuple[str, str]] = Counter()
        self._fair_share = 0.0

    def arrive(self, place: Place) -> Place | None:
        """Take a place for a connection; the one that had to make room for it, if any.

        An honest peer associates within milliseconds, so it is the oldest silent connection of
        the address with the most of them that goes: a flood pushes out its own. Where another
        process has the crowd, it is that one's to thin out.
        """
        with self._turn() as others:
            silent = list(self._silent)
            self._places[place] = self._silent[place] = None
        most = self._limits.max_half_open
        share = most / (others.processes + 1)
        if len(silent) + others.half_open < most or len(silent) < share:
            return None
        crowd = Counter(each.address for each in silent).most_common(1)[0][0]
        return next(each for each in silent if each.address == crowd)

    def associate(self, place: Place, device: str) -> Reason | None:
        """Count it as this device's association, or say which limit forbids that."""
        limits = self._limits
        with self._turn() as others:
            if place not in self._places:
                return Reason.TOO_MANY_HALF_OPEN
            held = self._held + others.held
            if held.total() >= limits.max_associations:
                return Reason.TOO_MANY_ASSOCIATIONS
            of_device = sum(n for (name, _), n in held.items() if name == device)
            of_address = sum(n for (_, address), n in held.items() if address == place.address)
            if of_device >= limits.max_of_one_device or of_address >= limits.max_of_one_address:
                return Reason.TOO_MANY_OF_ONE_PEER
            place.device = device
            del self._silent[place]
            self._held[device, place.address] += 1
            ACTIVE.inc()
            return None

    def leave(self, place: Place) -> None:
        """Safe to call again."""
        with self._lock:
            held = place in self._places
        if held:
            with self._turn():
                self._forget(place)
        place.ended.set()

    def _forget(self, place: Place) -> None:
        if place not in self._places:
            return
        del self._places[place]
        self._silent.pop(place, None)
        if place.device:
            ACTIVE.dec()
            key = place.device, place.address
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]

    @contextlib.contextmanager
    def _turn(self) -> Iterator[Holdings]:
        """What other processes hold; what this one holds at the end is told to them."""
        with self._lock:
            if self._census is None:
                yield Holdings()
                return
            with self._census.turn():
                others = self._census.others()
                elsewhere = others.held.total() + others.half_open
                self._fair_share = elsewhere / others.processes if others.processes else math.inf
                yield others
                self._census.publish(Holdings(held=self._held, half_open=len(self._silent)))

    def excess(self) -> float:
        """How many more peers this process has than the others on average, when last looked at."""
        return len(self._places) - self._fair_share if self._census is not None else 0

    def all_held(self) -> list[Place]:
        with self._lock:
            return list(self._places)
