"""The last unit is sold once: first the proof that the race is real, then that the lock wins it.

`lock` is patched in the controls, and nowhere else (`decisions.md`, "Stock").
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from config.kernel.db import Chosen, lock, open_transaction
from config.kernel.ids import new_id
from config.kernel.invariants import check
from config.kernel.roles import as_owner
from orders.agreement.models import Order
from orders.locations.queries import list_sources
from orders.payment.rules import PAY_WITHIN
from orders.placing.recovering import end_unpaid_order
from orders.placing.services import PlacedOrder
from orders.stock.models import StockLevel
from orders.stock.services import receive_stock, release_reserved, reserve_stock, set_stock
from tests.concurrency.controls import unlocked
from tests.concurrency.together import kinds, together
from tests.concurrency.waiting import overlapping
from tests.factories.orders import MACHINERY, LocationFactory, StockLevelFactory, line, placed

pytestmark = pytest.mark.django_db(transaction=True)
LAST_LINE = "stocklevel_reserved_within_on_hand"


def buyers(count: int, now: datetime, *skus: str) -> list[Callable[[], PlacedOrder]]:
    def buy() -> PlacedOrder:
        return placed(*(line(sku) for sku in skus), now=now)

    return [buy] * count


@pytest.fixture
def without_the_last_line(db: None) -> Iterator[None]:
    """This database forgets the CHECK for one test, and gets it back when the oversold rows are gone."""
    constraint = next(rule for rule in StockLevel._meta.constraints if rule.name == LAST_LINE)
    with as_owner(), connection.schema_editor() as editor:
        editor.remove_constraint(StockLevel, constraint)
    yield
    with as_owner():
        connection.cursor().execute("TRUNCATE orders_stocklevel CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(StockLevel, constraint)


def test_without_the_lock_two_buyers_of_the_last_unit_meet_the_check(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    StockLevelFactory(sku="LAST", on_hand=1)
    monkeypatch.setattr("orders.stock.services.lock", unlocked(2))

    results = together(*buyers(2, now, "LAST"))

    assert kinds(results) == ["IntegrityError", "done"]
    assert any(LAST_LINE in str(result) for result in results)
    assert StockLevel.objects.get().reserved == 1


def test_without_the_lock_and_the_check_the_last_unit_is_sold_twice(
    without_the_last_line: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    StockLevelFactory(sku="LAST", on_hand=1)
    monkeypatch.setattr("orders.stock.services.lock", unlocked(2))

    results = together(*buyers(2, now, "LAST"))

    assert kinds(results) == ["done", "done"]
    assert StockLevel.objects.get().reserved == 2
    assert "I2" in {violation.code for violation in check(now=now)}


def test_the_last_unit_is_sold_once(now: datetime) -> None:
    StockLevelFactory(sku="LAST", on_hand=1)

    # Both are held up where they touch the level first: there they must not have read it yet.
    results = overlapping(lambda: lock(StockLevel.objects.all()), *buyers(2, now, "LAST"))

    assert kinds(results) == ["OutOfStock", "done"]
    assert StockLevel.objects.get().reserved == 1
    assert Order.objects.count() == 1
    assert check(now=now) == []


def test_of_twenty_buyers_of_seven_units_seven_get_one(now: datetime) -> None:
    StockLevelFactory(sku="FEW", on_hand=7)

    results = together(*buyers(20, now, "FEW"))

    assert Counter(kinds(results)) == {"done": 7, "OutOfStock": 13}
    assert (Order.objects.count(), StockLevel.objects.get().available) == (7, 0)
    assert check(now=now) == []


def locking_in_the_order_of_the_basket(baskets: dict[str, list[str]]) -> Callable[[Chosen[Any]], list[Any]]:
    """A `lock` that takes the rows one by one as each thread's basket names them, all rivals step by step."""
    step = threading.Barrier(len(baskets), timeout=10)

    def take(rows: Chosen[StockLevel]) -> list[StockLevel]:
        levels = StockLevel.objects.filter(pk__in=[level.pk for level in rows])
        found = []
        for sku in baskets[threading.current_thread().name]:
            found += lock(levels.filter(sku=sku))
            if len(found) == 1:
                step.wait()
        return found

    return take


