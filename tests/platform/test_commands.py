"""What a bare machine meets first: the Makefile, the lock files, and the check before a submission."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with its commands and nothing installed."""
    path = tmp_path / "checkout"
    (path / ".ci").mkdir(parents=True)
    for name in ("Makefile", ".ci/run", "requirements-dev.lock"):
        shutil.copy(ROOT / name, path / name)
    return path


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)


def test_make_lists_its_commands(checkout: Path) -> None:
    said = run("make", cwd=checkout).stdout

    for target in ("run", "test", "test-long", "lint", "typecheck", "bench", "lock"):
        assert f"make {target} " in said


def test_without_a_fitting_python_make_says_which_ones_fit(checkout: Path) -> None:
    done = run("make", "install", "PYTHON=", cwd=checkout)

    assert done.returncode != 0
    assert "Polku needs Python 3.11, 3.12 or 3.13" in done.stdout


def test_the_environment_is_built_anew_only_when_the_lock_file_changes(checkout: Path) -> None:
    asked = run("make", "--dry-run", "install", cwd=checkout).stdout
    (stamp,) = set(re.findall(r"touch (\S+)", asked))
    (checkout / ".venv").mkdir()
    (checkout / stamp).touch()

    assert "installing" not in run("make", "--dry-run", "install", cwd=checkout).stdout

    with (checkout / "requirements-dev.lock").open("a") as lock:
        lock.write("# changed\n")

    assert "installing" in run("make", "--dry-run", "install", cwd=checkout).stdout


def test_a_submission_is_not_checked_without_the_shared_data(checkout: Path) -> None:
    done = run("bash", ".ci/run", cwd=checkout)

    assert done.returncode == 1
    assert "../shared/data is missing" in done.stderr


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_has_a_hash_for_every_package_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    requirements = text.replace("\\\n", " ").splitlines()

    assert "://" not in text
    assert [line for line in requirements if line.strip() and "--hash=sha256:" not in line] == []


def test_the_lock_files_have_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    needed = project["project"]["dependencies"]

    assert names(needed) <= locked("requirements.lock")
    assert names([*needed, *groups["local"], *groups["dev"]]) <= locked("requirements-dev.lock")
    assert not names(groups["local"]) & locked("requirements.lock")


def names(requirements: list[str]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements)
    return {match[0].lower() for match in found if match}


def locked(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / name).read_text(), re.MULTILINE))
