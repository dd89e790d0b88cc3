"""Write down what happened to parcels, and let them follow.

A parcel's row is never told "you are delivered now": facts are added to its ledger, and the row takes over what all of
them say together. Facts may come before the parcel has its tracking code; they are read when it gets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import structlog

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction, transaction_required
from config.kernel.events import emit
from orders.agreement.models import Order
from orders.events import CarrierMessageStored, ParcelMoved
from orders.parcels.booking import find_hook
from orders.parcels.models import HOUSE, Parcel, TrackingEvent
from orders.parcels.ports import BadMessage, News
from orders.parcels.queries import list_events
from orders.parcels.rules import ParcelState, Scan, doubt_of, stand_of
from orders.payment.models import MessageState, ProviderMessage

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What an event of the parcel told last; only a difference is told."""

    state: str
    estimated_on: date | None


@transaction
def store_message(*, carrier: str, name: str, body: bytes, by: Actor, now: datetime) -> None:
    """Keep a genuine message of a carrier as it came; one that came before is kept once. Emits CarrierMessageStored."""
    message = ProviderMessage(provider=carrier, event_ref=name, body=body, received_at=now)
    ProviderMessage.objects.bulk_create([message], ignore_conflicts=True)
    if ProviderMessage.objects.filter(public_id=message.public_id).exists():
        emit(CarrierMessageStored(message_id=message.public_id), by=by, now=now)


@transaction_required
def read_message(*, message_id: UUID, by: Actor, now: datetime) -> None:
    """Write down what a carrier's message says. One about parcels that are not ours, or not yet, is looked at again.

    Locks the message, then the orders of its parcels. Emits ParcelMoved.
    """
    (message,) = lock(ProviderMessage.objects.filter(public_id=message_id))
    hook = find_hook(carrier=message.provider)
    if hook is None or message.state not in {MessageState.RECEIVED, MessageState.UNMATCHED}:
        return
    try:
        news = hook.read(body=bytes(message.body))
    except BadMessage as error:
        logger.warning("a carrier's message says nothing", carrier=hook.code, why=str(error))
        news = ()
    if not news:
        became = MessageState.IGNORED
    elif record_news(carrier=hook.code, news=news, told_at=message.received_at, by=by, now=now):
        became = MessageState.FOLDED
    else:
        became = MessageState.UNMATCHED
    if became != message.state:
        message.settle(became, now=now)
        message.save(update_fields=["state", "settled_at"])


@transaction
def reread_message(*, message_id: UUID, by: Actor, now: datetime) -> None:
    """Look at a message again: its parcel may have got its tracking code meanwhile."""
    read_message(message_id=message_id, by=by, now=now)


@transaction_required
def record_news(*, carrier: str, news: Sequence[News], told_at: datetime, by: Actor, now: datetime) -> int:
    """Add what a carrier said to the ledgers, and let his parcels follow; how many parcels of ours he spoke of.

    What was told before changes nothing. A parcel follows from the moment it leaves. Locks the orders of those parcels,
    in the order of their keys. Emits ParcelMoved for each that stands elsewhere now or is expected on another day.
    """
    codes = {one.tracking_code for one in news}
    parcels = Parcel.objects.filter(carrier=carrier, tracking_code__in=codes, dispatched_at__isnull=False)
    lock(Order.objects.filter(pk__in=parcels.values("order")))
    TrackingEvent.objects.bulk_create(
        (_event(carrier, one, by=by, told_at=told_at) for one in sorted(news, key=_key)),
        ignore_conflicts=True,
    )
    found = list(parcels.select_related("order", "delivery").order_by("pk"))
    for parcel in found:
        follow_news(parcel=parcel, by=by, now=now)
    return len(found)


@transaction_required
def record_step(*, parcel: Parcel, state: ParcelState, place: str, by: Actor, now: datetime) -> None:
    """Something happened to the parcel in our own hands, now. The caller holds the order's lock and lets it follow."""
    told = News(
        tracking_code=str(parcel.public_id), code=state.value, state=state, happened_at=now, place=place
    )
    TrackingEvent.objects.bulk_create([_event(HOUSE, told, by=by, told_at=now)], ignore_conflicts=True)


@transaction_required
def follow_news(*, parcel: Parcel, by: Actor, now: datetime) -> None:
    """Let the parcel's row say what its ledger says. The caller holds the order's lock. Emits ParcelMoved if moved."""
    before = _Seen(state=parcel.state, estimated_on=parcel.estimated_on)
    begins = ParcelState.DISPATCHED if parcel.dispatched_at else ParcelState.CREATED
    events = list_events(parcels=[parcel])[parcel.public_id]
    parcel.follow(stand_of(scans=(_scan(parcel, event) for event in events), begins=begins))
    parcel.save()
    if before != _Seen(state=parcel.state, estimated_on=parcel.estimated_on):
        moved = ParcelMoved(
            order_id=parcel.order.public_id,
            number=parcel.order.number,
            parcel_id=parcel.public_id,
            state=str(parcel.state),
            estimated_on=parcel.estimated_on,
        )
        emit(moved, by=by, now=now)


def _scan(parcel: Parcel, event: TrackingEvent) -> Scan:
    """The event as it counts for this parcel: a carrier delivers what the buyer fetches to the store, not to her."""
    state = ParcelState(event.state) if event.state else None
    if state == ParcelState.DELIVERED and event.carrier != HOUSE and parcel.delivery.pickup_at_id:
        state = ParcelState.READY_FOR_PICKUP
    return Scan(code=event.code, state=state, happened_at=event.happened_at, estimated_on=event.estimated_on)


def _key(told: News) -> tuple[str, datetime, str]:
    """One order of inserting for everybody, so that two messages with the same facts never wait in a circle."""
    return told.tracking_code, told.happened_at, told.code


def _event(carrier: str, told: News, *, by: Actor, told_at: datetime) -> TrackingEvent:
    return TrackingEvent(
        carrier=carrier,
        tracking_code=told.tracking_code,
        code=told.code[:100],
        state=told.state.value if told.state else "",
        happened_at=told.happened_at,
        text=told.text[:500],
        place=told.place[:200],
        estimated_on=told.estimated_on,
        doubt=doubt_of(happened_at=told.happened_at, told_at=told_at).value,
        actor_kind=by.kind,
        actor_ref=by.ref,
        told_at=told_at,
    )
