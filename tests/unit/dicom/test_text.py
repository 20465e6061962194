"""Names and descriptions in the character sets of the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.charset import convert_encodings, decode_bytes

from imaging_cloud.dicom.text import charsets_of, decode_text

PN = "张^小东"


def decoded(value: bytes, charset: str = "") -> str:
    return decode_text(value, charsets_of(charset.encode()))


@pytest.mark.parametrize(
    ("charset", "value", "expected"),
    [
        ("", b"Doe^John ", "Doe^John"),
        ("ISO_IR 192", PN.encode(), PN),
        ("GB18030", PN.encode("gb18030"), PN),
        ("GB18030", "㐀𠀀^龥".encode("gb18030"), "㐀𠀀^龥"),
        ("GBK", PN.encode("gbk"), PN),
        # undeclared or wrongly declared, as consoles in China send them
        ("", PN.encode("gbk"), PN),
        ("ISO_IR 100", PN.encode("gbk"), PN),
        ("ISO_IR 6", "胸部CT平扫".encode("gbk"), "胸部CT平扫"),
        ("ISO_IR 100", "头CT".encode("gbk"), "头CT"),
        ("", PN.encode(), PN),
        ("ISO_IR 192", PN.encode("gbk"), PN),
        ("no such set", PN.encode("gbk"), PN),
        # Latin stays Latin
        ("ISO_IR 100", "Buc^Jérôme".encode("latin-1"), "Buc^Jérôme"),
        ("ISO_IR 100", "Äneas^Rüdiger".encode("latin-1"), "Äneas^Rüdiger"),
        ("ISO_IR 100", "Größe".encode("latin-1"), "Größe"),
        ("ISO_IR 100", "CONCEIÇÃO".encode("latin-1"), "CONCEIÇÃO"),
        ("ISO_IR 144", "Люкceмбypг".encode("iso8859-5"), "Люкceмбypг"),
        ("ISO_IR 166", "ไทย".encode("iso8859-11"), "ไทย"),
        # ISO 2022 code extensions, examples of PS3.5 Annexes H, I and K
        (
            "\\ISO 2022 IR 87",
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
        ),
        (
            "ISO 2022 IR 13\\ISO 2022 IR 87",
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
            "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎",
        ),
        (
            "\\ISO 2022 IR 149",
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7",
            "Hong^Gildong=洪^吉洞",
        ),
        (
            "\\ISO 2022 IR 58",
            b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=",
            "Zhang^XiaoDong=张^小东=",
        ),
        ("\\ISO 2022 IR 159", b"\x1b$(D\x30\x21\x1b(B", "丂"),
        ("ISO 2022 IR 100\\ISO 2022 IR 87", b"\x1b$B;3ED\x1b(B J\xe9r\xf4me", "山田 Jérôme"),
    ],
)
def test_text_is_read_in_its_character_set(charset: str, value: bytes, expected: str) -> None:
    assert decoded(value, charset) == expected


def test_undecodable_bytes_become_replacement_characters() -> None:
    assert "\ufffd" in decoded(b"\x81", "ISO 2022 IR 58")


def test_padding_and_nuls_are_stripped() -> None:
    assert decoded(b" \0Doe \0\0") == "Doe"


def test_the_terms_are_read_without_padding() -> None:
    assert charsets_of(b"ISO 2022 IR 6 \\ISO 2022 IR 87 ") == ("ISO 2022 IR 6", "ISO 2022 IR 87")


@given(st.text(st.characters(codec="gbk", categories=["Lo"]), min_size=1, max_size=20))
def test_chinese_comes_back_from_gb18030_and_utf8(words: str) -> None:
    assert decoded(words.encode("gb18030"), "GB18030") == words.strip()
    assert decoded(words.encode(), "ISO_IR 192") == words.strip()


@given(st.binary(max_size=60), st.binary(max_size=30))
def test_random_bytes_never_raise(value: bytes, charset: bytes) -> None:
    assert isinstance(decode_text(value, charsets_of(charset)), str)


@given(
    st.lists(
        st.sampled_from([b"\x1b$B", b"\x1b(B", b"\x1b$)C", b"\x1b-F", b"\x1b", b"\xb0\xa1", b"A^"]),
        max_size=8,
    ).map(b"".join)
)
def test_random_escapes_never_raise(value: bytes) -> None:
    assert isinstance(decoded(value, "\\ISO 2022 IR 87"), str)


@pytest.mark.parametrize("charset", ["ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 126"])
@pytest.mark.parametrize("more", ["ISO_IR 127", "ISO_IR 138", "ISO_IR 144", "ISO_IR 148"])
def test_single_byte_sets_read_as_pydicom_reads_them(charset: str, more: str) -> None:
    for each in (charset, more):
        value = b"Word \xe1\xe2\xe4"
        theirs = decode_bytes(value, convert_encodings([each]), set())

        assert decoded(value, each) == theirs
