"""From the promise before any cart to the one in the order: prices, places, pick-up, and being held to it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.invariants import check
from customers.record.models import Customer, CustomerAddress
from orders.agreement.models import Order, OrderDelivery
from orders.api import (
    DeliveryKind,
    DeliveryTerms,
    LocationCard,
    create_location,
    set_delivery_option,
    set_stock,
)
from orders.payment.models import Invoice
from orders.stock.models import StockLevel
from shop.cart.models import Cart
from tests.callers import Caller, etag, problem
from tests.factories.goods import CUSHION, HELSINKI, MOSS, SAND, TAMPERE, UNPUBLISHED
from tests.factories.world import Basket, World, filled_cart, place, place_unpaid, ready_cart
from tests.unchanged import nothing_happens
from tests.wire import ON_INVOICE

BY = system("tests")
ALL_WEEK = (((time(0), time(23, 59)),),) * 7
WAREHOUSE = "LAHTI"


def terms(**changes: Any) -> DeliveryTerms:
    """Five working days by lorry, in all."""
    return DeliveryTerms(
        **{
            "labels": {"fi": "Nouto", "en": "Collect"},
            "countries": ["FI"],
            "gross_minor": 0,
            "currency": "EUR",
            "tax_class": "standard",
            "cut_off": time(14),
            "time_zone": "Europe/Helsinki",
            "earliest_days": 3,
            "latest_days": 5,
            "position": 1,
            **changes,
        }
    )


def location(code: str, **changes: Any) -> LocationCard:
    return LocationCard(
        **{
            "code": code,
            "kind": "store",
            "name": code,
            "street": "Kauppakatu 1",
            "postcode": "00100",
            "city": code,
            "country": "FI",
            "time_zone": "Europe/Helsinki",
            "ships": False,
            "priority": 5,
            **changes,
        }
    )


@pytest.fixture
def places(world: World, now: datetime) -> Iterator[World]:
    """Helsinki and a warehouse send; in Tampere, which is always open, goods can be fetched."""
    with open_transaction():
        create_location(location=location(TAMPERE, hands_over=True, opening_hours=ALL_WEEK))
        create_location(location=location(WAREHOUSE, kind="warehouse", ships=True))
        set_delivery_option(code="store", terms=terms(kind=DeliveryKind.STORE))
    yield world
    assert check(now=now) == []


def stand(now: datetime, **units: dict[str, int]) -> None:
    """So many units stand there: `stand(now, LAHTI={SAND: 1})`."""
    with open_transaction():
        for code, counted in units.items():
            set_stock(location=code, units=counted, by=BY, now=now)
    run_pending(now=now)


def options(cart: Basket) -> dict[tuple[str, str | None], Any]:
    (group,) = cart.shopper.says("GET", f"{cart.path}/delivery-options")["groups"]
    return {(offer["option"], offer["store"]): offer for offer in group["options"]}


def promises(guest: Caller, sku: str, postcode: str = "00100") -> dict[tuple[str, str | None], Any]:
    where = f"&postal_code={postcode}" if postcode else ""
    body = guest.says("GET", f"/store/v1/delivery-promises?variant={sku}&locale=en{where}")
    return {(offer["option"], offer["store"]): offer for offer in body["items"]}


def _refused(who: Caller, method: str, path: str, body: Any, **headers: str) -> dict[str, Any]:
    return problem(who.tries(method, path, body, **headers))


def sent_from() -> dict[str, list[str]]:
    """`{location: [sku, ...]}` of the only order's deliveries."""
    return {
        row.location.code: [line.sku for line in row.lines.all()]
        for row in OrderDelivery.objects.select_related("location")
    }


# --- Before any cart ---------------------------------------------------------------------------------------


