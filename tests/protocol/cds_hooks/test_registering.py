"""`imaging-cloud cds-client`: order screens are registered with public keys only."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from typer.testing import CliRunner, Result

from imaging_cloud.cli.main import app
from imaging_cloud.domain.errors import CloudError

KEY = ECKey.generate_key("P-384", parameters={"kid": "k1"})
ISSUER = "https://his.example.org"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGING_CLOUD_HOME", str(tmp_path / "home"))
    run("institution", "add", "HOSP_B", "--name", "B")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def add(*words: str) -> Result:
    return run("cds-client", "add", ISSUER, "--institution", "HOSP_B", *words)


def write(path: Path, document: object) -> str:
    path.write_text(json.dumps(document))
    return str(path)


def test_a_client_is_added_listed_and_removed(tmp_path: Path) -> None:
    keys = write(tmp_path / "k.json", {"keys": [KEY.as_dict(private=False)]})

    assert "saved" in add("--jwks", keys).stdout
    assert "already there" in add("--jwks", keys).stdout
    assert run("cds-client", "list").stdout == f"{ISSUER}\tHOSP_B\tregistered keys\n"
    assert "saved" in add("--jku", "https://his.example.org/jwks.json").stdout
    assert "jwks.json" in run("cds-client", "list").stdout
    assert "removed" in run("cds-client", "remove", ISSUER).stdout
    assert run("cds-client", "list").stdout == ""


def test_what_is_not_right_is_refused(tmp_path: Path) -> None:
    private = write(tmp_path / "p.json", {"keys": [KEY.as_dict(private=True)]})
    secret = write(tmp_path / "s.json", {"keys": [{"kty": "oct", "k": "x", "kid": "1"}]})
    empty = write(tmp_path / "e.json", {"keys": []})
    url = "https://his.example.org/jwks.json"

    for words in (
        ("--jwks", private),
        ("--jwks", secret),
        ("--jwks", empty),
        ("--jku", "http://his.example.org/jwks.json"),
        ("--jku", "file:///etc/passwd"),
        ("--jku", url, "--jwks", private),
        (),
    ):
        assert isinstance(add(*words).exception, CloudError), words
    unknown = run("cds-client", "add", "x", "--institution", "NOBODY", "--jku", url)
    assert isinstance(unknown.exception, CloudError)
