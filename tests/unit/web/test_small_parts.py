"""Languages, addresses, names, slices and words of the pages."""

import re

import pytest
from starlette.datastructures import Headers

from imaging_cloud.domain.errors import CloudError
from imaging_cloud.web.browsers import is_same_origin, local_path
from imaging_cloud.web.errors import STATUS_OF
from imaging_cloud.web.languages import CHINESE, ENGLISH, language_of
from imaging_cloud.web.person_names import display_name
from imaging_cloud.web.slices import evenly_spaced
from imaging_cloud.web.templates import PAGES
from imaging_cloud.web.texts import TEXTS


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", CHINESE),
        ("zh-CN,zh;q=0.9,en;q=0.8", CHINESE),
        ("en-US,en;q=0.9", ENGLISH),
        ("de,en;q=0.5,zh;q=0.7", CHINESE),
        ("fr", CHINESE),
        ("en;q=broken", CHINESE),
    ],
)
def test_the_page_speaks_the_language_asked_for_and_chinese_otherwise(
    header: str, language: str
) -> None:
    assert language_of(header) == language


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("/view/1.2?x=y", "/view/1.2?x=y"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_a_log_in_leads_back_to_our_own_pages_only(given: str, taken: str) -> None:
    assert local_path(given) == taken


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://cloud:8080"}, False),
        ({"host": "cloud:8080", "origin": "http://cloud:8080"}, True),
        ({"host": "inner", "origin": "http://cloud:8080"}, True),
        ({"host": "cloud:8080", "origin": "http://evil.example"}, False),
        ({"host": "cloud:8080", "origin": "null"}, True),
        ({"host": "cloud:8080"}, True),
    ],
)
def test_only_our_own_pages_may_change_something(headers: dict[str, str], ours: bool) -> None:
    assert is_same_origin(Headers(headers), "http://cloud:8080") is ours


def test_an_origin_that_hides_itself_is_refused_where_browsers_would_say_more() -> None:
    assert not is_same_origin(Headers({"origin": "null"}), "https://cloud")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zhang^Wei=张^伟", "张伟 (Zhang Wei)"),
        ("张^伟", "张伟"),
        ("Zhang^XiaoDong^^Dr", "Zhang XiaoDong Dr"),
        ("=张^伟", "张伟"),
        ("Smith", "Smith"),
        ("", ""),
        ("^^^^", ""),
    ],
)
def test_a_name_is_shown_in_its_own_script_first(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_the_pictures_shown_first_span_the_whole_series() -> None:
    assert evenly_spaced(range(5), 12) == [0, 1, 2, 3, 4]
    spread = evenly_spaced(range(300), 12)
    assert (len(spread), spread[0], spread[-1]) == (12, 0, 299)
    assert len(set(spread)) == 12
    assert evenly_spaced(range(9), 1) == [4]


def test_every_word_is_there_in_both_languages() -> None:
    assert all(chinese.strip() and english.strip() for chinese, english in TEXTS.values())


def test_the_pages_use_no_word_that_is_missing() -> None:
    used = set()
    for page in PAGES.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        used |= set(re.findall(r"\bt\.([a-z_]+)\b(?!\()", text)) - {"of"}

    assert used <= set(TEXTS)


def test_the_pages_hold_no_inline_script_and_no_inline_style() -> None:
    for page in PAGES.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        # Files of our own, data that no browser runs, and the one style sheet that the policy
        # names by its hash (web/view_page.py).
        ours = (
            r'<script (type="module" src=|src="/pages/|type="application/json")'
            r"|<style>\{\{ style \}\}</style>"
        )
        text = re.sub(ours, "", text)
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe", text), (
            page
        )


def test_every_meaning_has_its_status() -> None:
    def below(meaning: type[CloudError]) -> set[type[CloudError]]:
        return {meaning}.union(*(below(each) for each in meaning.__subclasses__()))

    missing = [
        meaning
        for meaning in below(CloudError) - {CloudError}
        if meaning.__module__ == CloudError.__module__  # others are translated where they rise
        and not any(issubclass(meaning, each) for each, _, _ in STATUS_OF)
    ]

    assert missing == []
