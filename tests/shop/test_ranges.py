"""Lists are narrowed to a range of amounts, days and prices, whatever unit each product is measured in."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from pim.api import AttributeDraft, define_attribute, publish
from pim.structure.models import Attribute, MeasurementFamily
from shop.pricing.queries import forget_configuration
from tests.callers import Caller
from tests.factories.goods import CHANNEL, add_product, named
from tests.factories.world import World

BY = system("tests")
PRODUCTS = "/store/v1/products"
# (height, its unit, watts, in the shop since, cost) of lamps 0 to 3; the last one says nothing
LAMPS = [
    ("40", "CENTIMETER", "7.5", "2026-01-31", {"EUR": "9.90", "SEK": "500"}),
    ("0.4", "METER", "40", "2026-02-01", {"EUR": "20"}),
    ("1000", "MILLIMETER", "-5", "2025-12-31", {"SEK": "10"}),
]


@pytest.fixture(scope="module")
def _lamps(_standing_world: World, django_db_blocker: Any) -> Iterator[None]:
    now = _standing_world.now
    with django_db_blocker.unblock():
        with open_transaction():
            for code, kind in {"watts": "number", "since": "date", "cost": "price"}.items():
                define_attribute(
                    draft=AttributeDraft(code=code, type=kind, labels={}, filterable=True), now=now
                )
            length = MeasurementFamily.objects.create(code="Length", standard_unit="METER")
            for unit, factor in {"METER": "1", "CENTIMETER": "0.01", "MILLIMETER": "0.001"}.items():
                length.units.create(code=unit, symbol=unit, factor=factor)
            Attribute.objects.create(
                code="Height",
                type="metric",
                measurement_family=length,
                default_unit="CENTIMETER",
                filterable=True,
            )
            for number, (amount, unit, watts, since, cost) in enumerate(LAMPS):
                values = {
                    "Height": {"amount": amount, "unit": unit},
                    "watts": watts,
                    "since": since,
                    "cost": cost,
                }
                said = {code: {"*": {"*": value}} for code, value in values.items()}
                _publish(number, said, now)
            _publish(3, {}, now)
        run_pending(now=now)
        forget_configuration()
        yield


def _publish(number: int, said: dict[str, Any], now: Any) -> None:
    ref = add_product(
        code=f"lamp-{number}",
        values={**named(fi=f"Lamppu {number}"), **said},
        variants={f"LAMP-{number}": {}},
        categories={"sofas": 10 + number},
        now=now,
    )
    publish(product_id=UUID(ref), channel=CHANNEL, by=BY, now=now)


@pytest.fixture
def shopper(world: World, _lamps: None) -> Caller:
    return world.guest()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("height.min=40", [0, 1, 2]),
        ("height.min=40.1", [2]),
        ("height.max=40", [0, 1]),
        ("HEIGHT.MAX=39.999999", []),
        ("height.min=50&attribute.height.max=100", [2]),
        ("watts.min=7.5", [0, 1]),
        ("watts.max=7.5", [0, 2]),
        ("watts.min=-10&attribute.watts.max=-1", [2]),
        ("watts.min=100", []),
        ("watts.min=10&attribute.watts.max=9", []),
        ("since.min=2026-01-31", [0, 1]),
        ("since.min=2026-01-01&attribute.since.max=2026-01-31", [0]),
        ("cost.max=9.90", [0]),
        ("cost.min=10", [1]),
        ("watts=40", [1]),
        ("height.min=1&attribute.watts.min=0&sort=-price&category=sofas", [0, 1]),
    ],
)
def test_a_range_leaves_what_lies_in_it_in_the_usual_unit(
    shopper: Caller, query: str, found: list[int]
) -> None:
    page = shopper.says("GET", f"{PRODUCTS}?locale=fi&attribute.{query}")

    assert sorted(card["name"] for card in page["items"]) == [f"Lamppu {number}" for number in found]
    assert page["total"] == len(found)


def test_a_range_is_walked_through_by_pages_and_by_cursor(shopper: Caller) -> None:
    query = "locale=fi&attribute.height.min=1&limit=2"
    first = shopper.says("GET", f"{PRODUCTS}?{query}")

    second = shopper.says("GET", f"{PRODUCTS}?{query}&page=2")
    behind = shopper.says("GET", f"{PRODUCTS}?{query}&after={first['next_after']}")

    assert [card["name"] for card in first["items"]] == ["Lamppu 0", "Lamppu 1"]
    assert [card["name"] for card in second["items"]] == ["Lamppu 2"]
    assert behind["items"] == second["items"]
    assert shopper.is_refused("GET", f"{PRODUCTS}?limit=2&after={first['next_after']}") == (
        400,
        "invalid_page",
    )


@pytest.mark.parametrize(
    "query",
    [
        "attribute.height.min=",
        "attribute.height.min=high",
        "attribute.height.min=1e3",
        "attribute.height.max=1,2",
        "attribute.height.least=1",
        "attribute.since.min=01/02/26",
        "attribute.since.min=2026-02-30",
        "attribute.fabric.min=1",
        "attribute.name.max=z",
        "height.min=1",
        "attribute..min=1",
        "attribute.watts.min=1234567890123456",
    ],
)
def test_what_is_no_range_is_refused(shopper: Caller, query: str) -> None:
    assert shopper.is_refused("GET", f"{PRODUCTS}?{query}") == (400, "unknown_filter")
