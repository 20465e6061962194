"""The order check says whether a prior is still arriving, whatever says so and in any process."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from imaging_cloud.domain.commitments import Reference
from imaging_cloud.ports.commitments import Requester
from imaging_cloud.use_cases.check_commitments import check_commitments
from imaging_cloud.use_cases.request_commitment import request_commitment
from imaging_cloud.use_cases.settle_studies import settle_studies
from tests.makers import make_study, uid
from tests.protocol.serving import Web

CT = "1.2.840.10008.5.1.4.1.1.2"
ORDER: dict[str, Any] = {
    "patient": {"identifiers": [{"issuer": "HOSP_A", "value": "A-1001"}]},
    "order": {
        "name": "胸部CT平扫",
        "institution": "HOSP_A",
        "placedAt": "2026-11-20T10:00:00+08:00",
    },
}


def arriving(web: Web) -> bool:
    token = web.token("physician", "dr-li", "HOSP_A")
    [match] = web.post("/api/order-check", token, json=ORDER).json()["matches"]
    found: bool = match["arriving"]
    return found


def settle(web: Web, *, minutes: float = 0) -> None:
    """A worker's round, `minutes` later."""
    web.cloud.clock.shift = timedelta(minutes=minutes)  # type: ignore[attr-defined]
    settle_studies(web.cloud, quiet=timedelta(seconds=web.cloud.policy.quiet_seconds))
    web.cloud.clock.shift = timedelta()  # type: ignore[attr-defined]


def test_a_study_arrives_until_it_is_quiet_and_again_with_a_late_image(
    web: Web, tmp_path: Path
) -> None:
    first, second, late = make_study(tmp_path, count=3)
    web.keep([first, second])
    settle(web)
    assert arriving(web)
    settle(web, minutes=2)
    assert not arriving(web)
    web.keep([late])
    assert arriving(web)
    settle(web, minutes=2)
    assert not arriving(web)


def test_as_many_images_as_announced_have_arrived(web: Web, tmp_path: Path) -> None:
    files = make_study(tmp_path, count=3, NumberOfStudyRelatedInstances=3)
    web.keep(files[:2])
    settle(web)
    assert arriving(web)
    web.keep(files[2:])
    settle(web)
    assert not arriving(web)


def test_a_study_that_its_sender_had_committed_has_arrived(web: Web, tmp_path: Path) -> None:
    web.keep(make_study(tmp_path, count=3))
    for transaction, numbers in (("1.9.1", (1, 2)), ("1.9.2", (1, 2, 3))):
        assert arriving(web)
        references = tuple(Reference(CT, uid("s1", number)) for number in numbers)
        requester = Requester(institution="HOSP_A", ae_title="CT1")
        request_commitment(requester, transaction, references, web.cloud)
        assert check_commitments(web.cloud) == 1
    assert not arriving(web)


def test_without_a_worker_quiet_is_enough(web: Web, tmp_path: Path) -> None:
    web.keep(make_study(tmp_path, count=1))
    assert arriving(web)
    web.cloud.clock.shift = timedelta(minutes=2)  # type: ignore[attr-defined]
    assert not arriving(web)
