"""The bench itself: each workload does what it measures, so that it does not decay between two uses."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.test import Client, override_settings
from inline_snapshot import snapshot

from config.servers import ROOT
from shop.catalog.models import Listing, Placement, Shelf
from shop.pricing.queries import forget_configuration
from shop.search.models import Document
from tests.performance import bench_goods, reading
from tests.performance.reading import WORKLOADS as READING
from tests.sql import statements

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
RENDERED = 20


@pytest.fixture
def shop(db: None, now: datetime) -> Iterator[reading.Stocked]:
    bench_goods.seed(products=3 * RENDERED, rendered=RENDERED, now=now)
    rows = list(Listing.objects.values_list("id", "locale", "slug").order_by("id"))
    with override_settings(ROOT_URLCONF="tests.performance.bench_urls"):
        yield reading.Stocked(products=3 * RENDERED, port=80, rows=rows)
    forget_configuration()


def answer(path: str, locale: str = "fi") -> Any:
    headers = {"Host": bench_goods.HOST, "X-Api-Key": bench_goods.KEY, "Accept-Language": locale}
    return Client().get(path, headers=headers)


def as_of(number: int, body: bytes) -> str:
    """The answer about a product as it would be of any other: without what tells them apart."""
    text = _UUID.sub("id", body.decode()).replace(f"{number:06d}", "number")
    return re.sub(r'"amount":"[0-9.]+"', '"amount":""', text)


def test_a_copy_is_shown_listed_and_found_as_what_was_rendered(shop: reading.Stocked) -> None:
    slugs = {slug[-6:]: slug for _, locale, slug in shop.rows if locale == "fi"}

    for number in range(RENDERED):
        rendered, *copies = (
            as_of(of, answer(f"/store/v1/products/{slugs[f'{of:06d}']}").content)
            for of in (number, number + RENDERED, number + 2 * RENDERED)
        )
        assert copies == [rendered, rendered]
    listed = answer("/store/v1/products?limit=100").json()
    noun, _ = bench_goods.NOUNS[3]
    found = answer(f"/store/v1/products?q={noun}").json()
    cheapest = answer("/store/v1/products?sort=price&limit=100").json()

    numbers = [int(card["slug"][-6:]) for card in listed["items"]]
    assert numbers == list(range(3 * RENDERED))
    assert [int(card["slug"][-6:]) for card in found["items"]] == [3, 3 + RENDERED, 3 + 2 * RENDERED]
    prices = [float(card["price"]["gross"]["amount"]) for card in cheapest["items"]]
    assert prices == sorted(prices)
    for shelf in Shelf.objects.all():
        placed = Placement.objects.filter(channel=shelf.channel, category=shelf.category)
        assert shelf.total == placed.count()
    assert Document.objects.count() == Listing.objects.count() == 2 * 3 * RENDERED


def test_every_workload_reads_what_it_says_in_as_many_statements_at_any_size(shop: reading.Stocked) -> None:
    random, sent = Random(2), {}
    for name, ask in READING.items():
        path, locale = ask(shop, random)
        answer(path, locale)

        with statements() as told:
            answered = answer(path, locale)

        assert answered.status_code == 200, (path, answered.content)
        assert answered.content
        sent[name] = len(told)

    assert sent == snapshot(
        {"bare": 1, "raw": 1, "page-1": 1, "page-20": 1, "detail": 1, "html": 2, "search": 2}
    )


def bench(*words: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.performance.bench", *words],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def rows_of(page: Path) -> list[str]:
    return [
        line for line in page.read_text().splitlines() if line.startswith("| ") and "workload" not in line
    ]


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_bench_measures_every_way_of_reading_and_writes_its_page(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    few = ("--products", "600", "--rounds", "1", "--seconds", "0.3")

    bench(*few, "--only", *READING, "--report", str(page))

    assert len(rows_of(page)) == len(READING)
    assert "search at 600" in page.read_text()
