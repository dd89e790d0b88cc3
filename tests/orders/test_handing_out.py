"""What is to be packed, and goods that their buyer fetches in a store."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from config.kernel.actors import Actor
from config.kernel.db import open_transaction
from config.kernel.models import StoredEvent
from orders.agreement.models import Order, OrderDelivery
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits
from orders.locations.models import Location
from orders.locations.services import place_items
from orders.parcels.models import Parcel
from orders.parcels.ports import Label, News
from orders.parcels.queries import last_delivery
from orders.parcels.rules import ParcelState
from orders.parcels.services import DispatchedParcel, dispatch_parcel
from orders.parcels.tracking import record_news
from orders.placing.services import PlacedOrder
from orders.stock.models import StockLevel
from tests.factories.orders import MACHINERY, line, placed
from tests.orders.conftest import post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]
StaffClient = Callable[..., APIClient]


def fetched_at(location: Location) -> None:
    OrderDelivery.objects.update(pickup_at=location)


def hand_out(client: APIClient, parcel_id: object, code: str) -> Any:
    return post(client, f"/staff/v1/parcels/{parcel_id}/hand-out", {"code": code})


def states() -> list[str]:
    rows = StoredEvent.objects.filter(name="orders.parcel_moved").order_by("id")
    return [row.data["state"] for row in rows]


def on_hand(sku: str) -> int:
    return StockLevel.objects.get(sku=sku).on_hand


# --- The picking list


def test_the_picking_list_says_what_to_fetch_from_where(
    *,
    order: PlacedOrder,
    packer: Actor,
    units: Callable[..., list[LineUnits]],
    lahti: Location,
    staff_client: StaffClient,
    now: datetime,
) -> None:
    with open_transaction():
        place_items(location="LAHTI", places={"SOFA": "Hall 2", "sofa": "Hall 3", "LAMP": "A-1"})
    dispatch_parcel(order_id=order.order_id, lines=units(CUSHION=2), by=packer, now=now)
    client = staff_client(lahti)
    placed_there = client.put("/staff/v1/item-places/SOFA", {"place": "Hall 4, row C"}, format="json")

    (item,) = client.get("/staff/v1/picking-lists").json()["items"]

    assert placed_there.status_code == 200
    assert (item["number"], item["option"], item["pickup_at"]) == (order.number, "parcel", None)
    assert [(row["sku"], row["open"], row["place"]) for row in item["lines"]] == [
        ("SOFA", 1, "Hall 4, row C"),
        ("CUSHION", 1, None),
    ]
    dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)
    assert client.get("/staff/v1/picking-lists").json() == {"items": []}


def test_the_oldest_promise_is_packed_first(
    goods: None, lahti: Location, helsinki: Location, staff_client: StaffClient, now: datetime
) -> None:
    orders = [placed(line("SOFA"), now=now + timedelta(minutes=minute)) for minute in range(3)]
    for late, order in zip((5, 3, 3), orders, strict=True):
        OrderDelivery.objects.filter(order__public_id=order.order_id).update(
            promised_until_on=date(2026, 12, late), promised_from_on=date(2026, 12, 1)
        )

    items = staff_client(lahti).get("/staff/v1/picking-lists").json()["items"]

    assert [UUID(item["order_id"]) for item in items] == [orders[n].order_id for n in (1, 2, 0)]
    assert staff_client(helsinki).get("/staff/v1/picking-lists").json() == {"items": []}
    assert staff_client(lahti, assigned=False).get("/staff/v1/picking-lists").json() == {"items": []}


# --- Fetched where it is sold


@pytest.fixture
def shelved(order: PlacedOrder, packer: Actor, lahti: Location, now: datetime) -> DispatchedParcel:
    """The order waits on the shelf of the place where it was sold from."""
    fetched_at(lahti)
    return dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)


def code_of(order: PlacedOrder, client: APIClient) -> str:
    """What the buyer reads and shows."""
    secret = order_secret(order_id=order.order_id)
    path = f"/store/v1/orders/{order.order_id}/tracking"
    (journey,) = client.get(path, headers={"X-Order-Secret": secret}).json()["parcels"]
    assert journey["pickup_at"]["code"] == "LAHTI"
    return str(journey["pickup_code"])


def test_what_is_fetched_here_waits_on_the_shelf_until_its_code_is_shown(
    *,
    order: PlacedOrder,
    shelved: DispatchedParcel,
    lahti: Location,
    staff_client: StaffClient,
    client: APIClient,
) -> None:
    clerk, code = staff_client(lahti), code_of(order, client)

    assert (shelved.state, shelved.dispatched_at) == ("ready_for_pickup", None)
    assert (on_hand("SOFA"), states()) == (10, ["ready_for_pickup"])
    seen = clerk.get(f"/staff/v1/parcels/{shelved.parcel_id}")
    assert code not in seen.text
    assert code not in clerk.get(f"/staff/v1/orders/{order.order_id}").text

    handed = hand_out(clerk, shelved.parcel_id, code.lower())

    assert (handed.status_code, handed.json()["state"]) == (200, "delivered")
    assert (on_hand("SOFA"), states()) == (9, ["ready_for_pickup", "delivered"])
    row = Order.objects.get()
    assert row.state == "completed"
    assert last_delivery(order=row) == Parcel.objects.get().delivered_at
    again = hand_out(clerk, shelved.parcel_id, code)
    assert (again.status_code, again.json()["code"]) == (409, "not_handed_out_here")


def test_a_wrong_code_opens_nothing_and_can_be_tried_ten_times_a_minute(
    shelved: DispatchedParcel, lahti: Location, staff_client: StaffClient
) -> None:
    clerk = staff_client(lahti)

    tries = [hand_out(clerk, shelved.parcel_id, "000000") for _ in range(11)]

    assert [response.status_code for response in tries] == [422] * 10 + [429]
    assert tries[0].json()["code"] == "wrong_pickup_code"
    assert (on_hand("SOFA"), Parcel.objects.get().state) == (10, "ready_for_pickup")


# --- Fetched in another store


@pytest.fixture
def coming(order: PlacedOrder, packer: Actor, helsinki: Location, now: datetime) -> DispatchedParcel:
    """The warehouse has sent the order to the store in Helsinki."""
    fetched_at(helsinki)
    label = Label(carrier="easypost", tracking_code="EZ1")
    return dispatch_parcel(order_id=order.order_id, lines=None, label=label, by=packer, now=now)


def test_a_parcel_for_another_store_is_shelved_there_and_handed_out(
    coming: DispatchedParcel, helsinki: Location, lahti: Location, staff_client: StaffClient
) -> None:
    there, warehouse = staff_client(helsinki), staff_client(lahti)
    code = Parcel.objects.get().pickup_code

    early = hand_out(there, coming.parcel_id, code)
    elsewhere = post(warehouse, f"/staff/v1/parcels/{coming.parcel_id}/shelve")
    shelved = post(there, f"/staff/v1/parcels/{coming.parcel_id}/shelve")
    handed = hand_out(there, coming.parcel_id, code)

    assert (coming.state, on_hand("SOFA")) == ("dispatched", 9)
    assert [early.status_code, elsewhere.status_code] == [409, 409]
    assert (shelved.status_code, shelved.json()["state"]) == (200, "ready_for_pickup")
    assert (handed.status_code, handed.json()["state"]) == (200, "delivered")
    assert states() == ["dispatched", "ready_for_pickup", "delivered"]


def test_what_a_carrier_delivers_to_the_store_the_buyer_does_not_have_yet(
    coming: DispatchedParcel, now: datetime
) -> None:
    told = News(
        tracking_code="EZ1",
        code="delivered",
        state=ParcelState.DELIVERED,
        happened_at=now + timedelta(minutes=1),
    )
    with open_transaction():
        record_news(carrier="easypost", news=[told], told_at=now, by=MACHINERY, now=now)

    parcel = Parcel.objects.get()
    assert (parcel.state, parcel.delivered_at) == ("ready_for_pickup", None)


# --- Brought by our own van


def test_our_own_driver_hands_over_without_a_code_and_a_carriers_parcel_is_not_ours_to_hand_over(
    *, order: PlacedOrder, packer: Actor, lahti: Location, staff_client: StaffClient, now: datetime
) -> None:
    own = dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)
    other = placed(line("SOFA"), now=now)
    label = Label(carrier="easypost", tracking_code="EZ2")
    theirs = dispatch_parcel(order_id=other.order_id, lines=None, label=label, by=packer, now=now)
    clerk = staff_client(lahti)

    handed, refused = (hand_out(clerk, parcel.parcel_id, "") for parcel in (own, theirs))

    assert (handed.status_code, handed.json()["state"]) == (200, "delivered")
    assert (refused.status_code, refused.json()["state"]) == (409, "dispatched")


def test_a_parcel_of_elsewhere_is_not_there(
    shelved: DispatchedParcel, helsinki: Location, lahti: Location, staff_client: StaffClient
) -> None:
    for stranger in (staff_client(helsinki), staff_client(lahti, assigned=False)):
        refused = [
            stranger.get(f"/staff/v1/parcels/{shelved.parcel_id}"),
            post(stranger, f"/staff/v1/parcels/{shelved.parcel_id}/shelve"),
            hand_out(stranger, shelved.parcel_id, "000000"),
        ]
        assert [response.status_code for response in refused] == [404] * 3
