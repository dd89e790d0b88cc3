"""The read model follows publications, prices and stock, in whatever order it hears of them, and can be rebuilt."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.models import StoredEvent
from orders.api import set_stock
from orders.events import StockChanged
from pim.events import ProductPublished
from pim.publishing.services import publish_product
from shop import handlers
from shop.catalog.fan_out import render_some
from shop.catalog.models import Availability, Listing, Offer, Placement, Shelf, Showing, Stale
from shop.catalog.queries import get_sellables, list_miscounted_shelves
from shop.catalog.services import find_differences, refresh, show, show_again
from shop.events import PriceSet
from shop.pricing.models import Market, Price
from shop.pricing.queries import forget_configuration
from shop.pricing.services import change_price
from tests.callers import Caller
from tests.factories.goods import (
    CHANNEL,
    CUSHION,
    HELSINKI,
    LIST,
    MOSS,
    OTHER_CHANNEL,
    SAND,
    TAMPERE,
    UNPUBLISHED,
    add_product,
    named,
    undone,
)
from tests.factories.world import World
from tests.shop.conftest import BY, Shop

TABLES = (Showing, Listing, Placement, Shelf, Offer, Availability)


def stock(sku: str, units: int, now: datetime, *, location: str = HELSINKI) -> None:
    with open_transaction():
        set_stock(location=location, units={sku: units}, by=BY, now=now)
    run_pending(now=now)


def bands(sku: str) -> tuple[str, dict[str, str]]:
    row = Availability.objects.get(sku=sku, channel=CHANNEL)
    return row.band, row.stores


def placed(product_id: UUID | str) -> dict[str, tuple[int | None, str]]:
    rows = Placement.objects.filter(product_ref=product_id, channel=CHANNEL)
    return {row.category: (row.price_minor, row.band) for row in rows}


def everything() -> dict[str, list[str]]:
    """What stands in the read model, without the rows' own ids."""
    return {
        model.__name__: sorted(
            repr(
                {
                    name: bytes(v) if isinstance(v, memoryview) else v
                    for name, v in row.items()
                    if name != "id"
                }
            )
            for row in model._default_manager.values()
        )
        for model in TABLES
    }


def is_current() -> bool:
    """What `manage.py checksum_catalog` finds."""
    try:
        call_command("checksum_catalog")
    except CommandError:
        return False
    return True


# --- Publications ---


def test_a_publication_is_listed_in_every_language_of_its_channel(world: World) -> None:
    found = Listing.objects.filter(product_ref=world.products["sofa"], content_scope=CHANNEL)

    assert dict(found.values_list("locale", "slug")) == {
        "fi": "sohva-aava",
        "sv-FI": "soffa-aava",
        "en": "aava-sofa",
    }


def test_a_withdrawn_product_is_gone_from_lists_page_cart_and_shelves(
    world: World, shop: Shop, shopper: Caller
) -> None:
    shop.withdraws("sofa")

    assert shopper.says("GET", "/store/v1/products?category=sofas")["total"] == 0
    assert shopper.is_refused("GET", "/store/v1/products/sohva-aava") == (404, "not_found")
    assert get_sellables(channel=CHANNEL, skus=[SAND], locale="fi", now=shop.now) == {}
    assert not Offer.objects.filter(sku=SAND).exists()
    assert list_miscounted_shelves() == ()
    assert is_current()


def test_what_is_published_again_after_a_withdrawal_is_as_old_as_before(world: World, shop: Shop) -> None:
    first = Showing.objects.get(product_ref=world.products["sofa"]).listed_at

    shop.withdraws("sofa")
    shop.publishes_again("sofa")

    showing = Showing.objects.get(product_ref=world.products["sofa"])
    assert (showing.number, showing.withdrawn, showing.listed_at) == (3, False, first)
    assert set(placed(world.products["sofa"])) == {"", "shop", "sofas"}


def test_an_older_publication_that_is_heard_of_late_changes_nothing(world: World, shop: Shop) -> None:
    shop.withdraws("sofa")
    before = everything()

    late = ProductPublished(product_ref=shop.id_of("sofa"), channel=CHANNEL, number=1)
    with open_transaction():
        handlers.on_product_published(late, by=BY, now=shop.now)

    assert everything() == before


