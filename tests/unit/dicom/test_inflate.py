"""Inflating: whole, cut, damaged, bombs."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging_cloud.dicom import inflate as module
from imaging_cloud.dicom.inflate import inflate
from imaging_cloud.domain.errors import InvalidInstance


def deflated(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


def cause(data: bytes) -> str:
    with pytest.raises(InvalidInstance) as caught:
        inflate(data)
    return caught.value.cause


@given(st.binary(max_size=5000))
def test_what_was_deflated_comes_back(data: bytes) -> None:
    assert inflate(deflated(data)) == data


def test_padding_after_the_stream_is_harmless() -> None:
    assert inflate(deflated(b"abc") + b"\0") == b"abc"


def test_a_memoryview_is_read_as_well() -> None:
    assert inflate(memoryview(deflated(b"abc"))) == b"abc"


def test_every_cut_stream_is_refused() -> None:
    whole = deflated(bytes(range(256)) * 3)
    for end in range(len(whole)):
        assert cause(whole[:end]) == "truncated"


def test_what_is_not_deflated_is_unreadable() -> None:
    assert cause(b"\xff" * 40) == "unreadable"


def test_a_bomb_is_refused_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FREE_BYTES", 1000)

    assert inflate(deflated(bytes(1000))) == bytes(1000)
    assert cause(deflated(bytes(10_000_000))) == "deflate-bomb"


def test_a_true_bomb_of_a_gigabyte_takes_bounded_memory() -> None:
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = bytes(1024**2)
    bomb = b"".join([*(engine.compress(block) for _ in range(200)), engine.flush()])

    assert len(bomb) < 300_000
    assert cause(bomb) == "deflate-bomb"


@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    try:
        inflate(data)
    except InvalidInstance:
        return
