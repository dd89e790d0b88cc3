"""Many requests about one cart at one moment, over HTTP: one order comes of it, one effect per key."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.concurrency.buyers import (
    ReadyCart,
    answers,
    at_once,
    fill_cart,
    insist,
    some_sku,
    start_unlocked_web,
    wire_to,
)
from tests.faults.buying import orders_of
from tests.servers import Shop, running_shop
from tests.wire import Reply, Wire

PLACES, POSTS = 50, 100


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=()) as shop:
        yield shop


@pytest.fixture(scope="module")
def shop(idle: Shop) -> Shop:
    idle.start("web")
    return idle


@pytest.fixture
def wire(shop: Shop) -> Iterator[Wire]:
    with wire_to(shop) as wire:
        yield wire


@pytest.fixture
def cart(wire: Wire) -> ReadyCart:
    return fill_cart(wire, sku=some_sku(wire))


def test_without_the_lock_fifty_places_of_one_cart_meet_the_last_line(idle: Shop) -> None:
    start_unlocked_web(idle, module="shop.cart.services")
    with wire_to(idle) as wire:
        cart = fill_cart(wire, sku=some_sku(wire))

    replies = at_once(idle, *[lambda wire: cart.place(wire, key=str(uuid4()))] * PLACES)
    idle.stop("web")

    assert answers(replies)[409, "cart_already_ordered"] > 0, "several read the cart as open"
    assert len(orders_of(idle, cart)) == 1, "the unique constraint lets one live"


def test_fifty_places_of_one_cart_are_one_order_and_the_others_are_told_which(
    shop: Shop, cart: ReadyCart
) -> None:
    replies = at_once(shop, *[lambda wire: cart.place(wire, key=str(uuid4()))] * PLACES)

    assert answers(replies) == {(201, ""): 1, (409, "cart_consumed"): PLACES - 1}
    (order,) = orders_of(shop, cart)
    assert {reply.json()["id"] for reply in replies if reply.status == 201} == {order}
    assert {reply.json()["order_id"] for reply in replies if reply.status == 409} == {order}
    assert {reply.headers["location"] for reply in replies} == {f"/store/v1/orders/{order}"}
    assert shop.violated_invariants() == ""


def test_fifty_places_with_one_key_are_one_order_and_one_answer(
    shop: Shop, wire: Wire, cart: ReadyCart
) -> None:
    key = str(uuid4())

    replies = at_once(shop, *[lambda wire: cart.place(wire, key=key)] * PLACES)

    assert set(answers(replies)) <= {(201, ""), (409, "idempotency_key_in_flight")}
    assert all("retry-after" in reply.headers for reply in replies if reply.status == 409)
    again = insist(lambda wire: cart.place(wire, key=key), wire=wire)
    placed = [reply for reply in [*replies, again] if reply.status == 201]
    assert len({reply.body for reply in placed}) == 1
    assert sum("idempotent-replayed" not in reply.headers for reply in placed) == 1
    assert orders_of(shop, cart) == [placed[0].json()["id"]]
    assert shop.violated_invariants() == ""


def test_a_hundred_posts_of_one_key_put_one_unit_into_the_cart(shop: Shop, wire: Wire) -> None:
    sku, key = some_sku(wire), str(uuid4())
    made = wire.ask("POST", "/store/v1/carts", {}).json()
    here, secret = f"/store/v1/carts/{made['id']}", made["secret"]

    def add(wire: Wire) -> Reply:
        line = {"sku": sku, "quantity": 1}
        return wire.ask("POST", f"{here}/lines", line, X_Cart_Secret=secret, Idempotency_Key=key)

    replies = at_once(shop, *[add] * POSTS)

    assert set(answers(replies)) <= {(201, ""), (409, "idempotency_key_in_flight")}
    assert insist(add, wire=wire).headers["idempotent-replayed"] == "true"
    assert sum(reply.status == 201 and "idempotent-replayed" not in reply.headers for reply in replies) == 1
    cart = wire.ask("GET", here, X_Cart_Secret=secret).json()
    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [(sku, 1)]
    touches = "SELECT count(*) FROM shop_linetouch AS touch JOIN shop_cart AS cart ON cart.id = touch.cart_id"
    assert shop.rows(f"{touches} WHERE cart.public_id = %s", made["id"]) == [(1,)]
