"""Units come, are kept for somebody, and leave."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from config.kernel.db import TransactionMisuse, open_transaction
from config.kernel.ids import new_id
from config.kernel.invariants import check
from config.kernel.models import StoredEvent
from orders.locations.models import Location
from orders.locations.queries import list_sources
from orders.stock.models import MovementKind, Reservation, ReservationState, StockLevel, StockMovement
from orders.stock.queries import get_available_units
from orders.stock.services import (
    CountBelowReserved,
    OutOfStock,
    confirm_reserved,
    receive_stock,
    release_reserved,
    reserve_stock,
    set_stock,
    take_back,
    take_reserved,
)
from tests.factories.orders import MACHINERY, LocationFactory, StockLevelFactory

pytestmark = pytest.mark.django_db


def level(sku: str) -> tuple[int, int]:
    row = StockLevel.objects.get(sku=sku)
    return row.on_hand, row.reserved


def told() -> list[tuple[str, int]]:
    events = StoredEvent.objects.filter(name="orders.stock_changed").order_by("id")
    return [(event.data["sku"], event.data["available"]) for event in events]


def reserve(now: datetime, *sources: Location, **wanted: int) -> dict[Location, dict[str, int]]:
    with open_transaction():
        return reserve_stock(
            order_ref=new_id(),
            wanted=wanted,
            sources=sources or list_sources(),
            held_until=None,
            by=MACHINERY,
            now=now,
        )


def test_receive_stock_writes_the_level_its_movement_and_says_so(lahti: Location, now: datetime) -> None:
    with open_transaction():
        receive_stock(location="LAHTI", units={"SOFA": 5}, by=MACHINERY, now=now)
    with open_transaction():
        receive_stock(location="LAHTI", units={"SOFA": 2, "CUSHION": 1}, by=MACHINERY, now=now)

    assert level("SOFA") == (7, 0)
    movements = StockMovement.objects.order_by("id").values_list("level__sku", "kind", "delta", "actor_ref")
    assert set(movements) == {
        ("SOFA", "received", 5, "tests"),
        ("SOFA", "received", 2, "tests"),
        ("CUSHION", "received", 1, "tests"),
    }
    assert sorted(told()) == [("CUSHION", 1), ("SOFA", 5), ("SOFA", 7)]


def test_set_stock_writes_the_difference_that_a_count_found(lahti: Location, now: datetime) -> None:
    StockLevelFactory(sku="SOFA", on_hand=5)
    StockLevelFactory(sku="CUSHION", on_hand=5)

    with open_transaction():
        set_stock(location="LAHTI", units={"SOFA": 3, "CUSHION": 5, "RUG": 0}, by=MACHINERY, now=now)

    assert (level("SOFA"), level("CUSHION"), level("RUG")) == ((3, 0), (5, 0), (0, 0))
    assert list(StockMovement.objects.filter(kind=MovementKind.COUNTED).values_list("delta", flat=True)) == [
        -2
    ]
    assert told() == [("SOFA", 3)]


def test_set_stock_refuses_a_count_below_what_is_reserved(lahti: Location, now: datetime) -> None:
    StockLevelFactory(sku="SOFA", on_hand=5)
    reserve(now, SOFA=3)

    with pytest.raises(CountBelowReserved) as refused, open_transaction():
        set_stock(location="LAHTI", units={"SOFA": 2}, by=MACHINERY, now=now)

    assert refused.value.data == {"short": {"SOFA": 1}}
    assert level("SOFA") == (5, 3)


def test_reserve_stock_keeps_the_units_and_says_what_is_left(goods: None, now: datetime) -> None:
    reserved = reserve(now, SOFA=2, CUSHION=3)

    assert {place.code: units for place, units in reserved.items()} == {"LAHTI": {"SOFA": 2, "CUSHION": 3}}
    assert (level("SOFA"), level("CUSHION")) == ((10, 2), (10, 3))
    assert set(Reservation.objects.values_list("level__sku", "quantity", "taken", "state")) == {
        ("SOFA", 2, 0, "active"),
        ("CUSHION", 3, 0, "active"),
    }
    assert sorted(told()) == [("CUSHION", 7), ("SOFA", 8)]


def test_reserve_stock_takes_all_lines_or_none(goods: None, now: datetime) -> None:
    with pytest.raises(OutOfStock) as refused:
        reserve(now, SOFA=2, CUSHION=12, RUG=1)

    assert refused.value.data == {"short": {"CUSHION": 2, "RUG": 1}}
    assert (level("SOFA"), level("CUSHION")) == ((10, 0), (10, 0))
    assert not Reservation.objects.exists()
    assert told() == []


def test_reserve_stock_takes_the_first_location_that_has_everything(lahti: Location, now: datetime) -> None:
    other = LocationFactory(code="TURKU", priority=2)
    StockLevelFactory(sku="SOFA", location=lahti, on_hand=1)
    StockLevelFactory(sku="CUSHION", location=lahti, on_hand=0)
    StockLevelFactory(sku="SOFA", location=other, on_hand=1)
    StockLevelFactory(sku="CUSHION", location=other, on_hand=1)

    reserved = reserve(now, lahti, other, SOFA=1, CUSHION=1)

    assert reserved == {other: {"SOFA": 1, "CUSHION": 1}}
    assert StockLevel.objects.filter(location=lahti, reserved__gt=0).count() == 0


def test_reserve_stock_takes_from_several_locations_what_none_has_alone(
    lahti: Location, now: datetime
) -> None:
    other = LocationFactory(code="TURKU", priority=2)
    StockLevelFactory(sku="SOFA", location=lahti, on_hand=1)
    StockLevelFactory(sku="CUSHION", location=lahti, on_hand=2)
    StockLevelFactory(sku="CUSHION", location=other, on_hand=3)
    StockLevelFactory(sku="SOFA", location=other, on_hand=0)

    reserved = reserve(now, lahti, other, SOFA=1, CUSHION=3)

    assert reserved == {lahti: {"SOFA": 1}, other: {"CUSHION": 3}}, "no SKU's units are torn apart"
    assert sorted(told()) == [("CUSHION", 0), ("SOFA", 0)]


def test_reserve_stock_never_tears_the_units_of_a_sku_apart(lahti: Location, now: datetime) -> None:
    other = LocationFactory(code="TURKU", priority=2)
    StockLevelFactory(sku="SOFA", location=lahti, on_hand=2)
    StockLevelFactory(sku="SOFA", location=other, on_hand=2)

    with pytest.raises(OutOfStock) as refused:
        reserve(now, lahti, other, SOFA=3)

    assert refused.value.data == {"short": {"SOFA": 1}}
    assert not Reservation.objects.exists()


def hold(now: datetime, order_ref: UUID, *, minutes: int, **wanted: int) -> None:
    with open_transaction():
        reserve_stock(
            order_ref=order_ref,
            wanted=wanted,
            sources=list_sources(),
            held_until=now + timedelta(minutes=minutes),
            by=MACHINERY,
            now=now,
        )


def test_a_hold_has_an_end_until_its_order_is_confirmed(goods: None, now: datetime) -> None:
    late, later, sure = new_id(), new_id(), new_id()
    hold(now, later, minutes=20, SOFA=1, CUSHION=1)
    hold(now, late, minutes=10, SOFA=1)
    hold(now, sure, minutes=5, SOFA=1)
    with open_transaction():
        confirm_reserved(order_ref=sure, now=now)

    ends = dict(Reservation.objects.values_list("order_ref", "held_until"))
    assert ends == {late: now + timedelta(minutes=10), later: now + timedelta(minutes=20), sure: None}


def test_what_is_released_can_be_promised_again_and_only_once(goods: None, now: datetime) -> None:
    order_ref = new_id()
    hold(now, order_ref, minutes=10, SOFA=4, CUSHION=1)
    with open_transaction():
        take_reserved(order_ref=order_ref, units={"SOFA": 1}, about_ref=new_id(), by=MACHINERY, now=now)

    for _ in range(2):
        with open_transaction():
            release_reserved(order_ref=order_ref, by=MACHINERY, now=now)

    assert (level("SOFA"), level("CUSHION")) == ((9, 0), (10, 0))
    assert sorted(told()) == [("CUSHION", 9), ("CUSHION", 10), ("SOFA", 6), ("SOFA", 9)]
    assert set(Reservation.objects.values_list("state", flat=True)) == {ReservationState.RELEASED}
    assert not {"I1", "I2"} & {violation.code for violation in check(now=now)}


def test_reserve_stock_names_the_shortage_where_it_is_least(lahti: Location, now: datetime) -> None:
    other = LocationFactory(code="TURKU", priority=2)
    StockLevelFactory(sku="SOFA", location=lahti, on_hand=1)
    StockLevelFactory(sku="SOFA", location=other, on_hand=3)

    with pytest.raises(OutOfStock) as refused:
        reserve(now, lahti, other, SOFA=4)

    assert refused.value.data == {"short": {"SOFA": 1}}


def test_reserve_stock_needs_its_callers_transaction(goods: None, now: datetime) -> None:
    with pytest.raises(TransactionMisuse):
        reserve_stock(
            order_ref=new_id(),
            wanted={"SOFA": 1},
            sources=list_sources(),
            held_until=None,
            by=MACHINERY,
            now=now,
        )


def test_reserved_units_leave_in_parts_and_what_can_be_promised_stays(goods: None, now: datetime) -> None:
    order_ref = new_id()
    with open_transaction():
        reserve_stock(
            order_ref=order_ref,
            wanted={"SOFA": 3},
            sources=list_sources(),
            held_until=None,
            by=MACHINERY,
            now=now,
        )
    for taken, state in ((1, ReservationState.ACTIVE), (2, ReservationState.FULFILLED)):
        with open_transaction():
            take_reserved(
                order_ref=order_ref, units={"SOFA": taken}, about_ref=new_id(), by=MACHINERY, now=now
            )
        assert Reservation.objects.get().state == state

    assert level("SOFA") == (7, 0)
    assert get_available_units(skus=["SOFA"]) == {"SOFA": {"LAHTI": 7}}
    assert told() == [("SOFA", 7)], "only the reservation changed what can be promised"


@pytest.mark.parametrize("units", [{"SOFA": 2}, {"CUSHION": 1}, {"SOFA": 1, "CUSHION": 1}])
def test_more_than_was_reserved_does_not_leave(goods: None, now: datetime, units: dict[str, int]) -> None:
    order_ref = new_id()
    with open_transaction():
        reserve_stock(
            order_ref=order_ref,
            wanted={"SOFA": 1},
            sources=list_sources(),
            held_until=None,
            by=MACHINERY,
            now=now,
        )

    with pytest.raises(ValueError, match=r"reserved"), open_transaction():
        take_reserved(order_ref=order_ref, units=units, about_ref=new_id(), by=MACHINERY, now=now)

    assert level("SOFA") == (10, 1)


def test_what_came_back_can_be_sold_again(goods: None, lahti: Location, now: datetime) -> None:
    with open_transaction():
        take_back(
            location=lahti, units={"SOFA": 1, "RUG": 2}, damaged={}, about_ref=new_id(), by=MACHINERY, now=now
        )

    assert get_available_units(skus=["SOFA", "RUG", "LAMP"]) == {"SOFA": {"LAHTI": 11}, "RUG": {"LAHTI": 2}}
    assert sorted(told()) == [("RUG", 2), ("SOFA", 11)]


def test_a_level_begun_by_another_spelling_of_the_sku_is_not_begun_twice(
    goods: None, lahti: Location
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StockLevel.objects.create(sku="sofa", location=lahti)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ("on_hand = -1", "stocklevel_on_hand_not_negative"),
        ("reserved = -1", "stocklevel_reserved_not_negative"),
        ("reserved = 11", "stocklevel_reserved_within_on_hand"),
    ],
)
def test_the_database_itself_refuses_stock_that_cannot_be(goods: None, changes: str, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_stocklevel SET {changes} WHERE sku = 'SOFA'")


def test_movements_can_be_added_and_nothing_else(goods: None) -> None:
    for statement in ("UPDATE orders_stockmovement SET delta = 1", "DELETE FROM orders_stockmovement"):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
