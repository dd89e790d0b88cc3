"""Where the demonstration shop sells, stores and delivers, and who works there, as data."""

from dataclasses import dataclass
from datetime import time
from typing import Final

from config.kernel.models import Audience
from orders.api import DeliveryKind, DeliveryTerms, LocationCard
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

# From Monday to Sunday.
_CITY_HOURS: Final = (*[((time(10), time(20)),)] * 5, ((time(10), time(18)),), ((time(12), time(17)),))
_NORTHERN_HOURS: Final = (*[((time(10), time(19)),)] * 5, ((time(10), time(16)),), ())

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
        hands_over=True,
        opening_hours=_CITY_HOURS,
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
        hands_over=True,
        opening_hours=_CITY_HOURS,
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
        hands_over=True,
        opening_hours=_NORTHERN_HOURS,
    ),
)

_CLASSES_G: Final = (
    2_000,
    10_000,
    35_000,
    500_000,
)  # a letter's size, a shoe box, what one person lifts, a pallet


def _rates(**minors: tuple[int, ...]) -> tuple[tuple[str, int, int], ...]:
    """Rates per zone of the mainland, one price per class of weight; nothing is sent to Åland."""
    return tuple(
        (f"fi-{zone}", up_to_g, minor)
        for zone, prices in minors.items()
        for up_to_g, minor in zip(_CLASSES_G, prices, strict=False)
    )


# A parcel of up to 35 kg is one person's; what is heavier comes with two, and on a pallet.
HOME_DELIVERY: Final = DeliveryTerms(
    labels=said("Kotiinkuljetus", "Hemleverans", "Home delivery"),
    countries=("FI",),
    gross_minor=None,
    currency="EUR",
    tax_class="standard",
    cut_off=time(14),
    time_zone="Europe/Helsinki",
    earliest_days=2,
    latest_days=4,
    rates=_rates(
        south=(690, 990, 1_990, 4_900), middle=(790, 1_190, 2_490, 6_900), north=(890, 1_490, 2_990, 8_900)
    ),
)

PICKUP_POINT: Final = DeliveryTerms(
    kind=DeliveryKind.PICKUP_POINT,
    labels=said(
        "Nouto lähimmästä noutopisteestä", "Avhämtning vid närmaste utlämningsställe", "Nearest pick-up point"
    ),
    countries=("FI",),
    gross_minor=None,
    currency="EUR",
    tax_class="standard",
    cut_off=time(14),
    time_zone="Europe/Helsinki",
    earliest_days=1,
    latest_days=3,
    position=1,
    rates=_rates(south=(490, 690, 1_290), middle=(490, 690, 1_390), north=(590, 890, 1_590)),
)

# The days are those of our own lorry from a warehouse to a store that does not have the goods itself.
IN_STORE: Final = DeliveryTerms(
    kind=DeliveryKind.STORE,
    labels=said("Nouto myymälästä", "Avhämtning i butiken", "Collect in store"),
    countries=("FI",),
    gross_minor=0,
    currency="EUR",
    tax_class="standard",
    cut_off=time(14),
    time_zone="Europe/Helsinki",
    earliest_days=2,
    latest_days=5,
    position=2,
)

DELIVERIES: Final = {"parcel": HOME_DELIVERY, "pickup-point": PICKUP_POINT, "store": IN_STORE}


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


def shelf_of(index: int) -> str:
    """Where the n-th article of a location stands: `A-01-1` to `F-12-5`, then from the start."""
    row, rest = divmod(index % 360, 60)
    bay, shelf = divmod(rest, 5)
    return f"{'ABCDEF'[row]}-{bay + 1:02d}-{shelf + 1}"
