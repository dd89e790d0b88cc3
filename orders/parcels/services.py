"""Goods leave their location in parcels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction
from config.kernel.errors import NotFound, Refusal
from config.kernel.events import emit
from orders.agreement.models import Order, OrderLine, OrderState
from orders.agreement.queries import list_orders_of_staff
from orders.agreement.rules import LineUnits, sum_by_line, sum_by_sku
from orders.agreement.services import choose_lines
from orders.events import OrderCompleted, ParcelMoved
from orders.parcels.models import Parcel, ParcelLine
from orders.parcels.queries import count_shipped
from orders.parcels.rules import ParcelState
from orders.stock.services import take_reserved

DISPATCHED = ParcelState.DISPATCHED.value


class OrderNotConfirmed(Refusal):
    """The money is not secured yet, so nothing leaves."""

    code = "order_not_confirmed"
    status = 409
    title = "The order is not confirmed, so its goods may not leave."


class NothingToDispatch(Refusal):
    """Everything of the order has left already."""

    code = "nothing_to_dispatch"
    status = 409
    title = "Everything of this order has left already."


class MoreThanOpen(Refusal):
    """More units were to leave than the order still waits for; `lines` says of which."""

    code = "more_than_open"
    status = 422
    title = "More units than the order still waits for."


@dataclass(frozen=True, kw_only=True)
class DispatchedParcel:
    """A parcel that left, and what is in it."""

    parcel_id: UUID
    order_id: UUID
    order_state: str
    lines: tuple[LineUnits, ...]
    dispatched_at: datetime


@transaction
def dispatch_parcel(
    *, order_id: UUID, lines: Sequence[LineUnits] | None, by: Actor, now: datetime
) -> DispatchedParcel:
    """Send `lines` (None: all that is open) of the order in one parcel from the location where `by` works.

    Locks the order, then the levels of the goods. Emits ParcelMoved, and OrderCompleted with the last unit.
    Errors: NotFound; OrderNotConfirmed, NothingToDispatch, UnknownLine, MoreThanOpen; Busy.
    """
    order = next(iter(lock(list_orders_of_staff(order_id=order_id, by=by))), None)
    if order is None:
        raise NotFound
    if order.state == OrderState.PENDING_PAYMENT:
        raise OrderNotConfirmed
    all_lines = list(order.lines.select_related("delivery"))
    shipped = count_shipped(order=order)
    still_open = {line: line.quantity - shipped.get(line.pk, 0) for line in all_lines}
    if not any(still_open.values()):
        raise NothingToDispatch
    if lines is None:
        chosen = {line: units for line, units in still_open.items() if units}
    else:
        chosen = choose_lines(lines=all_lines, wanted=sum_by_line(lines=lines))
    _require_open(chosen, still_open)
    parcel = _pack(order, chosen, now)
    take_reserved(
        order_ref=order.public_id,
        units=sum_by_sku(lines=((line.sku, units) for line, units in chosen.items())),
        about_ref=parcel.public_id,
        by=by,
        now=now,
    )
    moved = ParcelMoved(
        order_id=order.public_id, number=order.number, parcel_id=parcel.public_id, state=DISPATCHED
    )
    emit(moved, by=by, now=now)
    if sum(chosen.values()) == sum(still_open.values()):
        order.complete(by=by, now=now)
        emit(OrderCompleted(order_id=order.public_id, number=order.number), by=by, now=now)
    return DispatchedParcel(
        parcel_id=parcel.public_id,
        order_id=order.public_id,
        order_state=str(order.state),
        lines=tuple(LineUnits(line_id=line.public_id, quantity=units) for line, units in chosen.items()),
        dispatched_at=now,
    )


def _require_open(chosen: Mapping[OrderLine, int], still_open: Mapping[OrderLine, int]) -> None:
    too_many = [
        {"line_id": str(line.public_id), "wanted": units, "open": still_open[line]}
        for line, units in chosen.items()
        if units > still_open[line]
    ]
    if too_many:
        raise MoreThanOpen(lines=too_many)


def _pack(order: Order, chosen: Mapping[OrderLine, int], now: datetime) -> Parcel:
    delivery = next(iter(chosen)).delivery
    parcel = Parcel.objects.create(
        order=order,
        delivery=delivery,
        state=ParcelState.DISPATCHED,
        packed_at=now,
        dispatched_at=now,
        estimated_on=delivery.promised_until_on,
    )
    ParcelLine.objects.bulk_create(
        ParcelLine(parcel=parcel, order_line=line, quantity=units) for line, units in chosen.items()
    )
    return parcel
