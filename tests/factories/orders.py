"""Rows of the orders' tables, and the wishes that orders are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import uuid4

import factory

from config.kernel.actors import Actor, ActorKind, system
from config.kernel.db import open_transaction
from config.kernel.ids import new_id
from orders.agreement.rules import LineUnits, OrderWish, PostalAddress, WishedDelivery, WishedLine
from orders.delivery.models import DeliveryOption
from orders.locations.models import Location, LocationKind, StaffAssignment
from orders.parcels.services import DispatchedParcel, dispatch_parcel, hand_out_parcel
from orders.placing.services import PlacedOrder, place_order
from orders.returns.rules import AnnouncedLine
from orders.stock.models import MovementKind, StockLevel, StockMovement

STANDARD_RATE = Decimal("0.255")
GUEST = Actor(kind=ActorKind.GUEST)


class LocationFactory(factory.django.DjangoModelFactory[Location]):
    """The warehouse that parcels leave from."""

    class Meta:
        model = Location
        django_get_or_create = ("code",)

    code = "LAHTI"
    kind = LocationKind.WAREHOUSE
    name = "Lahti"
    street = "Varastokatu 1"
    postcode = "15100"
    city = "Lahti"
    country = "FI"
    time_zone = "Europe/Helsinki"
    ships = True
    priority = 1


class StaffAssignmentFactory(factory.django.DjangoModelFactory[StaffAssignment]):
    """Somebody works somewhere."""

    class Meta:
        model = StaffAssignment

    user_ref = factory.LazyFunction(new_id)
    location = factory.SubFactory(LocationFactory)


class StockLevelFactory(factory.django.DjangoModelFactory[StockLevel]):
    """Units that arrived: the level and the movement that brought them, so that the ledger agrees."""

    class Meta:
        model = StockLevel
        skip_postgeneration_save = True

    sku = factory.Sequence(lambda number: f"SKU-{number}")
    location = factory.SubFactory(LocationFactory)
    on_hand = 10

    @factory.post_generation
    def arrival(level: StockLevel, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805 - factory-boy's
        if create and level.on_hand:
            StockMovement.objects.create(
                level=level,
                kind=MovementKind.RECEIVED,
                delta=level.on_hand,
                actor_kind=ActorKind.SYSTEM,
                actor_ref="tests",
                moved_at=datetime(2026, 1, 1, tzinfo=UTC),
            )


class DeliveryOptionFactory(factory.django.DjangoModelFactory[DeliveryOption]):
    """A parcel to her home, two or three working days away."""

    class Meta:
        model = DeliveryOption

    code = "parcel"
    labels = factory.LazyFunction(
        lambda: {"fi": "Paketti kotiin", "sv-FI": "Paket hem", "en": "Parcel to your home"}
    )
    countries = factory.LazyFunction(lambda: ["FI"])
    gross_minor = 1490
    currency = "EUR"
    tax_class = "standard"
    cut_off = time(14)
    time_zone = "Europe/Helsinki"
    earliest_days = 2
    latest_days = 3


def line(sku: str, quantity: int = 1, **changes: Any) -> WishedLine:
    """A line of a wish: a thing of 99.90 with 25.5 % tax."""
    wished = WishedLine(
        line_ref=uuid4(),
        sku=sku,
        name=f"Thing {sku}",
        options=(("Kangas", "Buklee"),),
        quantity=quantity,
        unit_gross_minor=9990,
        tax_rate=STANDARD_RATE,
    )
    return replace(wished, **changes)


def wish(*lines: WishedLine, **changes: Any) -> OrderWish:
    """A guest's wish for these lines, delivered to Helsinki for 14.90."""
    wished = OrderWish(
        cart_ref=new_id(),
        channel="fi-web",
        currency="EUR",
        country="FI",
        locale="fi",
        email="Aino.Virtanen@example.fi",
        address=PostalAddress(
            name="Aino Virtanen",
            street="Mannerheimintie 1 A 2",
            postcode="00100",
            city="Helsinki",
            country="FI",
            phone="+358 40 123 4567",
        ),
        lines=lines,
        delivery=WishedDelivery(
            option="parcel",
            label="Paketti kotiin",
            gross_minor=1490,
            tax_rate=STANDARD_RATE,
            promised_from=date(2026, 11, 25),
            promised_until=date(2026, 11, 26),
        ),
        payment_method="invoice",
    )
    return replace(wished, **changes)


def placed(*lines: WishedLine, now: datetime, by: Actor = GUEST, **changes: Any) -> PlacedOrder:
    """An order for these lines, committed."""
    with open_transaction():
        return place_order(wish=wish(*lines, **changes), by=by, now=now)


def delivered(
    order: PlacedOrder, *, by: Actor, now: datetime, lines: Sequence[LineUnits] | None = None
) -> DispatchedParcel:
    """A parcel with these lines (None: all that is open) that left and was handed to the buyer."""
    parcel = dispatch_parcel(order_id=order.order_id, lines=lines, by=by, now=now)
    return hand_out_parcel(parcel_id=parcel.parcel_id, code="", by=by, now=now)


def coming_back(lines: Iterable[LineUnits]) -> list[AnnouncedLine]:
    """The same units, as a buyer announces them, without a reason."""
    return [AnnouncedLine(line_id=line.line_id, quantity=line.quantity) for line in lines]


def packer_at(location: Location) -> Actor:
    """A clerk who works at the location, as her token makes her known."""
    assignment = StaffAssignmentFactory(location=location)
    return Actor(
        kind=ActorKind.CLERK,
        ref=str(assignment.user_ref),
        label="Pekka Pakkaaja",
        store=location.code,
        device="scanner-1",
    )


MACHINERY = system("tests")
