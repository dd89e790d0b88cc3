"""A small shop: two channels, a sofa in two fabrics, a cushion, and two stores that ship."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from orders.api import DeliveryTerms, LocationCard, create_location, receive_stock, set_delivery_option
from pim.api import (
    AttributeDraft,
    OptionDraft,
    ProductDraft,
    VariantDraft,
    define_attribute,
    define_category,
    define_channel,
    define_link_type,
    publish,
    save_product,
)
from shop.pricing.queries import forget_configuration
from shop.pricing.services import (
    MarketDraft,
    define_market,
    define_price_list,
    define_tax_rates,
    set_price,
)

CHANNEL: Final = "fi-web"
OTHER_CHANNEL: Final = "se-web"
LIST: Final = "fi-consumer"
KEY: Final = "pk_test_fi"
OTHER_KEY: Final = "pk_test_se"

SAND: Final = "SOFA-SAND"
MOSS: Final = "SOFA-MOSS"
CUSHION: Final = "CUSHION"
ELSEWHERE: Final = "ONLY-SE"  # published, priced and in stock, but in the other channel
UNPUBLISHED: Final = "NOT-YET"
PRICES: Final = {SAND: 129_900, MOSS: 139_900, CUSHION: 3_990}
DELIVERY_PRICE: Final = 4_900
STOCK: Final = 50

HELSINKI: Final = "HELSINKI"
TAMPERE: Final = "TAMPERE"

_BY: Final = system("tests")


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that is rolled back at the end; like those of Django's test cases, it does not count as ours."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        connection.check_constraints()  # a deferred foreign key would have failed at the commit
        transaction.set_rollback(True)


def open_shop(*, now: datetime) -> dict[str, str]:
    """Everything that must stand before anybody can buy; `{product code: public id}`."""
    with open_transaction():
        _vocabulary(now)
        _markets()
        _locations(now)
        products = _products(now)
    run_pending(now=now)
    return products


def _vocabulary(now: datetime) -> None:
    define_category(code="shop", parent=None, position=0, labels={"fi": "Kauppa", "en": "Shop"}, now=now)
    for position, (code, fi, en) in enumerate(
        (("sofas", "Sohvat", "Sofas"), ("cushions", "Tyynyt", "Cushions"))
    ):
        define_category(code=code, parent="shop", position=position, labels={"fi": fi, "en": en}, now=now)
    define_channel(
        code=CHANNEL,
        kind="web",
        locales=["fi", "sv-FI", "en"],
        tree="shop",
        labels={"en": "Finland"},
        now=now,
    )
    define_channel(
        code=OTHER_CHANNEL, kind="web", locales=["sv"], tree="shop", labels={"en": "Sweden"}, now=now
    )
    define_link_type(code="goes_with", labels={"fi": "Sopii tähän", "en": "Goes with it"}, now=now)
    define_link_type(code="care_for", labels={"fi": "Hoitoon", "en": "To care for it"}, now=now)
    for code in ("name", "slug"):
        define_attribute(
            draft=AttributeDraft(code=code, type="text", localisable=True, labels={"en": code}), now=now
        )
    fabrics = (("sand", "Hiekka", "Sand"), ("moss", "Sammal", "Moss"))
    define_attribute(
        draft=AttributeDraft(
            code="fabric",
            type="select",
            labels={"fi": "Kangas", "sv-FI": "Tyg", "en": "Fabric"},
            options=tuple(OptionDraft(code=code, labels={"fi": fi, "en": en}) for code, fi, en in fabrics),
        ),
        now=now,
    )


def _markets() -> None:
    define_tax_rates()
    for code, currency in ((LIST, "EUR"), ("se-consumer", "SEK")):
        define_price_list(code=code, currency=currency, gross=True)
    define_market(
        draft=MarketDraft(
            code=CHANNEL,
            price_list=LIST,
            country="FI",
            time_zone="Europe/Helsinki",
            delivery_countries=["FI"],
            hosts=["testserver"],
            keys=[KEY],
        )
    )
    define_market(
        draft=MarketDraft(
            code=OTHER_CHANNEL,
            price_list="se-consumer",
            country="SE",
            time_zone="Europe/Stockholm",
            delivery_countries=["SE"],
            hosts=["se.testserver"],
            keys=[OTHER_KEY],
        )
    )
    set_delivery_option(
        code="parcel",
        terms=DeliveryTerms(
            labels={"fi": "Kotiinkuljetus", "sv-FI": "Hemleverans", "en": "Home delivery"},
            countries=["FI"],
            gross_minor=DELIVERY_PRICE,
            currency="EUR",
            tax_class="standard",
            cut_off=time(14),
            time_zone="Europe/Helsinki",
            earliest_days=2,
            latest_days=4,
        ),
    )


def _locations(now: datetime) -> None:
    for priority, (code, city) in enumerate(((HELSINKI, "Helsinki"), (TAMPERE, "Tampere"))):
        create_location(
            location=LocationCard(
                code=code,
                kind="store",
                name=f"Polku {city}",
                street="Kauppakatu 1",
                postcode="00100",
                city=city,
                country="FI",
                time_zone="Europe/Helsinki",
                ships=code == HELSINKI,
                priority=priority,
            )
        )
    units = dict.fromkeys((*PRICES, ELSEWHERE, UNPUBLISHED), STOCK)
    receive_stock(location=HELSINKI, units=units, by=_BY, now=now)


def named(**names: str) -> dict[str, Any]:
    """A product's name per locale, `sv_FI` for sv-FI, as its values hold it."""
    return {"name": {"*": {locale.replace("_", "-"): name for locale, name in names.items()}}}


def _fabric(code: str) -> dict[str, Any]:
    return {"fabric": {"*": {"*": code}}}


def add_product(
    *,
    code: str,
    variants: Mapping[str, Mapping[str, Any]],
    values: Mapping[str, Any],
    now: datetime,
    **more: Any,
) -> str:
    """Save a product with variants `{sku: values}`; its public id. Within the caller's transaction."""
    drafts = tuple(VariantDraft(sku=sku, values=dict(own)) for sku, own in variants.items())
    saved = save_product(draft=ProductDraft(code=code, values=dict(values), variants=drafts, **more), now=now)
    return str(saved.product_id)


def _products(now: datetime) -> dict[str, str]:
    for sku, minor in PRICES.items():
        set_price(price_list=LIST, sku=sku, minor=minor, by=_BY, now=now)
    set_price(price_list="se-consumer", sku=ELSEWHERE, minor=10_000, by=_BY, now=now)
    products = {
        "sofa": add_product(
            code="sofa",
            values=named(fi="Sohva Aava", sv_FI="Soffa Aava", en="Aava sofa"),
            variants={SAND: _fabric("sand"), MOSS: _fabric("moss")},
            axes=("fabric",),
            categories={"sofas": 1},
            now=now,
        ),
        "cushion": add_product(
            code="cushion",
            values=named(fi="Tyyny Kaisla", en="Kaisla cushion"),
            variants={CUSHION: {}},
            categories={"cushions": 1},
            now=now,
        ),
        "elsewhere": add_product(
            code="elsewhere", values=named(sv="Bara i Sverige"), variants={ELSEWHERE: {}}, now=now
        ),
        "not-yet": add_product(
            code="not-yet", values=named(fi="Ei vielä"), variants={UNPUBLISHED: {}}, now=now
        ),
    }
    for code, channel in (("sofa", CHANNEL), ("cushion", CHANNEL), ("elsewhere", OTHER_CHANNEL)):
        publish(product_id=UUID(products[code]), channel=channel, by=_BY, now=now)
    forget_configuration()
    return products
