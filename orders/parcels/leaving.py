"""What follows when a parcel leaves us: its stock goes, its money is taken, and perhaps the order is complete."""

from datetime import datetime

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import transaction_required
from config.kernel.events import emit
from orders.agreement.models import Order, OrderState
from orders.agreement.rules import sum_by_sku
from orders.events import OrderCompleted
from orders.parcels.models import Parcel
from orders.parcels.queries import count_shipped
from orders.parcels.rules import share_of
from orders.payment.services import request_capture
from orders.stock.services import take_reserved


@transaction_required
def let_leave(*, parcel: Parcel, by: Actor, now: datetime) -> None:
    """The goods are no longer ours. The caller holds the order's lock and saves the parcel. Locks their stock levels.

    The money is the units' share of their lines and, with a delivery's first parcel, the delivery's price; the shares
    of all parcels add up to the order's sum. It is asked for here and taken by a job.
    """
    order = parcel.order
    shipped = count_shipped(order=order)
    is_first = not order.parcels.filter(delivery=parcel.delivery, dispatched_at__isnull=False).exists()
    parcel.dispatched_at = now
    amount_minor = parcel.delivery.gross_minor if is_first else 0
    units = {row.order_line: row.quantity for row in parcel.lines.select_related("order_line")}
    for line, count in units.items():
        before = shipped.get(line.pk, 0)
        amount_minor += share_of(
            total_minor=line.gross_minor, parts=line.quantity, before=before, taken=count
        )
    take_reserved(
        order_ref=order.public_id,
        units=sum_by_sku(lines=((line.sku, count) for line, count in units.items())),
        about_ref=parcel.public_id,
        by=by,
        now=now,
    )
    crashpoint("dispatch.stock_taken")
    if amount_minor:
        request_capture(order=order, amount_minor=amount_minor, about_ref=parcel.public_id, by=by, now=now)


@transaction_required
def complete_order(*, order: Order, by: Actor, now: datetime) -> None:
    """Say that everything has left, when it has. The caller holds the order's lock. Emits OrderCompleted."""
    left = count_shipped(order=order)
    if order.state == OrderState.CONFIRMED and all(
        line.quantity == left.get(line.pk) for line in order.lines.all()
    ):
        order.complete(by=by, now=now)
        emit(OrderCompleted(order_id=order.public_id, number=order.number), by=by, now=now)
