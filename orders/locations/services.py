"""How locations come to be, who works in them, and where in them things stand."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models.functions import Lower

from config.kernel.actors import Actor
from config.kernel.db import transaction, transaction_required
from config.kernel.errors import NotFound
from orders.locations.models import ItemPlace, Location, StaffAssignment
from orders.locations.queries import LocationCard, forget_locations, list_workplaces


@transaction_required
def create_location(*, location: LocationCard) -> None:
    """Create the location, or bring the one with that code up to date."""
    Location.objects.update_or_create(
        code=location.code,
        defaults={
            "kind": location.kind,
            "name": location.name,
            "street": location.street,
            "postcode": location.postcode,
            "city": location.city,
            "country": location.country,
            "time_zone": location.time_zone,
            "ships": location.ships,
            "hands_over": location.hands_over,
            "opening_hours": [
                [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in day]
                for day in location.opening_hours
            ],
            "priority": location.priority,
        },
    )
    forget_locations()


@transaction_required
def assign_staff(*, user_ref: UUID, location: str) -> None:
    """Let a user work at the location with that code. Errors: Location.DoesNotExist."""
    place = Location.objects.get(code=location)
    StaffAssignment.objects.get_or_create(user_ref=user_ref, location=place)


@transaction
def place_item(*, sku: str, place: str, by: Actor, now: datetime) -> None:
    """An item stands there, in the location where `by` works. Errors: NotFound when she works nowhere."""
    here = list_workplaces(by=by).first()
    if here is None:
        raise NotFound
    place_items(location=here.code, places={sku: place})


@transaction_required
def place_items(*, location: str, places: Mapping[str, str]) -> None:
    """Say where items stand in a location: `{sku: "A-12"}`; what was said of them before is forgotten.

    Errors: Location.DoesNotExist.
    """
    here = Location.objects.get(code=location)
    newest = {sku.lower(): (sku, place) for sku, place in places.items()}
    known = ItemPlace.objects.annotate(lower=Lower("sku")).filter(location=here)
    known.filter(lower__in=newest).delete()
    # Of two who say it at the same moment one is heard.
    rows = [ItemPlace(location=here, sku=sku, place=place) for sku, place in newest.values()]
    ItemPlace.objects.bulk_create(rows, ignore_conflicts=True)
