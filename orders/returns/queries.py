"""Whose returns they are, how much of an order has come back, and an order's whole story for those who may read it."""

from uuid import UUID

from django.db.models import QuerySet, Sum

from config.kernel.actors import Actor
from config.kernel.errors import NotFound
from orders.agreement.models import Order
from orders.agreement.queries import list_orders_of_buyer, list_orders_of_staff
from orders.locations.queries import list_workplaces
from orders.returns.models import Return, ReturnLine, ReturnState


def get_order_of_buyer(*, order_id: UUID, secret: str, by: Actor) -> Order:
    """The buyer's order with everything that happened to it. Errors: NotFound, also when it is somebody else's."""
    orders = list_orders_of_buyer(order_id=order_id, secret=secret, by=by)
    return _get(orders.prefetch_related("attempts", "invoices", "steps"))


def get_order_of_staff(*, order_id: UUID, by: Actor) -> Order:
    """The order with what is needed to pack it and take it back. Errors: NotFound, also when it leaves elsewhere."""
    orders = list_orders_of_staff(order_id=order_id, by=by)
    return _get(orders.prefetch_related("deliveries__location"))


def _get(orders: QuerySet[Order]) -> Order:
    order = orders.prefetch_related("lines", "deliveries", "parcels__lines", "returns__lines").first()
    if order is None:
        raise NotFound
    return order


def list_returns_of_staff(*, return_id: UUID, by: Actor) -> QuerySet[Return]:
    """The return, if it goes to the location where `by` works; else nothing, as if it did not exist."""
    return Return.objects.filter(public_id=return_id, location__in=list_workplaces(by=by))


def count_announced(*, order: Order) -> dict[int, int]:
    """Units in any return of the order, by the key of their order line."""
    return _sum_by_line(ReturnLine.objects.filter(goods_return__order=order))


def count_credited(*, order: Order) -> dict[int, int]:
    """Units of the order that were credited, by the key of their order line."""
    return _sum_by_line(
        ReturnLine.objects.filter(goods_return__order=order, goods_return__state=ReturnState.CREDITED)
    )


def _sum_by_line(lines: QuerySet[ReturnLine]) -> dict[int, int]:
    return dict(lines.values_list("order_line").annotate(Sum("quantity")))
