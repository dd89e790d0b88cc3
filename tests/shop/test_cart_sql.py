"""The SQL of every cart route, and that it does not grow with what the cart holds."""

# ruff: noqa: E501

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from inline_snapshot import snapshot

from config.kernel.db import open_transaction
from config.kernel.kept import forget_all
from orders.api import Consignment, list_delivery_options, list_locations, receive_stock
from shop.pricing.queries import list_locales
from shop.pricing.services import set_price
from tests.callers import Caller, etag
from tests.factories.goods import HELSINKI, LIST, SAND, named
from tests.factories.world import Basket, World, hand_over, ready_cart
from tests.shop.conftest import BY, Shop
from tests.sql import statements
from tests.wire import ON_INVOICE


@dataclass(frozen=True)
class Carts:
    """One with a sofa alone, and one with a sofa and eleven other things; both open to the clerk."""

    small: Basket
    large: Basket
    clerk: Caller

    def sent(self, ask: Callable[[Basket], Any]) -> tuple[list[Any], list[Any]]:
        """The statements of the same request about the small and the large one."""
        with fresh(), statements() as for_one:
            ask(self.small)
        with fresh(), statements() as for_many:
            ask(self.large)
        return for_one, for_many


@contextmanager
def fresh() -> Iterator[None]:
    """With the configuration just read, so that it does not grow old and is read again in the middle."""
    forget_all()
    list_locales()
    list_locations()
    list_delivery_options(country="FI", postcode="", goods=Consignment(), now=datetime.now(tz=UTC))
    yield


@pytest.fixture(scope="module")
def standing_carts(_standing_world: World) -> Carts:
    world, now = _standing_world, datetime.now(tz=UTC)
    shop = Shop(now=now)
    others = [f"THING-{number}" for number in range(11)]
    with open_transaction():
        for sku in others:
            set_price(price_list=LIST, sku=sku, minor=1_000, by=BY, now=now)
        receive_stock(location=HELSINKI, units=dict.fromkeys(others, 10), by=BY, now=now)
    for sku in others:
        shop.publishes(sku.lower(), named(fi=sku), {sku: {}})
    clerk = world.person("clerk_x")
    small = ready_cart(world.guest())
    large = ready_cart(world.guest(), **{SAND: 1}, **dict.fromkeys(others, 1))
    for cart in (small, large):
        hand_over(cart, clerk)
    return Carts(small=small, large=large, clerk=clerk)


@pytest.fixture
def carts(standing_carts: Carts, world: World) -> Carts:
    return standing_carts


def test_a_new_cart(world: World) -> None:
    with fresh(), statements() as sent:
        world.guest().says("POST", "/store/v1/carts", {})

    assert sent == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "INSERT INTO shop_cart (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_reading_a_cart(carts: Carts) -> None:
    for_one, for_many = carts.sent(lambda cart: cart.shopper.says("GET", cart.path))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM shop_cart WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
        ]
    )


def test_saying_who_it_is_for(carts: Carts) -> None:
    for_one, for_many = carts.sent(lambda cart: cart.shopper.says("PATCH", cart.path, {"city": "Espoo"}))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM shop_cart ... FOR NO KEY UPDATE",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "UPDATE shop_cart SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_adding_an_article(carts: Carts) -> None:
    wish = {"sku": SAND, "quantity": 1}
    for_one, for_many = carts.sent(lambda cart: cart.shopper.says("POST", f"{cart.path}/lines", wish))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM shop_cart ... FOR NO KEY UPDATE",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "UPDATE shop_cartline SET ... = ... WHERE ...",
            "INSERT INTO shop_linetouch (...) VALUES (...)",
            "UPDATE shop_cart SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_changing_a_line(carts: Carts) -> None:
    for_one, for_many = carts.sent(
        lambda cart: cart.shopper.says("PATCH", f"{cart.path}/lines/{_line(cart)}", {"quantity": 2})
    )

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM shop_cart ... FOR NO KEY UPDATE",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "UPDATE shop_cartline SET ... = ... WHERE ...",
            "INSERT INTO shop_linetouch (...) VALUES (...)",
            "UPDATE shop_cart SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_removing_a_line(carts: Carts) -> None:
    carts.small.shopper.says("POST", f"{carts.small.path}/lines", {"sku": "THING-1", "quantity": 1})
    for_one, for_many = carts.sent(
        lambda cart: cart.shopper.says("DELETE", f"{cart.path}/lines/{_line(cart)}")
    )

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM shop_cart ... FOR NO KEY UPDATE",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "INSERT INTO shop_linetouch (...) VALUES (...)",
            "SELECT ... FROM shop_cartline WHERE ...",
            "DELETE FROM shop_cartline WHERE ...",
            "UPDATE shop_cart SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_asking_how_it_can_travel(carts: Carts) -> None:
    for_one, for_many = carts.sent(lambda cart: cart.shopper.says("GET", f"{cart.path}/delivery-options"))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM shop_cart WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
        ]
    )


