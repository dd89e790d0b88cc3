"""Which deliveries an address is offered."""

from datetime import UTC, date, datetime, time

import pytest

from config.kernel.db import open_transaction
from orders.delivery.models import DeliveryOption
from orders.delivery.queries import list_delivery_options
from orders.delivery.services import DeliveryTerms, set_delivery_option
from tests.factories.orders import DeliveryOptionFactory

pytestmark = pytest.mark.django_db
FRIDAY_NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_an_option_comes_with_its_price_and_promise() -> None:
    DeliveryOptionFactory()

    (offer,) = list_delivery_options(country="FI", postcode="00100", now=FRIDAY_NOON)

    assert (offer.code, offer.gross_minor, offer.currency, offer.tax_class) == (
        "parcel",
        1490,
        "EUR",
        "standard",
    )
    assert offer.labels["sv-FI"] == "Paket hem"
    assert (offer.earliest_on, offer.latest_on) == (date(2026, 11, 24), date(2026, 11, 25))


@pytest.mark.parametrize(("country", "postcode"), [("SE", "111 22"), ("FI", "123")])
def test_where_nothing_can_be_sent_nothing_is_offered(country: str, postcode: str) -> None:
    DeliveryOptionFactory()

    assert list_delivery_options(country=country, postcode=postcode, now=FRIDAY_NOON) == ()


def test_options_come_in_their_order() -> None:
    DeliveryOptionFactory(code="slow", position=2)
    DeliveryOptionFactory(code="quick", position=1)

    offers = list_delivery_options(country="FI", postcode="", now=FRIDAY_NOON)

    assert [offer.code for offer in offers] == ["quick", "slow"]


def test_set_delivery_option_may_be_repeated() -> None:
    terms = DeliveryTerms(
        labels={"en": "Parcel"},
        countries=["FI"],
        gross_minor=990,
        currency="EUR",
        tax_class="standard",
        cut_off=time(14),
        time_zone="Europe/Helsinki",
        earliest_days=1,
        latest_days=2,
    )
    for _ in range(2):
        with open_transaction():
            set_delivery_option(code="parcel", terms=terms)

    assert DeliveryOption.objects.get().gross_minor == 990
