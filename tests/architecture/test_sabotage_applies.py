"""The patches of the long sabotage run still fit the code they break, so that they are renewed with it."""

import shutil
import subprocess

import pytest

from tests.sabotage.test_sabotage import PATCHES, ROOT


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
