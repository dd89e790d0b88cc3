"""What a clerk asks for: articles by word, SKU and scanner, whom she serves, what is fetched, and whose order it is."""

from datetime import datetime
from typing import Any

import pytest
from django.db.models import F

from config.kernel.db import open_transaction
from orders.agreement.models import OrderDelivery
from orders.api import place_items, receive_stock
from orders.locations.models import StaffAssignment
from pim.api import AttributeDraft, define_attribute
from shop.catalog.models import Listing
from shop.pricing.services import set_price
from shop.search.services import index_products
from tests.callers import Caller
from tests.factories.goods import CUSHION, HELSINKI, LIST, MOSS, SAND, TAMPERE, named
from tests.factories.world import Bought, World, filled_cart, hand_over, place, ready_cart
from tests.shop.conftest import BY, Shop
from tests.sql import statements


@pytest.fixture
def clerk(world: World) -> Caller:
    """Works in Helsinki and reads English."""
    return world.person("clerk_x", Accept_Language="en")


def index(now: datetime) -> None:
    """What the worker does when it has heard of new listings."""
    for scope in set(Listing.objects.values_list("content_scope", flat=True)):
        refs = sorted(set(Listing.objects.filter(content_scope=scope).values_list("product_ref", flat=True)))
        index_products(content_scope=scope, product_refs=refs, by=BY, now=now)


