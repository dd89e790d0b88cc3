"""A process dies at each step of an order's money; one recovery run later nothing is missing and nothing came twice.

Then no later run of anything is needed: the rules about the data are asked as of an hour later, when what is still in
the air counts as left there.

The web process dies while it asks the provider or takes its webhook, the worker (here a process that does once what its
jobs do) while it folds a message, captures, gives back, or ends an order that was not paid.
"""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from config.kernel.crashpoints import CRASH_POINTS
from tests.concurrency.buyers import fill_cart, insist, some_sku, wire_to
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.faults.buying import LATER, is_all_delivered, orders_of, running
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import BY_CARD, ConnectionLost, Reply, Wire

WEB = [name for name in CRASH_POINTS if name.startswith(("pay.", "write_answer.", "receive_message."))]
BEGINNING = [name for name in CRASH_POINTS if name.startswith("begin_payment.")]
REFUSING = [name for name in CRASH_POINTS if name.startswith("fail_attempt.")]
ASKING_ANEW = [name for name in CRASH_POINTS if name.startswith("burn_attempt_key.")]
FOLDING = [name for name in CRASH_POINTS if name.startswith(("message.", "settle_message.", "write_answer."))]
SETTLING = [name for name in CRASH_POINTS if name.startswith(("operation.", "settle_operation."))]
# Points that are passed before the capture has its end, so that the refund is met with the second passage.
BEFORE_ITS_END = {"operation.before_call", "operation.after_call", "settle_operation.before_commit"}
REFUNDING = [name for name in CRASH_POINTS if name.startswith("refund_by_staff.")]
LOOKING_FIRST = [name for name in CRASH_POINTS if name.startswith("burn_key.")]
ENDING = [name for name in CRASH_POINTS if name.startswith(("expire.", "end_unpaid_order."))]

ONE_EURO = {"amount": {"amount": "1.00", "currency": "EUR"}}

RECOVER = """
from datetime import timedelta
from django.utils import timezone
from config.kernel.actors import system
from orders.placing.recovering import expire_orders, recover_payments

now = timezone.now() + timedelta(minutes=3)
recover_payments(by=system("tests"), now=now)
expire_orders(by=system("tests"), now=timezone.now())
"""

LOOK = f"""
import os
from django.core.management import call_command
from django.utils import timezone
from config.kernel.actors import system
from config.kernel.dispatcher import run_pending
from orders.payment.models import ProviderMessage
from orders.placing.recovering import fold_message

news = ProviderMessage.objects.filter(state="received", received_at__gt=os.environ["SINCE"])
for message_id in news.values_list("public_id", flat=True):
    fold_message(message_id=message_id, by=system("tests"), now=timezone.now())
run_pending(now=timezone.now())
call_command("check_invariants", "--in", {LATER!r})
"""


@pytest.fixture(scope="module")
def stripe() -> Iterator[FakeStripe]:
    with running_fake_stripe() as fake:
        yield fake


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, stripe: FakeStripe) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=(), web_processes=1) as shop:
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


def recovered(shop: Shop) -> datetime:
    """The jobs ran to their end; the moment at which they began."""
    began = datetime.now(tz=UTC)
    assert recovers(shop) == 0
    return began


def leaves_nothing(shop: Shop, stripe: FakeStripe, *, since: datetime) -> bool:
    """Whether all rules hold an hour later though no job runs until then; the broken ones go where errors go.

    What the provider told `since` the recovery began is news of what the recovery did, and is folded before.
    """
    assert stripe.control.wait_until_quiet()
    return shop.run(LOOK, SINCE=since.isoformat()) == 0


def bought(shop: Shop) -> str:
    """A guest's order that waits for its card."""
    with wire_to(shop) as wire:
        cart = fill_cart(wire, sku=some_sku(wire))
        reply = cart.place(wire, key=str(uuid4()), wish=BY_CARD)
    return str(reply.json()["id"])


def paid(shop: Shop, stripe: FakeStripe) -> str:
    """A guest's order whose card was charged; its webhook lies in our inbox."""
    order = bought(shop)
    stripe.control.pay(intent=intent_of(stripe, order))
    assert stripe.control.wait_until_quiet()
    return order


def sent(shop: Shop, stripe: FakeStripe) -> str:
    """A guest's order that left, and whose money was taken."""
    order = paid(shop, stripe)
    assert recovers(shop) == 0
    asks(shop, f"/staff/v1/orders/{order}/parcels", {})
    assert recovers(shop) == 0
    return order


def asks(shop: Shop, path: str, body: object, *, key: str | None = None) -> None:
    """The packer asks for something until she is answered."""
    token = f"Bearer {shop.accounts['packer']}"
    key = key or str(uuid4())
    with wire_to(shop) as wire:
        reply = insist(
            lambda wire: wire.ask("POST", path, body, Authorization=token, Idempotency_Key=key), wire=wire
        )
    assert reply.status == 201, reply.body


