"""Goods are packed, leave their location in parcels, and are handed out where the buyer fetches them herself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import lock, outside_transaction, transaction
from config.kernel.errors import NotFound, Refusal
from config.kernel.events import topic_of
from config.kernel.idempotency import Once
from config.kernel.streams import issue_ticket
from orders.agreement.models import Order, OrderLine, OrderState
from orders.agreement.queries import list_orders_of_buyer, list_orders_of_staff
from orders.agreement.rules import LineUnits, sum_by_line
from orders.agreement.services import choose_lines
from orders.parcels.booking import ParcelUnpacked, book_label, delivery_is_fetched_here
from orders.parcels.leaving import complete_order, let_leave
from orders.parcels.models import Parcel, ParcelLine
from orders.parcels.ports import Label, LabelRefused
from orders.parcels.queries import (
    count_packed,
    list_parcels_of_staff,
)
from orders.parcels.rules import ParcelState, is_pickup_code, new_pickup_code
from orders.parcels.tracking import follow_news, record_step

DISPATCHED: Final = ParcelState.DISPATCHED.value
RETURNED: Final = ParcelState.RETURNED.value


class OrderNotConfirmed(Refusal):
    """The money is not secured yet, so nothing leaves."""

    code = "order_not_confirmed"
    status = 409
    title = "The order is not confirmed, so its goods may not leave."


class NothingToDispatch(Refusal):
    """Everything of the order that leaves from here is in a parcel already."""

    code = "nothing_to_dispatch"
    status = 409
    title = "Everything of this order has left already."


class MoreThanOpen(Refusal):
    """More units were to leave than the order still waits for; `lines` says of which."""

    code = "more_than_open"
    status = 422
    title = "More units than the order still waits for."


class SeveralDeliveries(Refusal):
    """The lines do not travel together, so they cannot be in one parcel; `deliveries` names theirs."""

    code = "several_deliveries"
    status = 422
    title = "A parcel holds the lines of one delivery."


class LabelTaken(Refusal):
    """Another parcel has this tracking code already."""

    code = "label_taken"
    status = 409
    title = "This tracking code is on another parcel."


class NotHandedOutHere(Refusal):
    """The parcel is not one that waits for its buyer here: `state` says where it stands."""

    code = "not_handed_out_here"
    status = 409
    title = "This parcel cannot be handed out here now."


class WrongPickupCode(Refusal):
    """What was shown is not this parcel's code."""

    code = "wrong_pickup_code"
    status = 422
    title = "This is not the code of this parcel."


@dataclass(frozen=True, kw_only=True)
class PackedParcel:
    """A parcel that is packed; whether it has left is read anew."""

    parcel_id: UUID


@dataclass(frozen=True, kw_only=True)
class DispatchedParcel:
    """A parcel and what is in it. `dispatched_at` is empty while it waits on the shelf for its buyer."""

    parcel_id: UUID
    order_id: UUID
    order_state: str
    state: str
    carrier: str
    tracking_code: str
    label_url: str
    lines: tuple[LineUnits, ...]
    dispatched_at: datetime | None
    delivered_at: datetime | None
    estimated_on: date | None


@outside_transaction
def dispatch_parcel(
    *,
    order_id: UUID,
    lines: Sequence[LineUnits] | None,
    by: Actor,
    now: datetime,
    label: Label | None = None,
    once: Once | None = None,
) -> DispatchedParcel:
    """Send `lines` (None: all that is open) of the order in one parcel from the location where `by` works.

    The parcel is packed in a first transaction, which is done once per `once`; then its label is booked, where there is
    a carrier and none was given; a second transaction lets it leave. So a repetition of the same request goes on where
    the first one stopped, and so does `send_packed_parcels`. What the buyer fetches from this very location waits on
    the shelf instead (`ready_for_pickup`), and leaves when it is handed out.
    Errors: NotFound; OrderNotConfirmed, NothingToDispatch, UnknownLine, MoreThanOpen, SeveralDeliveries, LabelTaken,
    LabelRefused, CarrierUnavailable; KeyInFlight, KeyReused; Busy.
    """
    crashpoint("dispatch.before_pack")
    if once is None:
        packed = pack_parcel(order_id=order_id, lines=lines, label=label, by=by, now=now)
    else:
        packed = pack_parcel.once(once, order_id=order_id, lines=lines, label=label, by=by, now=now)
    return finish_parcel(parcel_id=packed.parcel_id, by=by, now=now)


@outside_transaction
def finish_parcel(*, parcel_id: UUID, by: Actor, now: datetime) -> DispatchedParcel:
    """Let a packed parcel go on: book its label unless it has one, and let it leave. One that has left stays as it is.

    What the carrier will not carry is unpacked: somebody has to find it another way.
    Errors: ParcelUnpacked, OrderNotConfirmed, LabelTaken, LabelRefused, CarrierUnavailable; Busy.
    """
    parcels = Parcel.objects.select_related("order", "delivery__location")
    parcel = parcels.filter(public_id=parcel_id).first()
    if parcel is None:
        raise ParcelUnpacked
    if parcel.state == ParcelState.CREATED:
        try:
            label = book_label(parcel=parcel, by=by, now=now)
        except LabelRefused:
            unpack_parcel(parcel_id=parcel_id, by=by, now=now)
            raise
        crashpoint("dispatch.label_booked")
        send_parcel(parcel_id=parcel_id, label=label, by=by, now=now)
    return _told(Parcel.objects.select_related("order").get(pk=parcel.pk))


