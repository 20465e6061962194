"""The check of the whole archive, over both columns of engines: every planted fault is found."""

import io
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.dicom.file_meta import encode_file_meta, read_file_meta
from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.errors import Unavailable
from imaging_cloud.domain.imaging import Origin
from imaging_cloud.domain.queries import ImagingQuery
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.admit_part10 import admit_part10
from imaging_cloud.use_cases.match_keys import KeyMatcher
from imaging_cloud.use_cases.verify_archive import FaultKind, VerifyReport, verify_archive
from tests.makers import make_instance
from tests.services import S3Server

MANY = 20
ORIGIN = Origin(institution="HOSP_A", kind="import")


@dataclass(frozen=True, slots=True)
class LaterClock:
    """Ten minutes ahead, so that nothing is young."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=10)


@pytest.fixture(params=["sqlite + folder", "postgresql + s3"])
def young_cloud(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cloud]:
    """A cloud by the clock on the wall: what was just stored is young."""
    settings = Settings(home=tmp_path / "home", _env_file=None)  # type: ignore[call-arg]
    if request.param != "sqlite + folder":
        server: S3Server = request.getfixturevalue("seaweedfs")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret_key)
        own = f"/check-{tmp_path.parent.name}-{tmp_path.name}?"
        settings = settings.model_copy(
            update={
                "database_url": request.getfixturevalue("empty_postgres_url"),
                "object_store_url": server.url.replace("?", own),
            }
        )
    prepare_home(settings)
    cloud = open_cloud(settings)
    yield cloud
    cloud.close()


@pytest.fixture
def cloud(young_cloud: Cloud) -> Cloud:
    return replace(young_cloud, clock=LaterClock())


@pytest.fixture
def fill(cloud: Cloud, tmp_path: Path) -> Callable[[int], list[InstanceRow]]:
    """Store that many instances; their rows."""

    def store(count: int, study: str = "s1", seed: int = 0) -> list[InstanceRow]:
        for number in range(1, count + 1):
            path = make_instance(
                tmp_path / "in.dcm", number=number, study=study, size=8, seed=seed or number
            )
            with path.open("rb") as stream:
                admit_part10(stream, ORIGIN, cloud)
        return list(cloud.index.iterate_all_instances())

    return store


@pytest.fixture
def overwrite(cloud: Cloud, tmp_path: Path) -> Callable[[str, bytes], None]:
    """Put other bytes under a key behind the cloud's back."""

    def write(key: str, content: bytes) -> None:
        path = tmp_path / f"planted-{len(content)}"
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        cloud.objects.delete_object(key)
        cloud.objects.put_file(key, path)
        path.unlink()

    return write


def content_of(cloud: Cloud, row: InstanceRow) -> bytes:
    return cloud.objects.read_range(row.object_key, 0, 10**9)


def found(report: VerifyReport) -> dict[FaultKind, set[str]]:
    kinds: dict[FaultKind, set[str]] = {}
    for fault in report.faults:
        kinds.setdefault(fault.kind, set()).add(fault.key)
    return kinds


def test_a_sound_archive_is_sound(cloud: Cloud, fill: Callable[..., list[InstanceRow]]) -> None:
    rows = fill(5)
    calls: list[tuple[int, int | None]] = []

    for checksums in (True, False):
        report = verify_archive(
            cloud, repair=False, checksums=checksums, progress=lambda *done: calls.append(done)
        )
        assert report.sound
        assert (report.rows, report.objects) == (5, 5)
        assert report.bytes_read == (sum(row.size for row in rows) if checksums else 0)
        assert report.lines()[-1].endswith("nothing wrong, 0 repaired")
    assert calls == [(5, None), (5, None)]


