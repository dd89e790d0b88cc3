"""Money and the end of an order meet at one moment: first the races without the order's lock, then with it."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from config.kernel.actors import Actor
from config.kernel.invariants import check
from config.kernel.models import StoredEvent
from orders.agreement.models import Order, OrderStep
from orders.locations.models import Location
from orders.parcels.services import dispatch_parcel
from orders.payment.disputes import record_dispute
from orders.payment.models import Dispute, OperationKind, PaymentAttempt, PaymentEntry, PaymentOperation
from orders.payment.ports import DisputeSeen, DisputeStatus, IntentSeen, IntentStatus
from orders.payment.queries import sum_operations
from orders.payment.rules import PAY_WITHIN
from orders.placing.paying import AskedRefund, refund_by_staff, write_answer
from orders.placing.recovering import end_unpaid_order
from orders.placing.services import PlacedOrder
from orders.stock.models import Reservation, StockLevel
from tests.concurrency.controls import outrun_by, unlocked
from tests.concurrency.together import kinds, together
from tests.concurrency.waiting import reading_before_writing
from tests.factories.orders import MACHINERY, StockLevelFactory, line, packer_at, placed

pytestmark = pytest.mark.django_db(transaction=True)

_HEAD_STARTS_S = [
    turn * 0.0005 for turn in range(-4, 5)
]  # who comes first, and by how much; nobody in the middle

RACES = 500

PAID = ("confirmed", "secured", ("active", None), 0)
ENDED = ("cancelled", "cancelled", ("released", "held"), 1)


@pytest.fixture(autouse=True)
def cards_are_taken(settings: Any) -> None:
    settings.STRIPE_API_KEY = "sk_test_of_nobody"


def waiting(now: datetime) -> PlacedOrder:
    """An order by card over 100.00, whose hold ends after `PAY_WITHIN`."""
    return placed(line("SOFA", unit_gross_minor=8510), now=now, payment_method="card")


def pays(order: PlacedOrder, now: datetime) -> None:
    """The news that the whole sum is authorised, at the end of the hold."""
    attempt = PaymentAttempt.objects.get(order__public_id=order.order_id)
    seen = IntentSeen(
        ref=f"pi_{attempt.public_id.hex}",
        attempt_id=attempt.public_id,
        status=IntentStatus.AUTHORISED,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        captures_in_parts=True,
    )
    write_answer(attempt_id=attempt.public_id, seen=seen, by=MACHINERY, now=now + PAY_WITHIN)


def ends(order: PlacedOrder, now: datetime) -> None:
    """The job that ends what was not paid in time."""
    end_unpaid_order(order_id=order.order_id, by=MACHINERY, now=now + PAY_WITHIN)


def take_the_locks_out(patch: pytest.MonkeyPatch) -> None:
    """Whoever would lock the order reads it instead, and both have read before either goes on."""
    reads = unlocked(2)
    for module in ("paying", "recovering"):
        patch.setattr(f"orders.placing.{module}.lock", reads)


def stands() -> dict[UUID, tuple[Any, ...]]:
    """Of each order: its state, its payment's, its stock, and how often its money was asked back."""
    releases = Counter(
        PaymentOperation.objects.filter(kind=OperationKind.RELEASE).values_list("order", flat=True)
    )
    stock = {
        row.order_ref: (row.state, "held" if row.held_until else None) for row in Reservation.objects.all()
    }
    attempts = PaymentAttempt.objects.select_related("order")
    return {
        row.order.public_id: (
            row.order.state,
            row.state,
            stock[row.order.public_id],
            releases[row.order_id],
        )
        for row in attempts
    }


def told(name: str) -> int:
    """How often an event was told."""
    return StoredEvent.objects.filter(name=name).count()


# --- Paid and ended