def test_what_is_promised_before_any_cart_is_what_the_order_says(places: World, now: datetime) -> None:
    before = promises(places.guest(), SAND)["parcel", None]

    cart = ready_cart(places.guest(), **{SAND: 1})
    offered = options(cart)["parcel", None]
    bought = place(cart)

    order = bought.shopper.says("GET", bought.path)
    assert before["available"] is True
    assert before["price"] == offered["price"] == order["deliveries"][0]["price"]
    assert before["promise"] == offered["promise"] == order["deliveries"][0]["promise"]


def test_promises_can_be_cached_and_asked_again(places: World) -> None:
    guest, path = places.guest(), f"/store/v1/delivery-promises?variant={SAND}"

    first = guest.tries("GET", path)
    again = guest.tries("GET", path, If_None_Match=first["ETag"])

    assert first["Cache-Control"].startswith("public, max-age=")
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_not_sold_is_not_promised(places: World) -> None:
    for sku in (UNPUBLISHED, "NOBODY"):
        path = f"/store/v1/delivery-promises?variant={sku}"
        assert places.guest().is_refused("GET", path) == (404, "not_found")


@pytest.mark.parametrize(
    ("postcode", "reason"), [("22100", "zone_not_served"), ("00100", "too_heavy"), ("", "postcode_missing")]
)
def test_a_promise_that_cannot_be_made_says_why(places: World, postcode: str, reason: str) -> None:
    with open_transaction():
        set_delivery_option(code="parcel", terms=terms(gross_minor=None, rates=[("fi-south", 100, 590)]))

    offer = promises(places.guest(), SAND, postcode)["parcel", None]

    assert (offer["available"], offer["reason"], offer["price"]) == (False, reason, None)


# --- Where goods come from ---------------------------------------------------------------------------------


def test_an_order_is_split_when_no_warehouse_has_everything(places: World, now: datetime) -> None:
    stand(now, HELSINKI={SAND: 0, CUSHION: 5}, LAHTI={SAND: 5, CUSHION: 0})
    cart = ready_cart(places.guest(), **{SAND: 1, CUSHION: 2})

    (delivery,) = cart.shopper.says("GET", cart.path)["deliveries"]
    bought = place(cart)

    assert [shipment["location"] for shipment in delivery["chosen"]["shipments"]] == [HELSINKI, WAREHOUSE]
    assert sent_from() == {HELSINKI: [CUSHION], WAREHOUSE: [SAND]}
    order = bought.shopper.says("GET", bought.path)
    prices = [one["price"]["amount"] for one in order["deliveries"]]
    assert prices == [order["totals"]["delivery"]["amount"], "0.00"], "one price, on the first"


def test_goods_are_fetched_from_the_stores_own_stock_at_once(places: World, now: datetime) -> None:
    stand(now, TAMPERE={SAND: 1})
    cart = ready_cart(places.guest(), **{SAND: 1})

    wish = {"option": "store", "store": TAMPERE}
    body = cart.shopper.says("PUT", f"{cart.path}/deliveries/main", wish)
    place(cart)

    chosen = body["deliveries"][0]["chosen"]
    assert (chosen["kind"], chosen["store"], chosen["price"]["amount"]) == ("store", TAMPERE, "0.00")
    (delivery,) = OrderDelivery.objects.select_related("location", "pickup_at")
    assert (delivery.location.code, delivery.kind) == (TAMPERE, "store")
    assert delivery.pickup_at is not None
    assert delivery.pickup_at.code == TAMPERE
    assert StockLevel.objects.get(location__code=TAMPERE, sku=SAND).reserved == 1
    assert (delivery.promised_until_on - now.date()).days <= 1


def to_be_fetched(shopper: Caller, now: datetime) -> Basket:
    """A cart to be fetched in a store, of somebody who says who she is and not where she lives."""
    stand(now, TAMPERE={SAND: 1})
    cart = filled_cart(shopper, **{SAND: 1})
    cart.shopper.says("PATCH", cart.path, {"email": "aino@example.fi", "name": "Aino Virtanen"})
    body = cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "store", "store": TAMPERE})
    return replace(cart, body=body)


