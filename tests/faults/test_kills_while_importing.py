"""An import that is killed goes on where it was, and never leaves half a product."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from pim.catalogue.models import Product, ProductChange, Variant
from pim.publishing.models import Publication
from tests.kernel_events import processes
from tests.pim.sets import SHIRTS, write_set

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = (
    "stage_rows.before_commit",
    "stage_rows.after_commit",
    "write_definitions.before_commit",
    "take_step.before_commit",
    "take_step.after_commit",
    "take_step.before_commit:2",
    "take_step.before_commit:3",
)


def run(place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "import_catalogue", str(place)],
        env=processes.test_environment(**environment),
        cwd=processes.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_killed_import_goes_on_and_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """One import, killed at every point on its way, each time by a fresh process."""
    place = write_set(tmp_path / "shirts", **SHIRTS)
    connection.close()

    for point in POINTS:
        killed = run(place, CRASH_AT=point)
        assert killed.returncode in {-9, 0}, killed.stderr
        for publication in Publication.objects.select_related("product"):
            variants = publication.product.variants.filter(enabled=True).count()
            assert len(publication.document["variants"]) == variants, "never half a product"
    finished = run(place)
    again = run(place)

    assert finished.returncode == 0, finished.stderr
    assert "nothing was written" in again.stdout
    assert (Product.objects.count(), Variant.objects.count()) == (2, 4)
    assert Publication.objects.count() == 2
    assert ProductChange.objects.filter(version=1).count() == 2
