"""Locations, and who works where."""

from uuid import uuid4

import pytest

from config.kernel.db import open_transaction
from orders.locations.models import Location, StaffAssignment
from orders.locations.queries import LocationCard, list_locations, list_sources, works_at
from orders.locations.services import assign_staff, create_location

pytestmark = pytest.mark.django_db
LAHTI = LocationCard(
    code="LAHTI",
    kind="warehouse",
    name="Lahti",
    street="Varastokatu 1",
    postcode="15100",
    city="Lahti",
    country="FI",
    time_zone="Europe/Helsinki",
    ships=True,
    priority=1,
)


def test_create_location_may_be_repeated() -> None:
    for _ in range(2):
        with open_transaction():
            create_location(location=LAHTI)

    assert list_locations() == (LAHTI,)


def test_parcels_leave_from_locations_that_ship_by_priority(lahti: Location, helsinki: Location) -> None:
    Location.objects.create(
        code="TURKU", kind="warehouse", ships=True, priority=0, time_zone="Europe/Helsinki"
    )

    assert [source.code for source in list_sources()] == ["TURKU", "LAHTI"]


def test_a_clerk_works_where_she_was_assigned_and_nowhere_else(lahti: Location, helsinki: Location) -> None:
    clerk = uuid4()
    for _ in range(2):
        with open_transaction():
            assign_staff(user_ref=clerk, location="HELSINKI")

    assert works_at(user_ref=clerk, location="HELSINKI")
    assert not works_at(user_ref=clerk, location="LAHTI")
    assert not works_at(user_ref=uuid4(), location="HELSINKI")
    assert StaffAssignment.objects.count() == 1
