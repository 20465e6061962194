"""What a person decides about held bytes, over the real spool, store and index."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.errors import Conflict, NotFound
from imaging_cloud.domain.imaging import Claim, Origin
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.admit_part10 import admit_part10
from imaging_cloud.use_cases.decide_quarantine import accept_entry, discard_entry, show_entry
from imaging_cloud.use_cases.receive_instance import receive_instance
from imaging_cloud.use_cases.verify_archive import verify_archive
from tests.makers import data_set_bytes, make_instance, make_study, uid

EVERYTHING = Scope(everything=True)
ORIGIN = Origin(institution="HOSP_A", kind="import", source="test")


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    settings = Settings(home=tmp_path / "home", reserve_bytes=0, _env_file=None)  # type: ignore[call-arg]
    prepare_home(settings)
    opened = open_cloud(settings)
    yield opened
    assert verify_archive(opened, repair=False).sound
    opened.close()
    spool = [path for path in (settings.home / "spool").rglob("*") if path.is_file()]
    assert spool == [], "nothing is left behind"


def admit(cloud: Cloud, path: Path) -> str:
    """The quarantine id, "" when it was kept."""
    with path.open("rb") as stream:
        return admit_part10(stream, ORIGIN, cloud).quarantine_id


def stored_bytes(cloud: Cloud, study: str = "s1") -> dict[str, bytes]:
    found = {}
    for row in cloud.index.list_instances(EVERYTHING, uid(study)):
        with cloud.objects.open_object(row.object_key) as stream:
            found[row.sop_instance_uid] = data_set_bytes(stream.read())
    return found


def test_accepting_other_bytes_and_turning_back(cloud: Cloud, tmp_path: Path) -> None:
    first = make_instance(tmp_path / "a.dcm")
    other = make_instance(tmp_path / "b.dcm", seed=9)
    admit(cloud, first)
    entry = admit(cloud, other)
    assert stored_bytes(cloud) == {uid("s1", 1): data_set_bytes(first.read_bytes())}

    accepted = accept_entry(entry, "operator", cloud)

    assert stored_bytes(cloud) == {uid("s1", 1): data_set_bytes(other.read_bytes())}
    assert admit(cloud, other) == "", "it is the instance now"
    assert accept_entry(accepted.former_id, "operator", cloud).former_id
    assert stored_bytes(cloud) == {uid("s1", 1): data_set_bytes(first.read_bytes())}
    with pytest.raises(NotFound):
        accept_entry(entry, "operator", cloud)


def test_a_clash_over_the_patient_joins_its_study(cloud: Cloud, tmp_path: Path) -> None:
    admit(cloud, make_instance(tmp_path / "a.dcm"))
    entry = admit(cloud, make_instance(tmp_path / "b.dcm", number=2, PatientID="A-1001X"))
    assert show_entry(entry, cloud).differences is None, "nothing is stored under its UID"

    accept_entry(entry, "operator", cloud)

    assert set(stored_bytes(cloud)) == {uid("s1", 1), uid("s1", 2)}


def test_what_was_refused_for_its_command_alone_can_be_accepted(
    cloud: Cloud, tmp_path: Path
) -> None:
    content = data_set_bytes(make_instance(tmp_path / "a.dcm").read_bytes())
    entry = cloud.spool.open_entry("HOSP_A", (tmp_path / "a.dcm").read_bytes()[: -len(content)])
    entry.write(content)
    wrong = Claim(sop_class_uid="1.2.840.10008.5.1.4.1.1.2", sop_instance_uid="1.2.3")
    receipt = receive_instance(entry.seal(), ORIGIN, wrong, cloud)
    assert receipt.cause == "uid-mismatch"

    accept_entry(receipt.quarantine_id, "operator", cloud)

    assert stored_bytes(cloud) == {uid("s1", 1): content}
    assert cloud.quarantine.list_held() == []


@pytest.mark.parametrize("content", [b"garbage" * 50, None], ids=["garbage", "truncated"])
def test_what_is_no_instance_cannot_be_accepted(
    cloud: Cloud, tmp_path: Path, content: bytes | None
) -> None:
    path = make_instance(tmp_path / "a.dcm")
    path.write_bytes(content or path.read_bytes()[:-10])
    entry = admit(cloud, path)

    with pytest.raises(Conflict, match="no instance"):
        accept_entry(entry, "operator", cloud)

    assert [row.quarantine_id for row in cloud.quarantine.list_held()] == [entry]
    assert show_entry(entry, cloud).held_bytes is not None
    assert discard_entry(entry, "operator", cloud, grace_seconds=0)


def test_discarding_deletes_only_the_bytes_of_the_entry(cloud: Cloud, tmp_path: Path) -> None:
    files = make_study(tmp_path / "s", count=2)
    for path in files:
        admit(cloud, path)
    entry = admit(cloud, make_instance(tmp_path / "b.dcm", seed=9))
    before = {each.key for each in cloud.objects.list_objects()}
    key = cloud.quarantine.find_held(entry).object_key

    assert discard_entry(entry, "operator", cloud, grace_seconds=0)

    assert before - {each.key for each in cloud.objects.list_objects()} == {key}
    with pytest.raises(NotFound):
        discard_entry(entry, "operator", cloud)


def test_bytes_that_come_in_while_they_are_discarded_are_put_back(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the store and before the index when the object is deleted: the worst moment."""
    typo = make_instance(tmp_path / "b.dcm", number=2, PatientID="A-1001X")
    first = make_instance(tmp_path / "a.dcm")
    admit(cloud, first)
    entry = admit(cloud, typo)
    delete = cloud.objects.delete_object

    def delete_then_record(key: str) -> None:
        """The row appears just after, as that of another sender would."""
        again = admit(cloud, typo)
        record_only(cloud, again)
        delete(key)

    monkeypatch.setattr(cloud.objects, "delete_object", delete_then_record)
    discard_entry(entry, "operator", cloud, grace_seconds=0)

    assert data_set_bytes(typo.read_bytes()) in stored_bytes(cloud).values()


def record_only(cloud: Cloud, entry: str) -> None:
    accept_entry(entry, "another operator", cloud)


def test_a_damaged_object_is_not_accepted(cloud: Cloud, tmp_path: Path) -> None:
    admit(cloud, make_instance(tmp_path / "a.dcm"))
    entry = admit(cloud, make_instance(tmp_path / "b.dcm", seed=9))
    store: Any = cloud.objects
    path = tmp_path / "home" / "objects" / cloud.quarantine.find_held(entry).object_key
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    with pytest.raises(Conflict, match="damaged"):
        accept_entry(entry, "operator", cloud)

    assert store
    assert discard_entry(entry, "operator", cloud, grace_seconds=0)


def test_differences_are_named_and_no_value_is_told(cloud: Cloud, tmp_path: Path) -> None:
    admit(cloud, make_instance(tmp_path / "a.dcm", PatientName="Secret^One", StationName="X"))
    entry = admit(
        cloud, make_instance(tmp_path / "b.dcm", PatientName="Secret^Two", KVP="120", seed=1)
    )

    shown = show_entry(entry, cloud)

    assert shown.differences is not None
    assert [(each.keyword, each.kind) for each in shown.differences] == [
        ("StationName", "missing"),
        ("PatientName", "changed"),
        ("KVP", "added"),
    ]
    assert "Secret" not in repr(shown)