@transaction
def pack_parcel(
    *, order_id: UUID, lines: Sequence[LineUnits] | None, label: Label | None, by: Actor, now: datetime
) -> PackedParcel:
    """Put `lines` (None: all that is open, of the first delivery that has any) into a parcel at the location of `by`.

    Nothing leaves yet. Locks the order. Errors: as `dispatch_parcel`, but for the carrier's.
    """
    order = next(iter(lock(list_orders_of_staff(order_id=order_id, by=by))), None)
    if order is None:
        raise NotFound
    _require_confirmed(order)
    chosen = _choose(order, lines, by)
    delivery = next(iter(chosen)).delivery
    if label is not None and _is_taken(label):
        raise LabelTaken
    parcel = Parcel.objects.create(
        order=order,
        delivery=delivery,
        packed_at=now,
        carrier=label.carrier if label else "",
        tracking_code=label.tracking_code if label else "",
        pickup_code=new_pickup_code() if delivery.pickup_at_id else "",
        estimated_on=delivery.promised_until_on,
    )
    ParcelLine.objects.bulk_create(
        ParcelLine(parcel=parcel, order_line=line, quantity=units) for line, units in chosen.items()
    )
    if delivery_is_fetched_here(delivery=delivery):
        record_step(parcel=parcel, state=ParcelState.READY_FOR_PICKUP, place=by.store, by=by, now=now)
        follow_news(parcel=parcel, by=by, now=now)
    return PackedParcel(parcel_id=parcel.public_id)


@transaction
def send_parcel(*, parcel_id: UUID, label: Label | None, by: Actor, now: datetime) -> None:
    """The packed parcel leaves, with this label if it has one. One that has left already stays as it is.

    Locks the order, then the levels of the goods. Emits ParcelMoved, and OrderCompleted with the last unit.
    Errors: ParcelUnpacked, OrderNotConfirmed, LabelTaken; Busy.
    """
    parcel = _lock_parcel(parcel_id)
    if parcel.state != ParcelState.CREATED:
        return
    _require_confirmed(parcel.order)
    if label is not None:
        if _is_taken(label, but=parcel):
            raise LabelTaken
        parcel.carrier, parcel.tracking_code, parcel.label_url = label.carrier, label.tracking_code, label.url
        parcel.estimated_on = label.estimated_on or parcel.estimated_on
    let_leave(parcel=parcel, by=by, now=now)
    place = parcel.delivery.location.city
    record_step(parcel=parcel, state=ParcelState.DISPATCHED, place=place, by=by, now=now)
    follow_news(parcel=parcel, by=by, now=now)
    complete_order(order=parcel.order, by=by, now=now)


@transaction
def shelve_parcel(*, parcel_id: UUID, by: Actor, now: datetime) -> DispatchedParcel:
    """A parcel came to the store where its buyer fetches it, and waits for her there.

    Locks the order. Emits ParcelMoved. Errors: NotFound when it is fetched elsewhere; NotHandedOutHere when it was
    delivered, returned, or has not left; Busy.
    """
    parcel = _lock_parcel_of_staff(parcel_id, by)
    if parcel.delivery.pickup_at is None or parcel.delivery.pickup_at.code != by.store:
        raise NotHandedOutHere(state=str(parcel.state))
    if parcel.state != ParcelState.READY_FOR_PICKUP:
        if parcel.dispatched_at is None or parcel.delivered_at is not None:
            raise NotHandedOutHere(state=str(parcel.state))
        record_step(parcel=parcel, state=ParcelState.READY_FOR_PICKUP, place=by.store, by=by, now=now)
        follow_news(parcel=parcel, by=by, now=now)
    return _told(parcel)


@transaction
def hand_out_parcel(*, parcel_id: UUID, code: str, by: Actor, now: datetime) -> DispatchedParcel:
    """Give the parcel to whoever shows its code; what left without a carrier is handed over by our own driver.

    What waited on the shelf of the location that sells it leaves now: its stock goes and its money is taken. Locks the
    order, then the levels of the goods. Emits ParcelMoved, and OrderCompleted with the last unit.
    Errors: NotFound; NotHandedOutHere, WrongPickupCode, OrderNotConfirmed; Busy.
    """
    parcel = _lock_parcel_of_staff(parcel_id, by)
    if parcel.delivery.pickup_at is not None:
        here = parcel.delivery.pickup_at.code == by.store and parcel.state == ParcelState.READY_FOR_PICKUP
    else:
        here = not parcel.carrier and parcel.state in {ParcelState.DISPATCHED, ParcelState.FAILED}
    if not here:
        raise NotHandedOutHere(state=str(parcel.state))
    if parcel.pickup_code and not is_pickup_code(given=code, code=parcel.pickup_code):
        raise WrongPickupCode
    if parcel.dispatched_at is None:
        _require_confirmed(parcel.order)
        let_leave(parcel=parcel, by=by, now=now)
    record_step(parcel=parcel, state=ParcelState.DELIVERED, place=by.store, by=by, now=now)
    follow_news(parcel=parcel, by=by, now=now)
    complete_order(order=parcel.order, by=by, now=now)
    return _told(parcel)


