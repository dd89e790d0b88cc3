"""Place an order: goods, stock and money bound together in the caller's transaction."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import transaction_required
from config.kernel.errors import Refusal
from config.kernel.events import emit
from config.kernel.ids import new_id
from orders.agreement.models import Order
from orders.agreement.rules import OrderWish, split_taxes, sum_by_sku
from orders.agreement.services import open_order, write_goods
from orders.events import OrderConfirmed, OrderPlaced
from orders.locations.queries import list_sources
from orders.payment.rules import PaymentStatus, list_payment_methods
from orders.payment.services import accept_invoice
from orders.stock.services import OutOfStock, reserve_stock


class PaymentMethodUnavailable(Refusal):
    """The order cannot be paid that way; `reason` says why."""

    code = "payment_method_unavailable"
    status = 422
    title = "This order cannot be paid that way."


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
    order at once, and is dated by the calendar of the first place that goods leave from.
    Emits OrderPlaced, OrderConfirmed, StockChanged per SKU.
    Errors: OutOfStock, PaymentMethodUnavailable, CartAlreadyOrdered, Busy.
    """
    components = [(line.quantity * line.unit_gross_minor, line.tax_rate) for line in wish.lines]
    taxes = split_taxes(gross_by_line=[*components, (wish.delivery.gross_minor, wish.delivery.tax_rate)])
    _require_payable(wish, taxes.gross_minor)
    wanted = sum_by_sku(lines=((line.sku, line.quantity) for line in wish.lines))
    sources = list_sources()
    if not sources:
        raise OutOfStock(short=wanted)
    order = open_order(order_id=new_id(), wish=wish, taxes=taxes, by=by, now=now)
    placed = OrderPlaced(
        order_id=order.public_id, number=order.number, cart_ref=wish.cart_ref, channel=wish.channel
    )
    emit(placed, by=by, now=now)
    payment = accept_invoice(
        order=order,
        billed_to=asdict(wish.address),
        issued_on=now.astimezone(ZoneInfo(sources[0].time_zone)).date(),
        by=by,
        now=now,
    )
    confirm_order(order=order, by=by, now=now)
    reserved = reserve_stock(
        order_ref=order.public_id, wanted=wanted, sources=sources, held_until=None, by=by, now=now
    )
    crashpoint("place.stock_reserved")
    write_goods(order=order, wish=wish, taxes=taxes, sent_from=reserved)
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
    """The whole sum is secured: goods may leave. The caller holds the order's lock, or has just made it.

    Emits OrderConfirmed. Errors: IllegalMove.
    """
    order.confirm(by=by, now=now)
    emit(OrderConfirmed(order_id=order.public_id, number=order.number), by=by, now=now)


def _require_payable(wish: OrderWish, total_minor: int) -> None:
    methods = list_payment_methods(country=wish.country, total_minor=total_minor, currency=wish.currency)
    method = next((method for method in methods if method.code == wish.payment_method), None)
    if method is None or not method.available:
        reason = method.reason if method else "unknown"
        raise PaymentMethodUnavailable(payment_method=wish.payment_method, reason=reason)
