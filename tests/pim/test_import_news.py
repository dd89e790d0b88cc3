"""What a second import changes in definitions is heard by those who show the words and those who count what lacks."""

from datetime import datetime
from pathlib import Path

import pytest

from config.kernel.models import StoredEvent
from pim.catalogue.models import LinkType
from pim.catalogue.words import get_attribute_words
from pim.enrichment.models import Completeness
from pim.events import (
    AttributeRenamed,
    CategoryRenamed,
    LinkTypeRenamed,
    OptionRenamed,
    RequirementsChanged,
)
from pim.tasks import assess_again
from tests.pim.sets import SHIRTS, bring_in, write_set

pytestmark = pytest.mark.django_db

NEWS = (AttributeRenamed, CategoryRenamed, LinkTypeRenamed, OptionRenamed, RequirementsChanged)


@pytest.fixture
def shirts(tmp_path: Path, now: datetime) -> Path:
    """The set, brought in."""
    place = write_set(tmp_path / "shirts", **SHIRTS)
    bring_in(place, now)
    return place


def news() -> list[tuple[str, dict]]:
    names = [event.name for event in NEWS]
    return list(StoredEvent.objects.filter(name__in=names).order_by("id").values_list("name", "data"))


def definitions_alone(place: Path, **files: str) -> Path:
    """A set that names no product."""
    return write_set(place.parent / "definitions", **{"attributes": SHIRTS["attributes"]} | files)


def test_a_first_import_has_no_news_as_nobody_shows_its_words_yet(shirts: Path) -> None:
    assert news() == []


def test_labels_that_changed_are_told_and_those_that_did_not_are_not(shirts: Path, now: datetime) -> None:
    version = get_attribute_words(attribute="colour").version
    changed = definitions_alone(
        shirts,
        attributes=SHIRTS["attributes"].replace(";Väri\n", ";Sävy\n"),
        attribute_options=SHIRTS["attribute_options"].replace("Red", "Scarlet"),
        categories=SHIRTS["categories"].replace(";Shirts", ";Tops"),
        association_types=SHIRTS["association_types"].replace(";Pack", ";Bundle"),
    )

    bring_in(changed, now)

    assert sorted(news(), key=str) == sorted(
        [
            (LinkTypeRenamed.name, {"link_type": "PACK"}),
            (CategoryRenamed.name, {"category": "shirts"}),
            (AttributeRenamed.name, {"attribute": "colour"}),
            (OptionRenamed.name, {"attribute": "colour", "option": "red"}),
        ],
        key=str,
    )
    assert get_attribute_words(attribute="colour").version == version + 1, "who saw it before reads it again"
    assert LinkType.objects.get(code="PACK").labels == {"en-US": "Bundle"}


def test_what_a_family_requires_anew_is_asked_of_products_that_are_not_in_the_set(
    shirts: Path, now: datetime
) -> None:
    complete = Completeness.objects.get(variant__sku="shirt-red-s").channels["web"]["en-US"]
    families = SHIRTS["families"].replace(
        "sku,name,about,price;Clothing", "sku,name,about,price,tags;Clothing"
    )
    bring_in(definitions_alone(shirts, families=families), now)
    assert news() == [(RequirementsChanged.name, {"family": "clothing"})]

    assess_again(family="clothing")

    asked = Completeness.objects.get(variant__sku="shirt-red-s").channels["web"]["en-US"]
    assert asked == {"required": complete["required"] + 1, "missing": [*complete["missing"], "tags"]}


def test_a_channel_with_another_language_asks_for_more(shirts: Path, now: datetime) -> None:
    channels = SHIRTS["channels"].replace("en_US,fi_FI", "en_US,fi_FI,sv_FI")

    bring_in(definitions_alone(shirts, categories=SHIRTS["categories"], channels=channels), now)

    assert news() == [(RequirementsChanged.name, {"family": "clothing"})]
