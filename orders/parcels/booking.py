"""Which carrier takes a parcel, and the label that he gives for it: one, however many ask for it at once."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import lock, outside_transaction, transaction
from config.kernel.errors import Refusal
from orders.agreement.models import Order, OrderDelivery
from orders.delivery.rules import WEIGHT_UNKNOWN_G
from orders.locations.models import Location
from orders.parcels.models import Parcel
from orders.parcels.ports import Address, Booking, Hook, Label, LabelWish


class ParcelUnpacked(Refusal):
    """The parcel of this request was taken apart again: the carrier refused it, or its order was called off."""

    code = "parcel_unpacked"
    status = 409
    title = "This parcel was unpacked again; send the goods anew."


@dataclass(frozen=True, kw_only=True)
class KeptShipment:
    """The carrier's name of the shipment in which a parcel travels."""

    shipment_ref: str


def delivery_is_fetched_here(*, delivery: OrderDelivery) -> bool:
    """Whether the buyer fetches the goods from the very location that they are sold from."""
    return delivery.pickup_at_id is not None and delivery.pickup_at_id == delivery.location_id


@outside_transaction
def book_label(*, parcel: Parcel, by: Actor, now: datetime) -> Label | None:
    """The label of a packed parcel: the one it was given, else one of our carrier; None when our own van takes it.

    However many book for it at once, one shipment is kept and its label bought. So the same parcel gets the same label.
    Errors: CarrierUnavailable, LabelRefused; ParcelUnpacked; Busy.
    """
    if parcel.tracking_code:
        return Label(carrier=parcel.carrier, tracking_code=parcel.tracking_code, url=parcel.label_url)
    if not settings.CARRIER:
        return None
    shipment = parcel.shipment_ref
    if not shipment:
        opened = _booking().open_shipment(wish=_wish(parcel))
        crashpoint("dispatch.shipment_opened")
        shipment = keep_shipment(parcel_id=parcel.public_id, shipment_ref=opened, by=by, now=now).shipment_ref
    return _booking().buy_label(shipment=shipment)


@transaction
def keep_shipment(*, parcel_id: UUID, shipment_ref: str, by: Actor, now: datetime) -> KeptShipment:
    """The parcel travels in this shipment of its carrier, unless another one was kept for it before.

    Locks the order. Errors: ParcelUnpacked; Busy.
    """
    lock(Order.objects.filter(parcels__public_id=parcel_id))
    parcel = Parcel.objects.filter(public_id=parcel_id).first()
    if parcel is None:
        raise ParcelUnpacked
    if not parcel.shipment_ref:
        parcel.shipment_ref = shipment_ref
        parcel.save(update_fields=["shipment_ref"])
    return KeptShipment(shipment_ref=parcel.shipment_ref)


def find_hook(*, carrier: str) -> Hook | None:
    """How messages of this carrier are read; None when his secret is not set, so that nothing could be believed."""
    if not settings.CARRIER_SECRETS.get(carrier):
        return None
    hook: Hook = _adapter(settings.CARRIER_HOOKS[carrier])
    return hook


def _booking() -> Booking:
    booking: Booking = _adapter(settings.CARRIER)
    return booking


@cache
def _adapter(name: str) -> Any:
    return import_string(name)()


def _wish(parcel: Parcel) -> LabelWish:
    return LabelWish(
        reference=parcel.public_id,
        sender=_address_of(parcel.delivery.location),
        recipient=_recipient(parcel),
        weight_g=_weight_g(parcel),
    )


def _weight_g(parcel: Parcel) -> int:
    """What the goods weigh: as the catalogue said when they were bought, else what their delivery was priced by."""
    return sum(
        row.quantity * (WEIGHT_UNKNOWN_G if (said := row.order_line.unit_weight_g) is None else said)
        for row in parcel.lines.select_related("order_line")
    )


def _recipient(parcel: Parcel) -> Address:
    if parcel.delivery.pickup_at is not None:
        return _address_of(parcel.delivery.pickup_at)
    return Address(**parcel.delivery.address)


def _address_of(location: Location) -> Address:
    return Address(
        name=location.name,
        street=location.street,
        postcode=location.postcode,
        city=location.city,
        country=location.country,
    )
