"""Asking an HTTP server: as fast as it answers, or at a pace, over connections that stay open.

The client speaks HTTP/1.1 over raw sockets so that it costs little beside the server.
"""

import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle

CONNECTIONS = 8
# Connections of a paced run: more than are ever busy.
_PACED_CONNECTIONS = 32

# What an answer (head and body) is counted as.
Outcome = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Figures:
    """`rate` answers a second; the others are milliseconds. `outcomes` says what was answered."""

    rate: float
    p50: float
    p95: float
    p99: float
    worst: float
    outcomes: dict[str, int]


def status(answer: bytes) -> str:
    return answer[9:12].decode()


class Line(asyncio.Protocol):
    """One keep-alive connection; the next request is sent when the answer is whole."""

    def __init__(self) -> None:
        self._got = bytearray()
        self._waiting: asyncio.Future[bytes] | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    async def ask(self, request: bytes) -> bytes:
        self._waiting = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        self._transport.write(request)
        return await self._waiting

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._got[:end])
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(self._got) < end + 4 + length or self._waiting is None:
            return
        answer = bytes(self._got[: end + 4 + length])
        del self._got[: end + 4 + length]
        waiting, self._waiting = self._waiting, None
        waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError(str(exc)))


async def connect(port: int, count: int) -> list[Line]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Line, "127.0.0.1", port) for _ in range(count)]
    return [line for _, line in made]


async def saturate(
    port: int, requests: Sequence[bytes], seconds: float, outcome: Outcome = status
) -> Figures:
    """Eight connections, each asking again as soon as it is answered."""
    lines = await connect(port, CONNECTIONS)
    taken: list[float] = []
    answers: list[bytes] = []
    source = cycle(requests)
    until = time.perf_counter() + seconds

    async def keep_asking(line: Line) -> None:
        while (began := time.perf_counter()) < until:
            answers.append(await line.ask(next(source)))
            taken.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(keep_asking(line) for line in lines))
    return figures(taken, [outcome(each) for each in answers], time.perf_counter() - began)


async def pace(
    port: int, requests: Sequence[bytes], seconds: float, rate: int, outcome: Outcome = status
) -> Figures:
    """Orders arrive at random, `rate` a second on average; waiting for a line counts."""
    lines: asyncio.Queue[Line] = asyncio.Queue()
    for line in await connect(port, _PACED_CONNECTIONS):
        lines.put_nowait(line)
    taken: list[float] = []
    answers: list[bytes] = []

    async def ask(request: bytes, due: float) -> None:
        line = await lines.get()
        answers.append(await line.ask(request))
        taken.append(time.perf_counter() - due)
        lines.put_nowait(line)

    chance, source, tasks = random.Random(3), cycle(requests), []
    began = due = time.perf_counter()
    while due < began + seconds:
        due += chance.expovariate(rate)
        await asyncio.sleep(max(0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(next(source), due)))
    await asyncio.gather(*tasks)
    return figures(taken, [outcome(each) for each in answers], time.perf_counter() - began)


def figures(taken: Sequence[float], outcomes: Sequence[str], seconds: float) -> Figures:
    ordered = sorted(1000 * each for each in taken)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    counts = dict(Counter(outcomes).most_common())
    return Figures(len(taken) / seconds, at(0.5), at(0.95), at(0.99), ordered[-1], counts)


def median(rounds: Sequence[Figures]) -> Figures:
    """Each figure's median over the rounds; all outcomes together."""
    outcomes = sum((Counter(each.outcomes) for each in rounds), Counter[str]())
    middle = {
        name: statistics.median(getattr(each, name) for each in rounds)
        for name in ("rate", "p50", "p95", "p99", "worst")
    }
    return Figures(**middle, outcomes=dict(outcomes.most_common()))
