"""Which deliveries some goods and an address are offered."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from config.kernel.db import open_transaction
from orders.delivery.models import DeliveryOption, DeliveryRate
from orders.delivery.queries import Consignment, find_promise, list_delivery_options
from orders.delivery.rules import DeliveryKind, OfferedDelivery, Promise, Shipment
from orders.delivery.services import DeliveryTerms, set_delivery_option
from orders.delivery.zones import MIDDLE, SOUTH
from orders.locations.models import LocationKind
from tests.factories.orders import DeliveryOptionFactory, LocationFactory

pytestmark = pytest.mark.django_db
FRIDAY_NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)
OPEN_DAILY = [[["10:00", "19:00"]]] * 6 + [[]]


def offers(
    country: str = "FI", postcode: str = "00100", now: datetime = FRIDAY_NOON, **goods: Any
) -> tuple[OfferedDelivery, ...]:
    return list_delivery_options(country=country, postcode=postcode, goods=Consignment(**goods), now=now)


@pytest.fixture
def places() -> None:
    """Two warehouses, and two stores in which goods can be fetched."""
    LocationFactory()
    LocationFactory(code="TURKU", priority=2)
    for priority, code in enumerate(("HELSINKI", "OULU"), start=10):
        LocationFactory(
            code=code,
            kind=LocationKind.STORE,
            ships=False,
            priority=priority,
            hands_over=True,
            opening_hours=OPEN_DAILY,
        )


def in_store() -> None:
    DeliveryOptionFactory(
        code="store", kind=DeliveryKind.STORE, gross_minor=0, earliest_days=2, latest_days=4
    )


def test_an_option_comes_with_its_price_and_promise() -> None:
    DeliveryOptionFactory()

    (offer,) = offers()

    assert (offer.code, offer.gross_minor, offer.currency, offer.tax_class) == (
        "parcel",
        1490,
        "EUR",
        "standard",
    )
    assert offer.labels["sv-FI"] == "Paket hem"
    assert offer.promise == Promise(earliest_on=date(2026, 11, 24), latest_on=date(2026, 11, 25))


def test_to_another_country_nothing_is_offered() -> None:
    DeliveryOptionFactory()

    assert offers(country="SE", postcode="111 22") == ()


@pytest.mark.parametrize(
    ("postcode", "weight_g", "price", "reason"),
    [
        ("00100", 4_000, 590, ""),
        ("00100", 20_000, 1_490, ""),
        ("70100", 4_000, 890, ""),
        ("70100", 5_001, None, "too_heavy"),
        ("22100", 100, None, "zone_not_served"),
        ("123", 100, None, "postcode_not_valid"),
        ("", 100, None, "postcode_missing"),
    ],
)
def test_a_parcel_costs_by_zone_and_weight_or_says_why_it_cannot_be_sent(
    postcode: str, weight_g: int, price: int | None, reason: str
) -> None:
    option = DeliveryOptionFactory(gross_minor=None)
    for zone, up_to_g, minor in ((SOUTH, 5_000, 590), (SOUTH, 35_000, 1_490), (MIDDLE, 5_000, 890)):
        DeliveryRate.objects.create(option=option, zone=zone, up_to_g=up_to_g, gross_minor=minor)

    (offer,) = offers(postcode=postcode, weight_g=weight_g)

    assert (offer.gross_minor, offer.reason, offer.available) == (price, reason, not reason)
    assert (offer.promise is None) == bool(reason)


def test_parcels_leave_from_the_first_warehouse_that_has_everything(places: None) -> None:
    DeliveryOptionFactory()

    (offer,) = offers(
        wanted={"SOFA": 1, "LAMP": 2},
        available={"SOFA": {"LAHTI": 1, "TURKU": 1}, "LAMP": {"LAHTI": 1, "TURKU": 2, "OULU": 9}},
    )

    assert offer.shipments == (Shipment(location="TURKU", skus=("SOFA", "LAMP")),)


def test_parcels_leave_from_both_warehouses_when_neither_has_everything(places: None) -> None:
    DeliveryOptionFactory()

    (offer,) = offers(wanted={"SOFA": 1, "LAMP": 2}, available={"SOFA": {"LAHTI": 1}, "LAMP": {"TURKU": 2}})

    assert offer.available
    assert offer.shipments == (
        Shipment(location="LAHTI", skus=("SOFA",)),
        Shipment(location="TURKU", skus=("LAMP",)),
    )


def test_what_only_stands_in_a_store_is_not_sent(places: None) -> None:
    DeliveryOptionFactory()

    (offer,) = offers(wanted={"SOFA": 1}, available={"SOFA": {"OULU": 3}})

    assert (offer.reason, offer.promise, offer.gross_minor) == ("out_of_stock", None, 1490)


def test_each_store_says_when_goods_can_be_fetched_from_its_own_stock_or_later(places: None) -> None:
    in_store()

    here, there = offers(postcode="", wanted={"SOFA": 1}, available={"SOFA": {"LAHTI": 1, "HELSINKI": 1}})

    assert (here.store, here.promise) == (
        "HELSINKI",
        Promise(earliest_on=date(2026, 11, 20), latest_on=date(2026, 11, 20)),
    )
    assert here.shipments == (Shipment(location="HELSINKI", skus=("SOFA",)),)
    assert (there.store, there.promise) == (
        "OULU",
        Promise(earliest_on=date(2026, 11, 24), latest_on=date(2026, 11, 26)),
    )
    assert there.shipments == (Shipment(location="LAHTI", skus=("SOFA",)),)


def test_what_another_store_has_is_not_fetched_here(places: None) -> None:
    in_store()

    here, there = offers(wanted={"SOFA": 1}, available={"SOFA": {"OULU": 1}})

    assert (here.reason, there.reason) == ("out_of_stock", "")


def test_the_promise_from_where_goods_are_really_taken_is_the_same_function(places: None) -> None:
    in_store()

    promised = [
        find_promise(option="store", store="HELSINKI", places=places, now=FRIDAY_NOON)
        for places in (["HELSINKI"], ["LAHTI"], ["HELSINKI", "LAHTI"])
    ]

    assert [promise.latest_on.day for promise in promised if promise] == [20, 26, 26]
    assert find_promise(option="gone", store="", places=["LAHTI"], now=FRIDAY_NOON) is None


def test_options_come_in_their_order() -> None:
    DeliveryOptionFactory(code="slow", position=2)
    DeliveryOptionFactory(code="quick", position=1)

    assert [offer.code for offer in offers(postcode="")] == ["quick", "slow"]


def test_set_delivery_option_may_be_repeated() -> None:
    terms = DeliveryTerms(
        labels={"en": "Parcel"},
        countries=["FI"],
        gross_minor=None,
        currency="EUR",
        tax_class="standard",
        cut_off=time(14),
        time_zone="Europe/Helsinki",
        earliest_days=1,
        latest_days=2,
        rates=((SOUTH, 5_000, 590),),
    )
    for _ in range(2):
        with open_transaction():
            set_delivery_option(code="parcel", terms=terms)

    assert DeliveryOption.objects.get().gross_minor is None
    assert DeliveryRate.objects.get().gross_minor == 590
