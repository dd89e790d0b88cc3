"""One bad row among a hundred thousand is named, and costs itself or everything, as was chosen (`make test-long`)."""

import csv
import os
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from pim.catalogue.models import Product
from pim.publishing.models import Publication
from pim.structure.models import Attribute
from tests.kernel_events import processes
from tests.pim.sets import write_set

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800), pytest.mark.django_db(transaction=True)]

ROWS, BAD = 100_000, 80_000
WRONG = {"file": "products.csv", "line": str(BAD + 2), "column": "height", "reason": "wrong_type"}


@pytest.fixture
def mugs(tmp_path: Path) -> Path:
    rows = [f"mug-{number};Mug {number};{number}" for number in range(ROWS)]
    rows[BAD] = f"mug-{BAD};Mug;eighty thousand"
    return write_set(
        tmp_path / "mugs",
        categories="code;parent\nmaster;",
        channels="code;locales;currencies;tree\nweb;en_US;EUR;master",
        attributes="code;type;localizable;scopable\nsku;pim_catalog_identifier;0;0\nname;pim_catalog_text;0;0\n"
        "height;pim_catalog_number;0;0",
        products="\n".join(["sku;name;height", *rows]),
    )


def bring_in(place: Path, *words: str) -> tuple[int, list[dict[str, str]]]:
    """Run the command in a process of its own; its exit code, and the rows it refused."""
    errors, began = place.parent / "errors.csv", time.monotonic()
    words = ("manage.py", "import_catalogue", str(place), "--errors", str(errors), *words)
    with (place.parent / "said").open("wb") as said:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, *words],
            processes.test_environment(),
            file_actions=[(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)],
        )
        _, status, used = os.wait4(pid, 0)
    print(  # noqa: T201 - pytest -s
        f"{ROWS} rows {' '.join(words[5:])}: {time.monotonic() - began:.0f} s, "
        f"{used.ru_utime + used.ru_stime:.0f} s of them ours, {used.ru_maxrss // 1024} MB; "
        f"{(place.parent / 'said').read_text()[-300:]}"
    )
    with errors.open(newline="") as opened:
        refused = [row for row in csv.DictReader(opened, delimiter=";") if row["kind"] == "row"]
    return os.waitstatus_to_exitcode(status), [{name: row[name] for name in WRONG} for row in refused]


def test_one_bad_row_costs_itself(mugs: Path) -> None:
    connection.close()

    assert bring_in(mugs) == (0, [WRONG])

    assert (Product.objects.count(), Publication.objects.count()) == (ROWS - 1, ROWS - 1)
    assert not Product.objects.filter(code=f"mug-{BAD}").exists()


def test_one_bad_row_costs_all_where_that_was_chosen(mugs: Path) -> None:
    connection.close()

    assert bring_in(mugs, "--all-or-none") == (1, [WRONG])

    assert not Product.objects.exists()
    assert not Attribute.objects.exists()
