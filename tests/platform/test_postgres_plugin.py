"""The pytest plugin that gives a run its PostgreSQL, seen from outside: real runs of a small project in a directory."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLUSTERS = ROOT / "var" / "test-postgres"

SETTINGS = """
import os
from psycopg.conninfo import conninfo_to_dict
parts = conninfo_to_dict(os.environ["DATABASE_URL"])  # fails when the plugin comes too late
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": parts["dbname"], "USER": parts["user"],
    "PASSWORD": parts.get("password", ""), "HOST": parts["host"], "PORT": parts.get("port", ""),
    "TEST": {"NAME": "test_of_the_plugin"}}}
"""
TESTS = """
import os, pathlib, pytest
from django.db import connection

@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 2])
def test_a_database_is_there(number):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [number])
        assert cursor.fetchone() == (number,)
    assert os.environ["POLKU_ENV"] == "test"
    pathlib.Path(f"url-{number}").write_text(os.environ["DATABASE_URL"])
"""


def run_pytest(*arguments: str, project: Path, tests: str = TESTS, **env: str) -> subprocess.Popen[str]:
    """Start pytest in a project of its own, without the `DATABASE_URL` of the run we are in."""
    (project / "probe_settings.py").write_text(SETTINGS)
    (project / "test_probe.py").write_text(tests)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_URL", "PYTEST_"))
    }
    plugins = ("pytest_django.plugin", "xdist.plugin", "tests.postgres_plugin")
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=."]
        + [word for plugin in plugins for word in ("-p", plugin)]
        + list(arguments),
        cwd=project,
        env={
            **kept,
            "PYTHONPATH": f"{ROOT}:{project}",
            "DJANGO_SETTINGS_MODULE": "probe_settings",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            **env,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("arguments", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_run_has_a_server_of_its_own_and_gives_it_back(tmp_path: Path, arguments: list[str]) -> None:
    run = run_pytest(*arguments, project=tmp_path)
    said, _ = run.communicate(timeout=100)

    assert "2 passed" in said, said
    assert (tmp_path / "url-1").read_text() == (tmp_path / "url-2").read_text()
    assert not list(CLUSTERS.glob(f"{run.pid}*"))


def test_a_given_database_is_used_as_it_is(tmp_path: Path) -> None:
    given = os.environ["DATABASE_URL"]

    run = run_pytest(project=tmp_path, DATABASE_URL=given)
    said, _ = run.communicate(timeout=100)

    assert "2 passed" in said, said
    assert (tmp_path / "url-1").read_text() == given
    assert not list(CLUSTERS.glob(f"{run.pid}*"))


def test_a_killed_run_leaves_no_server_and_the_next_run_tidies_up(tmp_path: Path) -> None:
    killed = run_pytest(
        project=tmp_path, tests="def test_hangs():\n    open('begun', 'w')\n    __import__('time').sleep(60)"
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)

    killed.kill()
    killed.communicate()
    said, _ = run_pytest(project=tmp_path).communicate(timeout=100)

    assert "2 passed" in said, said
    assert not list(CLUSTERS.glob(f"{killed.pid}*"))
