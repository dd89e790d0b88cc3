"""Which locations there are, and who works where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Lower

from config.kernel.actors import Actor
from config.kernel.kept import Kept
from config.kernel.models import User
from config.kernel.rest.authentication import digest_of
from orders.locations.models import ClerkPin, Device, ItemPlace, Location, StaffAssignment
from orders.locations.rules import WeekHours, read_hours


@dataclass(frozen=True, kw_only=True)
class LocationCard:
    """A location as other apps see it. `kind` is `warehouse` or `store`.

    Where it `hands_over`, orders can be fetched; it is open within `opening_hours`, (from, until) per weekday.
    """

    code: str
    kind: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    time_zone: str
    ships: bool
    priority: int
    hands_over: bool = False
    opening_hours: WeekHours = ()


@dataclass(frozen=True, kw_only=True)
class _Known:
    cards: tuple[LocationCard, ...]
    rows: Mapping[str, Location]


def _read() -> _Known:
    rows = list(Location.objects.order_by("priority", "code"))
    return _Known(cards=tuple(_card(row) for row in rows), rows={row.code: row for row in rows})


def _card(row: Location) -> LocationCard:
    return LocationCard(
        code=row.code,
        kind=row.kind,
        name=row.name,
        street=row.street,
        postcode=row.postcode,
        city=row.city,
        country=row.country,
        time_zone=row.time_zone,
        ships=row.ships,
        priority=row.priority,
        hands_over=row.hands_over,
        opening_hours=read_hours(said=row.opening_hours),
    )


_kept: Final = Kept(_read)


def forget_locations() -> None:
    """Read the locations anew: for whoever has just changed one in this process."""
    _kept.forget()


def list_locations() -> tuple[LocationCard, ...]:
    """All locations, those asked first for goods first; as they were at most five seconds ago."""
    return _kept.get().cards


def list_sources(*, store: str = "") -> list[Location]:
    """The locations that goods of an order leave from, in the order in which they are asked for them.

    Those that ship; before them the store in which the buyer fetches the goods, if she does.
    """
    known = _kept.get()
    sending = [known.rows[card.code] for card in known.cards if card.ships and card.code != store]
    return [*([known.rows[store]] if store in known.rows else []), *sending]


def works_at(*, user_ref: UUID, location: str) -> bool:
    """Whether this user works at the location with that code."""
    return StaffAssignment.objects.filter(user_ref=user_ref, location__code=location).exists()


def list_workplaces(*, by: Actor) -> QuerySet[Location]:
    """The location an actor acts in, if she works there: for use inside other queries.

    Her token names the store; the assignment is asked anew each time, so that it can be taken away.
    """
    try:
        user_ref = UUID(by.ref)
    except ValueError:
        return Location.objects.none()
    return Location.objects.filter(code=by.store, staff__user_ref=user_ref)


def find_places(*, by: Actor, skus: Iterable[str]) -> dict[str, str]:
    """Where these items stand in the location of `by`, by their SKU in lower case; unplaced ones are missing."""
    wanted = [sku.lower() for sku in skus]
    rows = ItemPlace.objects.annotate(lower=Lower("sku")).filter(
        location__in=list_workplaces(by=by), lower__in=wanted
    )
    return dict(rows.values_list("lower", "place"))


@dataclass(frozen=True, kw_only=True)
class DeviceCard:
    """A registered tablet, and the location in which it stands."""

    device_id: UUID
    name: str
    store: str
    store_name: str


@dataclass(frozen=True, kw_only=True)
class ClerkCard:
    """Somebody who can unlock a device with a PIN."""

    clerk_id: UUID
    name: str


def find_device(*, secret: str) -> DeviceCard | None:
    """The device that holds this secret; None when there is none, or none any more."""
    device = (
        Device.objects.select_related("location").filter(digest=digest_of(secret), revoked_at=None).first()
    )
    return None if device is None else device_card(device=device)


def device_card(*, device: Device) -> DeviceCard:
    """The device as a value; its location is read with it."""
    return DeviceCard(
        device_id=device.public_id,
        name=device.name,
        store=device.location.code,
        store_name=device.location.name,
    )


def list_clerks(*, store: str) -> list[ClerkCard]:
    """Who works in the store with that code and has a PIN, by name."""
    refs = StaffAssignment.objects.filter(location__code=store).values_list("user_ref", flat=True)
    able = ClerkPin.objects.filter(user_ref__in=refs).values_list("user_ref", flat=True)
    users = User.objects.filter(public_id__in=list(able), is_active=True).order_by("name", "pk")
    return [ClerkCard(clerk_id=user.public_id, name=user.name) for user in users]
