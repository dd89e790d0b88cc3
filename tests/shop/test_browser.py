"""A page in a browser: its secrets are in cookies, and a write needs the page's CSRF token."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse

from tests.browsers import Browser
from tests.factories.goods import CUSHION, SAND
from tests.factories.world import ADDRESS, World, place, ready_cart
from tests.wire import ON_INVOICE

pytestmark = pytest.mark.django_db


def cookie(response: HttpResponse, name: str) -> Any:
    return response.cookies[name]


@pytest.fixture
def page(world: World) -> Browser:
    browser = Browser()
    browser.arrives()
    return browser


def test_a_page_is_told_who_is_here_and_gets_a_token(world: World) -> None:
    response = Browser().tries("GET", "/store/v1/session")

    told = json.loads(response.content)
    assert (told["customer"], told["cart"]) == (None, None)
    assert told["csrf"]
    assert response["Cache-Control"] == "no-store"
    assert not cookie(response, "csrf")["httponly"], "the page's script sends it back"
    assert cookie(response, "csrf")["samesite"] == "Lax"


def test_a_page_gets_its_carts_secret_as_a_cookie_no_script_can_read(page: Browser) -> None:
    response = page.tries("POST", "/store/v1/carts")

    cart = json.loads(response.content)
    assert cart["secret"] is None
    kept = cookie(response, "cart")
    assert kept.value.startswith(f"{cart['id']}.polku_cart_")
    assert kept["httponly"]
    assert (kept["samesite"], kept["path"], kept["domain"]) == ("Lax", "/", "")


def test_a_page_fills_its_cart_and_is_told_of_it(page: Browser) -> None:
    cart = page.says("POST", "/store/v1/carts")
    path = f"/store/v1/carts/{cart['id']}"

    page.says("POST", f"{path}/lines", {"sku": SAND, "quantity": 1})
    page.says("POST", f"{path}/lines", {"sku": CUSHION, "quantity": 2})

    assert page.says("GET", "/store/v1/session")["cart"] == {"id": cart["id"], "units": 3}
    assert [line["quantity"] for line in page.says("GET", path)["lines"]] == [1, 2]


def test_a_client_of_the_api_gets_its_secret_as_before(world: World) -> None:
    response = world.guest().tries("POST", "/store/v1/carts")

    assert json.loads(response.content)["secret"].startswith("polku_cart_")
    assert "cart" not in response.cookies


def test_a_write_that_only_a_cookie_allows_needs_the_token(page: Browser) -> None:
    cart = page.says("POST", "/store/v1/carts")
    path = f"/store/v1/carts/{cart['id']}"
    foreign = page.without_token()

    assert foreign.is_refused("POST", f"{path}/lines", {"sku": SAND, "quantity": 1}) == (403, "csrf_failed")
    assert foreign.is_refused("PATCH", path, {}) == (403, "csrf_failed")
    assert foreign.says("GET", path)["lines"] == [], "and nothing has happened"


@pytest.mark.parametrize("token", ["x", "x" * 64, "é" * 32])
def test_a_wrong_token_is_refused_even_where_none_is_needed(page: Browser, token: str) -> None:
    assert page.carrying(X_CSRFToken=token).is_refused("POST", "/store/v1/carts") == (403, "csrf_failed")


def test_a_token_without_its_cookie_is_none(page: Browser) -> None:
    token = page.headers["X_CSRFToken"]

    assert Browser(X_CSRFToken=token).is_refused("POST", "/store/v1/carts") == (403, "csrf_failed")


def test_a_page_of_another_origin_is_refused_though_it_knew_the_token(page: Browser) -> None:
    evil = page.carrying(Origin="https://evil.example")

    assert evil.is_refused("POST", "/store/v1/carts") == (403, "csrf_failed")
    assert page.carrying(Origin="http://testserver").says("POST", "/store/v1/carts")


def test_a_cookie_opens_its_own_cart_alone(page: Browser, world: World) -> None:
    page.says("POST", "/store/v1/carts")
    other = ready_cart(world.guest())

    assert page.is_refused("GET", other.path) == (404, "not_found")
    assert page.is_refused("POST", f"{other.path}/lines", {"sku": SAND, "quantity": 1}) == (404, "not_found")


@pytest.mark.parametrize("kept", ["", ".", "nonsense", "nonsense.secret", f"{UUID(int=0)}.", "é.x", "~.~"])
def test_a_cookie_that_is_none_of_ours_is_nobodys(page: Browser, kept: str) -> None:
    cart = page.says("POST", "/store/v1/carts")
    page.client.cookies["cart"] = kept
    page.client.cookies["orders"] = kept

    assert page.says("GET", "/store/v1/session")["cart"] is None
    assert page.is_refused("GET", f"/store/v1/carts/{cart['id']}") == (404, "not_found")
    assert page.is_refused("GET", f"/store/v1/orders/{cart['id']}") == (404, "not_found")


def test_a_header_goes_before_the_cookie(page: Browser, world: World) -> None:
    page.says("POST", "/store/v1/carts")
    mine = ready_cart(world.guest())
    shown = page.without_token().carrying(X_Cart_Secret=mine.shopper.headers["X_Cart_Secret"])

    assert shown.says("GET", mine.path)["id"] == str(mine.cart_id)
    assert shown.says("POST", f"{mine.path}/lines", {"sku": CUSHION, "quantity": 1})


def bought(page: Browser) -> HttpResponse:
    cart = page.says("POST", "/store/v1/carts")
    path = f"/store/v1/carts/{cart['id']}"
    page.says("POST", f"{path}/lines", {"sku": SAND, "quantity": 1})
    page.says("PATCH", path, ADDRESS)
    ready = page.says("PUT", f"{path}/deliveries/main", {"option": "parcel"})
    return page.tries("POST", f"{path}/place", ON_INVOICE, If_Match=f'"v{ready["version"]}"')


def test_a_page_buys_and_looks_at_its_order(page: Browser) -> None:
    response = bought(page)

    assert response.status_code == 201, response.content
    order = json.loads(response.content)
    assert order["secret"] is None
    kept = cookie(response, "orders")
    assert kept["httponly"]
    assert kept.value.startswith(f"{order['id']}.")
    path = f"/store/v1/orders/{order['id']}"
    assert page.says("GET", path)["number"] == order["number"]
    assert page.without_token().is_refused("POST", f"{path}/cancel") == (403, "csrf_failed")
    assert page.says("POST", f"{path}/cancel")["state"] == "cancelled"
    assert page.says("GET", "/store/v1/session")["cart"] is None, "what was bought is no cart any more"


def test_a_link_in_a_message_opens_its_order_in_this_browser(page: Browser, world: World) -> None:
    from orders.agreement.queries import order_link_token

    order = place(ready_cart(world.guest()))
    before = json.loads(bought(page).content)

    opened = page.says("POST", "/store/v1/orders/open", {"token": order_link_token(order_id=order.order_id)})

    assert opened["secret"] is None
    assert page.says("GET", order.path)["number"] == order.body["number"]
    assert page.says("GET", f"/store/v1/orders/{before['id']}"), "the one before is not forgotten"


def test_a_browser_keeps_the_last_ten_orders(page: Browser, world: World) -> None:
    from orders.agreement.queries import order_link_token

    orders = [place(ready_cart(world.guest())) for _ in range(11)]
    for order in orders:
        page.headers["X_Forwarded_For"] = world.guest().headers["X_Forwarded_For"]
        page.says("POST", "/store/v1/orders/open", {"token": order_link_token(order_id=order.order_id)})

    assert page.is_refused("GET", orders[0].path) == (404, "not_found")
    assert all(page.tries("GET", order.path).status_code == 200 for order in orders[1:])
