"""deploy/ is whole: it parses, names what exists, and opens nothing that it should not."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from imaging_cloud.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE_TEXT = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
NGINX_CONF = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
VERSIONED = re.compile(r"[\w./-]+:[0-9][\w.-]*")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_an_image_with_a_version(name: str) -> None:
    assert VERSIONED.fullmatch(SERVICES[name]["image"])


def test_only_the_tls_proxy_has_published_ports() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published == {"proxy": ["443:8443", "2762:2762"]}


def test_the_index_and_the_objects_have_no_way_out() -> None:
    assert COMPOSE["networks"]["back"]["internal"] is True
    for name in ("postgres", "objects", "objects-ready"):
        assert SERVICES[name]["networks"] == ["back"]


def test_what_services_refer_to_is_declared() -> None:
    for service in SERVICES.values():
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
        assert {each["source"] for each in service.get("configs", [])} <= set(COMPOSE["configs"])
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (DEPLOY / source).exists()
            else:
                assert source in COMPOSE["volumes"]


def test_a_service_that_others_wait_for_says_when_it_is_healthy() -> None:
    for service in SERVICES.values():
        for name, wish in service.get("depends_on", {}).items():
            if wish["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[name] or "build" in SERVICES[name]


def test_the_environment_that_compose_sets_is_known_to_the_settings() -> None:
    names = {name.removeprefix("IMAGING_CLOUD_") for name in SERVICES["cloud"]["environment"]}

    assert names <= {name.upper() for name in Settings.model_fields}


def test_the_address_that_the_tls_proxy_tells_is_believed_and_no_other() -> None:
    [front] = COMPOSE["networks"]["front"]["ipam"]["config"]
    inside = {name for name, each in SERVICES.items() if "front" in each.get("networks", [])}
    environment = SERVICES["cloud"]["environment"]
    settings = Settings(
        _env_file=None, trusted_proxies=environment["IMAGING_CLOUD_TRUSTED_PROXIES"]
    )

    assert inside == {"cloud", "proxy"}
    assert settings.trusted_proxies == (front["subnet"],)
    # The proxy writes the header anew: what a caller put there is not passed on.
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX_CONF


def test_every_secret_that_compose_wants_is_in_the_example_without_a_value() -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT))
    example = (DEPLOY / "env.example").read_text(encoding="utf-8")

    assert wanted == set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))


def test_the_image_is_built_from_fixed_bases_and_runs_as_nobody_special() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)

    assert len(bases) == 2
    assert all(VERSIONED.fullmatch(base) for base in bases)
    assert users == ["10001"]
    assert "latest" not in DOCKERFILE
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/readyz" in DOCKERFILE


def test_what_the_image_copies_is_there_and_reaches_the_builder() -> None:
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for word in line.split()[:-1]
    ]

    assert copied
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in allowed


def test_the_proxy_listens_with_tls_alone_and_asks_dicom_senders_for_a_certificate() -> None:
    listens = re.findall(r"^\s*listen (.+);", NGINX_CONF, re.MULTILINE)

    assert NGINX_CONF.count("{") == NGINX_CONF.count("}")
    assert listens == ["8443 ssl", "2762 ssl"]
    assert NGINX_CONF.count("ssl_protocols TLSv1.2 TLSv1.3;") == len(listens)
    assert "ssl_verify_client on;" in NGINX_CONF.split("stream {")[1]
    assert NGINX_CONF.count("access_log off;") == 2


def test_the_proxy_waits_longer_than_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMAGING_CLOUD_IDLE_TIMEOUT_SECONDS", raising=False)
    (seconds,) = re.findall(r"proxy_timeout (\d+)s;", NGINX_CONF)

    assert int(seconds) > Settings(_env_file=None).idle_timeout_seconds


@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").iterdir()), ids=lambda path: path.name)
def test_a_systemd_unit_parses(unit: Path) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit.read_text(encoding="utf-8"))

    assert parser.has_option("Unit", "Description")
    if unit.suffix == ".service":
        assert parser["Service"]["User"] == "imaging-cloud"
        assert parser["Service"]["NoNewPrivileges"] == "yes"
        assert "/imaging-cloud " in parser["Service"]["ExecStart"]


@pytest.mark.parametrize("script", ["scripts/setup.sh", "scripts/system-packages.sh", ".ci/run"])
def test_a_script_parses(script: str) -> None:
    shell = shutil.which("bash")
    assert shell, "bash is needed"

    done = subprocess.run([shell, "-n", ROOT / script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
