"""What a cancelled order held can be bought anew with one call."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from config.kernel.actors import system
from config.kernel.dispatcher import run_pending
from orders.agreement.models import Order
from orders.payment.rules import PAY_WITHIN
from orders.placing.recovering import end_unpaid_order
from shop.cart.models import LineTouch
from shop.pricing.services import change_price
from tests.callers import etag
from tests.factories.goods import CUSHION, LIST, SAND
from tests.factories.world import ADDRESS, Bought, World, empty_cart, place, place_unpaid, ready_cart
from tests.unchanged import nothing_happens
from tests.wire import ON_INVOICE

BY = system("tests")


@pytest.fixture
def lapsed(world: World, now: datetime) -> Bought:
    """A guest's order that was not paid in time."""
    bought = place_unpaid(ready_cart(world.guest(), **{SAND: 1, CUSHION: 2}))
    over = now + PAY_WITHIN + timedelta(minutes=1)
    end_unpaid_order(order_id=bought.order_id, by=BY, now=over)
    return bought


def reopened(bought: Bought) -> Any:
    return bought.cart.shopper.says("POST", f"{bought.cart.path}/reopen", {})


def test_the_new_cart_holds_what_the_old_one_held_and_can_be_placed(lapsed: Bought) -> None:
    cart = reopened(lapsed)

    assert cart["id"] != str(lapsed.cart.cart_id)
    assert (cart["state"], cart["order_id"]) == ("open", None)
    assert {line["sku"]: line["quantity"] for line in cart["lines"]} == {SAND: 1, CUSHION: 2}
    assert cart["contact"]["email"] == ADDRESS["email"]
    assert cart["address"]["street"] == ADDRESS["street"]
    assert (cart["requirements"], cart["changes"]) == ([], [])
    assert cart["totals"]["total"] == lapsed.body["total"]
    assert LineTouch.objects.filter(cart__public_id=cart["id"]).count() == 2

    buyer = lapsed.cart.shopper.carrying(X_Cart_Secret=cart["secret"])
    placed = buyer.says(
        "POST", f"/store/v1/carts/{cart['id']}/place", ON_INVOICE, If_Match=etag(cart["version"])
    )

    assert placed["state"] == "confirmed"
    assert sorted(Order.objects.values_list("state", flat=True)) == ["cancelled", "confirmed"]


def test_the_old_cart_stays_what_became_of_it_and_its_secret_opens_nothing_new(
    lapsed: Bought, world: World
) -> None:
    cart, old = reopened(lapsed), lapsed.cart

    place = ("POST", f"{old.path}/place", ON_INVOICE)
    assert old.shopper.is_refused(*place, If_Match=etag(old.version)) == (409, "cart_consumed")
    assert old.shopper.is_refused("GET", f"/store/v1/carts/{cart['id']}") == (404, "not_found")


def test_what_has_changed_meanwhile_is_told(lapsed: Bought, now: datetime) -> None:
    change_price(price_list=LIST, sku=SAND, minor=149_900, by=BY, now=now)
    run_pending(now=now)

    (change,) = reopened(lapsed)["changes"]

    assert (change["code"], change["sku"]) == ("price_changed", SAND)
    assert (change["old"]["amount"], change["new"]["amount"]) == ("1299.00", "1499.00")


def test_a_signed_in_shoppers_new_cart_is_hers_without_a_secret(world: World) -> None:
    bought = place(ready_cart(world.person("shopper_a")))
    bought.shopper.says("POST", f"{bought.path}/cancel", {})

    cart = reopened(bought)

    assert "secret" not in cart
    assert bought.shopper.says("GET", f"/store/v1/carts/{cart['id']}")["lines"] == cart["lines"]


def test_only_what_was_cancelled_is_bought_anew(world: World) -> None:
    for cart in (place(ready_cart(world.guest())).cart, empty_cart(world.guest())):
        with nothing_happens():
            refused = cart.shopper.is_refused("POST", f"{cart.path}/reopen", {})

        assert refused == (409, "cart_not_reopenable")


def test_somebody_elses_cart_is_not_there(lapsed: Bought, world: World) -> None:
    with nothing_happens():
        assert world.guest().is_refused("POST", f"{lapsed.cart.path}/reopen", {}) == (404, "not_found")
