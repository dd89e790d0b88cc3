"""Parcels that are handed out, sent on and sent from two places at one moment: first without locks, then with them."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from config.kernel.actors import Actor
from config.kernel.invariants import check
from config.kernel.models import StoredEvent
from orders.agreement.models import Order, OrderDelivery
from orders.agreement.queries import order_secret
from orders.locations.models import Location
from orders.parcels.booking import KeptShipment, keep_shipment
from orders.parcels.models import Parcel
from orders.parcels.recovering import send_packed_parcels
from orders.parcels.services import (
    DispatchedParcel,
    dispatch_parcel,
    finish_parcel,
    hand_out_parcel,
    pack_parcel,
)
from orders.placing.paying import cancel_by_buyer
from orders.placing.services import PlacedOrder
from orders.stock.models import Reservation, StockMovement
from tests.concurrency.controls import unlocked
from tests.concurrency.together import kinds, together
from tests.concurrency.waiting import reading_before_writing
from tests.factories.orders import (
    GUEST,
    MACHINERY,
    LocationFactory,
    StockLevelFactory,
    line,
    packer_at,
    placed,
)
from tests.fakes.carrier.running import env_of, running_fake_carrier
from tests.fakes.carrier.server import CarrierServer

pytestmark = pytest.mark.django_db(transaction=True)

LATER = timedelta(minutes=5)
SERVICES = "orders.parcels.services.lock"


@pytest.fixture
def order(transactional_db: None, now: datetime) -> PlacedOrder:
    """A sofa and three cushions from the warehouse."""
    StockLevelFactory(sku="SOFA")
    StockLevelFactory(sku="CUSHION")
    return placed(line("SOFA"), line("CUSHION", 3, unit_gross_minor=3990), now=now)


@pytest.fixture
def packer(order: PlacedOrder) -> Actor:
    """Somebody in the warehouse."""
    return packer_at(Location.objects.get())


def moves(state: str) -> int:
    """How often a parcel is said to have come to `state`."""
    rows = StoredEvent.objects.filter(name="orders.parcel_moved").values_list("data", flat=True)
    return sum(data["state"] == state for data in rows)


def units_left() -> int:
    """Units that left in parcels."""
    return -sum(StockMovement.objects.filter(kind="dispatched").values_list("delta", flat=True))


# --- Handed out


@pytest.fixture
def shelved(order: PlacedOrder, packer: Actor, now: datetime) -> DispatchedParcel:
    """The order waits on the shelf for its buyer, where it is sold from."""
    OrderDelivery.objects.update(pickup_at=Location.objects.get())
    return dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)


def hand_out(parcel_id: UUID, by: Actor, now: datetime) -> DispatchedParcel:
    """Give it to whoever shows its code."""
    code = Parcel.objects.get(public_id=parcel_id).pickup_code
    return hand_out_parcel(parcel_id=parcel_id, code=code, by=by, now=now)


def test_without_the_lock_a_parcel_that_our_driver_hands_over_twice_is_told_twice(
    order: PlacedOrder, packer: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)
    monkeypatch.setattr(SERVICES, unlocked(2))

    results = together(*[lambda: hand_out(sent.parcel_id, packer, now)] * 2)

    assert kinds(results) == ["done", "done"]
    assert moves("delivered") == 2


def test_without_the_lock_two_clerks_hand_out_the_same_goods_and_the_stocks_lock_refuses_one(
    shelved: DispatchedParcel, packer: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SERVICES, unlocked(2))

    results = together(*[lambda: hand_out(shelved.parcel_id, packer, now)] * 2)

    (refused,) = (result for result in results if isinstance(result, Exception))
    assert kinds(results)[-1] == "done"
    assert isinstance(refused, ValueError), "nothing is reserved any more"


def test_a_parcel_is_handed_out_once(shelved: DispatchedParcel, packer: Actor, now: datetime) -> None:
    results = together(*[lambda: hand_out(shelved.parcel_id, packer, now)] * 8)

    assert Counter(kinds(results)) == {"done": 1, "NotHandedOutHere": 7}
    assert (moves("delivered"), units_left()) == (1, 4)
    assert Order.objects.get().state == "completed"
    assert check(now=now) == []


def test_goods_are_handed_out_or_called_off_and_never_both(
    order: PlacedOrder, shelved: DispatchedParcel, packer: Actor, now: datetime
) -> None:
    results = together(
        *[lambda: hand_out(shelved.parcel_id, packer, now)] * 2, *[lambda: call_off(order, now)] * 2
    )

    assert kinds(results).count("done") == 1
    ended = (Order.objects.get().state, units_left(), Reservation.objects.filter(state="released").count())
    assert ended in {("completed", 4, 0), ("cancelled", 0, 2)}
    assert check(now=now) == []


def call_off(order: PlacedOrder, now: datetime) -> object:
    """The buyer wants nothing of it any more."""
    secret = order_secret(order_id=order.order_id)
    return cancel_by_buyer(order_id=order.order_id, secret=secret, by=GUEST, now=now)


# --- Packed, and sent by a job


@pytest.fixture
def carrier(settings: Any) -> Iterator[CarrierServer]:
    """A carrier who books our labels."""
    with running_fake_carrier() as fake:
        env = env_of(url=fake.url)
        settings.CARRIER = "orders.integrations.easypost.EasyPost"
        settings.EASYPOST_API_BASE = env["EASYPOST_API_BASE"]
        settings.EASYPOST_API_KEY = env["EASYPOST_API_KEY"]
        yield fake


@pytest.fixture
def packed(order: PlacedOrder, packer: Actor, now: datetime) -> UUID:
    """A parcel whose request ended before it left."""
    return pack_parcel(order_id=order.order_id, lines=None, label=None, by=packer, now=now).parcel_id


def test_without_the_lock_a_packed_parcel_leaves_twice_and_the_stocks_lock_refuses_one(
    packed: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SERVICES, unlocked(2))

    results = together(*[lambda: finish_parcel(parcel_id=packed, by=MACHINERY, now=now)] * 2)

    assert kinds(results) == ["ValueError", "done"]


def keeping(parcel_id: UUID, now: datetime) -> list[Callable[[], KeptShipment]]:
    """Two who opened a shipment each for one parcel."""
    return [
        lambda name=name: keep_shipment(parcel_id=parcel_id, shipment_ref=name, by=MACHINERY, now=now)
        for name in ("shp_1", "shp_2")
    ]


def test_without_the_lock_two_shipments_are_kept_for_one_parcel_so_two_labels_would_be_bought(
    packed: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.parcels.booking.lock", unlocked(2))

    kept = reading_before_writing(Parcel, *keeping(packed, now))

    assert {each.shipment_ref for each in kept} == {"shp_1", "shp_2"}


def test_one_shipment_is_kept_for_a_parcel(packed: UUID, now: datetime) -> None:
    kept = together(*keeping(packed, now) * 3)

    assert {each.shipment_ref for each in kept} == {Parcel.objects.get().shipment_ref}


def test_a_packed_parcel_leaves_once_however_many_jobs_take_it_up(
    carrier: CarrierServer, packed: UUID, now: datetime
) -> None:
    results = together(
        *[lambda: send_packed_parcels(by=MACHINERY, now=now + LATER)] * 3,
        lambda: finish_parcel(parcel_id=packed, by=MACHINERY, now=now + LATER),  # its own request, repeated
    )

    assert kinds(results) == ["done"] * 4
    assert (moves("dispatched"), units_left()) == (1, 4)
    assert len(carrier.depot.parcels) == 1, "one label was bought"
    assert check(now=now) == []


def test_a_packed_parcel_leaves_or_is_called_off_and_never_both(
    order: PlacedOrder, packed: UUID, now: datetime
) -> None:
    results = together(
        *[lambda: send_packed_parcels(by=MACHINERY, now=now + LATER)] * 2, lambda: call_off(order, now)
    )

    assert kinds(results[:2]) == ["done", "done"]
    send_packed_parcels(by=MACHINERY, now=now + LATER)
    ended = (Order.objects.get().state, units_left(), Parcel.objects.count())
    assert ended in {("completed", 4, 1), ("cancelled", 0, 0)}
    assert check(now=now) == []


# --- Sent from two places


@pytest.fixture
def split(transactional_db: None, now: datetime) -> Callable[[], list[UUID]]:
    """Parcels that are packed for an order of which the lamp leaves from Lahti, the rug from Turku."""
    StockLevelFactory(sku="LAMP", on_hand=20)
    turku = LocationFactory(code="TURKU", name="Turku", city="Turku", priority=2)
    StockLevelFactory(sku="RUG", on_hand=20, location=turku)
    packers = [packer_at(place) for place in Location.objects.order_by("code")]

    def pack() -> list[UUID]:
        order_id = placed(line("LAMP"), line("RUG"), now=now).order_id
        return [
            pack_parcel(order_id=order_id, lines=None, label=None, by=packer, now=now).parcel_id
            for packer in packers
        ]

    return pack


def test_without_the_lock_an_order_that_leaves_from_two_places_at_once_is_never_complete(
    split: Callable[[], list[UUID]], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each must look before the other commits; when one is too quick for that, they try again with another order."""
    for _ in range(20):
        parcels = split()
        with monkeypatch.context() as patch:
            patch.setattr(SERVICES, unlocked(2))
            results = together(*(finishing(parcel, now) for parcel in parcels))
        assert kinds(results) == ["done", "done"]
        if Order.objects.latest("pk").state == "confirmed":
            break

    assert Order.objects.latest("pk").state == "confirmed", "everything has left, and nobody noticed"


def test_an_order_that_leaves_from_two_places_at_once_is_completed_once(
    split: Callable[[], list[UUID]], now: datetime
) -> None:
    results = together(*(finishing(parcel, now) for parcel in split() * 3))

    assert kinds(results) == ["done"] * 6
    assert (Order.objects.get().state, moves("dispatched"), units_left()) == ("completed", 2, 2)
    assert StoredEvent.objects.filter(name="orders.order_completed").count() == 1
    assert check(now=now) == []


def finishing(parcel_id: UUID, now: datetime) -> Callable[[], DispatchedParcel]:
    """Let it leave."""
    return lambda: finish_parcel(parcel_id=parcel_id, by=MACHINERY, now=now)
