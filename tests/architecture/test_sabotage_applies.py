"""The patches of the long sabotage run still fit the code they break, and the tests they name are there."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sabotage.test_sabotage import PATCHES, ROOT, victim_of


@pytest.mark.skipif(shutil.which("git") is None, reason="git applies the patches, and is not there")
def test_every_patch_applies() -> None:
    done = subprocess.run(
        ["git", "apply", "-C1", "--check", *map(str, PATCHES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_the_test_that_a_patch_names_is_there(patch: Path) -> None:
    file, _, within = victim_of(patch).partition("::")
    name = within.rpartition("::")[2]

    assert (f"def {name}(" if name else "def test_") in (ROOT / file).read_text()
