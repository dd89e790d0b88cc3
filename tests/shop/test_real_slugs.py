"""Slugs of a real catalogue, whose names repeat, differ by language and are sometimes missing."""

from datetime import datetime
from itertools import islice
from uuid import UUID

import pytest
from django.core.management import call_command

from pim.api import list_published
from shop.catalog.models import Listing
from shop.catalog.rules import slugify
from shop.catalog.services import show_again
from tests.conftest import SHARED_DATA
from tests.pim.sets import bring_in
from tests.shop.conftest import BY

AT_ONCE = 100
RENDERED_AGAIN = 300


@pytest.mark.long
@pytest.mark.shared_data
@pytest.mark.django_db
@pytest.mark.timeout(900)
def test_slugs_are_unique_in_each_language_and_stay_when_products_are_rendered_again(now: datetime) -> None:
    bring_in(SHARED_DATA / "akeneo_icecat", now)
    call_command("open_market", "ecommerce", "--key", "pk_slugs")
    refs = list(list_published())
    _show(refs, now)

    slugs = _slugs()
    assert len(slugs) == 3 * len(refs) > 3_000
    assert len({(scope, locale, slug) for (scope, locale, _), slug in slugs.items()}) == len(slugs)
    assert all(slug == slugify(slug) != "" for slug in slugs.values())

    _show([*reversed(refs)][:RENDERED_AGAIN], now)

    assert _slugs() == slugs, "whoever kept the address of a page finds it there"


def _show(refs: list[UUID], now: datetime) -> None:
    some = iter(refs)
    while batch := list(islice(some, AT_ONCE)):
        show_again(product_refs=batch, by=BY, now=now)


def _slugs() -> dict[tuple[str, str, UUID], str]:
    rows = Listing.objects.values_list("content_scope", "locale", "product_ref", "slug")
    return {(scope, locale, ref): slug for scope, locale, ref, slug in rows}
