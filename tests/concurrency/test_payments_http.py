"""Many requests about one order's money at one moment, over HTTP and with Stripe's stand-in."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.concurrency.buyers import answers, at_once, fill_cart, fill_carts, some_sku, wire_to
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.faults.buying import is_all_delivered, orders_of
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import BY_CARD, Reply, Wire

PLACES, REFUNDS, RACES = 50, 30, 12


@pytest.fixture(scope="module")
def stripe() -> Iterator[FakeStripe]:
    with running_fake_stripe() as fake:
        yield fake


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, stripe: FakeStripe) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=()) as shop:
        shop.env = {**shop.env, **stripe.env}
        shop.start("web")
        shop.start("worker")
        stripe.control.webhooks_to(url=f"{shop.url}/hooks/v1/stripe")
        yield shop


def intents_of(stripe: FakeStripe, order_id: str) -> list[str]:
    return [each["id"] for each in stripe.control.intents() if each["metadata"]["order_id"] == order_id]


def state_of(shop: Shop, order_id: str) -> str:
    ((state,),) = shop.rows("SELECT state FROM orders_order WHERE public_id = %s", order_id)
    return str(state)


def test_fifty_places_of_one_cart_by_card_are_one_order_and_one_intent(
    shop: Shop, stripe: FakeStripe
) -> None:
    with wire_to(shop) as wire:
        cart = fill_cart(wire, sku=some_sku(wire))
    key = str(uuid4())

    replies = at_once(shop, *[lambda wire: cart.place(wire, key=key, wish=BY_CARD)] * PLACES)

    assert set(answers(replies)) <= {(201, ""), (409, "idempotency_key_in_flight")}
    placed = [reply.json() for reply in replies if reply.status == 201]
    (order,) = orders_of(shop, cart)
    assert {each["id"] for each in placed} == {order}
    assert len({each["payment"]["attempt_id"] for each in placed}) == 1
    assert len(intents_of(stripe, order)) == 1
    assert shop.violated_invariants() == ""


def test_of_thirty_refunds_of_a_tenth_exactly_ten_are_made(shop: Shop) -> None:
    with wire_to(shop) as wire:
        cart = fill_cart(wire, sku=some_sku(wire, category="sofas"))
        order = cart.place(wire, key=str(uuid4())).json()
        total = float(order["total"]["amount"])
        assert refund(wire, shop, order["id"], f"{total - 100:.2f}").status == 201

    replies = at_once(shop, *[lambda wire: refund(wire, shop, order["id"], "10.00")] * REFUNDS)

    assert answers(replies) == {(201, ""): 10, (422, "refund_exceeds_captured"): REFUNDS - 10}
    assert shop.violated_invariants() == ""


def test_who_pays_while_the_order_ends_has_the_goods_or_the_money(shop: Shop, stripe: FakeStripe) -> None:
    """Each order's hold ends at the very moment at which it is paid; whichever wins, both sides agree (G10)."""
    with wire_to(shop) as wire:
        sku = some_sku(wire)
        carts = fill_carts(shop, count=RACES, sku=sku)
        orders = [cart.place(wire, key=str(uuid4()), wish=BY_CARD).json()["id"] for cart in carts]
    intents = {order: intents_of(stripe, order)[0] for order in orders}
    shop.stop(
        "worker"
    )  # its job would end them all at the full minute; here each is ended by hand, in its race
    barrier = threading.Barrier(RACES + 1, timeout=60)

    def pays(order: str) -> None:
        barrier.wait()
        stripe.control.pay(intent=intents[order])

    with ThreadPoolExecutor(RACES + 1) as pool:
        paying = [pool.submit(pays, order) for order in orders]
        ending = pool.submit(end_all, shop, barrier)
        ending.result(timeout=120)
        for each in paying:
            each.exception()  # a payment that came too late is refused by the provider
    shop.start("worker")
    stripe.control.wait_until_quiet()
    eventually(lambda: is_all_delivered(shop) and nothing_is_open(shop), within_s=60)

    told = {intent["id"]: intent["status"] for intent in stripe.control.intents()}
    for order in orders:
        agreed = {("confirmed", "requires_capture"), ("cancelled", "canceled")}
        assert (state_of(shop, order), told[intents[order]]) in agreed
    assert shop.violated_invariants() == ""


def nothing_is_open(shop: Shop) -> bool:
    """Whether no order waits for money and nothing is asked of the provider."""
    waiting = "SELECT count(*) FROM orders_order WHERE state = 'pending_payment' AND pay_by < now()"
    asked = "SELECT count(*) FROM orders_paymentoperation WHERE state = 'pending'"
    return shop.rows(waiting) == [(0,)] and shop.rows(asked) == [(0,)]


def end_all(shop: Shop, barrier: threading.Barrier) -> None:
    """The hold of every unpaid order is over, and two workers look for such orders at once."""
    shop.execute(
        "UPDATE orders_order SET pay_by = now() - interval '1 second' WHERE state = 'pending_payment'"
    )
    words = """
import threading
from django.utils import timezone
from config.kernel.actors import system
from orders.placing.recovering import expire_orders

print("ready", flush=True)
input()
both = [threading.Thread(target=lambda: expire_orders(by=system("tests"), now=timezone.now())) for _ in range(2)]
[each.start() for each in both]
[each.join() for each in both]
"""
    with shop.shell(words) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().strip() == "ready"
        barrier.wait()
        time.sleep(0.02)
        process.stdin.write("\n")
        process.stdin.close()
        assert process.wait(timeout=120) == 0


def refund(wire: Wire, shop: Shop, order_id: str, amount: str) -> Reply:
    """Whoever packs gives something back."""
    wish = {"amount": {"amount": amount, "currency": "EUR"}}
    return wire.ask(
        "POST",
        f"/staff/v1/orders/{order_id}/refunds",
        wish,
        Authorization=f"Bearer {shop.accounts['packer']}",
        Idempotency_Key=str(uuid4()),
    )