def test_choosing_a_delivery(carts: Carts) -> None:
    wish = {"option": "parcel"}
    for_one, for_many = carts.sent(
        lambda cart: cart.shopper.says("PUT", f"{cart.path}/deliveries/main", wish)
    )

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM shop_cart ... FOR NO KEY UPDATE",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "UPDATE shop_cart SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_asking_how_it_can_be_paid(carts: Carts) -> None:
    for_one, for_many = carts.sent(lambda cart: cart.shopper.says("GET", f"{cart.path}/payment-methods"))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM shop_cart WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
        ]
    )


def test_placing_the_order(carts: Carts) -> None:
    wish = ON_INVOICE
    carts.small.shopper.says("POST", f"{carts.small.path}/lines", {"sku": "THING-1", "quantity": 1})
    seen = {cart.cart_id: etag(cart.version) for cart in (carts.small, carts.large)}
    for_one, for_many = carts.sent(
        lambda cart: cart.shopper.says("POST", f"{cart.path}/place", wish, If_Match=seen[cart.cart_id])
    )

    assert for_many == for_one
    assert for_one == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM shop_cart ... FOR NO KEY UPDATE",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "INSERT INTO orders_order (...) VALUES (...) ON CONFLICT DO NOTHING RETURNING ...",
            "INSERT INTO orders_orderstep (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_paymentattempt (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_paymententry (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_invoice (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "SELECT ... FROM orders_stocklevel ... FOR NO KEY UPDATE",
            "WITH change AS (SELECT * FROM UNNEST(...) AS change (...)), kept AS (INSERT INTO orders_reservation (...) SELECT ... FROM change ORDER BY ...) UPDATE orders_stocklevel AS level SET ... = ... FROM change WHERE ... RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO orders_orderdelivery (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_orderline (...) VALUES (...) RETURNING ...",
            "UPDATE shop_cart SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_placing_it_again(carts: Carts) -> None:
    wish, seen = ON_INVOICE, etag(carts.small.version)
    place = ("POST", f"{carts.small.path}/place", wish)
    carts.small.shopper.says(*place, If_Match=seen, Idempotency_Key="once")

    with fresh(), statements() as sent:
        carts.small.shopper.says(*place, If_Match=seen, Idempotency_Key="once")

    assert sent == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "RELEASE SAVEPOINT s1",
            "SELECT ... FROM orders_paymentattempt WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_order WHERE ... ORDER BY ...",
        ]
    )


def test_making_a_code_for_a_clerk(carts: Carts) -> None:
    for_one, for_many = carts.sent(lambda cart: cart.shopper.says("POST", f"{cart.path}/hand-over-codes", {}))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM shop_cart ... FOR NO KEY UPDATE",
            "DELETE FROM shop_handovercode WHERE ...",
            "INSERT INTO shop_handovercode (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_taking_a_cart_back(carts: Carts) -> None:
    for_one, for_many = carts.sent(lambda cart: cart.shopper.says("POST", f"{cart.path}/take-back", {}))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM shop_cart ... FOR NO KEY UPDATE",
            "DELETE FROM shop_handovercode WHERE ...",
            "UPDATE shop_cartopening SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
            "SELECT ... FROM shop_cart WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
        ]
    )


def test_asking_to_watch_a_cart(carts: Carts) -> None:
    for_one, for_many = carts.sent(lambda cart: cart.shopper.says("POST", f"{cart.path}/stream-tickets", {}))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM shop_cart WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM kernel_eventposition ORDER BY ... DESC LIMIT ...",
            "INSERT INTO kernel_streamticket (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_a_clerk_opening_a_cart(carts: Carts) -> None:
    codes = {
        cart.cart_id: cart.shopper.says("POST", f"{cart.path}/hand-over-codes", {})["code"]
        for cart in (carts.small, carts.large)
    }
    for_one, for_many = carts.sent(
        lambda cart: carts.clerk.says("POST", "/staff/v1/carts/open", {"code": codes[cart.cart_id]})
    )

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM shop_cart ... FOR NO KEY UPDATE",
            "SELECT ... FROM shop_handovercode LEFT OUTER JOIN shop_cartopening ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO shop_cartopening (...) VALUES (...) RETURNING ...",
            "UPDATE shop_handovercode SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
            "SELECT ... FROM shop_cart WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "SELECT ... FROM shop_linetouch WHERE ... ORDER BY ... DESC LIMIT ...",
        ]
    )


