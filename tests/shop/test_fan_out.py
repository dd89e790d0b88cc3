"""One change, and everything it makes stale: rendered again once, in batches, and nothing else."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.models import StoredEvent
from config.kernel.money import CurrencyMismatch
from orders.api import set_stock
from pim.api import AttributeDraft, define_attribute, publish
from pim.publishing.services import publish_product
from shop.catalog.fan_out import BATCH
from shop.catalog.models import Showing, Stale
from shop.events import RenderingDue
from shop.pricing.models import Market, Price
from shop.pricing.queries import forget_configuration
from shop.pricing.services import MarketDraft, change_price, define_market
from tests.callers import Caller, etag
from tests.factories.goods import CHANNEL, CUSHION, HELSINKI, LIST, MOSS, SAND, add_product, named
from tests.factories.world import World

BY = system("tests")


@pytest.fixture
def linnea(world: World) -> Caller:
    return world.person("merchandiser")


@pytest.fixture
def shopper(world: World) -> Caller:
    return world.guest(Accept_Language="en")


@pytest.fixture
def rename(linnea: Caller, now: datetime) -> Callable[[str, str], None]:
    def call(path: str, text: str) -> None:
        linnea.says("PATCH", f"/pim/v1/{path}", {"labels": {"en": text}}, If_Match=etag(1))
        run_pending(now=now)

    return call


def sofa(shopper: Caller) -> Any:
    return shopper.says("GET", "/store/v1/products/aava-sofa")


def rounds() -> int:
    """How many batches were asked for."""
    return StoredEvent.objects.filter(name=RenderingDue.name).count()


def test_an_option_that_is_renamed_is_read_under_its_new_name(
    rename: Callable[[str, str], None], shopper: Caller
) -> None:
    rename("attributes/fabric/options/sand", "Dune")

    assert [option["label"] for option in sofa(shopper)["axes"][0]["options"]] == ["Dune", "Moss"]


def test_an_attribute_that_is_renamed_is_read_under_its_new_name(
    rename: Callable[[str, str], None], shopper: Caller
) -> None:
    rename("attributes/fabric", "Cover")

    assert sofa(shopper)["axes"][0]["label"] == "Cover"


@pytest.mark.parametrize("category", ["sofas"])
def test_a_category_that_is_renamed_is_read_under_its_new_name(
    rename: Callable[[str, str], None], shopper: Caller, category: str
) -> None:
    rename(f"categories/{category}", "Settees")

    assert sofa(shopper)["categories"][0]["name"] == "Settees"


def test_only_what_shows_the_word_is_rendered_again(linnea: Caller, world: World, now: datetime) -> None:
    linnea.says("PATCH", "/pim/v1/attributes/fabric", {"labels": {"en": "Cover"}}, If_Match=etag(1))
    run_pending(now=now)

    told = StoredEvent.objects.filter(name="shop.listings_rendered").order_by("-id").first()
    assert told is not None
    assert told.data["product_refs"] == [world.products["sofa"]]
    assert not Stale.objects.exists()


def test_many_changes_of_one_product_are_looked_at_once(shopper: Caller, now: datetime) -> None:
    before = rounds()
    for minor in (100_000, 110_000, 120_000):
        change_price(price_list=LIST, sku=SAND, minor=minor, by=BY, now=now)
    change_price(price_list=LIST, sku=MOSS, minor=90_000, by=BY, now=now)
    with open_transaction():
        set_stock(location=HELSINKI, units={SAND: 0, MOSS: 2}, by=BY, now=now)

    run_pending(now=now)

    assert rounds() == before + 1
    body = sofa(shopper)
    assert [variant["price"]["gross"]["amount"] for variant in body["variants"]] == ["1200.00", "900.00"]
    assert [variant["availability"] for variant in body["variants"]] == ["sold_out", "low_stock"]
    card = shopper.says("GET", "/store/v1/products?category=sofas")["items"][0]
    assert (card["price"]["gross"]["amount"], card["availability"]) == ("900.00", "low_stock")


def test_more_than_a_batch_is_rendered_in_several(linnea: Caller, world: World, now: datetime) -> None:
    with open_transaction():
        for number in range(2 * BATCH + 1):
            product = add_product(
                code=f"chair-{number}",
                values=named(fi=f"Tuoli {number}"),
                variants={f"CHAIR-{number}": {"fabric": {"*": {"*": "sand"}}}},
                axes=("fabric",),
                now=now,
            )
            publish(product_id=UUID(product), channel=CHANNEL, by=BY, now=now)
    run_pending(now=now)
    before = rounds()

    linnea.says(
        "PATCH", "/pim/v1/attributes/fabric/options/sand", {"labels": {"fi": "Dyyni"}}, If_Match=etag(1)
    )
    run_pending(now=now)

    assert rounds() == before + 3
    chair = world.guest().says("GET", "/store/v1/products/tuoli-7?locale=fi")
    assert chair["variants"][0]["options"][0]["value"] == "Dyyni"


def test_what_is_not_shown_is_not_rendered(linnea: Caller, world: World, now: datetime) -> None:
    Showing.objects.update(withdrawn=True)
    before = rounds()

    linnea.says("PATCH", "/pim/v1/attributes/fabric", {"labels": {"en": "Cover"}}, If_Match=etag(1))
    run_pending(now=now)

    assert rounds() == before


# --- Prices that the PIM says ---


@pytest.fixture
def fed(world: World, now: datetime) -> None:
    """The market's list is fed by an attribute, and the sofa says what it costs."""
    with open_transaction():
        define_attribute(draft=AttributeDraft(code="price", type="price", labels={"en": "Price"}), now=now)
    Market.objects.filter(code=CHANNEL).update(price_attribute="price", price_currency="EUR")
    forget_configuration()


def price_of(sku: str) -> int:
    return Price.objects.get(price_list__code=LIST, sku=sku, valid_until=None).minor


def test_a_publication_sets_the_prices_of_the_markets_list(
    fed: None, linnea: Caller, shopper: Caller, world: World, now: datetime
) -> None:
    path = f"/pim/v1/products/{world.products['sofa']}"
    said = {"*": {"*": {"EUR": "1450.00", "SEK": "9999.00"}}}

    linnea.says("PATCH", path, {"values": {"price": said}}, If_Match=etag(1))
    assert price_of(SAND) == 129_900
    publish_product(product_id=UUID(world.products["sofa"]), channel=CHANNEL, version=2, by=BY, now=now)
    run_pending(now=now)

    assert (price_of(SAND), price_of(MOSS)) == (145_000, 145_000)
    body = sofa(shopper)
    assert {variant["price"]["gross"]["amount"] for variant in body["variants"]} == {"1450.00"}
    assert "price" not in [fact["code"] for fact in body["attributes"]]


def test_what_a_publication_does_not_price_keeps_its_price(fed: None, world: World, now: datetime) -> None:
    publish_product(product_id=UUID(world.products["cushion"]), channel=CHANNEL, version=1, by=BY, now=now)
    run_pending(now=now)

    assert price_of(CUSHION) == 3_990


def test_a_market_is_not_fed_in_another_currency_than_its_lists(world: World) -> None:
    draft = MarketDraft(
        code="de-web",
        price_list=LIST,
        country="DE",
        time_zone="Europe/Berlin",
        delivery_countries=["DE"],
        hosts=[],
        keys=[],
        price_attribute="price",
        price_currency="SEK",
    )

    with pytest.raises(CurrencyMismatch), open_transaction():
        define_market(draft=draft)
