"""Health, metrics, logs, documentation."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from imaging_cloud.domain.errors import Unavailable
from tests.makers import make_study, uid
from tests.protocol.serving import Web, serving


class _Away:
    def check_ready(self) -> None:
        raise Unavailable("http://secret:password@store is away")


class _Broken:
    def __getattr__(self, name: str) -> object:
        raise RuntimeError("张伟 11010519491231002X")


def test_a_healthy_cloud_says_so(web: Web) -> None:
    assert web.get("/healthz").json() == {"status": "ok"}
    assert web.get("/readyz").json()["status"] == "ready"
    assert len(web.get("/cds-services").json()["services"]) == 2


def test_readyz_names_the_part_that_is_away_and_no_more(web: Web, tmp_path: Path) -> None:
    broken = replace(web.cloud, objects=_Away())  # type: ignore[arg-type]
    with serving(tmp_path / "other", broken) as away:
        answer = away.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["parts"] == {"index": "ready", "objects": "away"}
        assert "secret" not in answer.text


def test_an_unexpected_error_is_500_without_detail_in_answer_and_log(
    web: Web, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = replace(web.cloud, index=_Broken())  # type: ignore[arg-type]
    with serving(tmp_path / "other", broken) as wrong:
        answer = wrong.get("/dicom-web/studies", wrong.token("admin"))

        assert answer.status_code == 500
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "张伟" not in answer.text + caplog.text
        assert "RuntimeError" in caplog.text


def test_logs_and_metrics_hold_no_patient_no_query_and_no_path(
    web: Web, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    web.keep(make_study(tmp_path, count=1))
    admin = web.token("admin")
    web.get("/dicom-web/studies?PatientName=Zhang*&PatientID=A-1001", admin)
    web.get("/dicom-web/studies?PatientBirthDate=张伟", admin)
    web.get(f"/view/{uid('s1')}", admin, headers={"Accept": "text/html"})
    web.get(f"/dicom-web/studies/{uid('s1')}/rendered", admin)

    metrics = web.get("/metrics", admin).text

    ours = "\n".join(
        record.getMessage()
        for record in caplog.records
        if not record.name.startswith("urllib3")  # the test's own client
    )
    for secret in ("Zhang", "张", "A-1001", "19491231", uid("s1")):
        assert secret not in ours
        assert secret not in metrics
    assert 'route="/dicom-web/studies"' in metrics


def test_the_documentation_lists_every_address_and_needs_no_network(web: Web) -> None:
    admin = web.token("admin")

    described = web.get("/openapi.json", admin).json()
    page = web.get("/docs", admin).text

    assert "/api/order-check" in described["paths"]
    body = described["paths"]["/api/order-check"]["post"]["requestBody"]
    assert "placedAt" in str(body)
    assert "/api/order-check" in page
    assert "http://" not in page
    assert "https://" not in page