def test_a_clerk_reading_a_cart(carts: Carts) -> None:
    for_one, for_many = carts.sent(lambda cart: carts.clerk.says("GET", cart.staff_path))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM shop_cart WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "SELECT ... FROM shop_linetouch WHERE ... ORDER BY ... DESC LIMIT ...",
        ]
    )


def test_a_clerk_adding_an_article(carts: Carts) -> None:
    wish = {"sku": SAND, "quantity": 1}
    for_one, for_many = carts.sent(lambda cart: carts.clerk.says("POST", f"{cart.staff_path}/lines", wish))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM shop_cartopening ... FOR NO KEY UPDATE",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "UPDATE shop_cartline SET ... = ... WHERE ...",
            "INSERT INTO shop_linetouch (...) VALUES (...)",
            "UPDATE shop_cart SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
            "SELECT ... FROM shop_linetouch WHERE ... ORDER BY ... DESC LIMIT ...",
        ]
    )


def test_a_clerk_changing_a_line(carts: Carts) -> None:
    seen = {cart.cart_id: etag(cart.version) for cart in (carts.small, carts.large)}
    for_one, for_many = carts.sent(
        lambda cart: carts.clerk.says(
            "PATCH", f"{cart.staff_path}/lines/{_line(cart)}", {"quantity": 2}, If_Match=seen[cart.cart_id]
        )
    )

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM shop_cartopening ... FOR NO KEY UPDATE",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "UPDATE shop_cartline SET ... = ... WHERE ...",
            "INSERT INTO shop_linetouch (...) VALUES (...)",
            "UPDATE shop_cart SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
            "SELECT ... FROM shop_linetouch WHERE ... ORDER BY ... DESC LIMIT ...",
        ]
    )


def test_a_clerk_removing_a_line(carts: Carts) -> None:
    seen = {cart.cart_id: etag(cart.version) for cart in (carts.small, carts.large)}
    carts.small.shopper.says("POST", f"{carts.small.path}/lines", {"sku": "THING-1", "quantity": 1})
    seen[carts.small.cart_id] = etag(carts.small.version)
    for_one, for_many = carts.sent(
        lambda cart: carts.clerk.says(
            "DELETE", f"{cart.staff_path}/lines/{_line(cart)}", If_Match=seen[cart.cart_id]
        )
    )

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM shop_cartopening ... FOR NO KEY UPDATE",
            "SELECT ...",
            "SELECT ... FROM UNNEST(...) wanted (...) CROSS JOIN LATERAL (SELECT ... FROM shop_offer WHERE ... OFFSET ...) offer CROSS JOIN LATERAL (SELECT FROM shop_availability WHERE ... OFFSET ...) stock CROSS JOIN LATERAL (SELECT ... FROM shop_listing WHERE ... OFFSET ...) listing",
            "SELECT ... FROM orders_stocklevel level JOIN orders_location location ON ... WHERE ...",
            "INSERT INTO shop_linetouch (...) VALUES (...)",
            "SELECT ... FROM shop_cartline WHERE ...",
            "DELETE FROM shop_cartline WHERE ...",
            "UPDATE shop_cart SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
            "SELECT ... FROM shop_linetouch WHERE ... ORDER BY ... DESC LIMIT ...",
        ]
    )


def test_a_clerk_asking_to_watch_a_cart(carts: Carts) -> None:
    for_one, for_many = carts.sent(
        lambda cart: carts.clerk.says("POST", f"{cart.staff_path}/stream-tickets", {})
    )

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM shop_cart WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM kernel_eventposition ORDER BY ... DESC LIMIT ...",
            "INSERT INTO kernel_streamticket (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
        ]
    )


def test_a_clerk_giving_a_cart_back(carts: Carts) -> None:
    for_one, for_many = carts.sent(lambda cart: carts.clerk.tries("POST", f"{cart.staff_path}/close", {}))

    assert for_one == for_many
    assert for_one == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ... FROM shop_cart WHERE ... ORDER BY ... ASC LIMIT ...",
            "UPDATE shop_cartopening SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s1",
        ]
    )


def _line(cart: Basket) -> str:
    """The sofa's line, as it was when the cart was made."""
    return str(cart.body["lines"][0]["id"])