def test_every_planted_fault_is_found(
    cloud: Cloud,
    fill: Callable[..., list[InstanceRow]],
    overwrite: Callable[[str, bytes], None],
) -> None:
    rows = fill(6 * MANY)
    groups = [rows[start::6] for start in range(6)]
    gone, short, flipped, wrong_meta, no_dicom, unknown = groups
    planted: dict[FaultKind, set[str]] = {}
    for row in gone:
        cloud.objects.delete_object(row.object_key)
    planted[FaultKind.ROW_WITHOUT_OBJECT] = {row.object_key for row in gone}
    for row in short:
        overwrite(row.object_key, content_of(cloud, row)[:-2])
    planted[FaultKind.WRONG_SIZE] = {row.object_key for row in short}
    for row in flipped:
        content = bytearray(content_of(cloud, row))
        content[-1] ^= 1
        overwrite(row.object_key, bytes(content))
    planted[FaultKind.WRONG_CHECKSUM] = {row.object_key for row in flipped}
    for row in wrong_meta:
        content = bytes(content_of(cloud, row))
        length = read_file_meta(io.BytesIO(content)).length
        other = row.sop_instance_uid[:-1] + ("1" if row.sop_instance_uid[-1] != "1" else "2")
        meta = encode_file_meta(row.sop_class_uid, other, row.transfer_syntax_uid)
        overwrite(row.object_key, meta + content[length:])
    planted[FaultKind.WRONG_FILE_META] = {row.object_key for row in wrong_meta}
    for row in no_dicom:
        content = bytearray(content_of(cloud, row))
        content[128:132] = b"XXXX"
        overwrite(row.object_key, bytes(content))
    planted[FaultKind.NOT_DICOM] = {row.object_key for row in no_dicom}
    strange = {f"HOSP_A/{n:02}/{n:064x}" for n in range(MANY)} | {"stray/file.txt", "HOSP_A/x"}
    for key in strange:
        overwrite(key, content_of(cloud, unknown[0]) + key.encode())
    planted[FaultKind.OBJECT_WITHOUT_ROW] = strange

    for repair in (False, True):
        report = verify_archive(cloud, repair=repair)
        assert found(report) == planted
        assert not report.sound
        assert report.repaired == 0
        assert report.counts == {kind: len(keys) for kind, keys in planted.items()}
        lines = report.lines()
        assert len(lines) == sum(len(keys) for keys in planted.values()) + 1
        assert not any("Zhang" in line or "A-1001" in line for line in lines)
    quick = verify_archive(cloud, repair=False, checksums=False)
    assert found(quick) == {
        kind: planted[kind]
        for kind in (
            FaultKind.ROW_WITHOUT_OBJECT,
            FaultKind.WRONG_SIZE,
            FaultKind.OBJECT_WITHOUT_ROW,
        )
    }
    assert cloud.objects.stat_object("stray/file.txt").size > 0


def test_objects_without_a_row_are_taken_in_again(
    cloud: Cloud, fill: Callable[..., list[InstanceRow]], tmp_path: Path
) -> None:
    """Stored by a cloud whose index was lost: a new index gets every row back."""
    fill(MANY)
    before = {(row.sop_instance_uid, row.sha256) for row in cloud.index.iterate_all_instances()}
    settings = Settings(home=tmp_path / "new index", _env_file=None)  # type: ignore[call-arg]
    prepare_home(settings)
    other = open_cloud(settings)
    renewed = replace(other, objects=cloud.objects, clock=cloud.clock)

    listed = verify_archive(renewed, repair=False)
    assert listed.counts == {FaultKind.OBJECT_WITHOUT_ROW: MANY}
    assert not listed.sound
    repaired = verify_archive(renewed, repair=True)
    assert (repaired.repaired, repaired.sound) == (MANY, True)
    assert verify_archive(renewed, repair=False).counts == Counter()

    after = {(row.sop_instance_uid, row.sha256) for row in renewed.index.iterate_all_instances()}
    assert after == before
    assert len(renewed.index.find_studies(ImagingQuery(), Scope(everything=True))) == 1
    renewed.spool.close()
    assert list(renewed.spool.list_sealed()) == []
    other.close()


