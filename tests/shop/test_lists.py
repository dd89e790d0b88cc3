"""Menus and lists: categories, filters at variant level, orders, pages and cursors."""

# ruff: noqa: E501

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from inline_snapshot import snapshot

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from orders.api import set_stock
from pim.api import AttributeDraft, OptionDraft, define_attribute, publish
from pim.structure.models import Attribute
from shop.catalog.fan_out import note_word
from shop.catalog.wording import word_of_attribute
from shop.pricing.queries import forget_configuration
from shop.pricing.services import set_price
from tests.callers import Caller
from tests.factories.goods import CHANNEL, HELSINKI, LIST, add_product, named
from tests.factories.world import World
from tests.sql import statements

BY = system("tests")
PRODUCTS = "/store/v1/products"


def fact(value: Any) -> dict[str, Any]:
    return {"*": {"*": value}}


@pytest.fixture(scope="module")
def _chairs(_standing_world: World, django_db_blocker: Any) -> Iterator[None]:
    """Six chairs beside the sofa and the cushion: chair-3 has no price, and of chair-1 only the moss one is left."""
    now = _standing_world.now
    with django_db_blocker.unblock():
        with open_transaction():
            Attribute.objects.filter(code="fabric").update(filterable=True)
            options = tuple(OptionDraft(code=code, labels={"fi": code}) for code in ("oak", "birch"))
            for draft in (
                AttributeDraft(code="wood", type="multiselect", labels={}, filterable=True, options=options),
                AttributeDraft(code="folds", type="boolean", labels={}, filterable=True),
                AttributeDraft(code="secret", type="boolean", labels={}, filterable=True, public=False),
            ):
                define_attribute(draft=draft, now=now)
            for number in range(6):
                skus = (f"CHAIR-{number}-SAND", f"CHAIR-{number}-MOSS")
                for sku in skus:
                    if number != 3:
                        set_price(price_list=LIST, sku=sku, minor=10_000 + 1_000 * number, by=BY, now=now)
                set_stock(
                    location=HELSINKI,
                    units={skus[0]: 0 if number == 1 else 9, skus[1]: 3},
                    by=BY,
                    now=now,
                )
                product = add_product(
                    code=f"chair-{number}",
                    values={
                        **named(fi=f"Tuoli {number}"),
                        "wood": fact(["oak", "birch"] if number % 2 else ["oak"]),
                        "folds": fact(number == 2),
                        "secret": fact(True),
                    },
                    variants={skus[0]: {"fabric": fact("sand")}, skus[1]: {"fabric": fact("moss")}},
                    axes=("fabric",),
                    categories={"sofas": 10 + number},
                    now=now,
                )
                publish(product_id=UUID(product), channel=CHANNEL, by=BY, now=now)
            note_word(word=word_of_attribute("fabric"), by=BY, now=now)  # it was not filterable before
        run_pending(now=now)
        forget_configuration()
        yield


@pytest.fixture
def shopper(world: World, _chairs: None) -> Caller:
    return world.guest()


def listed(shopper: Caller, query: str) -> list[str]:
    page = shopper.says("GET", f"{PRODUCTS}?locale=fi&{query}")
    names = [card["name"] for card in page["items"]]
    assert page["total"] >= len(names)
    return names


def chairs(*numbers: int) -> list[str]:
    return [f"Tuoli {number}" for number in numbers]


def test_the_menu_says_what_stands_where_in_the_readers_language(shopper: Caller) -> None:
    assert shopper.says("GET", "/store/v1/categories?locale=en") == {
        "items": [
            {"code": "sofas", "name": "Sofas", "locale": "en", "total": 7, "children": []},
            {"code": "cushions", "name": "Cushions", "locale": "en", "total": 1, "children": []},
        ]
    }


