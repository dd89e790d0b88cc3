"""Whose returns they are, how much comes back and until when, and an order's whole story for those who may read it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum, prefetch_related_objects
from django.db.models.functions import Coalesce

from config.kernel.actors import Actor
from config.kernel.db import Lookup, put_related
from config.kernel.errors import NotFound
from orders.agreement.models import Order, OrderDelivery, OrderLine, OrderState, OrderStep
from orders.agreement.queries import find_order_of_buyer, list_orders_of_staff
from orders.agreement.rules import PostalAddress
from orders.locations.queries import list_workplaces
from orders.parcels.models import Parcel
from orders.parcels.queries import last_delivery
from orders.payment.models import Invoice, PaymentAttempt, PaymentOperation
from orders.returns.models import Return, ReturnLine, ReturnState
from orders.returns.rules import (
    Credit,
    OutboundDelivery,
    ReturnedLine,
    ReturnRight,
    Terms,
    credit_for,
    read_label_code,
    terms_of,
)


@dataclass(frozen=True, kw_only=True)
class ReturnedUnits:
    """One line of a return; `sellable` and `damaged` are empty until somebody looked."""

    line_id: UUID
    sku: str
    name: str
    quantity: int
    reason: str
    comment: str
    sellable: int | None
    damaged: int | None
    note: str


@dataclass(frozen=True, kw_only=True)
class ReturnCard:
    """A return as it stands; `credited_minor` is empty until it is credited, tax and delivery included then."""

    return_id: UUID
    order_id: UUID
    state: str
    by_right: str
    label_code: str
    sent_to: PostalAddress
    lines: tuple[ReturnedUnits, ...]
    reason: str
    credited_minor: int | None
    deducted_minor: int
    deduction_reason: str
    refunded: bool
    currency: str


# What came, or is on its way while nobody has looked.
_UNITS = Coalesce(F("sellable") + F("damaged"), F("quantity"))


# Buyers wait for it, and ask for it again while they follow a parcel.
_OF_ORDER: Final = {
    name: Lookup(model, where="order_id = %s")
    for name, model in {
        "lines": OrderLine,
        "deliveries": OrderDelivery,
        "steps": OrderStep,
        "attempts": PaymentAttempt,
        "operations": PaymentOperation,
        "invoices": Invoice,
        "parcels": Parcel,
        "returns": Return,
    }.items()
}


def get_order_of_buyer(*, order_id: UUID, secret: str, by: Actor) -> Order:
    """The buyer's order with everything that happened to it. Errors: NotFound, also when it is somebody else's."""
    order = find_order_of_buyer(order_id=order_id, secret=secret, by=by)
    if order is None:
        raise NotFound
    for name, lookup in _OF_ORDER.items():
        put_related(order, name, lookup.look([order.pk]))
    if any(delivery.pickup_at_id for delivery in order.deliveries.all()):
        prefetch_related_objects([order], "deliveries__pickup_at")
    if order.parcels.all():
        prefetch_related_objects([order], "parcels__lines__order_line")
    if order.returns.all():
        prefetch_related_objects([order], "returns__lines__order_line", "returns__location")
    return order


def get_order_of_staff(*, order_id: UUID, by: Actor) -> Order:
    """The order with what is needed to pack it and take it back. Errors: NotFound, also when it leaves elsewhere."""
    orders = list_orders_of_staff(order_id=order_id, by=by)
    order = orders.prefetch_related(
        "deliveries__location",
        "disputes",
        "lines",
        "parcels__lines__order_line",
        "returns__lines__order_line",
        "returns__location",
    ).first()
    if order is None:
        raise NotFound
    return order


def get_return(*, return_id: UUID) -> ReturnCard:
    """The return as it stands now, for whoever was let in. Errors: Return.DoesNotExist."""
    returns = Return.objects.select_related("order", "location").prefetch_related("lines__order_line")
    return card_of(goods_return=returns.get(public_id=return_id))


def get_return_of_staff(*, label_code: str, by: Actor) -> ReturnCard:
    """The return whose code stands on the box in front of a clerk, whatever location it was meant for.

    Errors: NotFound, also for a code that was mistyped, and for a clerk who works nowhere.
    """
    code = read_label_code(typed=label_code)
    if code is None or not list_workplaces(by=by).exists():
        raise NotFound
    found = Return.objects.filter(label_code=code).values_list("public_id", flat=True).first()
    if found is None:
        raise NotFound
    return get_return(return_id=found)


def get_currency_of_return(*, return_id: UUID, by: Actor) -> str:
    """The currency in which the return is credited. Errors: NotFound, also when it goes elsewhere."""
    found = (
        list_returns_of_staff(return_id=return_id, by=by).values_list("order__currency", flat=True).first()
    )
    if found is None:
        raise NotFound
    return found


def card_of(*, goods_return: Return) -> ReturnCard:
    """The return as a value. It comes with its order, its location and its lines' order lines at hand."""
    place = goods_return.location
    return ReturnCard(
        return_id=goods_return.public_id,
        order_id=goods_return.order.public_id,
        state=str(goods_return.state),
        by_right=goods_return.by_right,
        label_code=goods_return.label_code,
        sent_to=PostalAddress(
            name=place.name,
            street=place.street,
            postcode=place.postcode,
            city=place.city,
            country=place.country,
        ),
        lines=tuple(
            ReturnedUnits(
                line_id=row.order_line.public_id,
                sku=row.order_line.sku,
                name=row.order_line.name,
                quantity=row.quantity,
                reason=row.reason,
                comment=row.comment,
                sellable=row.sellable,
                damaged=row.damaged,
                note=row.note,
            )
            for row in goods_return.lines.all()
        ),
        reason=goods_return.reason,
        credited_minor=goods_return.credited_gross_minor,
        deducted_minor=goods_return.deducted_minor,
        deduction_reason=goods_return.deduction_reason,
        refunded=goods_return.refunded_at is not None,
        currency=goods_return.order.currency,
    )