def _require_confirmed(order: Order) -> None:
    if order.state not in {OrderState.CONFIRMED, OrderState.COMPLETED}:
        raise OrderNotConfirmed(state=str(order.state))


def _choose(order: Order, wanted: Sequence[LineUnits] | None, by: Actor) -> dict[OrderLine, int]:
    """`{line: units}` of one delivery that leaves from where `by` works.

    Errors: NothingToDispatch, UnknownLine, MoreThanOpen, SeveralDeliveries.
    """
    here = list(order.lines.select_related("delivery__location").filter(delivery__location__code=by.store))
    packed = count_packed(order=order)
    still_open = {line: line.quantity - packed.get(line.pk, 0) for line in here}
    if not any(still_open.values()):
        raise NothingToDispatch
    if wanted is None:
        first = next(line.delivery_id for line, units in still_open.items() if units)
        return {line: units for line, units in still_open.items() if units and line.delivery_id == first}
    chosen = choose_lines(lines=here, wanted=sum_by_line(lines=wanted))
    _require_open(chosen, still_open)
    deliveries = {line.delivery.public_id for line in chosen}
    if len(deliveries) > 1:
        raise SeveralDeliveries(deliveries=sorted(map(str, deliveries)))
    return chosen


def _require_open(chosen: Mapping[OrderLine, int], still_open: Mapping[OrderLine, int]) -> None:
    too_many = [
        {"line_id": str(line.public_id), "wanted": units, "open": still_open[line]}
        for line, units in chosen.items()
        if units > still_open[line]
    ]
    if too_many:
        raise MoreThanOpen(lines=too_many)


def _is_taken(label: Label, *, but: Parcel | None = None) -> bool:
    same = Parcel.objects.filter(carrier=label.carrier, tracking_code=label.tracking_code)
    others = same if but is None else same.exclude(pk=but.pk)
    return bool(label.tracking_code) and others.exists()


def _lock_parcel(parcel_id: UUID) -> Parcel:
    """The parcel, read after its order was locked. Errors: ParcelUnpacked; Busy."""
    lock(Order.objects.filter(parcels__public_id=parcel_id))
    parcels = Parcel.objects.select_related("order", "delivery__location", "delivery__pickup_at")
    try:
        return parcels.get(public_id=parcel_id)
    except Parcel.DoesNotExist:
        raise ParcelUnpacked


def _lock_parcel_of_staff(parcel_id: UUID, by: Actor) -> Parcel:
    """Errors: NotFound unless it leaves from, or is fetched at, the location where `by` works; Busy."""
    if not list_parcels_of_staff(parcel_id=parcel_id, by=by).exists():
        raise NotFound
    return _lock_parcel(parcel_id)


def _told(parcel: Parcel) -> DispatchedParcel:
    return DispatchedParcel(
        parcel_id=parcel.public_id,
        order_id=parcel.order.public_id,
        order_state=str(parcel.order.state),
        state=str(parcel.state),
        carrier=parcel.carrier,
        tracking_code=parcel.tracking_code,
        label_url=parcel.label_url,
        lines=tuple(
            LineUnits(line_id=row.order_line.public_id, quantity=row.quantity)
            for row in parcel.lines.select_related("order_line")
        ),
        dispatched_at=parcel.dispatched_at,
        delivered_at=parcel.delivered_at,
        estimated_on=parcel.estimated_on,
    )


@transaction
def unpack_parcel(*, parcel_id: UUID, by: Actor, now: datetime) -> None:
    """Take a parcel apart again that has not left; one that has left, or is no more, stays as it is.

    Locks the order. Errors: Busy.
    """
    lock(Order.objects.filter(parcels__public_id=parcel_id))
    parcel = Parcel.objects.filter(public_id=parcel_id, dispatched_at=None).first()
    if parcel is not None:
        parcel.lines.all().delete()
        parcel.delete()


@dataclass(frozen=True, kw_only=True)
class WatchTicket:
    """A permission to open an order's live stream once, within a minute."""

    ticket: str


@transaction
def watch_parcels(*, order_id: UUID, secret: str, by: Actor, now: datetime) -> WatchTicket:
    """A ticket for the live stream of the order: its parcels, what comes back, its money.

    Errors: NotFound, also when it is somebody else's.
    """
    if not list_orders_of_buyer(order_id=order_id, secret=secret, by=by).exists():
        raise NotFound
    return WatchTicket(ticket=issue_ticket(topic=topic_of("order_id", order_id), now=now))