def test_locked_in_the_order_of_their_baskets_two_buyers_wait_for_each_other(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sku in ("A", "B"):
        StockLevelFactory(sku=sku)
    baskets = {"first": ["A", "B"], "second": ["B", "A"]}
    monkeypatch.setattr("orders.stock.services.lock", locking_in_the_order_of_the_basket(baskets))

    def buy(name: str) -> PlacedOrder:
        threading.current_thread().name = name
        return placed(line("A"), line("B"), now=now)

    results = together(lambda: buy("first"), lambda: buy("second"))

    assert kinds(results) == ["Busy", "done"], "PostgreSQL ended the deadlock by refusing one of them"


def test_baskets_in_any_order_never_wait_for_each_other(now: datetime) -> None:
    skus = [StockLevelFactory(on_hand=100).sku for _ in range(5)]

    def buy(turn: int) -> list[PlacedOrder]:
        basket = skus[turn:] + skus[:turn]
        orders = []
        for _ in range(4):
            orders.append(placed(*(line(sku) for sku in basket), now=now))
            basket = basket[::-1]
        return orders

    results = together(*(lambda turn=turn: buy(turn) for turn in range(5)))

    assert kinds(results) == ["done"] * 5
    assert set(StockLevel.objects.values_list("reserved", flat=True)) == {20}
    assert check(now=now) == []


def test_a_count_and_a_sale_do_not_lose_each_other(now: datetime) -> None:
    StockLevelFactory(sku="SOFA", on_hand=10)

    def count() -> None:
        with open_transaction():
            set_stock(location="LAHTI", units={"SOFA": 6}, by=MACHINERY, now=now)

    def reserve() -> None:
        with open_transaction():
            reserve_stock(
                order_ref=new_id(),
                wanted={"SOFA": 1},
                sources=list_sources(),
                held_until=None,
                by=MACHINERY,
                now=now,
            )

    results = together(count, *[reserve] * 6)

    level = StockLevel.objects.get()
    assert "IntegrityError" not in kinds(results)
    assert (level.on_hand, level.reserved) == (6, 6)


def test_two_first_deliveries_of_one_sku_begin_one_level(now: datetime) -> None:
    location = StockLevelFactory().location

    def receive() -> None:
        with open_transaction():
            receive_stock(location=location.code, units={"NEW": 3}, by=MACHINERY, now=now)

    results = together(*[receive] * 4)

    assert kinds(results) == ["done"] * 4
    assert StockLevel.objects.get(sku="NEW").on_hand == 12
    assert check(now=now) == []


# --- Baskets that come from two places


@pytest.fixture
def two_places(transactional_db: None) -> None:
    """Five lamps in Lahti and five rugs in Turku: whoever wants both gets them in two parcels."""
    StockLevelFactory(sku="LAMP", on_hand=5)
    turku = LocationFactory(code="TURKU", name="Turku", city="Turku", priority=2)
    StockLevelFactory(sku="RUG", on_hand=5, location=turku)


def test_without_the_lock_a_basket_from_two_places_meets_the_check_and_is_undone_at_both(
    two_places: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_transaction():
        set_stock(location="TURKU", units={"RUG": 1}, by=MACHINERY, now=now)
    monkeypatch.setattr("orders.stock.services.lock", unlocked(2))

    results = together(*buyers(2, now, "LAMP", "RUG"))

    assert kinds(results) == ["IntegrityError", "done"]
    assert dict(StockLevel.objects.values_list("sku", "reserved")) == {"LAMP": 1, "RUG": 1}


def test_of_twelve_baskets_from_two_places_five_are_sold_in_whole(two_places: None, now: datetime) -> None:
    results = together(*buyers(6, now, "LAMP", "RUG"), *buyers(6, now, "RUG", "LAMP"))

    assert Counter(kinds(results)) == {"done": 5, "OutOfStock": 7}
    assert dict(StockLevel.objects.values_list("sku", "reserved")) == {"LAMP": 5, "RUG": 5}
    assert sorted(order.deliveries.count() for order in Order.objects.all()) == [2] * 5
    assert check(now=now) == []


# --- Holds that end


def held(now: datetime, settings: Any) -> PlacedOrder:
    """An order that waits for its card."""
    settings.STRIPE_API_KEY = "sk_test_of_nobody"
    return placed(line("LAST"), now=now, payment_method="card")


def release(order: PlacedOrder, now: datetime) -> None:
    with open_transaction():
        release_reserved(order_ref=order.order_id, by=MACHINERY, now=now)


def test_without_the_lock_a_hold_that_is_released_twice_meets_the_check(
    now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    StockLevelFactory(sku="LAST", on_hand=1)
    order = held(now, settings)
    monkeypatch.setattr("orders.stock.services.lock", unlocked(2))

    results = together(*[lambda: release(order, now)] * 2)

    assert kinds(results) == ["IntegrityError", "done"]
    assert any("stocklevel_reserved_not_negative" in str(result) for result in results)


def test_a_hold_is_released_once(now: datetime, settings: Any) -> None:
    StockLevelFactory(sku="LAST", on_hand=1)
    order = held(now, settings)

    results = together(*[lambda: release(order, now)] * 6)

    assert kinds(results) == ["done"] * 6
    level = StockLevel.objects.get()
    assert (level.reserved, level.available, level.revision) == (0, 1, 2)


def test_units_that_come_free_while_others_want_them_are_sold_once(now: datetime, settings: Any) -> None:
    StockLevelFactory(sku="LAST", on_hand=5)
    orders = [held(now, settings) for _ in range(5)]
    over = now + PAY_WITHIN

    def end(order: PlacedOrder) -> None:
        end_unpaid_order(order_id=order.order_id, by=MACHINERY, now=over)

    results = together(*(lambda order=order: end(order) for order in orders * 2), *buyers(10, now, "LAST"))

    found = Counter(kinds(results))
    sold = found["done"] - 10  # ten ends, of which each order had two
    assert found.keys() <= {"done", "OutOfStock"}
    assert StockLevel.objects.get().reserved == sold <= 5
    assert sorted(Order.objects.values_list("state", flat=True)) == ["cancelled"] * 5 + ["confirmed"] * sold
    assert check(now=now) == []
