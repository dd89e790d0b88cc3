"""Publications published at once are numbered one after the other, and what happens while one is listed is not lost."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.models import StoredEvent
from orders.api import set_stock
from orders.events import StockChanged
from pim.api import publish
from pim.publishing import services as publishing
from pim.publishing.models import Publication
from shop import handlers
from shop.catalog.models import Availability, Shelf
from shop.catalog.queries import list_miscounted_shelves
from shop.catalog.services import show
from shop.events import ProductsListed
from shop.pricing.queries import forget_configuration
from tests.concurrency.together import kinds, together
from tests.concurrency.waiting import overlapping
from tests.factories.goods import CHANNEL, HELSINKI, add_product, named, open_shop

pytestmark = pytest.mark.django_db(transaction=True)
BY = system("tests")


@pytest.fixture(autouse=True)
def _opened(db: None, now: datetime) -> Any:
    open_shop(now=now)
    yield
    forget_configuration()


def saved_lamp(now: datetime, number: int = 0, **more: Any) -> UUID:
    with open_transaction():
        values = named(fi=f"Lamppu {number}")
        return UUID(
            add_product(
                code=f"lamp-{number}", variants={f"LAMP-{number}": {}}, values=values, now=now, **more
            )
        )


def publish_twice_at_once(now: datetime) -> Any:
    """Two merchandisers publish one product: the first has not committed when the second begins."""
    lamp = saved_lamp(now)
    (second,) = overlapping(
        lambda: publish(product_id=lamp, channel=CHANNEL, by=BY, now=now),
        lambda: publishing.publish_product(product_id=lamp, channel=CHANNEL, version=None, by=BY, now=now),
    )
    return second


def test_without_the_lock_two_publications_want_the_same_number(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "lock", list)

    result = publish_twice_at_once(now)

    assert isinstance(result, IntegrityError)
    assert "publication_number_unique" in str(result)


def test_two_publications_at_once_get_two_numbers(now: datetime) -> None:
    second = publish_twice_at_once(now)

    assert second.number == 2
    numbers = (
        Publication.objects.filter(product__code="lamp-0").order_by("number").values_list("number", flat=True)
    )
    assert list(numbers) == [1, 2]


def test_products_listed_at_once_are_all_counted(now: datetime) -> None:
    lamps = [saved_lamp(now, number, categories={"cushions": 1}) for number in range(6)]
    with open_transaction():
        for lamp in lamps:
            publish(product_id=lamp, channel=CHANNEL, by=BY, now=now)

    def shown(*some: UUID) -> None:
        with open_transaction():
            show(product_refs=some, by=BY, now=now)

    results = together(*(lambda lamp=lamp: shown(lamp) for lamp in lamps), lambda: shown(*reversed(lamps)))

    assert kinds(results) == ["done"] * 7
    assert Shelf.objects.get(channel=CHANNEL, category="cushions").total == 7
    assert list_miscounted_shelves() == ()


def test_stock_that_changes_while_a_product_is_being_listed_is_not_lost(now: datetime) -> None:
    """The listing has read nine units and is not committed; the news of none finds nothing to write to."""
    lamp = saved_lamp(now)
    with open_transaction():
        set_stock(location=HELSINKI, units={"LAMP-0": 9}, by=BY, now=now)
        publish(product_id=lamp, channel=CHANNEL, by=BY, now=now)

    def sell_out() -> None:
        with open_transaction():
            set_stock(location=HELSINKI, units={"LAMP-0": 0}, by=BY, now=now)
        with open_transaction():
            handlers.on_stock_changed(
                [StockChanged(sku="LAMP-0", location=HELSINKI, available=0, revision=2)]
            )

    overlapping(lambda: show(product_refs=[lamp], by=BY, now=now), sell_out)

    assert Availability.objects.get(sku="LAMP-0").band == "in_stock", "the race is real"
    listed = StoredEvent.objects.filter(name="shop.products_listed").latest("id")
    assert listed.data["product_refs"] == [str(lamp)]
    with open_transaction():
        handlers.on_products_listed(ProductsListed(content_scope=CHANNEL, product_refs=(lamp,)))
    assert Availability.objects.get(sku="LAMP-0").band == "sold_out"


def test_many_changes_told_by_several_dispatchers_end_with_what_is_true(now: datetime) -> None:
    for units in (9, 0, 4, 0, 7, 3):
        with open_transaction():
            set_stock(location=HELSINKI, units={"CUSHION": units}, by=BY, now=now)

    together(*[lambda: run_pending(now=now)] * 4)

    run_pending(now=now)
    assert Availability.objects.get(sku="CUSHION", channel=CHANNEL).band == "low_stock"