def test_who_fetches_her_goods_need_not_say_where_she_lives(places: World, now: datetime) -> None:
    cart = to_be_fetched(places.guest(), now)
    assert cart.body["requirements"] == []

    bought = place_unpaid(cart)
    run_pending(now=now)

    order = bought.shopper.says("GET", bought.path)
    (delivery,) = order["deliveries"]
    assert delivery["pickup_at"]["city"] == TAMPERE
    assert delivery["address"]["name"] == "Aino Virtanen"
    assert (delivery["address"]["street"], delivery["address"]["city"]) == ("", "")
    assert Customer.objects.get().name == "Aino Virtanen"
    assert not CustomerAddress.objects.exists()
    assert check(now=now) == []


def test_goods_that_are_sent_need_an_address_after_all(places: World, now: datetime) -> None:
    cart = to_be_fetched(places.guest(), now)

    body = cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "parcel"})

    missing = ["street_missing", "postcode_missing", "city_missing"]
    assert [each["code"] for each in body["requirements"]] == missing


def test_an_invoice_needs_an_address_whoever_fetches_the_goods(places: World, now: datetime) -> None:
    cart = to_be_fetched(places.guest(), now)
    methods = cart.shopper.says("GET", f"{cart.path}/payment-methods")["methods"]

    told = _refused(cart.shopper, "POST", f"{cart.path}/place", ON_INVOICE, If_Match=etag(cart.version))

    assert {each["code"]: each["reason"] for each in methods}["invoice"] == "address_missing"
    assert (told["code"], told["reason"]) == ("payment_method_unavailable", "address_missing")
    assert not Order.objects.exists()
    assert StockLevel.objects.get(location__code=TAMPERE, sku=SAND).reserved == 0


def test_an_order_without_an_address_is_not_invoiced_on_the_second_try_either(
    places: World, now: datetime
) -> None:
    bought = place_unpaid(to_be_fetched(places.guest(), now))

    told = _refused(bought.shopper, "POST", f"{bought.path}/payments", {"payment_method": "invoice"})

    assert (told["code"], told["reason"]) == ("payment_method_unavailable", "address_missing")
    assert bought.shopper.says("GET", bought.path)["state"] == "pending_payment"


def test_who_fetches_her_goods_and_says_her_address_gets_an_invoice(places: World, now: datetime) -> None:
    cart = to_be_fetched(places.guest(), now)
    where = {"street": "Kauppakatu 7", "postcode": "33200", "city": "Tampere"}
    body = cart.shopper.says("PATCH", cart.path, where)

    bought = place(replace(cart, body=body))

    assert Invoice.objects.get().billed_to["street"] == "Kauppakatu 7"
    assert bought.body["state"] == "confirmed"


def test_what_the_store_does_not_have_comes_from_a_warehouse_with_a_later_promise(
    places: World, now: datetime
) -> None:
    stand(now, TAMPERE={SAND: 1, CUSHION: 1})
    one, two = (ready_cart(places.guest(), **{SAND: units}) for units in (1, 2))

    soon, late = (options(cart)["store", TAMPERE] for cart in (one, two))

    assert soon["promise"]["latest_on"] < late["promise"]["latest_on"]
    assert [shipment["location"] for shipment in late["shipments"]] == [HELSINKI]


# --- Being held to it --------------------------------------------------------------------------------------


