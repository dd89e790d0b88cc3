"""From a filled cart to an order: all of it or nothing, and once."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.invariants import check
from config.kernel.models import StoredEvent
from config.kernel.roles import as_owner
from orders.agreement.models import Order
from orders.api import DeliveryTerms, set_delivery_option, set_stock
from orders.stock.models import StockLevel
from tests.callers import etag, problem
from tests.factories.goods import CUSHION, DELIVERY_PRICE, HELSINKI, MOSS, PRICES, SAND
from tests.factories.world import (
    ADDRESS,
    Basket,
    World,
    filled_cart,
    hand_over,
    place,
    ready_cart,
)
from tests.shop.conftest import Shop
from tests.unchanged import nothing_happens
from tests.wire import ON_INVOICE

BY = system("tests")


@pytest.fixture
def cart(world: World) -> Basket:
    """A guest's cart with a sofa and two cushions that lacks nothing."""
    return ready_cart(world.guest(), **{SAND: 1, CUSHION: 2})


def tries_to_place(cart: Basket, wish: Any = None, **headers: str) -> Any:
    headers = {"If_Match": etag(cart.version)} | headers
    return cart.shopper.tries("POST", f"{cart.path}/place", wish or ON_INVOICE, **headers)


def reserved() -> dict[str, int]:
    return dict(StockLevel.objects.filter(reserved__gt=0).values_list("sku", "reserved"))


def test_the_order_is_what_the_cart_was(cart: Basket, now: datetime) -> None:
    before = cart.shopper.says("GET", cart.path)

    response = tries_to_place(cart)
    receipt = response.json()

    assert response.status_code == 201
    assert response["Location"] == f"/store/v1/orders/{receipt['id']}"
    assert (receipt["state"], receipt["total"]) == ("confirmed", before["totals"]["total"])
    assert receipt["payment"] == {
        "attempt_id": receipt["payment"]["attempt_id"],
        "method": "invoice",
        "status": receipt["payment"]["status"],
        "next_action": {"type": "none"},
    }
    order = cart.shopper.says("GET", response["Location"], X_Order_Secret=receipt["secret"])
    assert [(line["sku"], line["quantity"], line["gross"]) for line in order["lines"]] == [
        (line["sku"], line["quantity"], line["line_total"]) for line in before["lines"]
    ]
    assert order["totals"]["total"] == before["totals"]["total"]
    assert order["totals"]["taxes"] == before["totals"]["taxes"]
    assert order["contact"]["email"] == ADDRESS["email"]
    assert order["deliveries"][0]["promise"] == before["deliveries"][0]["chosen"]["promise"]
    assert reserved() == {SAND: 1, CUSHION: 2}
    assert check(now=now) == []


def test_the_cart_names_its_order_from_then_on(cart: Basket) -> None:
    bought = place(cart)

    body = cart.shopper.says("GET", cart.path)

    assert (body["state"], body["order_id"]) == ("consumed", str(bought.order_id))
    assert (body["changes"], len(body["lines"])) == ([], 2)


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("PATCH", "", {"city": "Espoo"}),
        ("POST", "/lines", {"sku": CUSHION, "quantity": 1}),
        ("PUT", "/deliveries/main", {"option": "parcel"}),
        ("POST", "/hand-over-codes", {}),
        ("POST", "/take-back", {}),
    ],
)
def test_nothing_can_be_changed_in_a_cart_that_was_ordered(
    cart: Basket, method: str, tail: str, body: Any
) -> None:
    bought = place(cart)

    with nothing_happens():
        response = cart.shopper.tries(method, cart.path + tail, body)

    answer = problem(response)
    assert (answer["status"], answer["code"], answer["order_id"]) == (
        409,
        "cart_consumed",
        str(bought.order_id),
    )
    assert response["Location"] == bought.path


def test_the_same_request_again_gets_the_same_order(cart: Basket) -> None:
    version = cart.version
    first = tries_to_place(cart, Idempotency_Key="once")

    with nothing_happens():
        again = tries_to_place(cart, Idempotency_Key="once", If_Match=etag(version))

    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert again["Location"] == first["Location"]


def test_a_shopper_needs_no_secret_for_her_order(world: World) -> None:
    bought = place(ready_cart(world.person("shopper_a")))

    assert "secret" not in bought.body
    assert world.person("shopper_a").says("GET", bought.path)["number"] == bought.body["number"]


def test_whoever_signs_in_with_a_guests_cart_still_gets_to_its_order(world: World) -> None:
    cart = ready_cart(world.guest())
    signed_in = world.person("shopper_a", X_Cart_Secret=cart.shopper.headers["X_Cart_Secret"])

    bought = place(Basket(shopper=signed_in, cart_id=cart.cart_id, body=cart.body))

    assert bought.shopper.says("GET", bought.path)["id"] == str(bought.order_id)


