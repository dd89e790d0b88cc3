"""What has left of an order, and what has arrived."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Sum

from config.kernel.actors import Actor
from orders.agreement.models import Order
from orders.locations.queries import list_workplaces
from orders.parcels.models import Parcel, ParcelLine
from orders.parcels.rules import ParcelState

_BATCH: Final = 100


def count_packed(*, order: Order) -> dict[int, int]:
    """Units that are in any parcel, left or still with us, by the key of their order line."""
    return _sum_by_line(ParcelLine.objects.filter(parcel__order=order))


def count_shipped(*, order: Order) -> dict[int, int]:
    """Units that left, by the key of their order line; lines of which nothing left are missing."""
    return _sum_by_line(ParcelLine.objects.filter(parcel__order=order, parcel__dispatched_at__isnull=False))


def count_delivered(*, order: Order) -> dict[int, int]:
    """Units that the buyer has, or had before she sent them back, by the key of their order line."""
    return _sum_by_line(ParcelLine.objects.filter(parcel__order=order, parcel__delivered_at__isnull=False))


def last_delivery(*, order: Order) -> datetime | None:
    """When the buyer got the last of the goods that left, or None while something is still on its way.

    The term of withdrawal begins with possession of the last good (directive 2011/83/EU, article 9(2)(b)(i)). Parcels
    that came back undelivered are not waited for; neither are goods that have not left: whoever asks knows whether
    the order is complete.
    """
    coming = order.parcels.filter(delivered_at=None).exclude(
        state__in=(ParcelState.RETURNING, ParcelState.RETURNED)
    )
    if coming.exists():
        return None
    last: datetime | None = order.parcels.aggregate(last=Max("delivered_at"))["last"]
    return last


def _sum_by_line(lines: QuerySet[ParcelLine]) -> dict[int, int]:
    return dict(lines.values_list("order_line").annotate(Sum("quantity")))


def list_parcels_of_staff(*, parcel_id: UUID, by: Actor) -> QuerySet[Parcel]:
    """The parcel, if it leaves from, or is fetched at, the location where `by` works; else nothing, as if it did not
    exist.
    """
    here = list_workplaces(by=by)
    mine = Q(delivery__location__in=here) | Q(delivery__pickup_at__in=here)
    return Parcel.objects.filter(mine, public_id=parcel_id)


def list_waiting_parcels(*, packed_before: datetime) -> list[UUID]:
    """Parcels that were packed before that and neither left nor wait on a shelf, the oldest first."""
    waiting = Parcel.objects.filter(state=ParcelState.CREATED, packed_at__lt=packed_before)
    return list(waiting.order_by("pk").values_list("public_id", flat=True)[:_BATCH])
