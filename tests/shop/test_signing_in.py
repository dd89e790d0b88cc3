"""What becomes of a guest's cart and orders when she signs in."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.http import HttpResponse

from config.kernel.dispatcher import run_pending
from config.kernel.models import User
from customers.identity.models import Identity
from customers.record.models import ContactPoint, Customer
from orders.agreement.models import Order
from shop.cart.models import Cart, CartLine, LineTouch
from tests.browsers import Browser
from tests.callers import Caller
from tests.customers.test_sign_in import sign_in
from tests.factories.goods import CUSHION, KEY, SAND
from tests.factories.world import ADDRESS, Basket, World, place, ready_cart

pytestmark = pytest.mark.django_db
EMAIL = ADDRESS["email"]
SESSION = "/store/v1/session"


@pytest.fixture
def page(world: World) -> Browser:
    browser = Browser()
    browser.arrives()
    return browser


def fill(page: Caller, **units: int) -> dict[str, Any]:
    cart: dict[str, Any] = page.says("POST", "/store/v1/carts")
    for sku, quantity in units.items():
        cart = page.says("POST", f"/store/v1/carts/{cart['id']}/lines", {"sku": sku, "quantity": quantity})
    return cart


def units(cart: dict[str, Any]) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in cart["lines"]}


def comes_in(page: Browser, email: str = EMAIL, **body: Any) -> dict[str, Any]:
    assert sign_in(page, email).status_code == 200
    report: dict[str, Any] = page.says("POST", SESSION, body)
    return report


def test_a_guests_cart_becomes_hers(page: Browser) -> None:
    cart = fill(page, **{SAND: 1, CUSHION: 2})
    secret = page.client.cookies["cart"].value.partition(".")[2]

    report = comes_in(page, cart_id=cart["id"])

    assert (report["merged"], report["dropped"], report["repriced"]) == ([], [], [])
    assert report["cart"]["id"] == cart["id"]
    assert units(report["cart"]) == {SAND: 1, CUSHION: 2}
    row = Cart.objects.get(public_id=cart["id"])
    assert (row.owner_ref, row.secret_digest) == (User.objects.get(email__iexact=EMAIL).public_id, None)
    stranger = Caller(X_Cart_Secret=secret, X_Api_Key=KEY)
    assert stranger.is_refused("GET", f"/store/v1/carts/{cart['id']}") == (404, "not_found")
    assert page.client.cookies["cart"].value == ""
    assert page.says("GET", SESSION)["cart"] == {"id": cart["id"], "units": 3}


def test_what_stood_in_her_account_joins_the_cart_on_her_screen(page: Browser, world: World) -> None:
    other = Browser()
    other.arrives()
    comes_in(other)
    before = fill(other, **{CUSHION: 3})
    cart = fill(page, **{SAND: 1, CUSHION: 2})

    report = comes_in(page)

    assert report["cart"]["id"] == cart["id"]
    assert units(report["cart"]) == {SAND: 1, CUSHION: 5}
    assert [(line["sku"], line["units"]) for line in report["merged"]] == [(CUSHION, 3)]
    assert report["merged"][0]["name"]
    assert report["dropped"] == []
    assert other.says("GET", SESSION)["cart"] == {"id": cart["id"], "units": 6}
    old = other.tries("POST", f"/store/v1/carts/{before['id']}/lines", {"sku": SAND, "quantity": 1})
    assert (old.status_code, json.loads(old.content)["code"]) == (409, "cart_merged")
    assert json.loads(old.content)["cart_id"] == cart["id"]
    touched = LineTouch.objects.filter(cart__public_id=cart["id"], sku=CUSHION).order_by("pk").last()
    assert touched is not None
    assert (touched.quantity_before, touched.quantity_after) == (2, 5)


def test_it_is_told_once(page: Browser) -> None:
    other = Browser()
    other.arrives()
    comes_in(other)
    fill(other, **{CUSHION: 3})
    fill(page, **{SAND: 1})
    comes_in(page)

    again = page.says("POST", SESSION, {})

    assert again["merged"] == []
    assert units(again["cart"]) == {SAND: 1, CUSHION: 3}


def test_more_than_there_are_do_not_come_along(page: Browser, world: World) -> None:
    from orders.stock.models import StockLevel

    there = sum(StockLevel.objects.filter(sku=CUSHION).values_list("on_hand", flat=True))
    other = Browser()
    other.arrives()
    comes_in(other)
    fill(other, **{CUSHION: 5})
    fill(page, **{CUSHION: there - 2})

    report = comes_in(page)

    assert units(report["cart"]) == {CUSHION: there}
    assert [(line["units"], line["reason"]) for line in report["dropped"]] == [(3, "out_of_stock")]
    assert [line["units"] for line in report["merged"]] == [2]


def test_a_line_holds_no_more_than_it_can(page: Browser) -> None:
    other = Browser()
    other.arrives()
    comes_in(other)
    fill(other, **{CUSHION: 5})
    fill(page, **{CUSHION: 1})
    CartLine.objects.filter(quantity=1).update(quantity=997)
    from orders.stock.models import StockLevel

    StockLevel.objects.filter(sku=CUSHION).update(on_hand=5000)

    report = comes_in(page)

    assert [(line["units"], line["reason"]) for line in report["dropped"]] == [(3, "quantity_limit")]


def test_what_is_sold_no_more_is_left_behind_and_named(page: Browser) -> None:
    other = Browser()
    other.arrives()
    comes_in(other)
    fill(other, **{CUSHION: 1})
    CartLine.objects.update(sku="GONE")
    fill(page, **{SAND: 1})

    report = comes_in(page)

    assert report["dropped"] == [{"sku": "GONE", "name": "GONE", "units": 1, "reason": "not_available"}]
    assert units(report["cart"]) == {SAND: 1}


def test_new_prices_are_named(page: Browser) -> None:
    cart = fill(page, **{SAND: 1})
    CartLine.objects.update(unit_gross_minor=1)

    report = comes_in(page)

    (line,) = report["repriced"]
    assert (line["sku"], line["old"]) == (SAND, {"amount": "0.01", "currency": "EUR"})
    assert (
        line["new"] == report["cart"]["lines"][0]["unit_price"]["gross"]
        if "gross" in str(report["cart"]["lines"][0]["unit_price"])
        else line["new"]
    )
    assert report["cart"]["id"] == cart["id"]
    assert report["cart"]["changes"] == []


def test_a_clerk_who_had_the_accounts_cart_open_goes_on_with_the_one_it_joined(
    page: Browser, world: World
) -> None:
    other = Browser()
    other.arrives()
    comes_in(other)
    before = fill(other, **{CUSHION: 1})
    clerk = world.person("clerk_x")
    code = other.says("POST", f"/store/v1/carts/{before['id']}/hand-over-codes")["code"]
    clerk.says("POST", "/staff/v1/carts/open", {"code": code})
    cart = fill(page, **{SAND: 1})

    comes_in(page)

    assert units(clerk.says("GET", f"/staff/v1/carts/{cart['id']}")) == {SAND: 1, CUSHION: 1}
    assert clerk.is_refused("GET", f"/staff/v1/carts/{before['id']}") == (404, "not_found")


def test_a_clerk_keeps_the_guests_cart_open_while_she_signs_in(page: Browser, world: World) -> None:
    cart = fill(page, **{SAND: 1})
    clerk = world.person("clerk_x")
    code = page.says("POST", f"/store/v1/carts/{cart['id']}/hand-over-codes")["code"]
    clerk.says("POST", "/staff/v1/carts/open", {"code": code})

    comes_in(page)

    assert units(clerk.says("GET", f"/staff/v1/carts/{cart['id']}")) == {SAND: 1}


def test_what_she_said_in_either_cart_is_kept(page: Browser) -> None:
    other = Browser()
    other.arrives()
    comes_in(other)
    before = fill(other, **{CUSHION: 1})
    other.says("PATCH", f"/store/v1/carts/{before['id']}", ADDRESS)
    cart = fill(page, **{SAND: 1})
    page.says("PATCH", f"/store/v1/carts/{cart['id']}", {"name": "Aino V."})

    report = comes_in(page)

    assert report["cart"]["contact"]["name"] == "Aino V."
    assert report["cart"]["address"]["street"] == ADDRESS["street"]


@pytest.mark.parametrize("whose", ["a guest's", "another account's"])
def test_a_cart_of_somebody_else_is_not_taken(page: Browser, world: World, whose: str) -> None:
    theirs = ready_cart(world.guest() if whose == "a guest's" else world.person("shopper_b"))
    before = Cart.objects.get(public_id=theirs.cart_id)

    report = comes_in(page, cart_id=str(theirs.cart_id))

    assert report["cart"] is None
    after = Cart.objects.get(public_id=theirs.cart_id)
    assert (after.owner_ref, after.version) == (before.owner_ref, before.version)


def test_an_app_shows_the_secret_and_its_token(world: World) -> None:
    basket = ready_cart(world.guest())
    app = world.person("shopper_a", X_Cart_Secret=basket.shopper.headers["X_Cart_Secret"])

    report = app.says("POST", SESSION, {"cart_id": str(basket.cart_id)})

    assert report["cart"]["id"] == str(basket.cart_id)
    assert Cart.objects.get(public_id=basket.cart_id).owner_ref == world.users["shopper_a"].public_id
    assert not Identity.objects.exists(), "nobody has proved this account's address"


def test_nobody_in_particular_brings_no_carts_together(page: Browser) -> None:
    assert page.is_refused("POST", SESSION, {}) == (401, "not_authenticated")


def bought_as_guest(world: World, **details: str) -> Basket:
    basket = ready_cart(world.guest())
    basket.shopper.says("PATCH", basket.path, details)
    return basket


def settle(now: datetime) -> None:
    run_pending(now=now)


def test_what_she_bought_as_a_guest_is_hers_when_she_has_proved_the_address(
    page: Browser, world: World
) -> None:
    order = place(ready_cart(world.guest()))
    foreign = bought_as_guest(world, email="other@example.fi")
    other = place(
        Basket(
            shopper=foreign.shopper, cart_id=foreign.cart_id, body=foreign.shopper.says("GET", foreign.path)
        )
    )
    settle(world.now)
    assert not ContactPoint.objects.filter(verified_at__isnull=False)
    sign_in(page)
    assert page.says("GET", "/store/v1/orders")["items"] == [], "signing in alone joins nothing"

    page.says("POST", SESSION, {})

    listed = page.says("GET", "/store/v1/orders")
    assert [item["id"] for item in listed["items"]] == [str(order.order_id)]
    assert listed["next_after"] is None
    assert page.says("GET", order.path)["number"] == order.body["number"]
    assert page.is_refused("GET", other.path) == (404, "not_found")
    contact = ContactPoint.objects.get(normalised=EMAIL.lower())
    assert contact.verified_at
    identity = Identity.objects.get()
    assert identity.customer == contact.customer
    assert page.says("GET", SESSION)["customer"]["name"] == contact.customer.name


def test_an_address_that_nobody_proved_joins_nothing(world: World) -> None:
    order = place(ready_cart(world.guest()))
    settle(world.now)
    world.users["shopper_a"].email = EMAIL
    world.users["shopper_a"].save()
    claimer = world.person("shopper_a")

    claimer.says("POST", SESSION, {})

    assert claimer.says("GET", "/store/v1/orders")["items"] == []
    assert claimer.is_refused("GET", order.path) == (404, "not_found")
    assert not ContactPoint.objects.filter(verified_at__isnull=False)


def test_an_order_that_somebody_else_placed_signed_in_is_his_whatever_address_he_gave(
    page: Browser, world: World
) -> None:
    his = place(ready_cart(world.person("shopper_b")))  # gives Aino's address
    settle(world.now)
    assert Order.objects.get(public_id=his.order_id).email.lower() == EMAIL.lower()

    comes_in(page)

    assert page.says("GET", "/store/v1/orders")["items"] == []
    assert page.is_refused("GET", his.path) == (404, "not_found")


def test_what_she_buys_signed_in_stands_in_her_own_record(page: Browser, world: World) -> None:
    comes_in(page)
    cart = fill(page, **{SAND: 1})
    path = f"/store/v1/carts/{cart['id']}"
    page.says("PATCH", path, ADDRESS | {"email": "work@example.fi"})
    ready = page.says("PUT", f"{path}/deliveries/main", {"option": "parcel"})
    from tests.wire import ON_INVOICE

    placed = page.says("POST", f"{path}/place", ON_INVOICE, If_Match=f'"v{ready["version"]}"')
    settle(world.now)

    assert "secret" not in placed
    order = Order.objects.get(public_id=placed["id"])
    assert order.customer_ref == Identity.objects.get().customer.public_id
    assert Customer.objects.filter(contact_points__normalised="work@example.fi").count() == 0


def test_orders_are_listed_page_by_page_the_newest_first(world: World) -> None:
    shopper = world.person("shopper_a")
    placed = [str(place(ready_cart(shopper)).order_id) for _ in range(3)]

    first = shopper.says("GET", "/store/v1/orders?limit=2")
    rest = shopper.says("GET", f"/store/v1/orders?limit=2&after={first['next_after']}")

    assert [item["id"] for item in first["items"]] == placed[:0:-1]
    assert [item["id"] for item in rest["items"]] == placed[:1]
    assert rest["next_after"] is None
    other = world.person("shopper_b")
    assert other.is_refused("GET", f"/store/v1/orders?after={first['next_after']}") == (400, "invalid_page")


def test_she_signs_out_and_the_browser_forgets(page: Browser) -> None:
    comes_in(page)
    fill(page, **{SAND: 1})
    session, token = page.client.cookies["session"].value, page.client.cookies["csrf"].value
    assert page.without_token().is_refused("DELETE", SESSION) == (403, "csrf_failed")

    response: HttpResponse = page.tries("DELETE", SESSION)

    assert response.status_code == 204
    assert page.client.cookies["session"].value == ""
    assert page.client.cookies["csrf"].value != token
    here = page.says("GET", SESSION)
    assert (here["customer"], here["cart"]) == (None, None)
    page.client.cookies["session"] = session
    assert page.says("GET", SESSION)["customer"] is None, "the session itself is gone"


def test_a_token_signs_out_too(world: World) -> None:
    app = world.person("shopper_a")

    assert app.tries("DELETE", SESSION).status_code == 204

    assert app.is_refused("GET", SESSION) == (401, "not_authenticated")
    assert world.guest().tries("DELETE", SESSION).status_code == 204, "nobody signs out as nobody"


def test_an_account_is_proved_by_its_own_address_alone(page: Browser, world: World) -> None:
    comes_in(page)
    user = User.objects.get(email__iexact=EMAIL)
    assert EmailAddress.objects.get(user=user).verified
    assert UUID(page.says("GET", SESSION)["customer"]["id"]) == user.public_id
