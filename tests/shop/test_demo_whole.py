"""The whole demonstration shop, as a first `make run` makes it: complete in three languages, pictured, and current."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from config.kernel.invariants import check
from shop.catalog import rules
from shop.catalog.models import Availability, Listing, Placement, Showing, Stale
from shop.pricing.queries import forget_configuration
from tests.factories.goods import undone


@pytest.mark.long
def test_the_whole_shop_is_seeded_complete_pictured_and_current(
    db: None, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with undone():
        call_command("seed_demo")

        shown = Showing.objects.filter(withdrawn=False).count()
        assert 110 <= shown <= 130
        assert Availability.objects.count() >= 400
        assert not Placement.objects.filter(price_minor=None).exists()
        assert not Stale.objects.exists()
        assert Listing.objects.count() == 3 * shown
        for listing in Listing.objects.all():
            page = json.loads(rules.without_marks(bytes(listing.detail)))
            assert {"name", "summary", "description"} <= page["sources"].keys(), listing.slug
            assert set(page["sources"].values()) == {listing.locale}, listing.slug
            owners = [page, *page["variants"]]
            pictures = {picture["url"] for owner in owners for picture in owner["media"]}
            assert len(pictures) >= 2, listing.slug
            assert all((tmp_path / url.removeprefix(rules.MEDIA_URL)).is_file() for url in pictures)
        call_command("checksum_catalog")
        assert check(now=timezone.now()) == []
    forget_configuration()