def test_telling_everything_once_more_changes_nothing(world: World, shop: Shop) -> None:
    before = everything()

    with open_transaction():
        handlers.on_product_published(
            ProductPublished(product_ref=shop.id_of("sofa"), channel=CHANNEL, number=1), by=BY, now=shop.now
        )
        handlers.on_price_set(PriceSet(price_list=LIST, sku=SAND), by=BY, now=shop.now)
        handlers.on_stock_changed([StockChanged(sku=SAND, location=HELSINKI, available=999, revision=999)])
        assert Stale.objects.filter(product_ref=shop.id_of("sofa")).exists()
        render_some(by=BY, now=shop.now)
        refresh(product_refs=[shop.id_of("sofa")])

    assert not Stale.objects.exists()
    assert everything() == before


def test_a_channel_without_a_market_is_not_sold(world: World, shop: Shop) -> None:
    Market.objects.filter(code=OTHER_CHANNEL).delete()
    forget_configuration()
    before = everything()

    with open_transaction():
        show(product_refs=[shop.id_of("elsewhere")], by=BY, now=shop.now)

    assert everything() == before


def test_a_variant_that_is_no_longer_published_cannot_be_bought(world: World, shop: Shop) -> None:
    shop.publishes(
        "sofa",
        named(fi="Sohva Aava"),
        {SAND: {"fabric": {"*": {"*": "sand"}}}},
        axes=("fabric",),
        categories={"sofas": 1},
    )

    sold = get_sellables(channel=CHANNEL, skus=[SAND, MOSS], locale="fi", now=shop.now)

    assert set(sold) == {SAND}
    assert not Offer.objects.filter(sku=MOSS).exists()


def test_a_product_that_moves_is_counted_where_it_stands(world: World, shop: Shop) -> None:
    shop.publishes("cushion", named(fi="Tyyny Kaisla"), {CUSHION: {}}, categories={"sofas": 5, "cushions": 1})
    shop.publishes("cushion", named(fi="Tyyny Kaisla"), {CUSHION: {}}, categories={"sofas": 5})

    totals = dict(Shelf.objects.filter(channel=CHANNEL).values_list("category", "total"))
    assert totals == {"": 2, "shop": 2, "sofas": 2, "cushions": 0}
    assert list_miscounted_shelves() == ()


def test_channels_of_one_content_scope_share_their_listings(world: World, shop: Shop) -> None:
    Market.objects.filter(code=OTHER_CHANNEL).update(content_scope=CHANNEL)
    forget_configuration()
    with open_transaction():
        add_product(
            code="shared", variants={"SHARED": {}}, values=named(fi="Yhteinen", sv="Gemensam"), now=shop.now
        )
    shop.publishes_again("shared", CHANNEL)
    shop.publishes_again("shared", OTHER_CHANNEL)

    shop.withdraws("shared", OTHER_CHANNEL)

    listed = Listing.objects.filter(product_ref=shop.id_of("shared"))
    assert set(listed.values_list("content_scope", flat=True)) == {CHANNEL}
    assert "fi" in set(listed.values_list("locale", flat=True)), "the first channel still shows it"
    shop.withdraws("shared", CHANNEL)
    assert not listed.exists()
    forget_configuration()


# --- Prices and stock ---


def test_a_price_reaches_the_offer_and_every_place_of_its_product(world: World, now: datetime) -> None:
    change_price(price_list=LIST, sku=MOSS, minor=99_900, by=BY, now=now)
    run_pending(now=now)

    assert Offer.objects.get(sku=MOSS, price_list=LIST).minor == 99_900
    assert {minor for minor, _ in placed(world.products["sofa"]).values()} == {99_900}


def test_a_price_of_another_list_leaves_the_placements_alone(world: World, now: datetime) -> None:
    before = placed(world.products["sofa"])

    change_price(price_list="se-consumer", sku=SAND, minor=1, by=BY, now=now)
    run_pending(now=now)

    assert Offer.objects.get(sku=SAND, price_list="se-consumer").minor == 1
    assert placed(world.products["sofa"]) == before


@pytest.mark.parametrize(
    ("units", "band"),
    [(50, "in_stock"), (6, "in_stock"), (5, "low_stock"), (1, "low_stock"), (0, "sold_out")],
)
def test_stock_is_shown_as_a_band(world: World, now: datetime, units: int, band: str) -> None:
    stock(SAND, units, now)

    assert bands(SAND) == (band, {HELSINKI: band})