def attempts_of(shop: Shop, order: str) -> list[tuple[str, str]]:
    """Method and state of an order's attempts, oldest first."""
    attempts = """
        SELECT method, attempt.state FROM orders_paymentattempt AS attempt
        JOIN orders_order AS placed ON placed.id = attempt.order_id WHERE placed.public_id = %s ORDER BY attempt.id
    """
    return [(str(method), str(state)) for method, state in shop.rows(attempts, order)]


def runs_out(shop: Shop, order: str, *, ago: str = "1 second") -> None:
    """Her time to pay is over."""
    shop.execute("UPDATE orders_order SET pay_by = now() - %s::interval WHERE public_id = %s", ago, order)


def intent_of(stripe: FakeStripe, order: str) -> str:
    """The one intent of an order."""
    (intent,) = [each["id"] for each in stripe.control.intents() if each["metadata"]["order_id"] == order]
    return str(intent)


def state_of(shop: Shop, order: str) -> str:
    ((state,),) = shop.rows("SELECT state FROM orders_order WHERE public_id = %s", order)
    return str(state)


def refunded_at(stripe: FakeStripe, order: str) -> list[int]:
    """The sums that the provider gave back of an order's one intent."""
    intent = intent_of(stripe, order)
    return [int(each["amount"]) for each in stripe.control.refunds() if each["payment_intent"] == intent]


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
        since = recovered(shop)

        assert orders_of(shop, cart) == [order]
        assert state_of(shop, order) == "confirmed"
        assert leaves_nothing(shop, stripe, since=since)


@pytest.mark.long
@pytest.mark.parametrize("point", BEGINNING)
def test_a_web_process_may_die_while_another_payment_is_begun(
    point: str, shop: Shop, stripe: FakeStripe, tmp_path: Path
) -> None:
    died, key = tmp_path / "died", str(uuid4())
    with running(shop, "web", CRASH_AT=point, CRASH_ONCE=str(died)), wire_to(shop) as wire:
        placed = fill_cart(wire, sku=some_sku(wire)).place(wire, key=str(uuid4()), wish=BY_CARD).json()
        order, path = placed["id"], f"/store/v1/orders/{placed['id']}/payments"
        card = intent_of(stripe, order)

        def tries(wire: Wire) -> Reply:
            wish = {"payment_method": "mobilepay"}
            return wire.ask("POST", path, wish, X_Order_Secret=placed["secret"], Idempotency_Key=key)

        with pytest.raises(ConnectionLost):
            tries(wire)
        assert died.exists(), "it was not this point that ended the process"
        assert insist(tries, wire=wire).status == 201
        (mobile,) = [each["id"] for each in stripe.control.intents(order_id=order) if each["id"] != card]
        stripe.control.pay(intent=mobile)
        assert stripe.control.wait_until_quiet()
        since = recovered(shop)

    assert state_of(shop, order) == "confirmed"
    assert attempts_of(shop, order) == [("card", "cancelled"), ("mobilepay", "secured")]
    (given_up,) = [each for each in stripe.control.intents(order_id=order) if each["id"] == card]
    assert given_up["status"] == "canceled"
    assert leaves_nothing(shop, stripe, since=since)


@pytest.mark.long
@pytest.mark.parametrize("point", REFUNDING)
def test_a_web_process_may_die_while_a_refund_is_asked_for(
    point: str, shop: Shop, stripe: FakeStripe, tmp_path: Path
) -> None:
    died = tmp_path / "died"
    with running(shop, "web", CRASH_AT=point, CRASH_ONCE=str(died)):
        order = sent(shop, stripe)
        asks(shop, f"/staff/v1/orders/{order}/refunds", ONE_EURO)
        assert died.exists(), "it was not this point that ended the process"
        since = recovered(shop)

    assert [entry for entry in ledger_of(shop, order) if entry[0] == "refunded"] == [("refunded", -100)]
    assert refunded_at(stripe, order) == [100]
    assert leaves_nothing(shop, stripe, since=since)


@pytest.mark.long
@pytest.mark.parametrize("point", REFUSING)
def test_a_worker_may_die_while_it_writes_down_that_a_payment_is_refused(
    point: str, open_shop: Shop, stripe: FakeStripe
) -> None:
    shop, order = open_shop, bought(open_shop)
    del stripe.control._server.book.intents[intent_of(stripe, order)]  # nobody's door offers this

    assert recovers(shop, CRASH_AT=point) == -signal.SIGKILL
    assert recovers(shop) == 0

    assert (state_of(shop, order), attempts_of(shop, order)) == ("pending_payment", [("card", "failed")])
    told = "SELECT count(*)::int FROM kernel_storedevent WHERE name = %s AND data ->> 'order_id' = %s"
    assert shop.rows(told, "orders.payment_failed", order) == [(1,)]
    runs_out(shop, order, ago="11 minutes")  # for ten of them a provider is waited for
    since = recovered(shop)
    assert state_of(shop, order) == "cancelled"
    assert leaves_nothing(shop, stripe, since=since)


