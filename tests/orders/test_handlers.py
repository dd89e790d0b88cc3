"""Every step of an order goes into its customer's record, in whatever order the events come."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from config.kernel.actors import Actor
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.events import find_handler, read_event
from config.kernel.models import StoredEvent
from config.kernel.values import from_json
from customers.models import ContactPoint, Customer, TimelineEntry
from customers.record.queries import get_customer
from orders.agreement.models import Order
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits
from orders.parcels.services import dispatch_parcel
from orders.placing.services import PlacedOrder
from orders.returns.services import announce_return, credit_return, receive_return
from tests.factories.orders import GUEST, coming_back, delivered, line, placed

pytestmark = pytest.mark.django_db
STORY = [
    "order_placed",
    "order_confirmed",
    "parcel_dispatched",
    "order_completed",
    "return_announced",
    "return_received",
    "return_credited",
]


@pytest.fixture
def story(
    order: PlacedOrder, packer: Actor, units: Callable[..., list[LineUnits]], now: datetime
) -> PlacedOrder:
    """Bought, shipped an hour later, and two cushions returned within the day."""

    def later(hours: int) -> datetime:
        return now + timedelta(hours=hours)

    delivered(order, by=packer, now=later(1))
    announced = announce_return(
        order_id=order.order_id,
        secret=order_secret(order_id=order.order_id),
        lines=coming_back(units(CUSHION=2)),
        reason="",
        by=GUEST,
        now=later(2),
    )
    receive_return(return_id=announced.return_id, by=packer, now=later(3))
    credit_return(return_id=announced.return_id, by=packer, now=later(4))
    return order


def timeline() -> list[str]:
    customer = Customer.objects.get()
    return [step.kind for step in get_customer(customer_ref=customer.public_id).timeline]


def tell(event: StoredEvent) -> None:
    """Deliver one event to its handler, as the dispatcher does."""
    fact = read_event(event.name, event.data)
    name = f"orders.on_{event.name.removeprefix('orders.')}"
    handler = find_handler(name)
    assert handler is not None
    with open_transaction():
        handler.handle(fact, event_id=event.event_id, now=event.occurred_at, by=from_json(Actor, event.actor))


def of_orders() -> list[StoredEvent]:
    return [
        event
        for event in StoredEvent.objects.filter(name__startswith="orders.").order_by("id")
        if event.name != "orders.stock_changed"
    ]


def test_the_buyer_becomes_a_customer_whose_timeline_tells_all_of_it(
    story: PlacedOrder, now: datetime
) -> None:
    run_pending(now=now + timedelta(days=1))

    order = Order.objects.get()
    assert order.customer_ref is not None
    record = get_customer(customer_ref=order.customer_ref)
    assert [step.kind for step in record.timeline] == STORY
    assert [step.actor_kind for step in record.timeline] == [
        "guest",
        "guest",
        "clerk",
        "clerk",
        "guest",
        "clerk",
        "clerk",
    ]
    assert {step.data["number"] for step in record.timeline} == {order.number}
    assert record.timeline[0].data["total"] == {"amount": "234.50", "currency": "EUR"}
    assert record.timeline[-1].data["amount"] == {"amount": "79.80", "currency": "EUR"}
    assert record.timeline[2].actor_store == "LAHTI"
    assert [(point.kind, point.value, point.verified_at) for point in record.contact_points] == [
        ("email", "Aino.Virtanen@example.fi", None),
        ("phone", "+358 40 123 4567", None),
    ]
    assert [address.street for address in record.addresses] == ["Mannerheimintie 1 A 2"]
    recorded = StoredEvent.objects.get(name="customers.customer_recorded")
    assert UUID(recorded.data["customer_ref"]) == order.customer_ref
    assert UUID(recorded.data["order_ref"]) == story.order_id


@pytest.mark.parametrize("seed", range(8))
def test_events_that_come_shuffled_and_twice_tell_the_same(story: PlacedOrder, seed: int) -> None:
    events = of_orders() * 2
    random.Random(seed).shuffle(events)

    for event in events:
        tell(event)

    assert timeline() == STORY
    assert TimelineEntry.objects.count() == len(STORY)
    assert TimelineEntry.objects.get(kind="order_placed").actor_kind == "guest", "whichever event came first"
    assert StoredEvent.objects.filter(name="customers.customer_recorded").count() == 1


def test_the_same_address_in_another_case_is_the_same_customer(goods: None, now: datetime) -> None:
    placed(line("SOFA"), now=now, email="Aino@example.fi")
    placed(line("SOFA"), now=now, email="AINO@Example.FI")
    placed(line("SOFA"), now=now, email="eino@example.fi")

    run_pending(now=now)

    assert Customer.objects.count() == 2
    assert ContactPoint.objects.filter(kind="email").count() == 2
    assert Order.objects.values("customer_ref").distinct().count() == 2


def test_a_parcels_later_journey_is_not_a_dispatch(order: PlacedOrder, packer: Actor, now: datetime) -> None:
    dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)
    moved = StoredEvent.objects.get(name="orders.parcel_moved")
    moved.data["state"] = "delivered"

    tell(moved)

    assert not Customer.objects.exists()