def test_the_order_says_which_lines_a_clerk_added(world: World) -> None:
    cart, clerk = ready_cart(world.guest()), world.person("clerk_x")
    hand_over(cart, clerk)
    clerk.says("POST", f"{cart.staff_path}/lines", {"sku": CUSHION, "quantity": 1})

    bought = place(cart)

    lines = bought.shopper.says("GET", bought.path)["lines"]
    assert [(line["sku"], line["added_by"]) for line in lines] == [(SAND, ""), (CUSHION, "Clerk X")]


def test_an_order_is_told_as_placed_and_confirmed(cart: Basket) -> None:
    bought = place(cart)

    told = StoredEvent.objects.filter(about=bought.order_id).order_by("id").values_list("name", flat=True)
    assert list(told) == ["orders.order_placed", "orders.order_confirmed"]


@pytest.mark.parametrize("missing", ["email", "name", "street", "postcode", "city"])
def test_an_order_needs_to_know_who_and_where(world: World, missing: str) -> None:
    cart = filled_cart(world.guest())
    cart.shopper.says("PATCH", cart.path, {name: value for name, value in ADDRESS.items() if name != missing})
    cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "parcel"})

    with nothing_happens():
        answer = problem(tries_to_place(cart))

    assert (answer["status"], answer["code"]) == (422, "requirements_missing")
    step = "contact" if missing == "email" else "address"
    assert answer["requirements"] == [{"step": step, "field": missing, "code": f"{missing}_missing"}]


def test_a_telephone_number_need_not_be_given(world: World) -> None:
    cart = filled_cart(world.guest())
    cart.shopper.says("PATCH", cart.path, {name: value for name, value in ADDRESS.items() if name != "phone"})
    cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "parcel"})

    assert tries_to_place(cart).status_code == 201


def test_more_than_there_is_is_refused_with_what_is_missing(world: World, now: datetime) -> None:
    cart = ready_cart(world.guest(), **{SAND: 3, CUSHION: 60, MOSS: 1})
    with open_transaction():
        set_stock(location=HELSINKI, units={SAND: 1}, by=BY, now=now)

    with nothing_happens():
        answer = problem(tries_to_place(cart))

    assert (answer["status"], answer["code"]) == (409, "out_of_stock")
    assert answer["short"] == {SAND: 2, CUSHION: 10}
    assert reserved() == {}


def test_after_a_refusal_she_may_change_the_cart_and_place_it_with_the_same_key(world: World) -> None:
    cart = ready_cart(world.guest(), **{CUSHION: 60})
    assert problem(tries_to_place(cart, Idempotency_Key="k"))["code"] == "out_of_stock"
    cart.shopper.says("PATCH", f"{cart.path}/lines/{cart.line(CUSHION)['id']}", {"quantity": 50})

    assert tries_to_place(cart, Idempotency_Key="k2").status_code == 201
    assert reserved() == {CUSHION: 50}


def test_what_is_no_longer_sold_keeps_the_cart_from_being_ordered(cart: Basket, shop: Shop) -> None:
    shop.withdraws("cushion")

    with nothing_happens():
        answer = problem(tries_to_place(cart))

    assert (answer["status"], answer["code"], answer["sku"]) == (409, "not_available", CUSHION)
    cart.shopper.says("DELETE", f"{cart.path}/lines/{cart.line(CUSHION)['id']}")
    assert tries_to_place(cart).status_code == 201


def _delivery(gross_minor: int, countries: list[str]) -> None:
    terms = DeliveryTerms(
        labels={"en": "Home delivery"},
        countries=countries,
        gross_minor=gross_minor,
        currency="EUR",
        tax_class="standard",
        cut_off=time(14),
        time_zone="Europe/Helsinki",
        earliest_days=2,
        latest_days=4,
    )
    with open_transaction():
        set_delivery_option(code="parcel", terms=terms)


def test_a_delivery_that_became_dearer_is_told_and_accepted(cart: Basket) -> None:
    _delivery(gross_minor=9_900, countries=["FI"])

    with nothing_happens():
        answer = problem(tries_to_place(cart))

    assert (answer["status"], answer["code"]) == (409, "price_changed")
    assert answer["changes"] == [
        {
            "code": "price_changed",
            "option": "parcel",
            "old": {"amount": "49.00", "currency": "EUR"},
            "new": {"amount": "99.00", "currency": "EUR"},
        }
    ]
    cart.shopper.says("PATCH", cart.path, {})
    assert (
        Decimal(tries_to_place(cart).json()["total"]["amount"])
        == Decimal(PRICES[SAND] + 2 * PRICES[CUSHION] + 9_900) / 100
    )


