"""What is to be packed, what has left of an order, what happened to it on the way, and what has arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from config.kernel.actors import Actor
from config.kernel.errors import NotFound
from orders.agreement.models import Order, OrderDelivery, OrderLine, OrderState
from orders.agreement.queries import find_order_of_buyer
from orders.agreement.rules import read_number
from orders.locations.queries import find_places, list_workplaces
from orders.parcels.models import HOUSE, Parcel, ParcelLine, TrackingEvent
from orders.parcels.rules import Doubt, ParcelState

_BATCH: Final = 100
_DELIVERIES_SHOWN: Final = 50
_LINES_READ: Final = 1000
_ENDED: Final = (ParcelState.DELIVERED, ParcelState.RETURNING, ParcelState.RETURNED)


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


def list_pick_ups(*, by: Actor, state: str = "", number: str = "") -> list[Parcel]:
    """The parcels that are fetched where `by` works, those packed first first: a hundred at most.

    Of one state, or of all in which their buyer does not have them yet; of one order, if `number` names it.
    """
    parcels = Parcel.objects.filter(delivery__pickup_at__in=list_workplaces(by=by)).exclude(
        order__state=OrderState.CANCELLED
    )
    if state:
        parcels = parcels.filter(state=state)
    elif not number:
        parcels = parcels.exclude(state__in=_ENDED)
    if number:
        parcels = parcels.filter(order__number=read_number(number))
    rows = parcels.select_related("order", "delivery__pickup_at").prefetch_related("lines__order_line")
    return list(rows.order_by("packed_at", "pk")[:_BATCH])


def list_waiting_parcels(*, packed_before: datetime) -> list[UUID]:
    """Parcels that were packed before that and neither left nor wait on a shelf, the oldest first."""
    waiting = Parcel.objects.filter(
        state=ParcelState.CREATED, order__state=OrderState.CONFIRMED, packed_at__lt=packed_before
    )
    return list(waiting.order_by("pk").values_list("public_id", flat=True)[:_BATCH])


def list_parcels_in_vain() -> list[UUID]:
    """Parcels that have not left, of orders that were called off, the oldest first."""
    here = Parcel.objects.filter(dispatched_at=None, order__state=OrderState.CANCELLED)
    return list(here.order_by("pk").values_list("public_id", flat=True)[:_BATCH])


def list_events(*, parcels: Sequence[Parcel], believed: bool = True) -> dict[UUID, list[TrackingEvent]]:
    """What happened to each of the parcels, oldest first, by its public id; `believed=False`: and what is doubted."""
    by_label = {(parcel.carrier, parcel.tracking_code): parcel for parcel in parcels if parcel.tracking_code}
    by_name = {(HOUSE, str(parcel.public_id)): parcel for parcel in parcels}
    of = by_label | by_name
    events = TrackingEvent.objects.filter(tracking_code__in={code for _, code in of})
    found: dict[UUID, list[TrackingEvent]] = {parcel.public_id: [] for parcel in parcels}
    for event in events.filter(doubt=Doubt.NONE.value) if believed else events:
        if (event.carrier, event.tracking_code) in of:
            found[of[event.carrier, event.tracking_code].public_id].append(event)
    return found


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """An order's parcels and what happened to each, oldest first, by the parcel's public id."""

    order: Order
    parcels: tuple[Parcel, ...]
    events: Mapping[UUID, Sequence[TrackingEvent]]


def get_tracking_of_buyer(*, order_id: UUID, secret: str, by: Actor) -> Tracking:
    """The journey of the buyer's order. Errors: NotFound, also when it is somebody else's."""
    order = find_order_of_buyer(order_id=order_id, secret=secret, by=by)
    if order is None:
        raise NotFound
    parcels = _with_contents(Parcel.objects.filter(order=order))
    return Tracking(order=order, parcels=parcels, events=list_events(parcels=parcels))


def get_parcel_of_staff(*, parcel_id: UUID, by: Actor) -> Tracking:
    """One parcel with everything that was told of it, what is doubted too.

    Errors: NotFound, also when it neither leaves from nor is fetched at the location where `by` works.
    """
    parcels = _with_contents(list_parcels_of_staff(parcel_id=parcel_id, by=by))
    if not parcels:
        raise NotFound
    events = list_events(parcels=parcels, believed=False)
    return Tracking(order=parcels[0].order, parcels=parcels, events=events)


def _with_contents(parcels: QuerySet[Parcel]) -> tuple[Parcel, ...]:
    related = parcels.select_related("order", "delivery__pickup_at", "delivery__location")
    return tuple(related.prefetch_related("lines__order_line"))


@dataclass(frozen=True, kw_only=True)
class PickedLine:
    """Units of one line to be fetched; `place` says where they stand, or nothing."""

    line: OrderLine
    open: int
    place: str


@dataclass(frozen=True, kw_only=True)
class Picking:
    """A delivery with what is still to be packed of it."""

    delivery: OrderDelivery
    lines: tuple[PickedLine, ...]


def list_picking(*, by: Actor) -> list[Picking]:
    """What the location of `by` has to pack, the oldest promise first: fifty deliveries at most.

    What is packed leaves the list, so whoever packs from the top sees everything.
    """
    packed = Coalesce(Sum("parcel_lines__quantity"), 0)
    lines = (
        OrderLine.objects.filter(
            delivery__location__in=list_workplaces(by=by), order__state=OrderState.CONFIRMED
        )
        .annotate(packed=packed)
        .filter(quantity__gt=F("packed"))
        .select_related("delivery__order", "delivery__location", "delivery__pickup_at")
        .order_by("delivery__promised_until_on", "order__placed_at", "delivery_id", "position")
    )
    groups: dict[int, list[OrderLine]] = {}
    for line in lines[:_LINES_READ]:
        groups.setdefault(line.delivery_id, []).append(line)
    shown = list(groups.values())[:_DELIVERIES_SHOWN]
    places = find_places(by=by, skus={line.sku for group in shown for line in group})
    return [
        Picking(
            delivery=group[0].delivery,
            lines=tuple(
                PickedLine(
                    line=line,
                    open=line.quantity - line.packed,  # type: ignore[attr-defined]
                    place=places.get(line.sku.lower(), ""),
                )
                for line in group
            ),
        )
        for group in shown
    ]
