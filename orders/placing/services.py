"""Place, confirm and cancel an order: goods, stock and money bound together in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import transaction_required
from config.kernel.errors import Refusal
from config.kernel.events import Event, emit, emit_all
from config.kernel.ids import new_id
from orders.agreement.models import CancelReason, Order
from orders.agreement.rules import OrderWish, WishedDelivery, split_taxes, sum_by_sku
from orders.agreement.services import open_order, write_goods
from orders.delivery.queries import find_promise
from orders.events import OrderCancelled, OrderConfirmed, OrderPlaced
from orders.locations.queries import list_sources
from orders.payment.queries import list_payment_methods
from orders.payment.rules import INVOICE, PAY_WITHIN, PaymentStatus
from orders.payment.services import accept_invoice, begin_attempt, give_up_attempts
from orders.stock.queries import has_left
from orders.stock.services import OutOfStock, confirm_reserved, release_reserved, reserve_stock


class PaymentMethodUnavailable(Refusal):
    """The order cannot be paid that way; `reason` says why."""

    code = "payment_method_unavailable"
    status = 422
    title = "This order cannot be paid that way."


class PromiseChanged(Refusal):
    """The goods would be there later than she was promised; `changes` has old and new, a PATCH with {} accepts."""

    code = "promise_changed"
    status = 409
    title = "The delivery takes longer than it did when you last saw it."


class GoodsHaveLeft(Refusal):
    """Something of the order has left, so it can no more be cancelled, only returned."""

    code = "goods_have_left"
    status = 409
    title = "Goods of this order have left, so it cannot be cancelled."


@dataclass(frozen=True, kw_only=True)
class PlacedOrder:
    """The order that came of a wish, and what its payment needs next."""

    order_id: UUID
    number: str
    state: str
    total_minor: int
    currency: str
    payment: PaymentStatus


@transaction_required
def place_order(*, wish: OrderWish, by: Actor, now: datetime) -> PlacedOrder:
    """Turn a wish into an order: all of its goods are reserved and its money is dealt with, or nothing happened.

    The caller has locked the cart. Locks the stock levels of the goods, in the order of their keys, until the caller
    commits; so stock comes last, after all that does not depend on where the goods come from. An invoice confirms the
    order at once, and is dated by the calendar of the first place that goods leave from. Any other method leaves it
    pending, its goods held until `pay_by`, and the caller asks the provider once all this is committed.
    Emits OrderPlaced, OrderConfirmed, StockChanged per SKU.
    Errors: OutOfStock, PromiseChanged, PaymentMethodUnavailable, CartAlreadyOrdered, Busy.
    """
    components = [(line.quantity * line.unit_gross_minor, line.tax_rate) for line in wish.lines]
    taxes = split_taxes(gross_by_line=[*components, (wish.delivery.gross_minor, wish.delivery.tax_rate)])
    require_payable(
        method=wish.payment_method,
        country=wish.country,
        total_minor=taxes.gross_minor,
        currency=wish.currency,
        has_address=wish.address.is_complete,
    )
    wanted = sum_by_sku(lines=((line.sku, line.quantity) for line in wish.lines))
    sources = list_sources(store=wish.delivery.store)
    if not sources:
        raise OutOfStock(short=wanted)
    pay_by = None if wish.payment_method == INVOICE else now + PAY_WITHIN
    order = open_order(order_id=new_id(), wish=wish, taxes=taxes, pay_by=pay_by, by=by, now=now)
    told: list[Event] = [
        OrderPlaced(
            order_id=order.public_id, number=order.number, cart_ref=wish.cart_ref, channel=wish.channel
        )
    ]
    if wish.payment_method == INVOICE:
        payment = accept_invoice(
            order=order,
            billed_to=asdict(wish.address),
            issued_on=now.astimezone(ZoneInfo(sources[0].time_zone)).date(),
            by=by,
            now=now,
        )
        told.append(OrderConfirmed(order_id=order.public_id, number=order.number))
    else:
        payment = begin_attempt(order=order, method=wish.payment_method, now=now)
    emit_all(told, by=by, now=now)
    reserved = reserve_stock(
        order_ref=order.public_id, wanted=wanted, sources=sources, held_until=pay_by, by=by, now=now
    )
    crashpoint("place.stock_reserved")
    _hold_to_promise(wish.delivery, [place.code for place in reserved], now)
    pickup_at = sources[0] if wish.delivery.store else None
    write_goods(order=order, wish=wish, taxes=taxes, sent_from=reserved, pickup_at=pickup_at)
    crashpoint("place.order_created")
    return PlacedOrder(
        order_id=order.public_id,
        number=order.number,
        state=str(order.state),
        total_minor=order.total_gross_minor,
        currency=order.currency,
        payment=payment,
    )


@transaction_required
def confirm_order(*, order: Order, by: Actor, now: datetime) -> None:
    """The whole sum is secured: goods may leave, and their hold no longer ends.

    The caller holds the order's lock, or has just made it. Emits OrderConfirmed. Errors: IllegalMove.
    """
    order.confirm(by=by, now=now)
    confirm_reserved(order_ref=order.public_id, now=now)
    emit(OrderConfirmed(order_id=order.public_id, number=order.number), by=by, now=now)


@transaction_required
def cancel_order(*, order: Order, reason: CancelReason, by: Actor, now: datetime) -> None:
    """Nothing of the order will happen: its stock is free again, its money is released or given back.

    The caller holds the order's lock. Locks the levels of the goods. Emits OrderCancelled, StockChanged per SKU.
    Errors: GoodsHaveLeft; IllegalMove; Busy.
    """
    if has_left(order_ref=order.public_id):
        raise GoodsHaveLeft
    order.cancel(reason=reason, by=by, now=now)
    give_up_attempts(order=order, by=by, now=now)
    cancelled = OrderCancelled(order_id=order.public_id, number=order.number, reason=str(reason))
    emit(cancelled, by=by, now=now)
    release_reserved(order_ref=order.public_id, by=by, now=now)


def require_payable(*, method: str, country: str, total_minor: int, currency: str, has_address: bool) -> None:
    """Whether this sum can be paid that way. Errors: PaymentMethodUnavailable."""
    methods = list_payment_methods(
        country=country, total_minor=total_minor, currency=currency, has_address=has_address
    )
    found = next((each for each in methods if each.code == method), None)
    if found is None or not found.available:
        raise PaymentMethodUnavailable(payment_method=method, reason=found.reason if found else "unknown")


def _hold_to_promise(delivery: WishedDelivery, places: Sequence[str], now: datetime) -> None:
    """What she was told still holds from where the goods are really taken. Errors: PromiseChanged."""
    if not delivery.sent_from or set(places) <= set(delivery.sent_from):
        return
    promise = find_promise(option=delivery.option, store=delivery.store, places=places, now=now)
    if promise is not None and promise.latest_on > delivery.promised_until:
        changes = [
            {
                "code": "promise_changed",
                "option": delivery.option,
                "old": {
                    "earliest_on": delivery.promised_from.isoformat(),
                    "latest_on": delivery.promised_until.isoformat(),
                },
                "new": {
                    "earliest_on": promise.earliest_on.isoformat(),
                    "latest_on": promise.latest_on.isoformat(),
                },
            }
        ]
        raise PromiseChanged(changes=changes)