def finds(clerk: Caller, query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = clerk.says("GET", f"/staff/v1/products?{query}")["items"]
    return items


def variant(product: dict[str, Any], sku: str) -> dict[str, Any]:
    return next(each for each in product["variants"] if each["sku"] == sku)


# --- Articles ------------------------------------------------------------------------------------------------


def test_words_find_products_with_price_and_stock_of_every_variant(clerk: Caller, now: datetime) -> None:
    index(now)

    (sofa,) = finds(clerk, "q=sofa")

    assert (sofa["name"], sofa["product"]) == ("Aava sofa", "aava-sofa")
    sand = variant(sofa, SAND)
    assert sand["options"] == [{"label": "Fabric", "value": "Sand"}]
    assert sand["price"]["gross"] == {"amount": "1299.00", "currency": "EUR"}
    assert sand["here"] == {"units": 50, "place": None}
    assert sand["elsewhere"] == []
    assert not any(each["asked"] for each in sofa["variants"])


@pytest.mark.parametrize("query", [f"sku={SAND}", f"sku={SAND.lower()}", f"q={SAND.lower()}"])
def test_a_sku_finds_its_article_among_its_siblings(clerk: Caller, query: str) -> None:
    (sofa,) = finds(clerk, query)

    assert {each["sku"]: each["asked"] for each in sofa["variants"]} == {SAND: True, MOSS: False}


def test_the_aisle_is_the_one_of_her_own_store(clerk: Caller, world: World) -> None:
    with open_transaction():
        place_items(location=HELSINKI, places={SAND: "A-04-2"})
        place_items(location=TAMPERE, places={SAND: "C-01-1"})

    (here,), (there,) = finds(clerk, f"sku={SAND}"), finds(world.person("clerk_y"), f"sku={SAND}")

    assert variant(here, SAND)["here"]["place"] == "A-04-2"
    assert variant(there, SAND)["here"] == {"units": 0, "place": "C-01-1"}


def test_what_stands_elsewhere_is_told_by_place(world: World, clerk: Caller, now: datetime) -> None:
    with open_transaction():
        receive_stock(location=TAMPERE, units={SAND: 3}, by=BY, now=now)

    (sofa,) = finds(clerk, f"sku={SAND}")

    assert variant(sofa, SAND)["elsewhere"] == [
        {"location": TAMPERE, "kind": "store", "name": "Polku Tampere", "units": 3}
    ]


@pytest.mark.parametrize(
    ("scanned", "said"), [("6416453014763", "6416453014763"), ("012345678905", "012345678905")]
)
def test_what_a_scanner_reads_finds_the_article_whose_packing_says_it(
    shop: Shop, clerk: Caller, now: datetime, scanned: str, said: str
) -> None:
    with open_transaction():
        define_attribute(draft=AttributeDraft(code="ean", type="gtin", labels={"en": "EAN"}), now=now)
        set_price(price_list=LIST, sku="RUG", minor=9_900, by=BY, now=now)
    shop.publishes("rug", named(en="Rug", fi="Matto"), {"RUG": {"ean": {"*": {"*": said}}}})

    for gtin in (scanned, scanned.zfill(14), scanned.zfill(13)):
        (rug,) = finds(clerk, f"gtin={gtin}")
        assert variant(rug, "RUG")["asked"]
        assert variant(rug, "RUG")["gtin"] == said.zfill(14)
    shop.withdraws("rug")
    assert finds(clerk, f"gtin={scanned}") == []


@pytest.mark.parametrize(
    "query", ["gtin=4006381333931", "gtin=00000000000000", "gtin=x", "sku=NOT-ONE", "q=qwertz"]
)
def test_what_nobody_sells_is_not_found(clerk: Caller, query: str) -> None:
    assert finds(clerk, query) == []


@pytest.mark.parametrize("query", ["", "?q=sofa&sku=SOFA-SAND", "?name=sofa"])
def test_articles_are_asked_for_in_one_way(clerk: Caller, query: str) -> None:
    assert clerk.is_refused("GET", f"/staff/v1/products{query}") == (400, "unknown_filter")


def test_looking_articles_up_costs_the_same_for_one_and_for_many(
    shop: Shop, clerk: Caller, now: datetime
) -> None:
    with open_transaction():
        for number in range(12):
            set_price(price_list=LIST, sku=f"VASE-{number}", minor=1_000, by=BY, now=now)
    for number in range(12):
        shop.publishes(f"vase-{number}", named(en=f"Vase {number}"), {f"VASE-{number}": {}})
    index(now)
    finds(clerk, "q=kaisla")

    with statements() as for_one:
        assert len(finds(clerk, "q=kaisla")) == 1
    with statements() as for_many:
        assert len(finds(clerk, "q=vase")) == 12
    assert len(for_many) == len(for_one)


# --- Whom she serves -----------------------------------------------------------------------------------------


def test_she_sees_which_carts_are_open_to_her_and_nobody_else_does(world: World, clerk: Caller) -> None:
    first, second = filled_cart(world.guest()), filled_cart(world.guest(), **{CUSHION: 3})
    for cart in (first, second):
        hand_over(cart, clerk)

    items = clerk.says("GET", "/staff/v1/carts")["items"]

    assert [item["id"] for item in items] == [str(second.cart_id), str(first.cart_id)]
    assert (items[0]["units"], items[0]["goods"]) == (3, {"amount": "119.70", "currency": "EUR"})
    assert world.person("clerk_y").says("GET", "/staff/v1/carts") == {"items": []}
    clerk.says("POST", f"{second.staff_path}/close", {})
    place(ready_cart(world.guest()))
    assert [item["id"] for item in clerk.says("GET", "/staff/v1/carts")["items"]] == [str(first.cart_id)]


def test_an_opened_cart_says_what_was_done_last_and_by_whom(world: World, clerk: Caller) -> None:
    cart = filled_cart(world.guest(), **{SAND: 1, CUSHION: 1})
    cart.shopper.says("PATCH", f"{cart.path}/lines/{cart.line(CUSHION)['id']}", {"quantity": 2})
    hand_over(cart, clerk)
    clerk.says("POST", f"{cart.staff_path}/lines", {"sku": MOSS, "quantity": 1})

    recent = clerk.says("GET", cart.staff_path)["recent"]

    assert [(each["by"]["label"], each["sku"], each["before"], each["after"]) for each in recent] == [
        ("Clerk X", MOSS, 0, 1),
        ("", CUSHION, 1, 2),
        ("", CUSHION, 0, 1),
        ("", SAND, 0, 1),
    ]
    assert recent[0]["by"] == {"kind": "clerk", "label": "Clerk X", "store": HELSINKI}
    assert "recent" not in cart.shopper.says("GET", cart.path)


def test_she_gives_the_cart_back_to_be_paid_and_its_shopper_is_told(world: World, clerk: Caller) -> None:
    cart = filled_cart(world.guest())
    hand_over(cart, clerk)
    assert cart.shopper.says("GET", cart.path)["handed_back"] is None

    clerk.says("POST", f"{cart.staff_path}/close", {"to_pay": True, "message": "The cushions are on me!"})

    told = cart.shopper.says("GET", cart.path)
    assert told["actors"] == []
    assert told["handed_back"] == {
        "label": "Clerk X",
        "store": HELSINKI,
        "at": told["handed_back"]["at"],
        "message": "The cushions are on me!",
    }
    hand_over(cart, clerk)
    assert cart.shopper.says("GET", cart.path)["handed_back"] is None


def test_a_cart_that_is_merely_closed_says_nothing(world: World, clerk: Caller) -> None:
    cart = filled_cart(world.guest())
    hand_over(cart, clerk)

    clerk.says("POST", f"{cart.staff_path}/close", {})

    assert cart.shopper.says("GET", cart.path)["handed_back"] is None


# --- What is fetched, and whose order ------------------------------------------------------------------------


@pytest.fixture
def bought(world: World, clerk: Caller) -> Bought:
    """An order that is packed, and fetched where the clerk works."""
    order = place(ready_cart(world.guest(), **{SAND: 1, CUSHION: 2}))
    OrderDelivery.objects.filter(order__public_id=order.order_id).update(pickup_at=F("location"))
    clerk.says("POST", f"{order.staff_path}/parcels", {})
    return order


def test_pick_ups_say_who_comes_for_what(bought: Bought, world: World, clerk: Caller) -> None:
    (waiting,) = clerk.says("GET", "/staff/v1/parcels")["items"]

    assert (waiting["number"], waiting["buyer"]) == (bought.body["number"], "Aino Virtanen")
    assert waiting["state"] == "ready_for_pickup"
    assert {line["sku"]: line["quantity"] for line in waiting["lines"]} == {SAND: 1, CUSHION: 2}
    assert "pickup_code" not in waiting
    assert world.person("clerk_y").says("GET", "/staff/v1/parcels") == {"items": []}


def test_pick_ups_are_found_by_number_as_it_is_read_out(bought: Bought, clerk: Caller) -> None:
    number = bought.body["number"].replace("-", " ").replace("0", "o").lower()

    assert len(clerk.says("GET", f"/staff/v1/parcels?number={number}")["items"]) == 1
    assert clerk.says("GET", "/staff/v1/parcels?number=00000-00000") == {"items": []}


def test_what_was_fetched_leaves_the_list(bought: Bought, clerk: Caller, world: World) -> None:
    (waiting,) = clerk.says("GET", "/staff/v1/parcels")["items"]
    code = bought.shopper.says("GET", f"{bought.path}/tracking")["parcels"][0]["pickup_code"]

    clerk.says("POST", f"/staff/v1/parcels/{waiting['id']}/hand-out", {"code": code})

    assert clerk.says("GET", "/staff/v1/parcels") == {"items": []}
    (fetched,) = clerk.says("GET", "/staff/v1/parcels?state=delivered")["items"]
    assert fetched["delivered_at"]


def test_an_order_is_found_by_its_number_where_it_leaves_from(
    bought: Bought, world: World, clerk: Caller
) -> None:
    path = f"/staff/v1/orders?number={bought.body['number'].lower()}"

    (order,) = clerk.says("GET", path)["items"]

    assert order["id"] == str(bought.order_id)
    assert world.person("clerk_y").says("GET", path) == {"items": []}
    assert clerk.is_refused("GET", "/staff/v1/orders") == (400, "required")


def test_who_works_there_no_longer_finds_nothing_of_the_place(bought: Bought, clerk: Caller) -> None:
    StaffAssignment.objects.all().delete()

    assert clerk.says("GET", "/staff/v1/parcels") == {"items": []}
    assert clerk.says("GET", f"/staff/v1/orders?number={bought.body['number']}") == {"items": []}
