"""Addresses of archives: one spelling each, and no credentials in it."""

import pytest

from gateway.orthanc.address import PASSWORD_VARIABLE, USER_VARIABLE, parse_address
from imaging_cloud.domain.errors import InvalidRequest

SPELLINGS = {
    "http://pacs.example:8042": "http://pacs.example:8042",
    "http://PACS.example:8042/": "http://pacs.example:8042",
    "HTTP://pacs.example:80": "http://pacs.example",
    "https://pacs.example:443/orthanc/": "https://pacs.example/orthanc",
    "https://pacs.example:80/": "https://pacs.example:80",
    "http://[::1]:8042/": "http://[::1]:8042",
    "http://user:secret@pacs.example:8042": "http://pacs.example:8042",
}
WRONG = [
    "",
    "pacs.example:8042",
    "ftp://pacs.example",
    "file:///etc/passwd",
    "http://",
    "http://pacs.example:99999",
    "http://pacs.example:port",
    "http://pacs.example/?since=1",
    "http://pacs.example/#top",
    "http://pacs.example/a b",
    "http://pacs.example/\r\nHost: other",
    "http://[::1",
]


@pytest.mark.parametrize(("text", "url"), SPELLINGS.items())
def test_one_archive_has_one_address(text: str, url: str) -> None:
    assert parse_address(text, {}).url == url


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_address(text, {})

    assert refused.value.field == "url"


def test_credentials_come_from_the_address_decoded() -> None:
    address = parse_address("http://a%40b:s%3Acr%2Ft@pacs.example", {USER_VARIABLE: "other"})

    assert (address.user, address.password) == ("a@b", "s:cr/t")


def test_credentials_come_from_the_environment_when_the_address_has_none() -> None:
    environment = {USER_VARIABLE: "harvest", PASSWORD_VARIABLE: "secret"}

    address = parse_address("http://pacs.example", environment)

    assert (address.user, address.password) == ("harvest", "secret")


def test_a_password_is_never_shown() -> None:
    address = parse_address("http://user:secret@pacs.example", {})

    assert "secret" not in repr(address)


def test_a_refused_address_is_not_repeated() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_address("ftp://user:secret@pacs.example", {})

    assert "secret" not in str(refused.value)