def test_quarantine_accounts_for_what_was_refused(
    cloud: Cloud, fill: Callable[..., list[InstanceRow]], overwrite: Callable[[str, bytes], None]
) -> None:
    fill(2)
    fill(2, seed=99)
    admit_part10(io.BytesIO(b"no DICOM at all" * 100), ORIGIN, cloud)
    report = verify_archive(cloud, repair=False)
    assert report.sound
    assert (report.rows, report.objects) == (2, 5)

    held = list(cloud.index.list_quarantined_keys())
    cloud.objects.delete_object(held[0])
    unaccounted = f"quarantine/HOSP_A/{7:064x}"
    overwrite(unaccounted, b"refused by somebody")
    report = verify_archive(cloud, repair=True)
    assert found(report) == {
        FaultKind.QUARANTINE_WITHOUT_OBJECT: {held[0]},
        FaultKind.OBJECT_WITHOUT_ROW: {unaccounted},
    }
    assert report.repaired == 1
    assert unaccounted in cloud.index.list_quarantined_keys()


def test_what_is_young_or_waits_in_the_spool_is_no_fault(
    young_cloud: Cloud, tmp_path: Path
) -> None:
    path = make_instance(tmp_path / "in.dcm", size=8)
    content = path.read_bytes()
    length = read_file_meta(io.BytesIO(content)).length
    entry = young_cloud.spool.open_entry("HOSP_A", content[:length])
    entry.write(content[length:])
    spooled = entry.seal()
    key = f"HOSP_A/{spooled.sha256[:2]}/{spooled.sha256}"
    young_cloud.objects.put_file(key, spooled.path)
    later = replace(young_cloud, clock=LaterClock())

    assert verify_archive(young_cloud, repair=False).counts == Counter()
    assert verify_archive(later, repair=False).counts == Counter()
    young_cloud.spool.discard(spooled)
    assert verify_archive(young_cloud, repair=False).counts == Counter()
    assert found(verify_archive(later, repair=False)) == {FaultKind.OBJECT_WITHOUT_ROW: {key}}


def test_a_check_beside_a_running_intake_finds_nothing(young_cloud: Cloud, tmp_path: Path) -> None:
    def send() -> None:
        for number in range(40):
            path = make_instance(tmp_path / f"{number}.dcm", number=number, size=8)
            with path.open("rb") as stream:
                admit_part10(stream, ORIGIN, young_cloud)

    sender = threading.Thread(target=send)
    sender.start()
    counts: Counter[FaultKind] = Counter()
    while sender.is_alive():
        counts += verify_archive(young_cloud, repair=True).counts
    sender.join()

    assert counts == Counter()
    assert verify_archive(young_cloud, repair=False).rows == 40


def test_a_store_that_goes_away_ends_the_check(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home", database_url=sqlite_url, _env_file=None)  # type: ignore[call-arg]
    cloud = open_cloud(settings)
    path = make_instance(tmp_path / "in.dcm", size=8)
    with path.open("rb") as stream:
        admit_part10(stream, ORIGIN, cloud)

    def away(*_: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(cloud.objects, "open_object", away)
    report = verify_archive(cloud, repair=False)
    assert report.counts == {FaultKind.UNREADABLE: 1}
    monkeypatch.setattr(cloud.objects, "check_ready", away)
    with pytest.raises(Unavailable):
        verify_archive(cloud, repair=False)
    cloud.close()


def test_strange_keys_are_matched() -> None:
    with KeyMatcher() as matcher:
        for key in ("a\tb", "a\nb", "é/1", "plain/key", ""):
            matcher.add_object(key, 5, 1.5)
        matcher.add_row("plain/key", 7, "1.2.3")
        matcher.add_held("a\nb")
        matched = {each.key: each for each in matcher.match()}

    assert set(matched) == {"a\tb", "a\nb", "é/1", "plain/key", ""}
    assert (matched["plain/key"].row_size, matched["plain/key"].object_size) == (7, 5)
    assert matched["a\nb"].is_held
    assert matched["é/1"].changed_at == 1.5
