"""warm_up: the first exam finds the vocabulary read in, and an index that is away is no matter."""

from pathlib import Path

import pytest

from imaging_cloud.adapters.sql.catalogue import SqlCatalogue
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.warm_up import warm_up


@pytest.mark.parametrize("prepared", [True, False], ids=["index there", "index away"])
def test_a_process_warms_up_whether_or_not_its_index_is_there(
    prepared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    describe = SqlCatalogue.describe
    monkeypatch.setattr(
        SqlCatalogue,
        "describe",
        lambda self, evidence: asked.append(evidence.name) or describe(self, evidence),
    )
    settings = Settings(
        _env_file=None,
        home=tmp_path,
        database_url="" if prepared else "postgresql://test@127.0.0.1:1/nowhere",
    )
    if prepared:
        prepare_home(settings)
    cloud = open_cloud(settings)
    try:
        warm_up(cloud, tokens=True, intake=True)
    finally:
        cloud.close()

    assert asked