def test_a_promise_that_became_later_is_told_before_she_orders(places: World, now: datetime) -> None:
    stand(now, TAMPERE={SAND: 1})
    cart = ready_cart(places.guest(), **{SAND: 1})
    cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "store", "store": TAMPERE})
    stand(now, TAMPERE={SAND: 0})

    with nothing_happens():
        answer = _refused(
            cart.shopper,
            "POST",
            f"{cart.path}/place",
            {"payment_method": "invoice", "acknowledgements": ["terms", "withdrawal"]},
            If_Match=etag(cart.version),
        )
    accepted = cart.shopper.says("PATCH", cart.path, {})

    assert (answer["status"], answer["code"]) == (409, "promise_changed")
    (change,) = answer["changes"]
    assert (change["option"], change["store"]) == ("store", TAMPERE)
    assert change["old"]["latest_on"] < change["new"]["latest_on"]
    assert accepted["changes"] == []
    assert accepted["deliveries"][0]["chosen"]["promise"] == change["new"]
    place(cart)
    assert sent_from() == {HELSINKI: [SAND]}


def test_a_promise_of_last_week_is_not_kept_for_ever(places: World, now: datetime) -> None:
    cart = ready_cart(places.guest(), **{SAND: 1})
    told = (now - timedelta(days=7)).date()
    Cart.objects.filter(public_id=cart.cart_id).update(promised_from_on=told, promised_until_on=told)

    changes = cart.shopper.says("GET", cart.path)["changes"]

    assert [change["code"] for change in changes] == ["promise_changed"]


# --- What cannot be chosen ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"option": "drone"}, "not_offered"),
        ({"option": "store"}, "not_offered"),
        ({"option": "store", "store": HELSINKI}, "not_offered"),
        ({"option": "parcel", "store": TAMPERE}, "not_offered"),
        ({"option": "store", "store": TAMPERE}, "out_of_stock"),
    ],
)
def test_a_delivery_that_is_not_of_this_cart_is_refused(
    places: World, now: datetime, wish: dict[str, str], reason: str
) -> None:
    with open_transaction():
        create_location(location=location(HELSINKI, ships=False))
        create_location(location=location(WAREHOUSE, kind="warehouse", ships=False))
        create_location(location=location("OULU", hands_over=True, opening_hours=ALL_WEEK))
    stand(now, OULU={MOSS: 1})
    cart = filled_cart(places.guest(), **{MOSS: 1})

    with nothing_happens():
        answer = _refused(cart.shopper, "PUT", f"{cart.path}/deliveries/main", wish)

    assert (answer["status"], answer["code"], answer["reason"]) == (422, "shipping_not_available", reason)


def test_a_number_nobody_can_be_called_under_is_refused(world: World) -> None:
    cart = filled_cart(world.guest(), **{SAND: 1})

    for phone in ("+1e9", "call me", "0800 FLOWERS", "12", "+358 40 123 4567 89 01 23 45"):
        answer = _refused(cart.shopper, "PATCH", cart.path, {"phone": phone})
        assert (answer["status"], answer["errors"][0]["code"]) == (400, "invalid_phone"), phone
    for phone in ("040 123 4567", "+358 40 123 4567", "(09) 123-4567", "+46 8 123 456"):
        assert cart.shopper.says("PATCH", cart.path, {"phone": phone})["contact"]["phone"] == phone


def test_two_lines_of_one_article_are_counted_together(world: World, now: datetime) -> None:
    cart = ready_cart(world.guest(), **{SAND: 3})
    row = Cart.objects.get(public_id=cart.cart_id)
    row.lines.create(
        sku=SAND, configuration="legs-oak", quantity=3, unit_gross_minor=129_900, added_by_kind="guest",
        added_at=now,
    )  # fmt: skip
    stand(now, HELSINKI={SAND: 5})

    body = cart.shopper.says("GET", cart.path)
    with nothing_happens():
        answer = _refused(
            cart.shopper,
            "POST",
            f"{cart.path}/place",
            {"payment_method": "invoice", "acknowledgements": ["terms", "withdrawal"]},
            If_Match=etag(cart.version),
        )

    told = [(change["code"], change["sku"], change["available"]) for change in body["changes"]]
    assert told == [("out_of_stock", SAND, 5)] * 2
    assert (answer["status"], answer["code"], answer["short"]) == (409, "out_of_stock", {SAND: 1})
    assert answer["changes"] == body["changes"]
