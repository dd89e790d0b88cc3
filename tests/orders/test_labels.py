"""A parcel is packed, its label is booked outside every transaction, and only then it leaves."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from config.kernel.actors import Actor
from config.kernel.db import open_transaction
from config.kernel.models import StoredEvent
from orders.agreement.models import CancelReason, Order, OrderDelivery
from orders.agreement.rules import LineUnits
from orders.delivery.rules import WEIGHT_UNKNOWN_G
from orders.integrations.easypost import EasyPost, EasyPostHook
from orders.locations.models import Location
from orders.parcels.models import Parcel
from orders.parcels.ports import Address, CarrierUnavailable, Label, LabelWish
from orders.parcels.recovering import send_packed_parcels
from orders.parcels.rules import ParcelState, Scan, stand_of
from orders.parcels.services import LabelTaken, dispatch_parcel, pack_parcel
from orders.placing.services import PlacedOrder
from orders.stock.services import release_reserved
from tests.factories.orders import MACHINERY, line, placed
from tests.fakes.carrier.running import env_of, running_fake_carrier
from tests.fakes.carrier.server import CarrierServer
from tests.orders.conftest import post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]
LATER = timedelta(minutes=5)


@pytest.fixture
def carrier(settings: Any) -> Iterator[CarrierServer]:
    """A carrier who books our labels."""
    with running_fake_carrier() as fake:
        env = env_of(url=fake.url)
        settings.CARRIER = "orders.integrations.easypost.EasyPost"
        settings.EASYPOST_API_BASE, settings.EASYPOST_API_KEY = (
            env["EASYPOST_API_BASE"],
            env["EASYPOST_API_KEY"],
        )
        settings.CARRIER_SECRETS = {"easypost": [env["EASYPOST_WEBHOOK_SECRETS"]], "pakettikauppa": []}
        yield fake


def moved() -> int:
    return StoredEvent.objects.filter(name="orders.parcel_moved").count()


def test_a_parcel_leaves_with_the_label_that_was_booked_for_it(
    carrier: CarrierServer, order: PlacedOrder, packer: Actor, now: datetime
) -> None:
    sent = dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)

    (shipment,) = carrier.depot.shipments.values()
    assert (sent.state, sent.carrier, sent.tracking_code) == (
        "dispatched",
        "easypost",
        shipment["tracking_code"],
    )
    assert sent.label_url == f"{carrier.url}/labels/{sent.tracking_code}"
    assert shipment["reference"] == str(sent.parcel_id)
    assert shipment["selected_rate"]["rate"] == "6.90"  # the least expensive
    assert shipment["to_address"]["street1"] == "Mannerheimintie 1 A 2"
    assert shipment["from_address"]["city"] == "Lahti"
    assert sent.estimated_on == EasyPostHook().read(body=_told(carrier, sent.tracking_code))[-1].estimated_on


def _told(carrier: CarrierServer, code: str) -> bytes:
    return json.dumps(carrier.depot.advance(carrier.depot.parcels[code])).encode()


def test_the_same_parcel_gets_the_same_label(carrier: CarrierServer) -> None:
    end = Address(name="Aino", street="Katu 1", postcode="00100", city="Helsinki", country="FI")
    wish = LabelWish(reference=uuid4(), sender=end, recipient=end, weight_g=1500)

    first, again = (EasyPost().open_shipment(wish=wish) for _ in range(2))

    assert first == again
    assert EasyPost().buy_label(shipment=first) == EasyPost().buy_label(shipment=again)
    assert len(carrier.depot.parcels) == 1


def test_whoever_is_told_that_the_label_is_sold_reads_which_one_it_was(
    carrier: CarrierServer,
) -> None:
    end = Address(name="Aino", street="Katu 1", postcode="00100", city="Helsinki", country="FI")
    shipment = EasyPost().open_shipment(
        wish=LabelWish(reference=uuid4(), sender=end, recipient=end, weight_g=1500)
    )
    with ThreadPoolExecutor(8) as pool:
        labels = set(pool.map(lambda _: EasyPost().buy_label(shipment=shipment), range(8)))

    assert len(labels) == 1
    assert len(carrier.depot.parcels) == 1


def test_a_parcel_weighs_what_its_goods_weigh(
    carrier: CarrierServer, goods: None, packer: Actor, now: datetime
) -> None:
    """25.5 kg of sofa as the catalogue says, and three cushions of which nobody says it: 5 kg each."""
    wished = (line("SOFA", unit_weight_g=25_500), line("CUSHION", 3))
    order = placed(*wished, now=now)

    dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)

    (shipment,) = carrier.depot.shipments.values()
    assert shipment["parcel"]["weight"] == round((25_500 + 3 * WEIGHT_UNKNOWN_G) / 28.349523125, 1)  # ounces


def test_a_parcel_waits_packed_while_the_carrier_is_away(
    *,
    carrier: CarrierServer,
    order: PlacedOrder,
    lahti: Location,
    staff_client: Callable[..., APIClient],
    now: datetime,
) -> None:
    packer, key, path = staff_client(lahti), uuid4(), f"/staff/v1/orders/{order.order_id}/parcels"
    carrier.is_down = True

    refused = post(packer, path, key=key)

    assert (refused.status_code, refused.json()["code"]) == (503, "carrier_unavailable")
    assert refused["Retry-After"]
    assert (Parcel.objects.get().state, moved()) == ("created", 0)
    assert Order.objects.get().state == "confirmed"
    assert post(packer, path).json()["code"] == "nothing_to_dispatch"  # it is packed, after all

    carrier.is_down = False
    again = post(packer, path, key=key)
    assert (again.status_code, again.json()["state"]) == (201, "dispatched")
    assert (Parcel.objects.get().state, moved()) == ("dispatched", 1)
    assert len(carrier.depot.shipments) == 1


def test_a_parcel_whose_request_was_given_up_is_sent_by_a_job(
    carrier: CarrierServer, order: PlacedOrder, packer: Actor, now: datetime
) -> None:
    carrier.is_down = True
    with pytest.raises(CarrierUnavailable):
        dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)

    assert send_packed_parcels(by=MACHINERY, now=now + LATER) == 0
    carrier.is_down = False
    assert send_packed_parcels(by=MACHINERY, now=now) == 0  # its request may still be at work
    assert send_packed_parcels(by=MACHINERY, now=now + LATER) == 1
    assert send_packed_parcels(by=MACHINERY, now=now + LATER) == 0

    assert (Parcel.objects.get().state, moved()) == ("dispatched", 1)
    assert Order.objects.get().state == "completed"


def test_what_was_packed_for_a_cancelled_order_is_unpacked(
    order: PlacedOrder,
    packer: Actor,
    units: Callable[..., list[LineUnits]],
    lahti: Location,
    now: datetime,
) -> None:
    pack_parcel(order_id=order.order_id, lines=units(SOFA=1), label=None, by=packer, now=now)
    OrderDelivery.objects.update(pickup_at=lahti)
    pack_parcel(order_id=order.order_id, lines=None, label=None, by=packer, now=now)
    assert moved() == 1  # ready for pick-up
    with open_transaction():
        row = Order.objects.get()
        row.cancel(reason=CancelReason.BY_STAFF, by=packer, now=now)
        release_reserved(order_ref=row.public_id, by=packer, now=now)

    assert send_packed_parcels(by=MACHINERY, now=now + LATER) == 2

    assert not Parcel.objects.exists()


def test_a_parcel_that_the_carrier_refuses_says_why_and_can_be_sent_another_way(
    *,
    carrier: CarrierServer,
    order: PlacedOrder,
    lahti: Location,
    staff_client: Callable[..., APIClient],
) -> None:
    packer, key, path = staff_client(lahti), uuid4(), f"/staff/v1/orders/{order.order_id}/parcels"
    carrier.refuses = "Unable to verify address."

    refused, again = (post(packer, path, key=key) for _ in range(2))

    assert (refused.status_code, refused.json()["code"]) == (422, "label_refused")
    assert refused.json()["reason"] == "Unable to verify address."
    assert (again.status_code, again.json()["code"]) == (409, "parcel_unpacked")
    assert not Parcel.objects.exists()
    label = {"carrier": "pakettikauppa", "tracking_code": "JJFI64574900000137203"}
    assert post(packer, path, {"label": label}).status_code == 201


def test_a_label_can_be_typed_in_and_is_on_one_parcel_alone(
    *,
    order: PlacedOrder,
    lahti: Location,
    staff_client: Callable[..., APIClient],
    packer: Actor,
    now: datetime,
) -> None:
    label = {"carrier": "pakettikauppa", "tracking_code": "JJFI64574900000137203"}
    sent = post(staff_client(lahti), f"/staff/v1/orders/{order.order_id}/parcels", {"label": label})

    assert sent.status_code == 201
    assert {name: sent.json()[name] for name in label} == label
    other = placed(line("SOFA"), now=now)
    with pytest.raises(LabelTaken):
        dispatch_parcel(order_id=other.order_id, lines=None, label=Label(**label), by=packer, now=now)


@pytest.mark.parametrize(("street", "ends"), [("Katu 1", "delivered"), ("Palautustie 3", "returned")])
def test_the_carriers_journeys_end_where_they_should(street: str, ends: str) -> None:
    with running_fake_carrier() as carrier:
        end = {"name": "A", "street1": street, "zip": "00100", "city": "Helsinki", "country": "FI"}
        shipment = carrier.depot.create({"to_address": end, "from_address": end, "parcel": {}})
        carrier.depot.buy(shipment, shipment["rates"][0]["id"])
        (parcel,) = carrier.depot.parcels.values()

        while not parcel.is_over:
            news = EasyPostHook().read(body=json.dumps(carrier.depot.advance(parcel)).encode())

    scans = [Scan(code=one.code, state=one.state, happened_at=one.happened_at) for one in news]
    assert stand_of(scans=scans, begins=ParcelState.DISPATCHED).state == ends
