"""The production set-up as written: docker-compose.yml, the Dockerfile and the proxy's configuration.

They are read, not run. What is checked is that they agree with each other and with the code they start.
"""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = ["web", "streams", "worker", "migrate"]


def test_the_services_are_the_proxy_our_programs_and_postgresql() -> None:
    assert set(SERVICES) == {"proxy", *OURS, "postgres"}


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", ["web", "streams", "worker"])
def test_a_service_starts_the_program_of_its_name_as_the_code_knows_it(name: str) -> None:
    words = shlex.split(SERVICES[name]["command"].replace("${WEB_WORKERS:-2}", "2"))

    assert words[:4] == ["python", "-m", "config.servers", name]
    known = subprocess.run(
        [sys.executable, *words[1:], "--help"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert known.returncode == 0, known.stderr


def test_the_image_starts_the_rest_servers_unless_told_otherwise() -> None:
    command = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)

    assert command
    assert yaml.safe_load(command[1])[:4] == ["python", "-m", "config.servers", "web"]


def test_the_image_runs_without_root_and_from_hashed_packages_only() -> None:
    last_stage = DOCKERFILE.split("\nFROM ")[-1]

    assert "\nUSER polku\n" in last_stage
    assert "--require-hashes --no-deps -r requirements.lock" in DOCKERFILE
    assert DOCKERFILE.count("pip install") == 1


def test_the_image_has_a_python_the_project_supports_and_every_app() -> None:
    supported = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert supported == ">=3.11,<3.14"
    assert set(re.findall(r"FROM python:(\S+)-slim", DOCKERFILE)) == {"3.11"}
    for app in ("config", "pim", "customers", "orders", "shop"):
        assert f"COPY {app} ./{app}" in DOCKERFILE
        assert f"!{app}" in (ROOT / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_a_service_is_one_that_the_settings_read(name: str) -> None:
    settings = (ROOT / "config" / "settings.py").read_text()
    unread = [name for name in SERVICES[name]["environment"] if f'"{name}"' not in settings]

    assert unread == []


def test_programs_log_in_as_the_application_and_only_migrate_as_the_owner() -> None:
    logins = {name: SERVICES[name]["environment"]["DATABASE_URL"].split(":")[1] for name in OURS}

    assert logins == {
        "web": "//polku_app",
        "streams": "//polku_app",
        "worker": "//polku_app",
        "migrate": "//polku_owner",
    }


def test_secrets_come_from_outside_and_are_demanded() -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    for secret in ("SECRET_KEY", "DATABASE_OWNER_PASSWORD", "DATABASE_APP_PASSWORD", "POLKU_SITE"):
        assert f"${{{secret}:?" in text
    assert not re.search(r"(PASSWORD|SECRET_KEY): (?!\$\{)", text)


@pytest.mark.parametrize("variable", ["STRIPE_API_BASE", "EASYPOST_API_BASE"])
def test_production_refuses_a_stand_in_and_its_image_has_none(variable: str) -> None:
    env = {"POLKU_ENV": "production", "SECRET_KEY": "x" * 50, "PATH": "/usr/bin:/bin"}
    load = [sys.executable, "-c", "import config.settings"]

    for address, ends_well in (
        ("", True),
        ("http://127.0.0.1:8002", False),
        ("https://api.stripe.com.evil.example", False),
    ):
        asked = {**env, variable: address} if address else env
        done = subprocess.run(load, cwd=ROOT, env=asked, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == ends_well, done.stderr
        assert ends_well or f"{variable} is for stand-ins on this machine" in done.stderr
    assert "tests" not in DOCKERFILE
    assert "!tests" not in (ROOT / ".dockerignore").read_text()


def test_programs_start_when_the_database_is_migrated_and_restart_when_they_end() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "streams", "worker"):
        assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        assert SERVICES[name]["restart"] == "unless-stopped"
        assert SERVICES[name]["read_only"]
        assert SERVICES[name]["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", ["web", "streams", "postgres"])
def test_what_others_wait_for_says_when_it_is_healthy(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_postgresql_compares_letters_as_the_embedded_one_does() -> None:
    postgres = SERVICES["postgres"]

    assert postgres["image"] == "postgres:18"
    assert postgres["environment"]["POSTGRES_INITDB_ARGS"] == (
        "--encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8"
    )
    assert postgres["volumes"] == ["postgres:/var/lib/postgresql"]  # 18 keeps its data one level higher


def test_the_proxy_is_one_origin_for_rest_and_streams_and_is_the_one_we_trust() -> None:
    proxy = (ROOT / "docker" / "Caddyfile").read_text()
    (subnet,) = COMPOSE["networks"]["default"]["ipam"]["config"]

    assert "reverse_proxy web:8000" in proxy
    assert "reverse_proxy streams:8000" in proxy
    assert "encode zstd gzip" in proxy
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == subnet["subnet"]
    for url in ("PUBLIC_URL", "STREAMS_URL"):
        assert SERVICES["web"]["environment"][url] == "https://${POLKU_SITE}"


def test_sets_are_read_and_media_are_written_by_the_worker_and_served_by_the_proxy() -> None:
    mounted = {name: SERVICES[name].get("volumes", []) for name in ("proxy", "web", "worker", "streams")}

    assert "media:/media" in mounted["worker"]
    assert "media:/media:ro" in mounted["web"]
    assert "media:/media:ro" in mounted["proxy"]
    for name in ("web", "worker"):
        assert "${IMPORTS:-./imports}:/imports:ro" in mounted[name]
        assert SERVICES[name]["environment"]["MEDIA_ROOT"] == "/media"
        assert SERVICES[name]["environment"]["IMPORT_DIR"] == "/imports"
    assert "media" in COMPOSE["volumes"]
    assert "install --directory --owner=polku /media" in DOCKERFILE, "or the worker could not write there"
    assert "handle_path /media/*" in (ROOT / "docker" / "Caddyfile").read_text()
