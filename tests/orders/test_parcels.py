"""Goods leave, all at once or in parts, and never more than was agreed."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest

from config.kernel.actors import Actor
from config.kernel.errors import NotFound, Refusal
from config.kernel.models import StoredEvent
from orders.agreement.models import Order, OrderState
from orders.agreement.rules import LineUnits
from orders.agreement.services import UnknownLine
from orders.locations.models import Location, StaffAssignment
from orders.parcels.models import Parcel
from orders.parcels.services import (
    DispatchedParcel,
    MoreThanOpen,
    NothingToDispatch,
    OrderNotConfirmed,
    dispatch_parcel,
)
from orders.placing.services import PlacedOrder
from orders.stock.models import Reservation, StockLevel, StockMovement
from tests.factories.orders import GUEST, line, packer_at, placed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]
Units = Callable[..., list[LineUnits]]


def events() -> list[str]:
    happened = ("orders.parcel_moved", "orders.order_completed")
    return list(StoredEvent.objects.filter(name__in=happened).order_by("id").values_list("name", flat=True))


def levels() -> dict[str, tuple[int, int]]:
    return {row.sku: (row.on_hand, row.reserved) for row in StockLevel.objects.all()}


def test_dispatch_parcel_sends_all_that_is_open_and_completes_the_order(
    order: PlacedOrder, packer: Actor, now: datetime
) -> None:
    sent = dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)

    assert sorted(units.quantity for units in sent.lines) == [1, 3]
    assert sent.order_state == "completed"
    row = Order.objects.get()
    assert (row.state, row.completed_at) == (OrderState.COMPLETED, now)
    assert row.steps.latest("id").actor_store == "LAHTI"
    assert levels() == {"SOFA": (9, 0), "CUSHION": (7, 0)}
    moved = StockMovement.objects.filter(about_ref=sent.parcel_id)
    assert set(moved.values_list("level__sku", "kind", "delta", "actor_ref")) == {
        ("SOFA", "dispatched", -1, packer.ref),
        ("CUSHION", "dispatched", -3, packer.ref),
    }
    assert set(Reservation.objects.values_list("state", flat=True)) == {"fulfilled"}
    assert events() == ["orders.parcel_moved", "orders.order_completed"]


def test_an_order_may_leave_in_parts(order: PlacedOrder, packer: Actor, units: Units, now: datetime) -> None:
    first = dispatch_parcel(order_id=order.order_id, lines=units(CUSHION=2), by=packer, now=now)

    assert first.order_state == "confirmed"
    assert levels() == {"SOFA": (10, 1), "CUSHION": (8, 1)}
    assert events() == ["orders.parcel_moved"]

    rest = dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)

    assert sorted(sent.quantity for sent in rest.lines) == [1, 1]
    assert rest.order_state == "completed"
    assert levels() == {"SOFA": (9, 0), "CUSHION": (7, 0)}


def test_one_sku_on_two_lines_leaves_line_by_line(goods: None, packer: Actor, now: datetime) -> None:
    order = placed(line("SOFA"), line("SOFA", 2), now=now)
    first, second = Order.objects.get().lines.all()

    for row, quantity in ((second, 2), (first, 1)):
        wanted = [LineUnits(line_id=row.public_id, quantity=quantity)]
        dispatch_parcel(order_id=order.order_id, lines=wanted, by=packer, now=now)

    assert levels()["SOFA"] == (7, 0)
    assert Order.objects.get().state == OrderState.COMPLETED


def test_no_more_leaves_than_the_order_waits_for(
    order: PlacedOrder, packer: Actor, units: Units, now: datetime
) -> None:
    dispatch_parcel(order_id=order.order_id, lines=units(CUSHION=2), by=packer, now=now)
    before = levels()

    with pytest.raises(MoreThanOpen) as refused:
        dispatch_parcel(order_id=order.order_id, lines=units(SOFA=1, CUSHION=2), by=packer, now=now)

    (wrong,) = refused.value.data["lines"]
    assert (wrong["wanted"], wrong["open"]) == (2, 1)
    assert levels() == before
    assert Parcel.objects.count() == 1


def test_units_of_one_line_that_are_named_twice_are_added_up(
    order: PlacedOrder, packer: Actor, units: Units, now: datetime
) -> None:
    with pytest.raises(MoreThanOpen):
        dispatch_parcel(
            order_id=order.order_id, lines=[*units(CUSHION=2), *units(CUSHION=2)], by=packer, now=now
        )


def test_what_has_left_does_not_leave_again(
    order: PlacedOrder, parcel: DispatchedParcel, packer: Actor, now: datetime
) -> None:
    with pytest.raises(NothingToDispatch):
        dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)

    assert Parcel.objects.count() == 1


def test_a_line_of_another_order_is_unknown(order: PlacedOrder, packer: Actor, now: datetime) -> None:
    stranger = uuid4()

    with pytest.raises(UnknownLine) as refused:
        dispatch_parcel(
            order_id=order.order_id, lines=[LineUnits(line_id=stranger, quantity=1)], by=packer, now=now
        )

    assert refused.value.data == {"lines": [str(stranger)]}


def test_nothing_leaves_before_the_money_is_secured(order: PlacedOrder, packer: Actor, now: datetime) -> None:
    Order.objects.update(state=OrderState.PENDING_PAYMENT)

    with pytest.raises(OrderNotConfirmed):
        dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)

    assert not Parcel.objects.exists()
    Order.objects.update(state=OrderState.CONFIRMED)


def test_an_order_that_leaves_elsewhere_does_not_exist_here(
    order: PlacedOrder, helsinki: Location, packer: Actor, now: datetime
) -> None:
    for stranger in (packer_at(helsinki), GUEST):
        with pytest.raises(NotFound):
            dispatch_parcel(order_id=order.order_id, lines=None, by=stranger, now=now)


def test_who_no_longer_works_there_sends_nothing(order: PlacedOrder, packer: Actor, now: datetime) -> None:
    StaffAssignment.objects.filter(user_ref=packer.ref).delete()

    with pytest.raises(NotFound):
        dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)


def test_refusals_have_codes_of_their_own() -> None:
    refusals: list[type[Refusal]] = [MoreThanOpen, NothingToDispatch, OrderNotConfirmed, UnknownLine]

    assert len({refusal.code for refusal in refusals}) == len(refusals)
