"""Write down what was agreed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import chain, repeat
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import add_rows, transaction_required
from config.kernel.errors import Refusal
from orders.agreement.models import Order, OrderDelivery, OrderLine, OrderState, OrderStep, step_actor
from orders.agreement.rules import OrderWish, TaxedPart, TaxSplit, new_number
from orders.locations.models import Location


class CartAlreadyOrdered(Refusal):
    """The cart became an order before; `order_id` and `number` say which."""

    code = "cart_already_ordered"
    status = 409
    title = "This cart has already become an order."


class UnknownLine(Refusal):
    """The order has no such line; `lines` names those that were asked for."""

    code = "unknown_line"
    status = 422
    title = "The order has no such line."


@transaction_required
def open_order(
    *, order_id: UUID, wish: OrderWish, taxes: TaxSplit, pay_by: datetime | None, by: Actor, now: datetime
) -> Order:
    """The order's head: who buys what for how much in all. Its goods follow with `write_goods`.

    `pay_by` is the end of what is held for it, or None when its money is secured at once: it is confirmed from the
    beginning then.
    Errors: CartAlreadyOrdered.
    """
    order = Order(
        public_id=order_id,
        number=new_number(),
        cart_ref=wish.cart_ref,
        channel=wish.channel,
        currency=wish.currency,
        country=wish.country,
        locale=wish.locale,
        email=wish.email,
        name=wish.address.name,
        phone=wish.address.phone,
        buyer_ref=wish.buyer_ref,
        total_gross_minor=taxes.gross_minor,
        total_tax_minor=taxes.tax_minor,
        placed_at=now,
        pay_by=pay_by,
    )
    if pay_by is None:
        order.begin_confirmed(now=now)
    _insert(order)
    states = [OrderState.PENDING_PAYMENT, *([OrderState.CONFIRMED] if pay_by is None else [])]
    add_rows([OrderStep(order=order, state=state, moved_at=now, **step_actor(by)) for state in states])
    return order


def _insert(order: Order) -> None:
    """The order as a row. Numbers are random, so another one is tried where one is taken.

    Errors: CartAlreadyOrdered.
    """
    while not add_rows([order], unless_there=True):
        row = Order.objects.filter(cart_ref=order.cart_ref).first()
        if row is not None:
            raise CartAlreadyOrdered(order_id=str(row.public_id), number=row.number)
        order.number = new_number()


@transaction_required
def write_goods(
    *,
    order: Order,
    wish: OrderWish,
    taxes: TaxSplit,
    sent_from: Mapping[Location, Collection[str]],
    pickup_at: Location | None,
) -> None:
    """The order's lines and their deliveries, one from each location with the SKUs that leave there, as copies.

    `taxes` has one part per line, in their order, and the delivery's as the last. She chose and pays one delivery:
    its price stands on the first, the others are free.
    """
    *of_lines, of_delivery = taxes.parts
    standard = wish.delivery.standard_gross_minor
    free = TaxedPart(rate=of_delivery.rate, gross_minor=0, tax_minor=0)
    deliveries = [
        OrderDelivery(
            order=order,
            location=location,
            pickup_at=pickup_at,
            option=wish.delivery.option,
            kind=wish.delivery.kind,
            label=wish.delivery.label,
            address=asdict(wish.address),
            gross_minor=part.gross_minor,
            net_minor=part.net_minor,
            tax_minor=part.tax_minor,
            tax_rate=part.rate,
            standard_gross_minor=part.gross_minor if standard is None else min(part.gross_minor, standard),
            promised_from_on=wish.delivery.promised_from,
            promised_until_on=wish.delivery.promised_until,
        )
        for location, part in zip(sent_from, chain([of_delivery], repeat(free)), strict=False)
    ]
    add_rows(deliveries)
    delivery_of = {
        sku: delivery for delivery, skus in zip(deliveries, sent_from.values(), strict=True) for sku in skus
    }
    lines = [
        OrderLine(
            order=order,
            delivery=delivery_of[line.sku],
            position=position,
            cart_line_ref=line.line_ref,
            sku=line.sku,
            name=line.name,
            options=[list(option) for option in line.options],
            quantity=line.quantity,
            unit_gross_minor=line.unit_gross_minor,
            gross_minor=part.gross_minor,
            net_minor=part.net_minor,
            tax_minor=part.tax_minor,
            tax_rate=part.rate,
            added_by=line.added_by,
            unit_weight_g=line.unit_weight_g,
            withdrawal_excluded=line.withdrawal_excluded,
        )
        for position, (line, part) in enumerate(zip(wish.lines, of_lines, strict=True), start=1)
    ]
    add_rows(lines)


def choose_lines(*, lines: Sequence[OrderLine], wanted: Mapping[UUID, int]) -> dict[OrderLine, int]:
    """`{line: units}` for units wanted by the lines' public ids, in the order's own order. Errors: UnknownLine."""
    known = {line.public_id: line for line in lines}
    unknown = [str(line_id) for line_id in wanted if line_id not in known]
    if unknown:
        raise UnknownLine(lines=unknown)
    return {line: wanted[line.public_id] for line in lines if line.public_id in wanted}