def test_a_delivery_that_is_no_longer_offered_must_be_chosen_anew(cart: Basket) -> None:
    _delivery(gross_minor=DELIVERY_PRICE, countries=["AX"])

    with nothing_happens():
        answer = problem(tries_to_place(cart))
    assert (answer["status"], answer["code"]) == (422, "shipping_not_available")

    body = cart.shopper.says("PATCH", cart.path, {})
    assert body["requirements"] == [{"step": "delivery", "field": "option", "code": "delivery_missing"}]


@pytest.mark.parametrize(
    ("header", "status", "code"), [("", 428, "precondition_required"), ('"v1"', 412, "version_conflict")]
)
def test_an_order_is_for_the_version_she_saw(cart: Basket, header: str, status: int, code: str) -> None:
    with nothing_happens():
        answer = problem(tries_to_place(cart, If_Match=header))

    assert (answer["status"], answer["code"]) == (status, code)


@pytest.mark.parametrize(
    ("method", "reason"), [("card", "not_set_up"), ("INVOICE", "unknown"), ("invoice'", "unknown")]
)
def test_a_way_to_pay_that_there_is_not_is_refused(cart: Basket, method: str, reason: str) -> None:
    with nothing_happens():
        answer = problem(tries_to_place(cart, {**ON_INVOICE, "payment_method": method}))

    assert (answer["status"], answer["code"]) == (422, "payment_method_unavailable")
    assert (answer["payment_method"], answer["reason"]) == (method, reason)


def test_the_customer_record_knows_of_it_a_moment_later(cart: Basket, world: World, now: datetime) -> None:
    bought = place(cart)
    run_pending(now=now)

    events = world.person("system").says("GET", "/system/v1/events?limit=500")["items"]
    (recorded,) = [event for event in events if event["type"] == "customers.customer_recorded"]
    customer = world.person("system").says("GET", f"/system/v1/customers/{recorded['data']['customer_ref']}")
    assert customer["name"] == ADDRESS["name"]
    assert [step["kind"] for step in customer["timeline"]] == ["order_placed", "order_confirmed"]
    assert {step["about"] for step in customer["timeline"]} == {str(bought.order_id)}


@pytest.mark.parametrize(
    ("field", "text"),
    [("name", "4242 4242 4242 4242"), ("phone", "4242-4242-4242-4242"), ("street", "5555555555554444")],
)
def test_a_card_number_is_refused_in_any_field_and_written_nowhere(
    cart: Basket, field: str, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = problem(cart.shopper.tries("PATCH", cart.path, {field: text}))

    assert (answer["status"], answer["code"]) == (400, "card_data_not_accepted")
    said = capfd.readouterr()
    for digits in (text, text.replace(" ", "").replace("-", "")):
        assert digits not in str(answer) + said.out + said.err


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shop_cart SET order_ref = gen_random_uuid()",
        "UPDATE shop_cart SET state = 'open', order_ref = NULL, consumed_at = NULL",
        "UPDATE orders_order SET cart_ref = gen_random_uuid()",
    ],
)
def test_a_cart_that_is_not_one_order_breaks_a_rule(cart: Basket, now: datetime, statement: str) -> None:
    place(cart)
    assert "I10" not in {violation.code for violation in check(now=now)}

    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert "I10" in {violation.code for violation in check(now=now)}


@pytest.mark.parametrize(
    ("reads", "locale", "sofa", "delivery"),
    [
        ("en", "en", "Aava sofa", "Home delivery"),
        ("sv-FI, sv;q=0.9", "sv-FI", "Soffa Aava", "Hemleverans"),
        ("de", "fi", "Sohva Aava", "Kotiinkuljetus"),
        ("", "fi", "Sohva Aava", "Kotiinkuljetus"),
    ],
)
def test_the_order_is_in_the_language_that_she_reads_in_when_she_places_it(
    world: World, reads: str, locale: str, sofa: str, delivery: str
) -> None:
    cart = ready_cart(world.guest(), **{SAND: 1})

    bought = place(cart, **({"Accept_Language": reads} if reads else {}))

    order = bought.shopper.says("GET", f"/store/v1/orders/{bought.order_id}")
    assert cart.body["locale"] == "fi", "the cart was opened in the market's first language"
    assert [line["name"] for line in order["lines"]] == [sofa]
    assert [each["label"] for each in order["deliveries"]] == [delivery]
    assert Order.objects.get(public_id=bought.order_id).locale == locale, "which its messages are written in"
