"""An import that is killed goes on where it was, and never leaves half a product."""

import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count, F, Func, IntegerField

from config.kernel.roles import as_owner
from pim.catalogue.models import Product, ProductChange, ProductLink, Variant
from pim.intake.steps import GROUPS_AT_A_TIME
from pim.publishing.models import Publication
from tests.forks import Forks
from tests.kernel_events import processes
from tests.pim.sets import SHIRTS, write_set

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCTS = 450  # shirts in two sizes, in three batches: two full ones and the rest
# Each leads to the next, so that nothing is published before all are written and linked.
SIZES = ("s", "m")
# On the way from one to the next; how many products each kill leaves written, linked and published.
POINTS = (
    ("start_import.after_commit", (0, 0, 0)),
    ("stage_rows.before_commit", (0, 0, 0)),
    ("stage_rows.after_commit", (0, 0, 0)),
    ("write_definitions.before_commit", (0, 0, 0)),
    ("write_definitions.after_commit", (0, 0, 0)),
    ("take_step.before_commit:2", (200, 0, 0)),
    ("take_step.after_commit", (400, 0, 0)),
    ("take_step.before_commit:2", (450, 0, 0)),
    ("take_step.before_commit:2", (450, 200, 0)),
    ("take_step.after_commit:2", (450, 450, 0)),
    ("take_step.before_commit", (450, 450, 0)),
    ("take_step.after_commit", (450, 450, 200)),
    ("take_step.before_commit:2", (450, 450, 400)),
)
IMPORT = "from django.core.management import call_command; call_command('import_catalogue', {place!r})"


def many_shirts(place: Path) -> Path:
    names = [f"shirt-{number:03}" for number in range(PRODUCTS)]
    return write_set(
        place,
        **{
            **SHIRTS,
            "family_variants": (
                "code;family;variant-axes_1;variant-attributes_1\nby_size;clothing;size;sku,size,weight,ean"
            ),
            "product_models": "code;family_variant;parent;categories;name-en_US;PACK-product_models\n"
            + "".join(
                f"{name};by_size;;shirts;{name};{after}\n" for name, after in pairwise([*names, names[0]])
            ),
            "products": "sku;family;parent;categories;enabled;size;ean\n"
            + "".join(
                f"{name}-{size};clothing;{name};;1;{size};{name}{size}\n" for size in SIZES for name in names
            ),
        },
    )


def run(place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "import_catalogue", str(place)],
        env=processes.test_environment(),
        cwd=processes.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def halves() -> list[str]:
    """Products that lack a variant or a value, links without their row of history, publications without a variant."""
    products = Product.objects.annotate(found=Count("variants"))
    whole = products.filter(found=len(SIZES), values__has_key="name").values("pk")
    shown = Func(F("document__variants"), function="jsonb_array_length", output_field=IntegerField())
    return [
        *products.exclude(pk__in=whole).values_list("code", flat=True),
        *ProductLink.objects.filter(source__changes=None).values_list("source__code", flat=True),
        *Publication.objects.annotate(shown=shown)
        .exclude(shown=len(SIZES), product__links__isnull=False)
        .values_list("product__code", flat=True),
    ]


def test_a_killed_import_goes_on_and_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """One import, killed at every point on its way, each time by a fresh process."""
    assert 2 * GROUPS_AT_A_TIME < PRODUCTS < 3 * GROUPS_AT_A_TIME
    place = many_shirts(tmp_path / "shirts")
    connection.close()

    with Forks(processes.test_environment()) as forks:
        for point, left in POINTS:
            assert forks.run(IMPORT.format(place=str(place)), CRASH_AT=point) == -signal.SIGKILL, point
            assert (
                Product.objects.count(),
                ProductLink.objects.count(),
                Publication.objects.count(),
            ) == left, point
            assert halves() == [], f"never half a product, after {point}"
    finished = run(place)
    again = run(place)

    assert finished.returncode == 0, finished.stderr
    assert "nothing was written" in again.stdout
    assert (Product.objects.count(), Variant.objects.count()) == (PRODUCTS, len(SIZES) * PRODUCTS)
    assert Publication.objects.count() == PRODUCTS
    assert ProductChange.objects.filter(version=1).count() == ProductChange.objects.count() == PRODUCTS
    assert halves() == []


def test_half_a_product_would_be_found(tmp_path: Path) -> None:
    """The control of the one above."""
    place = many_shirts(tmp_path / "shirts")
    connection.close()
    assert run(place).returncode == 0
    assert halves() == []

    Variant.objects.filter(sku="shirt-001-s").delete()
    Product.objects.filter(code="shirt-007").update(values={})
    broken = Publication.objects.get(product__code="shirt-009")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pim_publication SET document = document #- '{variants,0}' WHERE id = %s", [broken.pk]
        )
        cursor.execute(
            "DELETE FROM pim_productchange USING pim_product AS product"
            " WHERE product.id = product_id AND product.code = 'shirt-008'"
        )

    assert sorted(halves()) == ["shirt-001", "shirt-007", "shirt-008", "shirt-009"]
