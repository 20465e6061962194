"""STOW-RS: storing, refusing, answering (PS3.18 10.5)."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from imaging_cloud.domain.errors import OutOfSpace, Unavailable
from tests.makers import make_instance, make_study, uid
from tests.protocol.serving import Web, serving

STUDIES = "/dicom-web/studies"


def multipart(contents: list[bytes], part_type: str = "application/dicom") -> bytes:
    head = f"--b\r\nContent-Type: {part_type}\r\n\r\n".encode()
    return b"".join(head + each + b"\r\n" for each in contents) + b"--b--\r\n"


def send(
    web: Web,
    contents: list[bytes],
    *,
    path: str = STUDIES,
    token: str | None = None,
    **arguments: Any,
) -> requests.Response:
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=b'}
    token = token or web.token("technician", "tech", "HOSP_A")
    body = arguments.pop("body", None) or multipart(contents, **arguments)
    return web.post(path, token, data=body, headers=headers)


def reasons(answer: requests.Response) -> list[int]:
    body = answer.json()
    items = body.get("00081198", {}).get("Value", []) + body.get("0008119A", {}).get("Value", [])
    return [item["00081197"]["Value"][0] for item in items]


def test_instances_are_stored_and_named_in_the_answer(web: Web, tmp_path: Path) -> None:
    files = [path.read_bytes() for path in make_study(tmp_path, count=2)]

    answer = send(web, files)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/dicom+json")
    kept = answer.json()["00081199"]["Value"]
    assert [item["00081155"]["Value"][0] for item in kept] == [uid("s1", 1), uid("s1", 2)]
    assert web.get(kept[0]["00081190"]["Value"][0], web.token("admin")).status_code == 200
    assert answer.json()["00081190"]["Value"] == [f"{web.url}/dicom-web/studies/{uid('s1')}"]


def test_the_same_again_is_success_and_other_bytes_are_409(web: Web, tmp_path: Path) -> None:
    first = make_instance(tmp_path / "a.dcm").read_bytes()
    other = make_instance(tmp_path / "b.dcm", seed=99).read_bytes()

    assert send(web, [first]).status_code == 200
    assert send(web, [first]).status_code == 200
    refused = send(web, [other])

    assert refused.status_code == 409
    assert reasons(refused) == [0xC111]
    [held] = web.cloud.index.list_quarantine()
    assert held.sop_instance_uid == uid("s1", 1)
    admin = web.token("admin")
    assert uid("s1", 1) in web.get("/admin", admin, headers={"Accept": "text/html"}).text


def test_some_failed_is_202(web: Web, tmp_path: Path) -> None:
    good = make_instance(tmp_path / "a.dcm").read_bytes()

    answer = send(web, [b"garbage", good, good[:-100]])

    assert answer.status_code == 202
    assert len(answer.json()["00081199"]["Value"]) == 1
    assert reasons(answer) == [0xC000, 0xC000]
    [failed] = answer.json()["00081198"]["Value"]
    assert failed["00081155"]["Value"] == [uid("s1", 1)]


def test_garbage_alone_is_409_and_nothing_at_all_400(web: Web) -> None:
    assert send(web, [b"garbage"]).status_code == 409
    assert send(web, [b""]).status_code == 409
    assert send(web, []).status_code == 400
    assert send(web, [], body=b"--b\r\n\r\ncut off").status_code == 400


def test_instances_of_another_study_than_the_address_are_refused(web: Web, tmp_path: Path) -> None:
    mine = make_instance(tmp_path / "a.dcm", study="s1").read_bytes()
    other = make_instance(tmp_path / "b.dcm", study="s2").read_bytes()

    answer = send(web, [mine, other], path=f"{STUDIES}/{uid('s1')}")

    assert answer.status_code == 202
    assert reasons(answer) == [0xA900]
    assert len(web.get(STUDIES, web.token("admin")).json()) == 1


def test_a_file_that_calls_itself_by_another_uid_is_refused(web: Web, tmp_path: Path) -> None:
    content = make_instance(tmp_path / "a.dcm").read_bytes()
    own = uid("s1", 1).encode()
    at = content.find(own)
    lying = content[:at] + own[:-1] + bytes([own[-1] ^ 1]) + content[at + len(own) :]

    assert reasons(send(web, [lying])) == [0xA900]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 415),
        ('multipart/related; type="application/dicom+json"; boundary=b', 415),
        ("multipart/form-data; boundary=b", 415),
        ('multipart/related; type="application/dicom"', 400),
        ("nonsense", 400),
    ],
)
def test_other_contents_are_refused(web: Web, content_type: str, status: int) -> None:
    token = web.token("technician", "tech", "HOSP_A")

    answer = web.post(STUDIES, token, data=b"x", headers={"Content-Type": content_type})

    assert answer.status_code == status


def test_a_part_of_another_kind_is_415(web: Web) -> None:
    assert send(web, [b"x"], part_type="image/jpeg").status_code == 415


def test_one_bare_instance_is_taken(web: Web, tmp_path: Path) -> None:
    content = make_instance(tmp_path / "a.dcm").read_bytes()
    token = web.token("technician", "tech", "HOSP_A")

    answer = web.post(STUDIES, token, data=content, headers={"Content-Type": "application/dicom"})

    assert answer.status_code == 200


def test_somebody_must_answer_for_what_is_stored(web: Web, tmp_path: Path) -> None:
    content = make_instance(tmp_path / "a.dcm").read_bytes()

    nobody = send(web, [content], token=web.token("service", "x"))
    physician = send(web, [content], token=web.token("physician", "x", "HOSP_A"))

    assert nobody.status_code == 403
    assert "institution" in nobody.json()["error"]["message"]
    assert physician.status_code == 403


def test_a_large_upload_never_lies_in_memory_as_a_whole(web: Web, tmp_path: Path) -> None:
    """60 MB in one part, sent in pieces without a length."""
    path = make_instance(tmp_path / "a.dcm", size=5500)
    content = multipart([path.read_bytes()])
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=b'}
    pieces = (content[at : at + 65536] for at in range(0, len(content), 65536))

    answer = web.post(STUDIES, web.token("technician", "t", "HOSP_A"), data=pieces, headers=headers)

    assert answer.status_code == 200
    [row] = web.cloud.index.iterate_all_instances()
    assert row.size > 60_000_000


def test_many_at_once_are_all_kept(web: Web, tmp_path: Path) -> None:
    files = [path.read_bytes() for path in make_study(tmp_path, count=24)]
    token = web.token("technician", "tech", "HOSP_A")
    statuses: list[int] = []

    def send_some(part: list[bytes]) -> None:
        headers = {
            "Content-Type": 'multipart/related; type="application/dicom"; boundary=b',
            "Authorization": f"Bearer {token}",
        }
        answer = requests.post(web.url + STUDIES, data=multipart(part), headers=headers, timeout=60)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send_some, args=(files[at::6],)) for at in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 6
    assert len(list(web.cloud.index.iterate_all_instances())) == 24


class _NoStore:
    names_lag = False

    def __init__(self, error: Exception) -> None:
        self._error = error

    def put_file(self, _key: str, _path: Path) -> None:
        raise self._error

    def put_bytes(self, _key: str, _content: bytes) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status"), [(Unavailable("away"), 503), (OutOfSpace("full"), 507)]
)
def test_a_store_that_is_away_or_full_is_told(
    web: Web, tmp_path: Path, error: Exception, status: int
) -> None:
    broken = replace(web.cloud, objects=_NoStore(error))  # type: ignore[arg-type]
    with serving(tmp_path / "other", broken) as other:
        answer = send(other, [make_instance(tmp_path / "a.dcm").read_bytes()])

        assert answer.status_code == status
    assert list(web.cloud.index.iterate_all_instances()) == []
