"""Where the demonstration shop sells, stores and delivers, and who works there, as data."""

from dataclasses import dataclass
from datetime import time
from typing import Final

from config.kernel.models import Audience
from orders.api import DeliveryTerms, LocationCard
from shop.demo.goods import CHANNEL, PRICE_LIST, said
from shop.pricing.services import MarketDraft

PUBLISHABLE_KEY: Final = "pk_demo_fi_web"

MARKET: Final = MarketDraft(
    code=CHANNEL,
    price_list=PRICE_LIST,
    country="FI",
    time_zone="Europe/Helsinki",
    delivery_countries=("FI",),
    hosts=("localhost", "127.0.0.1", "[::1]", "testserver"),
    keys=(PUBLISHABLE_KEY,),
)

LOCATIONS: Final = (
    LocationCard(
        code="LAHTI",
        kind="warehouse",
        name="Lahden varasto",
        street="Kasaajankatu 8",
        postcode="15520",
        city="Lahti",
        country="FI",
        time_zone="Europe/Helsinki",
        ships=True,
        priority=0,
    ),
    LocationCard(
        code="HELSINKI",
        kind="store",
        name="Polku Helsinki",
        street="Lönnrotinkatu 18",
        postcode="00120",
        city="Helsinki",
        country="FI",
        time_zone="Europe/Helsinki",
        ships=False,
        priority=10,
    ),
    LocationCard(
        code="TAMPERE",
        kind="store",
        name="Polku Tampere",
        street="Hämeenkatu 21",
        postcode="33200",
        city="Tampere",
        country="FI",
        time_zone="Europe/Helsinki",
        ships=False,
        priority=11,
    ),
)

# The whole demonstration's further warehouse and store.
MORE_LOCATIONS: Final = (
    LocationCard(
        code="TURKU",
        kind="warehouse",
        name="Turun varasto",
        street="Pansiontie 47",
        postcode="20210",
        city="Turku",
        country="FI",
        time_zone="Europe/Helsinki",
        ships=True,
        priority=1,
    ),
    LocationCard(
        code="OULU",
        kind="store",
        name="Polku Oulu",
        street="Kirkkokatu 15",
        postcode="90100",
        city="Oulu",
        country="FI",
        time_zone="Europe/Helsinki",
        ships=False,
        priority=12,
    ),
)

HOME_DELIVERY: Final = DeliveryTerms(
    labels=said("Kotiinkuljetus", "Hemleverans", "Home delivery"),
    countries=("FI",),
    gross_minor=4_900,
    currency="EUR",
    tax_class="standard",
    cut_off=time(14),
    time_zone="Europe/Helsinki",
    earliest_days=2,
    latest_days=4,
)


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who can sign in. `scopes` and, for staff, `store` and `device` are what her token is bound to."""

    key: str
    name: str
    email: str
    audience: Audience | None
    scopes: tuple[str, ...] = ()
    store: str = ""
    device: str = ""


ACCOUNTS: Final = (
    Account(key="shopper_a", name="Aino Lehtonen", email="aino.lehtonen@example.fi", audience=Audience.STORE),
    Account(key="shopper_b", name="Elias Nyberg", email="elias.nyberg@example.fi", audience=Audience.STORE),
    Account(
        key="clerk_x",
        name="Sanna",
        email="sanna.korhonen@polku.example",
        audience=Audience.STAFF,
        store="HELSINKI",
        device="tablet-helsinki-1",
    ),
    Account(
        key="clerk_y",
        name="Mikael",
        email="mikael.salmi@polku.example",
        audience=Audience.STAFF,
        store="TAMPERE",
        device="tablet-tampere-1",
    ),
    Account(
        key="packer",
        name="Jari",
        email="jari.heikkinen@polku.example",
        audience=Audience.STAFF,
        store="LAHTI",
        device="packing-table-lahti-2",
    ),
    Account(
        key="merchandiser",
        name="Linnea Holm",
        email="linnea.holm@polku.example",
        audience=Audience.PIM,
        scopes=("products:publish",),
    ),
    Account(key="operator", name="Ville Aalto", email="ville.aalto@polku.example", audience=None),
)

SYSTEM_SCOPES: Final = ("customers:read", "events:read")
