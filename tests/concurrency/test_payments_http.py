"""Many requests about one order's money at one moment, over HTTP and with Stripe's stand-in.

What each of them races against, and what happens without the order's lock, is shown one by one in `test_money.py`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from tests.concurrency.buyers import (
    answers,
    at_once,
    bring_stock,
    fill_cart,
    fill_carts,
    some_sku,
    start_unlocked_web,
    wire_to,
)
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.faults.buying import is_all_delivered, orders_of
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import BY_CARD, Reply, Wire

PLACES, REFUNDS = 50, 30
IN_A_WAVE = 12  # orders that end while they are paid


@pytest.fixture(scope="module")
def stripe() -> Iterator[FakeStripe]:
    with running_fake_stripe() as fake:
        yield fake


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory, stripe: FakeStripe) -> Iterator[Shop]:
    """A shop that is not open yet."""
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=()) as shop:
        shop.env = {**shop.env, **stripe.env}
        yield shop


@pytest.fixture
def apart(tmp_path: Path, stripe: FakeStripe) -> Iterator[Shop]:
    """A shop whose books may be spoilt: what is given back without a lock may be more than was paid."""
    with running_shop(tmp_path / "log", programs=()) as shop:
        shop.env = {**shop.env, **stripe.env}
        yield shop


@pytest.fixture(scope="module")
def shop(idle: Shop, stripe: FakeStripe) -> Shop:
    idle.start("web")
    idle.start("worker")
    stripe.control.webhooks_to(url=f"{idle.url}/hooks/v1/stripe")
    return idle


def intents_of(stripe: FakeStripe, order_id: str) -> list[str]:
    return [each["id"] for each in stripe.control.intents() if each["metadata"]["order_id"] == order_id]


def state_of(shop: Shop, order_id: str) -> str:
    ((state,),) = shop.rows("SELECT state FROM orders_order WHERE public_id = %s", order_id)
    return str(state)


def over_a_hundred_euros(shop: Shop) -> str:
    """An order on invoice of which 100.00 can still be given back."""
    with wire_to(shop) as wire:
        cart = fill_cart(wire, sku=some_sku(wire, category="sofas"))
        order = cart.place(wire, key=str(uuid4())).json()
        too_much = float(order["total"]["amount"]) - 100
        assert refund(wire, shop, order["id"], f"{too_much:.2f}").status == 201
    return str(order["id"])


def test_without_the_lock_thirty_refunds_meet_the_last_line(apart: Shop) -> None:
    start_unlocked_web(apart, module="orders.placing.paying")
    order = over_a_hundred_euros(apart)

    replies = at_once(apart, *[lambda wire: refund(wire, apart, order, "10.00")] * REFUNDS)
    apart.stop("web")

    assert answers(replies)[500, "internal_error"] > 0, "two credit notes with one number"
    assert (
        "invoice_sequence_unique" in apart.log.read_text() or "invoice_number_unique" in apart.log.read_text()
    )


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
    order = over_a_hundred_euros(shop)

    replies = at_once(shop, *[lambda wire: refund(wire, shop, order, "10.00")] * REFUNDS)

    assert answers(replies) == {(201, ""): 10, (422, "refund_exceeds_captured"): REFUNDS - 10}
    assert shop.violated_invariants() == ""


@pytest.mark.parametrize(
    "races", [IN_A_WAVE, pytest.param(500, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_who_pays_while_the_order_ends_has_the_goods_or_the_money(
    races: int, shop: Shop, stripe: FakeStripe
) -> None:
    """Each order's hold ends at the very moment at which it is paid; whichever wins, both sides agree (G10)."""
    with wire_to(shop) as wire:
        sku = some_sku(wire)
    bring_stock(shop, sku=sku, units=races)
    carts = fill_carts(shop, count=races, sku=sku)
    with wire_to(shop) as wire:  # another one: the server hangs up on who said nothing for so long
        orders = [cart.place(wire, key=str(uuid4()), wish=BY_CARD).json()["id"] for cart in carts]
    intents = {order: intents_of(stripe, order)[0] for order in orders}
    shop.stop("worker")  # its job would end them all at the full minute; here each is ended in its race

    with two_that_end(shop) as end, ThreadPoolExecutor(IN_A_WAVE) as pool:
        for first in range(0, races, IN_A_WAVE):
            wave = orders[first : first + IN_A_WAVE]
            barrier = threading.Barrier(1 + len(wave), timeout=60)

            def pays(order: str, barrier: threading.Barrier = barrier) -> None:
                barrier.wait()
                stripe.control.pay(intent=intents[order])

            paying = [pool.submit(pays, order) for order in wave]
            over = "UPDATE orders_order SET pay_by = now() - interval '1 second' WHERE public_id = ANY(%s::uuid[])"
            shop.execute(over, wave)
            barrier.wait()
            end()
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


@contextmanager
def two_that_end(shop: Shop) -> Iterator[Callable[[], None]]:
    """A process in which two workers look at once for orders whose hold is over, each time they are called."""
    words = """
import sys, threading
from django.utils import timezone
from config.kernel.actors import system
from orders.placing.recovering import expire_orders

print("ready", flush=True)
for _ in sys.stdin:
    both = [threading.Thread(target=lambda: expire_orders(by=system("tests"), now=timezone.now())) for _ in range(2)]
    [each.start() for each in both]
    [each.join() for each in both]
    print("done", flush=True)
"""
    with shop.shell(words) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        said, ask = process.stdout, process.stdin
        assert said.readline().strip() == "ready"

        def end() -> None:
            time.sleep(0.02)  # so that some are paid first
            print(file=ask, flush=True)
            assert said.readline().strip() == "done"

        yield end


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
