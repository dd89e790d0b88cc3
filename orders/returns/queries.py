"""Whose returns they are, and how much of an order has come back."""

from uuid import UUID

from django.db.models import QuerySet, Sum

from config.kernel.actors import Actor
from orders.agreement.models import Order
from orders.locations.queries import list_workplaces
from orders.returns.models import Return, ReturnLine, ReturnState


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