def test_without_the_lock_an_order_that_was_just_paid_is_ended(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    StockLevelFactory(sku="SOFA")
    order = waiting(now)
    monkeypatch.setattr("orders.placing.recovering.lock", outrun_by(lambda: pays(order, now)))

    ends(order, now)

    assert list(OrderStep.objects.order_by("pk").values_list("state", flat=True)) == [
        "pending_payment",
        "confirmed",
        "cancelled",
    ]


def test_without_the_lock_two_jobs_end_one_order_and_its_history_refuses_one(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    StockLevelFactory(sku="SOFA")
    order = waiting(now)
    take_the_locks_out(monkeypatch)

    results = reading_before_writing(Order, *[lambda: ends(order, now)] * 2)

    assert kinds(results) == ["IntegrityError", "done"]
    assert any("orderstep_once" in str(result) for result in results)


def test_orders_that_are_paid_while_two_jobs_end_them_are_one_or_the_other(now: datetime) -> None:
    """G10: paid, and its goods are kept; or ended, its stock free once, and its money asked back once."""
    StockLevelFactory(sku="SOFA", on_hand=RACES)
    orders = [waiting(now) for _ in range(RACES)]
    pay, end, end_too = in_step(
        orders, lambda order: pays(order, now), lambda order: ends(order, now), lambda order: ends(order, now)
    )

    assert kinds(together(pay, end, end_too)) == ["done"] * 3

    found = Counter(stands().values())
    assert found.keys() == {PAID, ENDED}, "each of them came first now and then"
    assert found.total() == RACES
    assert StockLevel.objects.get().reserved == found[PAID]
    assert told("orders.order_confirmed") == found[PAID]
    assert told("orders.order_cancelled") == found[ENDED]
    assert check(now=now) == []


def in_step(
    orders: Sequence[PlacedOrder],
    first: Callable[[PlacedOrder], None],
    *others: Callable[[PlacedOrder], None],
) -> list[Callable[[], None]]:
    """Rivals that meet at every order, the first now a little before the others and now a little after."""
    barrier = threading.Barrier(1 + len(others), timeout=20)

    def go_through(act: Callable[[PlacedOrder], None], sign: int) -> Callable[[], None]:
        def run() -> None:
            for turn, order in enumerate(orders):
                barrier.wait()
                time.sleep(max(0.0, sign * _HEAD_STARTS_S[turn % len(_HEAD_STARTS_S)]))
                act(order)

        return run

    return [go_through(first, 1), *(go_through(other, -1) for other in others)]


# --- News of one payment


def test_without_the_lock_two_news_of_one_payment_confirm_the_order_twice_and_its_history_refuses_one(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    StockLevelFactory(sku="SOFA")
    order = waiting(now)
    take_the_locks_out(monkeypatch)

    results = reading_before_writing(Order, *[lambda: pays(order, now)] * 2)

    assert kinds(results) == ["IntegrityError", "done"]
    assert any("orderstep_once" in str(result) for result in results)


def test_eight_readers_of_the_same_news_confirm_the_order_once(now: datetime) -> None:
    StockLevelFactory(sku="SOFA")
    order = waiting(now)

    results = together(*[lambda: pays(order, now)] * 8)

    assert kinds(results) == ["done"] * 8
    assert (stands()[order.order_id], told("orders.order_confirmed")) == (PAID, 1)
    assert check(now=now) == []


# --- Refunds of what was taken by card


@pytest.fixture
def refund(now: datetime) -> Callable[[int], AskedRefund]:
    """Give so much back of an order over 100.00, paid by card, that has left."""
    StockLevelFactory(sku="SOFA")
    order = waiting(now)
    pays(order, now)
    packer = packer_at(Location.objects.get())
    dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)

    def give(amount_minor: int, by: Actor = packer) -> AskedRefund:
        return refund_by_staff(order_id=order.order_id, amount_minor=amount_minor, by=by, now=now)

    return give


def given_back() -> tuple[int, int]:
    """What was taken, and what was asked back of it."""
    attempt = PaymentAttempt.objects.get()
    return tuple(  # type: ignore[return-value]
        sum_operations(attempt=attempt, kind=kind) for kind in (OperationKind.CAPTURE, OperationKind.REFUND)
    )


def test_without_the_lock_two_clerks_give_back_more_than_was_taken(
    refund: Callable[[int], AskedRefund], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_locks_out(monkeypatch)

    results = reading_before_writing(PaymentOperation, *[lambda: refund(6000)] * 2)

    assert kinds(results) == ["done", "done"]
    assert given_back() == (10_000, 12_000)


def test_of_thirty_refunds_of_a_tenth_at_once_exactly_ten_are_asked_for(
    refund: Callable[[int], AskedRefund], now: datetime
) -> None:
    results = together(*[lambda: refund(1000)] * 30)

    assert Counter(kinds(results)) == {"done": 10, "RefundExceedsCaptured": 20}
    assert given_back() == (10_000, 10_000)
    assert Order.objects.get().state == "completed"
    assert check(now=now) == []


# --- News of a dispute


def hears(
    order: PlacedOrder, now: datetime, status: DisputeStatus, *, taken: int = 0, returned: int = 0
) -> None:
    """What the provider shows of the one dispute about the order's payment."""
    attempt = PaymentAttempt.objects.get(order__public_id=order.order_id)
    seen = DisputeSeen(
        ref="du_1",
        intent_ref=attempt.provider_ref or "",
        status=status,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        reason="fraudulent",
        taken_minor=taken,
        returned_minor=returned,
        evidence_due_at=None,
        opened_at=now,
    )
    record_dispute(attempt_id=attempt.public_id, seen=seen, by=MACHINERY, now=now)


@pytest.mark.parametrize(("known", "rule"), [(False, "provider_ref"), (True, "paymententry_once")])
def test_without_the_lock_two_readers_of_one_dispute_enter_it_twice_and_a_key_refuses_one(
    known: bool, rule: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    StockLevelFactory(sku="SOFA")
    order = waiting(now)
    pays(order, now)
    if known:
        hears(order, now, DisputeStatus.INQUIRY)
    monkeypatch.setattr("orders.payment.disputes.lock", unlocked(2))

    results = reading_before_writing(
        Dispute, *[lambda: hears(order, now, DisputeStatus.LOST, taken=10_000)] * 2
    )

    assert kinds(results) == ["IntegrityError", "done"]
    assert any(rule in str(result) for result in results)


def test_twelve_readers_of_all_news_of_a_dispute_enter_its_money_once(now: datetime) -> None:
    StockLevelFactory(sku="SOFA")
    order = waiting(now)
    pays(order, now)
    news: list[Callable[[], None]] = [
        lambda: hears(order, now, DisputeStatus.INQUIRY),
        lambda: hears(order, now, DisputeStatus.NEEDS_RESPONSE, taken=10_000),
        lambda: hears(order, now, DisputeStatus.LOST, taken=10_000),
        lambda: hears(order, now, DisputeStatus.WON, taken=10_000, returned=10_000),
    ]

    results = together(*news * 3)

    assert kinds(results) == ["done"] * 12
    assert Dispute.objects.get().state == "won"
    assert sorted(PaymentEntry.objects.values_list("kind", "amount_minor")) == [
        ("disputed", -10_000),
        ("reinstated", 10_000),
    ]
    assert check(now=now) == []
