"""Goods come back: the buyer announces them, the location receives them, the buyer is credited.

All three hold the lock of the order's row, so that what one of them counted stays true until it commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction
from config.kernel.errors import NotFound, Refusal
from config.kernel.events import emit
from orders.agreement.models import Order, OrderDelivery, OrderLine, step_actor
from orders.agreement.queries import list_orders_of_buyer
from orders.agreement.rules import LineUnits, sum_by_line, sum_by_sku
from orders.agreement.services import choose_lines
from orders.events import ReturnAnnounced, ReturnCredited, ReturnReceived
from orders.parcels.queries import count_shipped
from orders.payment.services import request_refund
from orders.returns.models import Return, ReturnLine, ReturnStep
from orders.returns.queries import count_announced, count_credited, list_returns_of_staff
from orders.returns.rules import (
    Credit,
    OutboundDelivery,
    ReturnedLine,
    ReturnRight,
    credit_for,
    new_label_code,
)
from orders.stock.services import take_back


class MoreThanReturnable(Refusal):
    """More units were to come back than left and are not announced yet; `lines` says of which."""

    code = "more_than_returnable"
    status = 422
    title = "More units than can come back."


@dataclass(frozen=True, kw_only=True)
class ReturnReceipt:
    """A return as it stands now; `credited_minor` is empty until it is credited."""

    return_id: UUID
    order_id: UUID
    state: str
    lines: tuple[LineUnits, ...]
    credited_minor: int | None
    currency: str


@transaction
def announce_return(
    *, order_id: UUID, secret: str, lines: Sequence[LineUnits], reason: str, by: Actor, now: datetime
) -> ReturnReceipt:
    """The buyer (by her account, or by the order's `secret`) sends these units back to where they came from.

    What can come back is what left, less what is announced already. Locks the order. Emits ReturnAnnounced.
    Errors: NotFound; UnknownLine, MoreThanReturnable; Busy.
    """
    order = next(iter(lock(list_orders_of_buyer(order_id=order_id, secret=secret, by=by))), None)
    if order is None:
        raise NotFound
    all_lines = list(order.lines.select_related("delivery"))
    chosen = choose_lines(lines=all_lines, wanted=sum_by_line(lines=lines))
    _require_returnable(order, chosen)
    goods_return = Return.objects.create(
        order=order,
        location_id=next(iter(chosen)).delivery.location_id,
        label_code=new_label_code(),
        by_right=ReturnRight.WITHDRAWAL,
        reason=reason,
        announced_at=now,
    )
    ReturnStep.objects.create(
        goods_return=goods_return, state=goods_return.state, moved_at=now, **step_actor(by)
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(goods_return=goods_return, order_line=line, quantity=units)
        for line, units in chosen.items()
    )
    told = ReturnAnnounced(order_id=order.public_id, number=order.number, return_id=goods_return.public_id)
    emit(told, by=by, now=now)
    return _receipt(order, goods_return)


@transaction
def receive_return(*, return_id: UUID, by: Actor, now: datetime) -> ReturnReceipt:
    """The goods arrived where `by` works, and can be sold again from there.

    Locks the order, then the levels of the goods. Emits ReturnReceived, and StockChanged per SKU.
    Errors: NotFound; IllegalMove when they were received before; Busy.
    """
    order, goods_return = _lock_return(return_id, by)
    goods_return.receive(location=goods_return.location, by=by, now=now)
    lines = goods_return.lines.select_related("order_line")
    take_back(
        location=goods_return.location,
        units=sum_by_sku(lines=((line.order_line.sku, line.quantity) for line in lines)),
        damaged={},
        about_ref=goods_return.public_id,
        by=by,
        now=now,
    )
    told = ReturnReceived(order_id=order.public_id, number=order.number, return_id=goods_return.public_id)
    emit(told, by=by, now=now)
    return _receipt(order, goods_return)


@transaction
def credit_return(*, return_id: UUID, by: Actor, now: datetime) -> ReturnReceipt:
    """Give the buyer back what the received goods are worth, as `orders.returns.rules` says, with a credit note.

    Locks the order. Emits ReturnCredited.
    Errors: NotFound; IllegalMove before the goods are here or when they were credited; RefundExceedsCaptured; Busy.
    """
    order, goods_return = _lock_return(return_id, by)
    credit = _worth(order, goods_return)
    goods_return.credit(
        gross_minor=credit.gross_minor,
        delivery_minor=credit.delivery_minor,
        deducted_minor=0,
        deduction_reason="",
        by=by,
        now=now,
    )
    request_refund(
        order=order,
        gross_minor=credit.gross_minor,
        tax_minor=credit.tax_minor,
        about_ref=goods_return.public_id,
        by=by,
        now=now,
    )
    told = ReturnCredited(
        order_id=order.public_id,
        number=order.number,
        return_id=goods_return.public_id,
        amount_minor=credit.gross_minor,
        currency=order.currency,
    )
    emit(told, by=by, now=now)
    return _receipt(order, goods_return)


def _require_returnable(order: Order, chosen: Mapping[OrderLine, int]) -> None:
    shipped, announced = count_shipped(order=order), count_announced(order=order)
    returnable = {line: shipped.get(line.pk, 0) - announced.get(line.pk, 0) for line in chosen}
    too_many = [
        {"line_id": str(line.public_id), "wanted": units, "returnable": returnable[line]}
        for line, units in chosen.items()
        if units > returnable[line]
    ]
    if too_many:
        raise MoreThanReturnable(lines=too_many)


def _lock_return(return_id: UUID, by: Actor) -> tuple[Order, Return]:
    """The order's row, locked, and the return as it is under that lock. Errors: NotFound."""
    returns = list_returns_of_staff(return_id=return_id, by=by)
    order = next(iter(lock(Order.objects.filter(pk__in=returns.values("order")))), None)
    if order is None:
        raise NotFound
    return order, returns.select_related("location").get()


def _worth(order: Order, goods_return: Return) -> Credit:
    credited = count_credited(order=order)
    coming = dict(goods_return.lines.values_list("order_line", "quantity"))
    lines = [
        ReturnedLine(
            gross_minor=line.gross_minor,
            tax_minor=line.tax_minor,
            quantity=line.quantity,
            before=credited.get(line.pk, 0),
            now=coming.get(line.pk, 0),
        )
        for line in order.lines.all()
    ]
    deliveries = list(OrderDelivery.objects.filter(order=order))
    outbound = OutboundDelivery(
        gross_minor=sum(delivery.gross_minor for delivery in deliveries),
        tax_minor=sum(delivery.tax_minor for delivery in deliveries),
        standard_gross_minor=sum(delivery.standard_gross_minor for delivery in deliveries),
    )
    return credit_for(lines=lines, delivery=outbound, by_right=True)


def _receipt(order: Order, goods_return: Return) -> ReturnReceipt:
    lines = goods_return.lines.select_related("order_line").order_by("order_line__position")
    return ReturnReceipt(
        return_id=goods_return.public_id,
        order_id=order.public_id,
        state=str(goods_return.state),
        lines=tuple(LineUnits(line_id=line.order_line.public_id, quantity=line.quantity) for line in lines),
        credited_minor=goods_return.credited_gross_minor,
        currency=order.currency,
    )
