"""The safety net is tested too: each patch beside this file breaks a promise on purpose, and its test must turn red.

A copy of the checkout is patched, never the checkout itself. First the named tests are green in the unpatched copy, so
that red means the patch. A patch that does not apply any more is renewed, or removed with what it broke.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.servers import url_of

ROOT = Path(__file__).parents[2]
PATCHES = sorted(Path(__file__).parent.glob("*.patch"))
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "staticfiles", "__pycache__", ".*_cache", ".hypothesis"
)
DATABASE = "polku_sabotage"
RED, GREEN = 1, 0  # pytest's exit statuses

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def victim_of(patch: Path) -> str:
    """The test that a patch says it turns red."""
    found = re.search(r"^Turns red: (\S+)$", patch.read_text(), re.MULTILINE)
    assert found, f"{patch.name} does not say which test it turns red"
    return found[1]


def run_tests(place: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Run these tests in a copy, on a database that is migrated once for all of them."""
    ours = ("DATABASE_URL", "POLKU_ENV", "PYTEST_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--reuse-db", *names],
        cwd=place,
        env={**env, "DATABASE_URL": url_of(DATABASE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("copy") / "polku"
    shutil.copytree(ROOT, place, ignore=LEFT_OUT)
    yield place
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS test_{DATABASE} WITH (FORCE)")


def test_there_are_ten_and_their_tests_are_green_without_them(copy: Path) -> None:
    assert len(PATCHES) >= 10
    done = run_tests(copy, *sorted({victim_of(patch) for patch in PATCHES}))
    assert done.returncode == GREEN, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_it_is_noticed(patch: Path, copy: Path) -> None:
    def apply(*options: str) -> None:
        done = subprocess.run(
            ["git", "apply", "-C1", *options, str(patch)],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{patch.name} does not apply: {done.stderr}"

    apply()
    try:
        done = run_tests(copy, victim_of(patch))
    finally:
        apply("--reverse")
    assert done.returncode == RED, f"nobody noticed: {done.stdout[-2000:]}{done.stderr[-1000:]}"
    assert " failed" in done.stdout