def list_returns_of_staff(*, return_id: UUID, by: Actor, label_code: str = "") -> QuerySet[Return]:
    """The return, if it goes to the location where `by` works, or `label_code` is its own and she works anywhere.

    Else nothing, as if it did not exist.
    """
    workplaces = list_workplaces(by=by)
    allowed = Q(location__in=workplaces)
    code = read_label_code(typed=label_code)
    if code is not None and workplaces.exists():
        allowed |= Q(label_code=code, state=ReturnState.ANNOUNCED)
    return Return.objects.filter(allowed, public_id=return_id)


def get_terms(*, order: Order) -> Terms:
    """Until when the order's goods may come back. The terms begin when the last of them has arrived.

    Before everything has left, nothing has arrived last.
    """
    arrived_at = last_delivery(order=order) if order.state == OrderState.COMPLETED else None
    return terms_of(arrived_at=arrived_at, country=order.country)


def count_coming_back(*, order: Order) -> dict[int, int]:
    """Units in the order's returns, by the key of their order line; of a received one what came."""
    return _sum_by_line(ReturnLine.objects.filter(goods_return__order=order))


def count_credited(*, order: Order) -> dict[int, int]:
    """Units of the order that were credited, by the key of their order line."""
    return _sum_by_line(
        ReturnLine.objects.filter(goods_return__order=order, goods_return__state=ReturnState.CREDITED)
    )


def get_worth(*, order: Order, goods_return: Return, deducted_minor: int) -> Credit:
    """What the goods of a received return are worth, beside what was credited before."""
    before = count_credited(order=order)
    now = _sum_by_line(goods_return.lines.all())
    lines = [
        ReturnedLine(
            gross_minor=line.gross_minor,
            tax_minor=line.tax_minor,
            quantity=line.quantity,
            before=before.get(line.pk, 0),
            now=now.get(line.pk, 0),
        )
        for line in order.lines.all()
    ]
    deliveries = list(order.deliveries.all())
    outbound = OutboundDelivery(
        gross_minor=sum(delivery.gross_minor for delivery in deliveries),
        tax_minor=sum(delivery.tax_minor for delivery in deliveries),
        standard_gross_minor=sum(delivery.standard_gross_minor for delivery in deliveries),
    )
    beyond = order.returns.filter(by_right=ReturnRight.POLICY).exclude(state=ReturnState.ANNOUNCED)
    by_right = goods_return.by_right == ReturnRight.WITHDRAWAL and not beyond.exists()
    return credit_for(lines=lines, delivery=outbound, by_right=by_right, deducted_minor=deducted_minor)


def _sum_by_line(lines: QuerySet[ReturnLine]) -> dict[int, int]:
    return dict(lines.values_list("order_line").annotate(units=Sum(_UNITS)))
