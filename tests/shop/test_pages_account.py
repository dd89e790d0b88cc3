"""The pages of somebody who is signed in, over HTTP."""

import re

import pytest

from config.kernel.ids import new_id
from orders.agreement.models import Order
from tests.browsers import Browser
from tests.factories.world import ADDRESS, World, filled_cart, place, ready_cart
from tests.shop.test_pages_cart import read, seen
from tests.shop.test_signing_in import comes_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(world: World) -> Browser:
    browser = Browser(Accept_Language="fi")
    browser.arrives()
    return browser


def test_who_is_signed_in_is_not_asked_again(page: Browser) -> None:
    comes_in(page)

    response = page.client.get("/fi/sign-in", {"next": "/fi/checkout"})

    assert (response.status_code, response["Location"]) == (302, "/fi/checkout")
    assert response["Cache-Control"] == "no-store"


def test_her_page_says_who_she_is_and_lists_her_orders_alone(page: Browser, world: World) -> None:
    comes_in(page)
    bought = place(ready_cart(page))
    Order.objects.filter(public_id=place(ready_cart(world.guest())).order_id).update(
        number="OTHERS", email="other@example.fi"
    )

    shown = read(page, "/fi/account")

    assert ADDRESS["email"].lower() in shown.lower()
    assert 'id="sign-out"' in shown
    assert bought.body["number"] in shown
    assert "OTHERS" not in shown


def test_her_order_opens_on_any_browser_that_she_signs_in_to(page: Browser) -> None:
    comes_in(page)
    bought = place(ready_cart(page))
    other = Browser(Accept_Language="fi")
    other.arrives()

    read(other, f"/fi/orders/{bought.order_id}", 404)
    comes_in(other)

    assert bought.body["number"] in read(other, f"/fi/orders/{bought.order_id}")


def test_the_checkout_does_not_ask_for_what_her_account_knows(page: Browser) -> None:
    comes_in(page)
    filled_cart(page)

    shown = read(page, "/fi/checkout")

    assert re.search(rf'id="email"[^>]*value="{ADDRESS["email"]}" data-kept=""', shown, re.IGNORECASE)
    assert "/fi/sign-in" not in shown


def test_a_list_that_is_long_goes_on_on_another_page(page: Browser) -> None:
    comes_in(page)
    first = place(ready_cart(page))
    order = Order.objects.get(public_id=first.order_id)
    for number in range(50):
        order.pk, order.public_id, order.cart_ref, order.number = None, new_id(), new_id(), f"LATER-{number}"
        order.save()

    newest = read(page, "/fi/orders")
    assert first.body["number"] not in newest
    found = re.search(r'href="(/fi/orders\?after=[^"]+)"', newest)
    assert found

    assert first.body["number"] in read(page, found.group(1))


def test_a_cursor_that_is_none_is_refused_with_a_page(page: Browser) -> None:
    comes_in(page)

    response = seen(page, "/fi/orders?after=nonsense", 400)

    assert response["Content-Type"].startswith("text/html")
