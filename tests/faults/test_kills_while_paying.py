"""A process dies at each step of an order's money; one recovery run later nothing is missing and nothing came twice.

The web process dies while it asks the provider or takes its webhook, the worker (here a process that does once what its
jobs do) while it folds a message, captures, gives back, or ends an order that was not paid.
"""

import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from config.kernel.crashpoints import CRASH_POINTS
from tests.concurrency.buyers import fill_cart, insist, some_sku, wire_to
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.faults.buying import orders_of, running
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import BY_CARD

WEB = [name for name in CRASH_POINTS if name.startswith(("pay.", "write_answer.", "receive_message."))]
FOLDING = [name for name in CRASH_POINTS if name.startswith(("message.", "settle_message.", "write_answer."))]
SETTLING = [name for name in CRASH_POINTS if name.startswith(("operation.", "settle_operation."))]
# Points that are passed before the capture has its end, so that the refund is met with the second passage.
BEFORE_ITS_END = {"operation.before_call", "operation.after_call", "settle_operation.before_commit"}
ENDING = [name for name in CRASH_POINTS if name.startswith(("expire.", "end_unpaid_order."))]

RECOVER = """
from datetime import timedelta
from django.utils import timezone
from config.kernel.actors import system
from orders.placing.recovering import expire_orders, recover_payments

now = timezone.now() + timedelta(minutes=3)
recover_payments(by=system("tests"), now=now)
expire_orders(by=system("tests"), now=timezone.now())
"""


@pytest.fixture(scope="module")
def stripe() -> Iterator[FakeStripe]:
    with running_fake_stripe() as fake:
        yield fake


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, stripe: FakeStripe) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=()) as shop:
        shop.env = {**shop.env, **stripe.env}
        stripe.control.webhooks_to(url=f"{shop.url}/hooks/v1/stripe")
        yield shop


@pytest.fixture(scope="module")
def open_shop(shop: Shop) -> Iterator[Shop]:
    """A web process that nobody kills."""
    with running(shop, "web"):
        yield shop


def recovers(shop: Shop, **env: str) -> int:
    """What the jobs do in a minute, once, in a process of its own; its exit code."""
    return shop.run(RECOVER, **env)


def bought(shop: Shop) -> str:
    """A guest's order that waits for its card."""
    with wire_to(shop) as wire:
        cart = fill_cart(wire, sku=some_sku(wire))
        reply = cart.place(wire, key=str(uuid4()), wish=BY_CARD)
    return str(reply.json()["id"])


def intent_of(stripe: FakeStripe, order: str) -> str:
    """The one intent of an order."""
    (intent,) = [each["id"] for each in stripe.control.intents() if each["metadata"]["order_id"] == order]
    return str(intent)


def state_of(shop: Shop, order: str) -> str:
    ((state,),) = shop.rows("SELECT state FROM orders_order WHERE public_id = %s", order)
    return str(state)


def ledger_of(shop: Shop, order: str) -> list[tuple[str, int]]:
    entries = """
        SELECT kind, amount_minor FROM orders_paymententry AS entry
        JOIN orders_order AS placed ON placed.id = entry.order_id WHERE placed.public_id = %s ORDER BY entry.id
    """
    return [(str(kind), int(amount)) for kind, amount in shop.rows(entries, order)]


@pytest.mark.parametrize("point", WEB)
def test_a_web_process_may_die_while_an_order_is_paid(
    point: str, shop: Shop, stripe: FakeStripe, tmp_path: Path
) -> None:
    died, key = tmp_path / "died", str(uuid4())
    with running(shop, "web", CRASH_AT=point, CRASH_ONCE=str(died)), wire_to(shop) as wire:
        cart = fill_cart(wire, sku=some_sku(wire))
        reply = insist(lambda wire: cart.place(wire, key=key, wish=BY_CARD), wire=wire)
        order = str(reply.json()["id"])
        stripe.control.pay(intent=intent_of(stripe, order))
        assert stripe.control.wait_until_quiet()
        assert died.exists(), "it was not this point that ended the process"
        assert recovers(shop) == 0

        assert orders_of(shop, cart) == [order]
        assert state_of(shop, order) == "confirmed"


@pytest.mark.parametrize("point", FOLDING)
def test_a_worker_may_die_while_it_folds_what_the_provider_said(
    point: str, open_shop: Shop, stripe: FakeStripe
) -> None:
    shop, order = open_shop, bought(open_shop)
    stripe.control.pay(intent=intent_of(stripe, order))
    assert stripe.control.wait_until_quiet()

    assert recovers(shop, CRASH_AT=point) == -signal.SIGKILL
    assert recovers(shop) == 0

    assert state_of(shop, order) == "confirmed"


@pytest.mark.parametrize("point", SETTLING)
def test_a_worker_may_die_while_money_is_taken_and_given_back(
    point: str, open_shop: Shop, stripe: FakeStripe
) -> None:
    shop, order = open_shop, bought(open_shop)
    packer = {"Authorization": f"Bearer {shop.accounts['packer']}"}

    def asks(path: str, body: object) -> None:
        with wire_to(shop) as wire:
            reply = wire.ask("POST", path, body, Idempotency_Key=str(uuid4()), **packer)
        assert reply.status == 201, reply.body

    stripe.control.pay(intent=intent_of(stripe, order))
    assert stripe.control.wait_until_quiet()
    assert recovers(shop) == 0
    asks(f"/staff/v1/orders/{order}/parcels", {})
    asks(f"/staff/v1/orders/{order}/refunds", {"amount": {"amount": "1.00", "currency": "EUR"}})

    assert recovers(shop, CRASH_AT=point) == -signal.SIGKILL  # at the capture
    assert recovers(shop, CRASH_AT=f"{point}:2" if point in BEFORE_ITS_END else point) == -signal.SIGKILL
    assert recovers(shop) == 0

    total = next(
        each["amount"] for each in stripe.control.intents() if each["id"] == intent_of(stripe, order)
    )
    assert ledger_of(shop, order) == [("captured", total), ("refunded", -100)]


@pytest.mark.parametrize("point", ENDING)
def test_a_worker_may_die_while_it_ends_an_order(point: str, open_shop: Shop) -> None:
    shop, order = open_shop, bought(open_shop)
    shop.execute("UPDATE orders_order SET pay_by = now() - interval '1 second' WHERE public_id = %s", order)

    assert recovers(shop, CRASH_AT=point) == -signal.SIGKILL
    assert recovers(shop) == 0

    assert state_of(shop, order) == "cancelled"
    kept = "SELECT count(*) FROM orders_reservation WHERE state = 'active' AND order_ref = %s"
    assert shop.rows(kept, order) == [(0,)]


def test_afterwards_the_provider_holds_what_the_ledger_says(shop: Shop, stripe: FakeStripe) -> None:
    with running(shop, "worker"):
        open_work = "SELECT count(*) FROM orders_paymentoperation WHERE state = 'pending'"
        eventually(lambda: shop.rows(open_work) == [(0,)], within_s=30)
    sums = """
        SELECT coalesce(sum(amount_minor), 0)::bigint FROM orders_paymententry WHERE kind IN ('captured', 'refunded')
    """
    money = stripe.control.money()

    assert shop.rows(sums) == [(money["captured"] - money["refunded"],)]
    assert shop.violated_invariants() == ""
