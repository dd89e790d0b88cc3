"""How locations come to be, and who works in them."""

from uuid import UUID

from config.kernel.db import transaction_required
from orders.locations.models import Location, StaffAssignment
from orders.locations.queries import LocationCard


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
            "priority": location.priority,
        },
    )


@transaction_required
def assign_staff(*, user_ref: UUID, location: str) -> None:
    """Let a user work at the location with that code. Errors: Location.DoesNotExist."""
    place = Location.objects.get(code=location)
    StaffAssignment.objects.get_or_create(user_ref=user_ref, location=place)