def test_what_only_stands_in_a_store_that_does_not_ship_cannot_be_sent(world: World, now: datetime) -> None:
    stock(SAND, 0, now)
    stock(SAND, 7, now, location=TAMPERE)

    assert bands(SAND) == ("sold_out", {HELSINKI: "sold_out", TAMPERE: "in_stock"})


def test_a_product_is_as_available_as_its_best_variant(world: World, now: datetime) -> None:
    stock(SAND, 0, now)
    assert {band for _, band in placed(world.products["sofa"]).values()} == {"in_stock"}

    stock(MOSS, 3, now)
    assert {band for _, band in placed(world.products["sofa"]).values()} == {"low_stock"}


def test_units_within_a_band_write_nothing(world: World, now: datetime) -> None:
    rows = "SELECT xmin::text FROM shop_availability UNION ALL SELECT xmin::text FROM shop_placement"
    with connection.cursor() as cursor:
        cursor.execute(rows)
        before = sorted(cursor.fetchall())
        stock(SAND, 20, now)
        cursor.execute(rows)
        assert sorted(cursor.fetchall()) == before


def test_stock_and_price_of_what_nobody_lists_are_no_news(world: World, now: datetime) -> None:
    before = everything()

    stock(UNPUBLISHED, 3, now)
    change_price(price_list=LIST, sku=UNPUBLISHED, minor=100, by=BY, now=now)
    run_pending(now=now)

    assert everything() == before


def test_new_variants_are_looked_at_once_more_after_their_listing_was_committed(
    world: World, shop: Shop
) -> None:
    shop.publishes("lamp", named(fi="Lamppu"), {"LAMP": {}})
    told = list(StoredEvent.objects.order_by("id").values_list("name", flat=True))[-3:]

    shop.publishes_again("lamp")
    again = list(StoredEvent.objects.order_by("id").values_list("name", flat=True))[-2:]

    assert told == ["pim.product_published", "shop.listings_rendered", "shop.products_listed"]
    assert again == ["pim.product_published", "shop.listings_rendered"], "nothing was new"


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_in_whatever_order_news_is_heard_the_same_is_shown(
    world: World, shop: Shop, data: st.DataObject
) -> None:
    """Every handler reads what is true now, so any order and any repetition ends with the same rows."""
    sofa = shop.id_of("sofa")
    news: list[Callable[[], None]] = [
        *(
            lambda number=number: handlers.on_product_published(
                ProductPublished(product_ref=sofa, channel=CHANNEL, number=number), by=BY, now=shop.now
            )
            for number in (1, 2)
        ),
        lambda: handlers.on_price_set(PriceSet(price_list=LIST, sku=SAND), by=BY, now=shop.now),
        lambda: handlers.on_price_set(PriceSet(price_list=LIST, sku=MOSS), by=BY, now=shop.now),
        lambda: handlers.on_stock_changed(
            [StockChanged(sku=SAND, location=HELSINKI, available=0, revision=1)]
        ),
        lambda: render_some(by=BY, now=shop.now),
    ]
    heard = data.draw(st.permutations([*news, *data.draw(st.lists(st.sampled_from(news), max_size=3))]))

    with undone():
        Price.objects.filter(sku=SAND).update(minor=1)
        publish_product(product_id=sofa, channel=CHANNEL, version=None, by=BY, now=shop.now)
        with open_transaction():
            set_stock(location=HELSINKI, units={SAND: 0}, by=BY, now=shop.now)
        for tell in heard:
            with open_transaction():
                tell()
        with open_transaction():
            render_some(by=BY, now=shop.now)  # whoever notes something has asked for it
        assert find_differences(product_refs=[sofa], by=BY, now=shop.now) == []
        assert Showing.objects.get(product_ref=sofa).number == 2


# --- Rebuilding ---


def test_everything_can_be_dropped_and_rebuilt(world: World, shop: Shop) -> None:
    shop.withdraws("elsewhere", OTHER_CHANNEL)
    before = everything()
    for model in TABLES:
        model._default_manager.all().delete()

    call_command("rebuild_catalog")

    after = everything()
    assert {name: rows for name, rows in after.items() if name != "Shelf"} == {
        name: rows for name, rows in before.items() if name != "Shelf"
    }
    assert list_miscounted_shelves() == ()


