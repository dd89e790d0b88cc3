"""Which locations there are, and who works where."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from config.kernel.actors import Actor
from orders.locations.models import Location, StaffAssignment


@dataclass(frozen=True, kw_only=True)
class LocationCard:
    """A location as other apps see it. `kind` is `warehouse` or `store`."""

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


def list_locations() -> tuple[LocationCard, ...]:
    """All locations, those asked first for goods first."""
    return tuple(
        LocationCard(
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
        )
        for row in Location.objects.order_by("priority", "code")
    )


def list_sources() -> list[Location]:
    """The locations that parcels leave from, in the order in which they are asked for goods."""
    return list(Location.objects.filter(ships=True).order_by("priority", "code"))


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