def test_a_menu_can_be_asked_for_again_and_is_the_same(shopper: Caller) -> None:
    first = shopper.tries("GET", "/store/v1/categories")

    assert shopper.tries("GET", "/store/v1/categories", If_None_Match=first["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("attribute.wood=birch", chairs(1, 3, 5)),
        ("attribute.wood=birch,oak", chairs(0, 1, 2, 3, 4, 5)),
        ("attribute.WOOD=Birch", chairs(1, 3, 5)),
        ("attribute.folds=true", chairs(2)),
        ("attribute.folds=true&attribute.wood=birch", []),
        ("attribute.fabric=sand", ["Sohva Aava", *chairs(0, 1, 2, 3, 4, 5)]),
        (
            "attribute.fabric=sand&availability=available&category=sofas",
            ["Sohva Aava", *chairs(0, 2, 3, 4, 5)],
        ),
        ("attribute.fabric=moss&availability=in_stock", ["Sohva Aava"]),
        ("price_min=110&price_max=140.00&category=sofas", chairs(1, 2, 4)),
        ("price_max=100", ["Tyyny Kaisla", *chairs(0)]),
        ("price_max=99.99", ["Tyyny Kaisla"]),
        ("attribute.wood=oak&sort=-price", chairs(5, 4, 2, 1, 0, 3)),
        ("attribute.wood=oak&sort=price&page=2&limit=4", chairs(5, 3)),
        ("attribute.wood=elm", []),
    ],
)
def test_a_list_is_narrowed(shopper: Caller, query: str, found: list[str]) -> None:
    assert listed(shopper, query) == found


@pytest.mark.parametrize(
    "query",
    [
        "attribute.colour=red",
        "attribute.secret=true",
        "attribute.wood=",
        "attribute.wood=oak,",
        "price_min=cheap",
        "price_max=-1",
        "price_min=1e3",
        "colour=red",
    ],
)
def test_what_a_list_cannot_be_narrowed_by_is_refused(shopper: Caller, query: str) -> None:
    assert shopper.is_refused("GET", f"{PRODUCTS}?{query}") == (400, "unknown_filter")


@pytest.mark.parametrize("narrowed", ["", "&attribute.wood=oak", "&category=sofas"])
@pytest.mark.parametrize("sort", ["rank", "price", "-price", "newest"])
def test_a_cursor_leads_through_the_whole_list_in_its_order(
    shopper: Caller, sort: str, narrowed: str
) -> None:
    query = f"locale=fi&sort={sort}{narrowed}"
    whole = shopper.says("GET", f"{PRODUCTS}?{query}")

    walked, after = [], ""
    while True:
        page = shopper.says("GET", f"{PRODUCTS}?{query}&limit=3{after}")
        walked += page["items"]
        assert page["total"] == whole["total"]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"

    assert walked == whole["items"]
    assert len(walked) == whole["total"]


@pytest.mark.parametrize("other", ["sort=price", "category=sofas", "attribute.wood=oak"])
def test_a_cursor_is_good_for_its_list_only(shopper: Caller, other: str) -> None:
    after = shopper.says("GET", f"{PRODUCTS}?limit=3")["next_after"]

    assert shopper.is_refused("GET", f"{PRODUCTS}?limit=3&after={after}&{other}") == (400, "invalid_page")


def test_a_list_is_one_statement_however_it_is_narrowed(shopper: Caller) -> None:
    shopper.says("GET", PRODUCTS)

    with statements() as plain:
        shopper.says("GET", f"{PRODUCTS}?category=sofas&sort=price")
    with statements() as narrowed:
        shopper.says(
            "GET", f"{PRODUCTS}?category=sofas&attribute.wood=oak&availability=available&price_min=1&limit=2"
        )

    assert (len(plain), len(narrowed)) == (1, 1)
    assert [*plain, *narrowed] == snapshot(
        [
            "SELECT ... FROM (SELECT ...) shelf LEFT JOIN (SELECT ... FROM shop_placement WHERE ... ORDER BY ... ASC NULLS LAST LIMIT ... OFFSET ...) page ON ... LEFT JOIN shop_listing listing ON ... ORDER BY ... ASC NULLS LAST",
            "WITH found AS MATERIALIZED (SELECT ... FROM shop_placement WHERE ...) SELECT ... FROM (SELECT ... FROM found) counted LEFT JOIN (SELECT * FROM found WHERE ... ORDER BY ... LIMIT ... OFFSET ...) page ON ... LEFT JOIN shop_listing listing ON ... ORDER BY ...",
        ]
    )


def test_the_menu_takes_two(shopper: Caller) -> None:
    shopper.says("GET", PRODUCTS)

    with statements() as sent:
        shopper.says("GET", "/store/v1/categories")

    assert sent == snapshot(
        [
            "SELECT ... FROM shop_shelf WHERE ...",
            "WITH RECURSIVE tree AS (SELECT ... FROM pim_channel channel JOIN pim_category category ON ... WHERE ... UNION ALL SELECT ... FROM pim_category down JOIN tree ON ... WHERE ...) SELECT ... FROM tree WHERE ... ORDER BY ...",
        ]
    )