@pytest.mark.long
@pytest.mark.parametrize("point", ASKING_ANEW)
def test_a_worker_may_die_while_it_takes_another_key_for_a_payment(
    point: str, open_shop: Shop, stripe: FakeStripe
) -> None:
    shop = open_shop
    stripe.control.fail_next(fault="error_after", where="POST /v1/payment_intents$")
    order = bought(shop)
    del stripe.control._server.book.intents[intent_of(stripe, order)]  # it broke before it made one

    assert recovers(shop, CRASH_AT=point) == -signal.SIGKILL
    assert recovers(shop) == 0

    stripe.control.pay(intent=intent_of(stripe, order))
    assert stripe.control.wait_until_quiet()
    since = recovered(shop)
    assert (state_of(shop, order), attempts_of(shop, order)) == ("confirmed", [("card", "secured")])
    assert leaves_nothing(shop, stripe, since=since)


@pytest.mark.parametrize("point", FOLDING)
def test_a_worker_may_die_while_it_folds_what_the_provider_said(
    point: str, open_shop: Shop, stripe: FakeStripe
) -> None:
    shop, order = open_shop, paid(open_shop, stripe)

    assert recovers(shop, CRASH_AT=point) == -signal.SIGKILL
    since = recovered(shop)

    assert state_of(shop, order) == "confirmed"
    assert leaves_nothing(shop, stripe, since=since)


def test_what_a_kill_leaves_in_the_air_is_found_unless_somebody_recovers_it(
    open_shop: Shop, stripe: FakeStripe
) -> None:
    """The control of all others here: asked as of now, the rules would grant it some more minutes."""
    shop, order = open_shop, paid(open_shop, stripe)
    assert recovers(shop, CRASH_AT="message.after_call") == -signal.SIGKILL

    assert not leaves_nothing(shop, stripe, since=datetime.now(tz=UTC))
    assert shop.violated_invariants() == ""
    assert "messages of providers that nobody has looked at" in shop.violated_invariants(later=LATER)

    since = recovered(shop)
    assert state_of(shop, order) == "confirmed"
    assert leaves_nothing(shop, stripe, since=since)


@pytest.mark.parametrize("point", SETTLING)
def test_a_worker_may_die_while_money_is_taken_and_given_back(
    point: str, open_shop: Shop, stripe: FakeStripe
) -> None:
    shop, order = open_shop, paid(open_shop, stripe)
    assert recovers(shop) == 0
    asks(shop, f"/staff/v1/orders/{order}/parcels", {})
    asks(shop, f"/staff/v1/orders/{order}/refunds", ONE_EURO)

    assert recovers(shop, CRASH_AT=point) == -signal.SIGKILL  # at the capture
    assert recovers(shop, CRASH_AT=f"{point}:2" if point in BEFORE_ITS_END else point) == -signal.SIGKILL
    since = recovered(shop)

    total = next(
        each["amount"] for each in stripe.control.intents() if each["id"] == intent_of(stripe, order)
    )
    assert ledger_of(shop, order) == [("captured", total), ("refunded", -100)]
    assert leaves_nothing(shop, stripe, since=since)


@pytest.mark.long
@pytest.mark.parametrize("point", LOOKING_FIRST)
def test_a_worker_may_die_while_it_takes_another_key_for_a_refund(
    point: str, open_shop: Shop, stripe: FakeStripe
) -> None:
    shop, order = open_shop, sent(open_shop, stripe)
    asks(shop, f"/staff/v1/orders/{order}/refunds", ONE_EURO)
    stripe.control.fail_next(fault="error_after", where="POST /v1/refunds$")

    assert recovers(shop, CRASH_AT=point) == -signal.SIGKILL
    if point.endswith("before_commit"):
        assert recovers(shop) == 0  # it learns anew that the key is burnt; the next run looks first
    since = recovered(shop)

    assert [entry for entry in ledger_of(shop, order) if entry[0] == "refunded"] == [("refunded", -100)]
    assert refunded_at(stripe, order) == [100]
    assert leaves_nothing(shop, stripe, since=since)


@pytest.mark.parametrize("point", ENDING)
def test_a_worker_may_die_while_it_ends_an_order(point: str, open_shop: Shop, stripe: FakeStripe) -> None:
    shop, order = open_shop, bought(open_shop)
    runs_out(shop, order)

    assert recovers(shop, CRASH_AT=point) == -signal.SIGKILL
    since = recovered(shop)

    assert state_of(shop, order) == "cancelled"
    kept = "SELECT count(*) FROM orders_reservation WHERE state = 'active' AND order_ref = %s"
    assert shop.rows(kept, order) == [(0,)]
    assert leaves_nothing(shop, stripe, since=since)


def test_afterwards_the_provider_holds_what_the_ledger_says(shop: Shop, stripe: FakeStripe) -> None:
    with running(shop, "worker"):
        open_work = "SELECT count(*) FROM orders_paymentoperation WHERE state = 'pending'"
        eventually(lambda: shop.rows(open_work) == [(0,)], within_s=30)
        eventually(lambda: is_all_delivered(shop), within_s=30)
    sums = """
        SELECT coalesce(sum(amount_minor), 0)::bigint FROM orders_paymententry WHERE kind IN ('captured', 'refunded')
    """
    money = stripe.control.money()

    assert shop.rows(sums) == [(money["captured"] - money["refunded"],)]
    assert shop.violated_invariants(later=LATER) == ""
