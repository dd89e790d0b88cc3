"""The bench itself: each workload does what it measures, so that it does not decay between two uses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.servers import ROOT
from tests.performance.load import WORKLOADS


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_bench_measures_every_workload_and_writes_its_page(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    words = ["--seconds", "3", "--rounds", "1", "--clients", "1", "2", "--report", str(page)]

    ran = subprocess.run(
        [sys.executable, "-m", "tests.performance.bench", *words],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    rows = [
        line for line in page.read_text().splitlines() if line.startswith("| ") and "workload" not in line
    ]
    assert len(rows) == 2 * len(WORKLOADS)
