"""How large answers are when they travel: of the whole demonstration shop, and of a real catalogue."""

import gzip
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client

from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from pim.intake.services import run_import, start_import
from shop.catalog.models import Listing, Shelf
from shop.demo import places
from shop.demo.assortment import whole
from shop.demo.seed import seed_shop
from shop.pricing.queries import forget_configuration
from shop.pricing.services import MarketDraft, define_market, define_price_list
from tests.conftest import SHARED_DATA
from tests.shop.conftest import BY
from tests.shop.test_details import LARGEST_DETAIL, LARGEST_LIST

KEY = "pk_test_sizes"
MARKET = MarketDraft(
    code="ecommerce",
    price_list="consumer",
    country="FI",
    time_zone="Europe/Helsinki",
    delivery_countries=["FI"],
    hosts=["sizes.testserver"],
    keys=[KEY],
)

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def _read_configuration_anew() -> Iterator[None]:
    forget_configuration()
    yield
    forget_configuration()


def size_of(path: str, key: str) -> int:
    """Bytes of the answer as a proxy sends it (gzip -6)."""
    answer = Client().get(path, headers={"X-Api-Key": key})
    assert answer.status_code == 200, (path, answer.content)
    return len(gzip.compress(answer.content, 6))


def too_large(channel: str, key: str) -> dict[str, int]:
    """Every page of every list, and every product, in every language; what is larger than it may be."""
    lists, details = {}, {}
    locales = sorted(set(Listing.objects.filter(content_scope=channel).values_list("locale", flat=True)))
    for locale in locales:
        for shelf in Shelf.objects.filter(channel=channel, total__gt=0):
            for page in range(1, (shelf.total - 1) // 24 + 2):
                path = f"/store/v1/products?locale={locale}&page={page}"
                path += f"&category={shelf.category}" if shelf.category else ""
                lists[path] = size_of(path, key)
    for locale, slug in Listing.objects.filter(content_scope=channel).values_list("locale", "slug"):
        path = f"/store/v1/products/{slug}?locale={locale}"
        details[path] = size_of(path, key)
    assert len(details) > 300
    assert len(lists) > 10
    return {path: size for path, size in lists.items() if size > LARGEST_LIST} | {
        path: size for path, size in details.items() if size > LARGEST_DETAIL
    }


def test_the_demonstration_s_answers_are_small(now: datetime) -> None:
    seed_shop(assortment=whole(), by=BY, now=now)
    run_pending(now=now)

    assert too_large(places.MARKET.code, places.PUBLISHABLE_KEY) == {}


@pytest.mark.shared_data
def test_a_real_catalogue_s_answers_are_small(now: datetime) -> None:
    import_id = start_import(place=str(SHARED_DATA / "akeneo_icecat"), publishes=True, by=BY, now=now)
    with open_transaction():
        define_price_list(code="consumer", currency="EUR", gross=True)
        define_market(draft=MARKET)

    run_import(import_id=import_id, by=BY, now=now)
    run_pending(now=now)

    assert too_large(MARKET.code, KEY) == {}