@pytest.mark.parametrize(
    ("spoil", "table"),
    [
        (lambda: Listing.objects.filter(locale="fi").update(card=b"{}"), "listing"),
        (lambda: Placement.objects.filter(category="sofas").update(price_minor=1), "placement"),
        (lambda: Offer.objects.filter(sku=SAND).delete(), "offer"),
        (lambda: Availability.objects.filter(sku=SAND).update(band="sold_out"), "availability"),
        (lambda: Placement.objects.filter(category="sofas").delete(), "placement"),
        (lambda: Shelf.objects.filter(category="sofas").update(total=7), "shelf"),
    ],
    ids=itertools.count(),
)
def test_the_checksum_finds_what_is_not_current_and_changes_nothing(
    world: World, spoil: Callable[[], Any], table: str, capsys: Any
) -> None:
    call_command("checksum_catalog")
    assert "3 products are shown as they are" in capsys.readouterr().out
    spoil()
    before = everything()

    with pytest.raises(CommandError, match="differences"):
        call_command("checksum_catalog")

    assert table in capsys.readouterr().out
    assert everything() == before


def test_a_publication_that_is_not_shown_yet_is_a_difference(world: World, now: datetime) -> None:
    sofa = UUID(world.products["sofa"])
    assert find_differences(product_refs=[sofa], by=BY, now=now) == []
    Showing.objects.filter(product_ref=sofa).update(number=0)

    (found,) = find_differences(product_refs=[sofa], by=BY, now=now)

    assert found.tables == ("showing",)
    show_again(product_refs=[sofa], by=BY, now=now)
    assert find_differences(product_refs=[sofa], by=BY, now=now) == []


# --- The cart's look ---


def test_a_sellable_is_what_a_cart_line_says(world: World, now: datetime) -> None:
    sold = get_sellables(channel=CHANNEL, skus=[SAND, CUSHION, "NOBODY"], locale="sv-FI", now=now)

    assert set(sold) == {SAND, CUSHION}
    sofa = sold[SAND]
    assert (sofa.product_slug, sofa.name, sofa.options) == ("soffa-aava", "Soffa Aava", (("Tyg", "Hiekka"),))
    assert (sofa.unit_gross_minor, sofa.currency, sofa.price_list) == (129_900, "EUR", LIST)
    assert (str(sofa.tax_rate), sofa.tax_class, sofa.weight_g) == ("0.2550", "standard", None)


@pytest.mark.parametrize("sku", [UNPUBLISHED, "ONLY-SE"])
def test_what_the_channel_does_not_list_is_not_sold(world: World, now: datetime, sku: str) -> None:
    assert get_sellables(channel=CHANNEL, skus=[sku], locale="fi", now=now) == {}


def test_a_sku_is_one_whatever_its_case(world: World, now: datetime) -> None:
    sold = get_sellables(channel=CHANNEL, skus=[SAND.lower(), SAND, "Cushion"], locale="fi", now=now)

    assert {asked: sellable.sku for asked, sellable in sold.items()} == {
        SAND.lower(): SAND,
        SAND: SAND,
        "Cushion": CUSHION,
    }


def test_what_has_no_price_or_no_tax_rate_is_not_sold(world: World, shop: Shop) -> None:
    shop.publishes("lamp", named(fi="Lamppu"), {"LAMP": {}})

    assert get_sellables(channel=CHANNEL, skus=["LAMP"], locale="fi", now=shop.now) == {}
    assert get_sellables(channel=CHANNEL, skus=[SAND], locale="fi", country="SE", now=shop.now) == {}


def test_a_reader_of_another_language_gets_the_markets_first(world: World, now: datetime) -> None:
    assert get_sellables(channel=CHANNEL, skus=[SAND], locale="de", now=now)[SAND].name == "Sohva Aava"


def test_the_day_the_tax_changes_the_gross_price_stays(world: World) -> None:
    eve = datetime.fromisoformat("2024-08-31T20:59:59+00:00")

    before, after = (
        get_sellables(channel=CHANNEL, skus=[SAND], locale="fi", now=moment)[SAND]
        for moment in (eve, eve + timedelta(seconds=1))
    )

    assert before.unit_gross_minor == after.unit_gross_minor
    assert (str(before.tax_rate), str(after.tax_rate)) == ("0.2400", "0.2550")
