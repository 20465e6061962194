"""A mobile link as a TCP proxy: rate, delay, connection set-up and slow start, both ways.

    python -m benchmarks.link --to PORT [--port 0] [--mbit 9] [--ms 85] [--handshakes 2]

Prints its port, then runs until it is ended. Every connection shares the same two queues, one a
direction (upwards half the rate). A new connection's first bytes wait for the round trips that TCP
and TLS 1.3 need; a sender begins with ten segments in flight and doubles them with each round trip
(RFC 6928, RFC 5681); the queue holds 100 ms, and whoever wants to send more waits in turn. Unlike
the browser's own emulation it holds for workers, preloads and every kind of socket alike. What it
leaves out: loss, jitter, and the slow-down after an idle second.
"""

import argparse
import asyncio
import contextlib

_SEGMENT = 1460
_FIRST_WINDOW = 10 * _SEGMENT
_LARGEST_WINDOW = 4 * 2**20
_QUEUE_SECONDS = 0.1


class Direction:
    """One way of the link: bytes leave one after the other at its rate, whoever sends them."""

    def __init__(self, mbit: float, delay: float) -> None:
        self._bytes_a_second = mbit * 1e6 / 8
        self.delay = delay
        self._free_at = 0.0
        self._turn = asyncio.Lock()

    async def send(self, size: int) -> float:
        """Take a place in the queue; when the bytes are at the other end."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            # Nobody else moves the end of the queue while the turn is ours: one sleep is enough.
            await asyncio.sleep(max(self._free_at - loop.time() - _QUEUE_SECONDS, 0))
            self._free_at = max(self._free_at, loop.time()) + size / self._bytes_a_second
            return self._free_at + self.delay


class Window:
    """How much one sender may have in flight."""

    def __init__(self) -> None:
        self._size, self._in_flight = _FIRST_WINDOW, 0
        self._room = asyncio.Event()
        self._room.set()

    async def take(self, size: int) -> None:
        while self._in_flight + size > self._size:
            self._room.clear()
            await self._room.wait()
        self._in_flight += size

    def acknowledged(self, size: int) -> None:
        self._in_flight -= size
        self._size = min(self._size + size, _LARGEST_WINDOW)
        self._room.set()


async def carry(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    way: Direction,
    begin_at: float,
) -> None:
    """Bytes of one connection, one way, until its sender ends it."""
    loop = asyncio.get_running_loop()
    window = Window()
    flying: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            at, data = await flying.get()
            await asyncio.sleep(max(at - loop.time(), 0))
            if not data:
                break
            writer.write(data)
            loop.call_later(way.delay, window.acknowledged, len(data))
        if writer.can_write_eof():
            writer.write_eof()

    delivering = asyncio.create_task(deliver())
    try:
        while data := await reader.read(_SEGMENT):
            await asyncio.sleep(max(begin_at - loop.time(), 0))
            await window.take(len(data))
            flying.put_nowait((await way.send(len(data)), data))
    except ConnectionError:
        return
    finally:
        if not reader.at_eof():
            delivering.cancel()
    flying.put_nowait((loop.time() + way.delay, b""))
    with contextlib.suppress(ConnectionError, OSError):
        await delivering


class Link:
    """Both ways of it, between whoever connects and a port of this machine."""

    def __init__(self, to: int, mbit: float, ms: float, handshakes: int) -> None:
        self._to = to
        self._set_up = handshakes * ms / 1000
        self._up = Direction(mbit / 2, ms / 2000)
        self._down = Direction(mbit, ms / 2000)

    async def accept(self, near: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        begin_at = asyncio.get_running_loop().time() + self._set_up
        try:
            far, request = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            answer.close()
            return
        ways = [
            asyncio.create_task(carry(near, request, self._up, begin_at)),
            asyncio.create_task(carry(far, answer, self._down, 0)),
        ]
        try:
            # Who hangs up takes nothing more of the link from the others.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for each in (request, answer):
                each.close()


async def run(port: int, link: Link) -> None:
    server = await asyncio.start_server(link.accept, "127.0.0.1", port, limit=4 * _SEGMENT)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=int, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mbit", type=float, default=9)
    parser.add_argument("--ms", type=float, default=85)
    parser.add_argument("--handshakes", type=int, default=2)
    chosen = parser.parse_args()
    link = Link(chosen.to, chosen.mbit, chosen.ms, chosen.handshakes)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(chosen.port, link))


if __name__ == "__main__":
    main()
