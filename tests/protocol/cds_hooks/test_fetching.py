"""Prefetch that is absent, null or wrong, and what is asked of a FHIR server then."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.protocol.cds_hooks.calling import (
    SIGN,
    bundle,
    cards,
    condition,
    order,
    patient,
    physician,
    sign,
)
from tests.protocol.cds_hooks.fhir_server import FhirServer, redirect_to, running_fhir_server
from tests.protocol.serving import Web, serving

BARIUM = "上消化道钡餐"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "security"}]}


@pytest.fixture
def fhir() -> Iterator[FhirServer]:
    with running_fhir_server() as server:
        server.answers["p1"] = patient()
        yield server


@pytest.fixture
def listing(tmp_path: Path, fhir: FhirServer) -> Iterator[Web]:
    """A cloud that lists the FHIR server."""
    with serving(tmp_path / "home", fhir_servers=(fhir.url,)) as running:
        yield running


def asking(fhir: FhirServer, **more: Any) -> dict[str, Any]:
    token = {"access_token": "secret", "token_type": "Bearer", "expires_in": 300, "scope": "x"}
    document = sign(order("d1", BARIUM), fhirServer=fhir.url, fhirAuthorization=token)
    document["prefetch"] = {}
    return document | more


def test_what_was_not_sent_is_fetched(listing: Web, fhir: FhirServer) -> None:
    fhir.answers["Condition"] = bundle(condition("K56.6"), type="searchset")

    [card] = cards(listing, asking(fhir))

    assert "慎用钡餐" in card["summary"]
    assert "/r4/Patient/p1" in fhir.asked
    assert fhir.tokens == {"Bearer secret"}


def test_null_is_no_data_and_is_not_asked_for(listing: Web, fhir: FhirServer) -> None:
    fhir.answers["Condition"] = bundle(condition("K56.6"), type="searchset")

    assert cards(listing, asking(fhir, prefetch={"problems": None})) == []
    assert not [each for each in fhir.asked if "Condition" in each]


def test_an_error_in_the_prefetch_is_as_if_it_had_not_been_sent(
    listing: Web, fhir: FhirServer
) -> None:
    fhir.answers["Condition"] = bundle(condition("K56.6"), type="searchset")

    [card] = cards(listing, asking(fhir, prefetch={"problems": OUTCOME}))

    assert "慎用钡餐" in card["summary"]


def test_an_exam_that_brings_nothing_asks_only_for_patient_and_orders(
    listing: Web, fhir: FhirServer
) -> None:
    document = asking(fhir)
    document["context"] = document["context"] | {"draftOrders": bundle(order("d1", "膝关节超声"))}

    assert cards(listing, document) == []
    assert {each.split("?")[0] for each in fhir.asked} == {
        "/r4/Patient/p1",
        "/r4/ServiceRequest",
    }


@pytest.mark.parametrize(
    "prefetch", [None, {}, {"patient": OUTCOME}], ids=["none", "empty", "error"]
)
def test_nobody_can_tell_the_patient_is_412(empty: Web, prefetch: Any) -> None:
    answer = empty.post(
        SIGN, physician(empty), json=sign(order("d1", BARIUM)) | {"prefetch": prefetch}
    )

    assert answer.status_code == 412
    assert answer.json()["issue"][0]["code"] == "required"


def test_a_patient_who_is_null_is_unknown_and_cautions_still_come(empty: Web) -> None:
    sent = {"patient": None, "problems": bundle(condition("K56.6"))}

    [card] = cards(empty, sign(order("d1", BARIUM), prefetch=sent))

    assert "慎用钡餐" in card["summary"]


def test_without_a_listed_server_missing_facts_are_unknown(empty: Web, fhir: FhirServer) -> None:
    fhir.answers["Condition"] = bundle(condition("K56.6"), type="searchset")

    assert cards(empty, asking(fhir, prefetch={"patient": patient()})) == []
    assert fhir.asked == []


def test_pages_are_followed_on_the_same_server(listing: Web, fhir: FhirServer) -> None:
    link = [{"relation": "next", "url": f"{fhir.url}/more?page=2"}]
    first = bundle(condition("I10"), type="searchset", link=link)
    fhir.answers["more"] = bundle(condition("K56.6"), type="searchset")

    [card] = cards(listing, asking(fhir, prefetch={"problems": first}))

    assert "慎用钡餐" in card["summary"]


def test_pages_elsewhere_are_not_followed_and_the_card_says_what_is_missing(
    listing: Web, fhir: FhirServer
) -> None:
    with running_fhir_server() as other:
        link = [{"relation": "next", "url": f"{other.url}/more"}]
        first = bundle(condition("I10"), type="searchset", link=link)
        fhir.answers["Condition"] = first

        sent = cards(listing, asking(fhir, prefetch={"problems": first}))
        fetched = cards(listing, asking(fhir))

        assert other.asked == []
    for [card] in (sent, fetched):
        assert card["indicator"] == "info"
        assert "problems" in card["detail"]


def test_redirects_are_not_followed(listing: Web, fhir: FhirServer) -> None:
    with running_fhir_server() as other:
        fhir.answers["Condition"] = redirect_to(f"{other.url}/Condition")
        [card] = cards(listing, asking(fhir))

        assert other.asked == []
    assert "problems" in card["detail"]


def test_a_slow_server_does_not_make_the_order_wait(listing: Web, fhir: FhirServer) -> None:
    fhir.silence = 6
    began = time.monotonic()

    [card] = cards(listing, asking(fhir, prefetch={"patient": patient()}))

    assert time.monotonic() - began < 5
    assert card["indicator"] == "info"
    for name in ("problems", "allergies"):
        assert name in card["detail"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/r4",
        "http://[::1]:{port}/r4",
        "http://localhost:{port}/r4",
        "http://0x7f000001:{port}/r4",
        "http://2130706433:{port}/r4",
        "http://127.1:{port}/r4",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://listed.example@127.0.0.1:{port}/r4",
        "https://listed.example.127.0.0.1.nip.example/r4",
    ],
)
def test_servers_that_are_not_listed_are_never_connected(
    tmp_path: Path, fhir: FhirServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []
    port = fhir.url.split(":")[2].split("/")[0]
    with serving(tmp_path / "home", fhir_servers=("https://listed.example/r4",)) as web:
        # The caller's own connection is there already; any other would be the cloud's.
        web.get("/healthz")
        monkeypatch.setattr(socket.socket, "connect", lambda *a: tried.append(a))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: tried.append(a) or [])
        answer = web.post(SIGN, physician(web), json=asking(fhir, fhirServer=url.format(port=port)))
        monkeypatch.undo()

    assert answer.status_code == 412
    assert fhir.asked == tried == []
