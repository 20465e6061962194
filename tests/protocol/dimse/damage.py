"""Bytes that no honest peer sends: mutations of good ones, and UIDs that look like paths."""

import random
from collections.abc import Iterator

_PIECES = (b"..", b"/", b"\\", b"etc", b"passwd", b"1.2", b"%2e", b"~", b"C:", b"\n", b"a")


def path_like_uids(chance: random.Random, count: int) -> Iterator[bytes]:
    """None is a valid UID; all fit into a UI value, and each begins with something of a path."""
    fixed = (b"../../etc/x", b"1.2/../../3", b"/etc/passwd", b"1.2.3\\4.5", b"..", b".", b"1..2")
    for number in range(count):
        if number < len(fixed):
            yield fixed[number]
        else:
            pieces = chance.choices(_PIECES, k=chance.randint(1, 8))
            yield b"".join((chance.choice((b"../", b"/", b"..\\")), *pieces))[:64]


def mutated(chance: random.Random, stream: bytes) -> bytes:
    damaged = bytearray(stream)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(damaged))
        match chance.randrange(4):
            case 0:
                damaged[at] = chance.randrange(256)
            case 1:
                del damaged[at : at + chance.randint(1, 8)]
            case 2:
                damaged[at:at] = chance.randbytes(chance.randint(1, 8))
            case _:
                damaged[at : at + 4] = chance.choice(
                    (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\x00\x00\x00\x02")
                )
        if not damaged:
            return b"\x00"
    return bytes(damaged)
