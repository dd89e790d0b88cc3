"""Which carrier takes a parcel, and the label that he gives for it."""

from functools import cache
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string

from orders.agreement.models import OrderDelivery
from orders.locations.models import Location
from orders.parcels.models import Parcel
from orders.parcels.ports import Address, Booking, Hook, Label, LabelWish

# What a unit weighs whose weight nobody wrote down.
_USUAL_WEIGHT_G: Final = 1000


def delivery_is_fetched_here(*, delivery: OrderDelivery) -> bool:
    """Whether the buyer fetches the goods from the very location that they are sold from."""
    return delivery.pickup_at_id is not None and delivery.pickup_at_id == delivery.location_id


def book_label(*, parcel: Parcel) -> Label | None:
    """The label of a packed parcel: the one it was given, else one of our carrier; None when our own van takes it.

    Called outside every transaction. The same parcel gets the same label, however often it is asked for.
    Errors: CarrierUnavailable, LabelRefused.
    """
    if parcel.tracking_code:
        return Label(carrier=parcel.carrier, tracking_code=parcel.tracking_code, url=parcel.label_url)
    if not settings.CARRIER:
        return None
    units = sum(line.quantity for line in parcel.lines.all())
    return _booking().book_label(
        wish=LabelWish(
            reference=parcel.public_id,
            sender=_address_of(parcel.delivery.location),
            recipient=_recipient(parcel),
            weight_g=units * _USUAL_WEIGHT_G,
        )
    )


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
