"""Many products at once: the same statements as for one, nobody waits for what cannot be rendered, nothing is half."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.models import StoredEvent
from pim.api import AttributeDraft, define_attribute, publish_many
from pim.catalogue.models import Product
from pim.publishing.models import Publication
from shop.catalog import rendering
from shop.catalog.fan_out import note_publications, render_some
from shop.catalog.models import Depth, Listing, Offer, Placement, Stale
from shop.catalog.queries import list_miscounted_shelves
from shop.catalog.services import find_differences, render_again, show
from shop.pricing.models import Market, Price
from shop.pricing.queries import forget_configuration
from shop.pricing.services import set_prices
from tests.factories.goods import CHANNEL, LIST, add_product, named
from tests.factories.world import World
from tests.shop.conftest import BY


def add_lamps(numbers: range, now: datetime, **values: Any) -> list[UUID]:
    """Lamps of one name, each with a price, published together and not yet shown."""
    with open_transaction():
        for number in numbers:
            add_product(
                code=f"lamp-{number}",
                values={**named(fi="Lamppu", en="Lamp"), **values},
                variants={f"LAMP-{number}": {}},
                categories={"cushions": number},
                now=now,
            )
        publish_many(codes=[f"lamp-{number}" for number in numbers], channel=CHANNEL, by=BY, now=now)
    rows = Product.objects.filter(code__in=[f"lamp-{number}" for number in numbers])
    return list(rows.order_by("pk").values_list("public_id", flat=True))


def sent_by(call: Callable[[], None]) -> list[str]:
    """The first words of every statement, with its table."""
    with CaptureQueriesContext(connection) as captured, open_transaction():
        call()
    return [" ".join(query["sql"].split()[:4]) for query in captured.captured_queries]


def test_many_publications_are_one_event_and_are_shown_in_a_batch(world: World, now: datetime) -> None:
    lamps = add_lamps(range(12), now)
    told = StoredEvent.objects.filter(name="pim.products_published")
    assert [event.data["product_refs"] for event in told] == [[str(lamp) for lamp in lamps]]

    run_pending(now=now)

    slugs = Listing.objects.filter(product_ref__in=lamps, locale="fi").order_by("product_ref")
    assert list(slugs.values_list("slug", flat=True)) == [
        "lamppu",
        *(f"lamppu-lamp-{n}" for n in range(1, 12)),
    ]
    assert Placement.objects.filter(product_ref__in=lamps, category="cushions").count() == 12
    assert not Stale.objects.exists()
    assert list_miscounted_shelves() == ()
    assert find_differences(product_refs=lamps, by=BY, now=now) == []


def test_a_batch_takes_as_many_statements_as_one_product(world: World, now: datetime) -> None:
    first, *lamps = add_lamps(range(21), now)
    sent_by(lambda: show(product_refs=[first], by=BY, now=now))  # reads markets and locations, which are kept

    for_one = sent_by(lambda: show(product_refs=lamps[:1], by=BY, now=now))
    for_many = sent_by(lambda: show(product_refs=lamps[1:], by=BY, now=now))
    again_for_one = sent_by(lambda: render_again(product_refs=lamps[:1], by=BY, now=now))
    again_for_many = sent_by(lambda: render_again(product_refs=lamps, by=BY, now=now))

    assert len(for_many) == len(for_one) <= 24
    assert len(again_for_many) == len(again_for_one) <= 30
    assert Listing.objects.filter(product_ref__in=lamps).count() == 60


def test_many_prices_are_set_in_the_statements_of_one(world: World, now: datetime) -> None:
    def sets(minors: dict[str, int]) -> Callable[[], None]:
        return lambda: _ignore(set_prices(price_list=LIST, minors=minors, by=BY, now=now))

    first = sent_by(sets({"N-0": 100}))
    many = sent_by(sets({f"N-{number}": 100 + number for number in range(1, 30)}))
    changed = sent_by(sets({"N-0": 200}))
    many_changed = sent_by(sets({f"N-{number}": 300 + number for number in range(1, 30)}))

    assert len(first) == len(many)
    assert len(changed) == len(many_changed)
    assert Price.objects.filter(sku__startswith="N-", valid_until=None).count() == 30
    assert Price.objects.filter(sku__startswith="N-").exclude(valid_until=None).count() == 30
    assert StoredEvent.objects.filter(name="shop.prices_set").count() == 4


def _ignore(_: object) -> None:
    """For calls whose result is of no interest."""


def test_prices_that_many_publications_say_are_taken_over_with_them(world: World, now: datetime) -> None:
    with open_transaction():
        define_attribute(draft=AttributeDraft(code="price", type="price", labels={"en": "Price"}), now=now)
    Market.objects.filter(code=CHANNEL).update(price_attribute="price", price_currency="EUR")
    forget_configuration()

    lamps = add_lamps(range(5), now, price={"*": {"*": {"EUR": "19.90"}}})
    run_pending(now=now)

    assert set(Offer.objects.filter(product_ref__in=lamps).values_list("minor", flat=True)) == {1990}
    prices = Placement.objects.filter(product_ref__in=lamps, category="")
    assert set(prices.values_list("price_minor", flat=True)) == {1990}


def test_a_slug_stays_when_a_shorter_one_becomes_free(world: World, now: datetime) -> None:
    first, second = add_lamps(range(2), now)
    run_pending(now=now)
    Listing.objects.filter(product_ref=first).delete()

    with open_transaction():
        render_again(product_refs=[second], by=BY, now=now)

    assert Listing.objects.get(product_ref=second, locale="fi").slug == "lamppu-lamp-1"


def test_a_product_that_cannot_be_rendered_keeps_nobody_else(world: World, now: datetime) -> None:
    """Its document is spoilt in the database, as by a mistake of ours that no test has met."""
    lamps = add_lamps(range(4), now)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "UPDATE pim_publication SET document = document - 'axes' WHERE product_id ="
            " (SELECT id FROM pim_product WHERE public_id = %s)",
            [lamps[1]],
        )

    with open_transaction():
        note_publications(product_refs=lamps, by=BY, now=now)
    with open_transaction():
        render_some(by=BY, now=now)

    shown = set(Listing.objects.filter(product_ref__in=lamps).values_list("product_ref", flat=True))
    assert shown == {lamps[0], lamps[2], lamps[3]}
    assert list(Stale.objects.values_list("product_ref", "depth")) == [(lamps[1], Depth.PUBLICATIONS)]
    assert Publication.objects.filter(product__public_id=lamps[1]).exists()


def test_an_option_that_is_a_measure_is_read_with_its_unit() -> None:
    class Width:
        """An axis in inches."""

        labels, type, unit, position, filterable, units = {}, "metric", "", 0, False, {"INCH": "in"}

    class Words:
        """Nothing but the axis."""

        attributes, options, categories, link_types = {"width": Width()}, {}, {}, {}

    document = {
        "product": {"ref": "r", "code": "tv", "tax_class": "standard", "family": None},
        "image": None,
        "locales": {"en": {"state": "published", "reads": ["en"]}},
        "texts": {"name": {"en": "Screen"}},
        "values": {},
        "axes": ["width"],
        "variants": [{"ref": "v", "sku": "TV", "values": {"width": {"*": {"amount": "24", "unit": "INCH"}}}}],
        "categories": [],
        "links": [],
    }

    page = rendering.Renderer(words=Words()).render(document=document, slugs={"en": "screen"})["en"]  # type: ignore[arg-type]

    assert page.lines["TV"]["options"] == [["width", "24 in"]]
