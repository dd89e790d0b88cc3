"""A warehouse with goods, those who work there, and their ways to speak HTTP."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from config.kernel.actors import Actor
from config.kernel.invariants import check
from config.kernel.models import Audience, User
from config.kernel.rest.authentication import issue_token
from orders.agreement.models import Order
from orders.agreement.rules import LineUnits
from orders.locations.models import Location, LocationKind
from orders.parcels.services import DispatchedParcel, dispatch_parcel, hand_out_parcel
from orders.placing.services import PlacedOrder
from tests.factories.orders import (
    LocationFactory,
    StaffAssignmentFactory,
    StockLevelFactory,
    line,
    packer_at,
    placed,
)
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.orders.paying import Till, till_for


@pytest.fixture
def lahti(db: None) -> Location:
    """The warehouse."""
    return LocationFactory()


@pytest.fixture
def helsinki(db: None) -> Location:
    """A store, from which no parcel leaves."""
    return LocationFactory(code="HELSINKI", kind=LocationKind.STORE, name="Helsinki", ships=False, priority=2)


@pytest.fixture
def goods(lahti: Location) -> None:
    """Ten sofas and ten cushions in the warehouse."""
    StockLevelFactory(sku="SOFA", location=lahti)
    StockLevelFactory(sku="CUSHION", location=lahti)


@pytest.fixture
def packer(lahti: Location) -> Actor:
    """Somebody who works in the warehouse."""
    return packer_at(lahti)


@pytest.fixture
def order(goods: None, now: datetime) -> PlacedOrder:
    """A guest's order of one sofa and three cushions."""
    return placed(line("SOFA"), line("CUSHION", 3, unit_gross_minor=3990), now=now)


@pytest.fixture
def units(order: PlacedOrder) -> Callable[..., list[LineUnits]]:
    """Units of the order's lines, by SKU: `units(CUSHION=2)`."""

    def of(**wanted: int) -> list[LineUnits]:
        lines = {row.sku: row.public_id for row in Order.objects.get(public_id=order.order_id).lines.all()}
        return [LineUnits(line_id=lines[sku], quantity=quantity) for sku, quantity in wanted.items()]

    return of


@pytest.fixture
def parcel(order: PlacedOrder, packer: Actor, now: datetime) -> DispatchedParcel:
    """The whole order has left."""
    return dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)


@pytest.fixture
def arrived(parcel: DispatchedParcel, packer: Actor, now: datetime) -> DispatchedParcel:
    """The whole order was handed to its buyer."""
    return hand_out_parcel(parcel_id=parcel.parcel_id, code="", by=packer, now=now)


@pytest.fixture
def rules_hold_afterwards(db: None, now: datetime) -> Iterator[None]:
    """Whatever the test did, every rule about the data holds."""
    yield
    assert check(now=now) == []


@pytest.fixture
def client() -> APIClient:
    """Somebody without any credential."""
    return APIClient()


@pytest.fixture
def staff_client(now: datetime) -> Callable[..., APIClient]:
    """A clerk on a device at a location; `assigned=False` leaves out that he works there."""

    def at(location: Location, *, assigned: bool = True) -> APIClient:
        user = User.objects.create_user(email=f"{uuid4()}@polku.example", name="Pekka Pakkaaja")
        if assigned:
            StaffAssignmentFactory(user_ref=user.public_id, location=location)
        return signed_in(user, Audience.STAFF, now, store=location.code, device="scanner-1")

    return at


@pytest.fixture
def shopper(db: None) -> User:
    """Somebody with an account."""
    return User.objects.create_user(email="aino@example.fi", name="Aino Virtanen")


@pytest.fixture
def shopper_client(now: datetime) -> Callable[[User], APIClient]:
    """A shopper, signed in."""

    def of(user: User) -> APIClient:
        return signed_in(user, Audience.STORE, now)

    return of


def signed_in(user: User, audience: Audience, now: datetime, **bound: str) -> APIClient:
    """A client that carries a fresh token of this user."""
    token = issue_token(user=user, audience=audience, now=now, lasts=timedelta(hours=1), **bound)
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")


def post(
    client: APIClient, path: str, body: Any = None, *, key: str | UUID | None = None, **headers: str
) -> Any:
    """POST JSON with an Idempotency-Key, a fresh one unless `key` is given."""
    return client.post(
        path,
        {} if body is None else body,
        format="json",
        headers={"Idempotency-Key": str(key or uuid4()), **headers},
    )


@pytest.fixture(scope="module")
def fake_stripe() -> Iterator[FakeStripe]:
    """The stand-in for Stripe, for all tests of a module."""
    with running_fake_stripe() as fake:
        yield fake


@pytest.fixture
def till(fake_stripe: FakeStripe, settings: Any, now: datetime) -> Iterator[Till]:
    """Polku pays at the stand-in; afterwards every rule about the data holds."""
    settings.STRIPE_API_KEY, settings.STRIPE_PUBLISHABLE_KEY = "sk_test_of_the_fake", "pk_test_of_the_fake"
    settings.STRIPE_API_BASE, settings.STRIPE_WEBHOOK_SECRETS = fake_stripe.url, list(fake_stripe.secrets)
    yield till_for(fake_stripe, now)
    fake_stripe.control.set_faults()
    assert check(now=now) == []
