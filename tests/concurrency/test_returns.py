"""Parcels, returns and credits of one order wait for each other: first the races without the lock, then with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from config.kernel.actors import Actor
from config.kernel.invariants import check
from orders.agreement.models import Order
from orders.agreement.queries import order_secret
from orders.locations.models import Location
from orders.parcels.models import Parcel
from orders.parcels.services import dispatch_parcel
from orders.payment.models import PaymentEntry
from orders.placing.services import PlacedOrder
from orders.returns.models import Return, ReturnLine
from orders.returns.queries import ReturnCard
from orders.returns.rules import AnnouncedLine
from orders.returns.services import announce_return, credit_return, receive_return
from orders.stock.models import StockLevel
from tests.concurrency.controls import unlocked
from tests.concurrency.together import kinds, together
from tests.factories.orders import GUEST, StockLevelFactory, delivered, line, packer_at, placed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(transactional_db: None, now: datetime) -> PlacedOrder:
    """Ten cushions at 39.90."""
    StockLevelFactory(sku="CUSHION", on_hand=20)
    return placed(line("CUSHION", 10, unit_gross_minor=3990), now=now)


@pytest.fixture
def packer(order: PlacedOrder) -> Actor:
    """Somebody in the warehouse."""
    return packer_at(Location.objects.get())


@pytest.fixture
def shipped(order: PlacedOrder, packer: Actor, now: datetime) -> PlacedOrder:
    """All ten have left."""
    delivered(order, by=packer, now=now)
    return order


@pytest.fixture
def announce(shipped: PlacedOrder, now: datetime) -> Callable[[int], ReturnCard]:
    """Announce the return of so many cushions."""
    secret = order_secret(order_id=shipped.order_id)
    line_id = Order.objects.get().lines.get().public_id

    def of(quantity: int) -> ReturnCard:
        lines = [AnnouncedLine(line_id=line_id, quantity=quantity)]
        return announce_return(
            order_id=shipped.order_id, secret=secret, lines=lines, reason="", by=GUEST, now=now
        )

    return of


@pytest.fixture
def received(announce: Callable[[int], ReturnCard], packer: Actor, now: datetime) -> ReturnCard:
    """Two cushions are back."""
    return_id = announce(2).return_id
    return receive_return(return_id=return_id, by=packer, now=now)


def units_coming_back() -> int:
    return sum(ReturnLine.objects.values_list("quantity", flat=True))


def test_without_the_lock_the_same_units_are_announced_twice(
    announce: Callable[[int], ReturnCard], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.returns.services.lock", unlocked(2))

    results = together(lambda: announce(10), lambda: announce(10))

    assert kinds(results) == ["done", "done"]
    assert units_coming_back() == 20
    assert "I16" in {violation.code for violation in check(now=now)}


def test_units_are_announced_once(announce: Callable[[int], ReturnCard], now: datetime) -> None:
    results = together(*[lambda: announce(3)] * 6)

    assert kinds(results) == ["MoreThanReturnable"] * 3 + ["done"] * 3
    assert units_coming_back() == 9
    assert check(now=now) == []


def test_without_the_lock_one_return_is_credited_by_two_and_a_constraint_stops_one(
    received: ReturnCard, packer: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.returns.services.lock", unlocked(2))

    results = together(*[lambda: credit_return(return_id=received.return_id, by=packer, now=now)] * 2)

    assert kinds(results) == ["IntegrityError", "done"], "both had seen that it was not credited"


def test_one_return_is_credited_once(received: ReturnCard, packer: Actor, now: datetime) -> None:
    results = together(*[lambda: credit_return(return_id=received.return_id, by=packer, now=now)] * 20)

    assert kinds(results) == ["IllegalMove"] * 19 + ["done"]
    assert [entry.amount_minor for entry in PaymentEntry.objects.filter(kind="credited")] == [-7980]
    assert check(now=now) == []


def test_ten_returns_credited_at_once_give_back_the_order_and_its_delivery_once(
    announce: Callable[[int], ReturnCard], packer: Actor, now: datetime
) -> None:
    returns = [announce(1).return_id for _ in range(10)]
    for return_id in returns:
        receive_return(return_id=return_id, by=packer, now=now)

    def credit(return_id: Any) -> ReturnCard:
        return credit_return(return_id=return_id, by=packer, now=now)

    results = together(*(lambda return_id=return_id: credit(return_id) for return_id in returns))

    assert kinds(results) == ["done"] * 10
    assert sum(PaymentEntry.objects.values_list("amount_minor", flat=True)) == 0
    assert sorted(Return.objects.values_list("credited_delivery_minor", flat=True)) == [0] * 9 + [1490]
    assert check(now=now) == []


def test_goods_that_two_clerks_receive_come_into_stock_once(
    announce: Callable[[int], ReturnCard], packer: Actor, now: datetime
) -> None:
    return_id = announce(4).return_id

    results = together(*[lambda: receive_return(return_id=return_id, by=packer, now=now)] * 4)

    assert kinds(results) == ["IllegalMove"] * 3 + ["done"]
    assert StockLevel.objects.get().on_hand == 14
    assert check(now=now) == []


def test_without_the_lock_two_packers_send_the_same_units(
    order: PlacedOrder, packer: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both must look before either has packed; when one is too quick for that, they try again with another order."""
    StockLevelFactory(sku="RUG", on_hand=100, location=Location.objects.get())
    results: list[Any] = []
    for _ in range(20):
        rug = placed(line("RUG"), now=now)
        monkeypatch.setattr("orders.parcels.services.lock", unlocked(2, patience_s=2))
        results = together(
            *[lambda rug=rug: dispatch_parcel(order_id=rug.order_id, lines=None, by=packer, now=now)] * 2
        )
        monkeypatch.undo()
        if kinds(results) == ["ValueError", "done"]:
            break

    assert kinds(results) == ["ValueError", "done"], (
        "the reservation, locked by stock, has nothing left for one"
    )


def test_two_packers_send_an_order_once(order: PlacedOrder, packer: Actor, now: datetime) -> None:
    results = together(
        *[lambda: dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)] * 4
    )

    assert kinds(results) == ["NothingToDispatch"] * 3 + ["done"]
    assert Parcel.objects.count() == 1
    assert check(now=now) == []


def test_parcels_returns_and_new_orders_of_the_same_goods_do_not_wait_for_each_other(
    announce: Callable[[int], ReturnCard], packer: Actor, now: datetime
) -> None:
    """Each locks an order first and stock afterwards, so no two of them hold what the other needs."""
    StockLevelFactory(sku="SOFA", on_hand=20)
    others = [placed(line("SOFA"), line("CUSHION"), now=now) for _ in range(3)]
    returns = [announce(1).return_id for _ in range(3)]

    results = together(
        *(
            lambda order=order: dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)
            for order in others
        ),
        *(
            lambda return_id=return_id: receive_return(return_id=return_id, by=packer, now=now)
            for return_id in returns
        ),
        *[lambda: placed(line("CUSHION"), line("SOFA"), now=now)] * 4,
    )

    assert kinds(results) == ["done"] * 10
    assert check(now=now) == []
