"""Definitions that are made as they are already cost nothing; what becomes different is heard as after an import."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.models import StoredEvent
from pim.api import (
    AttributeDraft,
    FamilyDraft,
    OptionDraft,
    define_attribute,
    define_category,
    define_channel,
    define_family,
    define_link_type,
)
from pim.catalogue.models import Category
from pim.events import (
    AttributeRenamed,
    CategoryRenamed,
    LinkTypeRenamed,
    OptionRenamed,
    RequirementsChanged,
)
from tests.sql import statements

pytestmark = pytest.mark.usefixtures("catalogue")

FELT = AttributeDraft(
    code="felt",
    type="select",
    labels={"fi": "Huopa"},
    options=(
        OptionDraft(code="grey", labels={"fi": "Harmaa"}),
        OptionDraft(code="red", labels={"fi": "Punainen"}),
    ),
)
WEB: dict[str, Any] = {"code": "fi-web", "kind": "web", "tree": "shop", "labels": {}}


def news(change: Callable[[], None]) -> list[tuple[str, dict[str, Any]]]:
    """What is told of a change, once it is committed."""
    before = StoredEvent.objects.count()
    with open_transaction():
        change()
    return list(StoredEvent.objects.order_by("id").values_list("name", "data")[before:])


def test_what_is_so_already_is_neither_written_nor_told(now: datetime) -> None:
    def define() -> None:
        define_category(code="felts", parent="shop", position=3, labels={"fi": "Huovat"}, now=now)
        define_channel(**WEB, locales=["fi", "sv-FI", "en"], now=now)
        define_link_type(code="goes_with", labels={"fi": "Sopii tähän"}, now=now)
        define_attribute(draft=FELT, now=now)
        define_family(draft=felts, by=system("tests"), now=now)

    felts = FamilyDraft(
        code="felts", labels={}, attributes=["name", "felt"], requirements={"fi-web": ["felt"]}
    )
    with statements() as first:
        assert news(define) == [], "nothing names yet what is new"
    with statements() as second:
        assert news(define) == []

    assert len(_writes(first)) > len(FELT.options)
    assert _writes(second) == []


def _writes(said: list[str]) -> list[str]:
    return [each for each in said if each.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_an_attribute_tells_what_is_shown_otherwise(now: datetime) -> None:
    news(lambda: define_attribute(draft=FELT, now=now))
    grey, red = FELT.options

    changed = replace(FELT, options=(grey, replace(red, swatch="#aa0000")))
    assert news(lambda: define_attribute(draft=changed, now=now)) == [
        (OptionRenamed.name, {"attribute": "felt", "option": "red"})
    ]
    named = replace(changed, labels={"fi": "Villahuopa"})
    assert news(lambda: define_attribute(draft=named, now=now)) == [
        (AttributeRenamed.name, {"attribute": "felt"})
    ]


def test_a_number_tells_of_its_new_unit(now: datetime) -> None:
    height = AttributeDraft(code="height", type="number", unit="cm", labels={"fi": "Korkeus"})
    news(lambda: define_attribute(draft=height, now=now))

    assert news(lambda: define_attribute(draft=replace(height, unit="mm"), now=now)) == [
        (AttributeRenamed.name, {"attribute": "height"})
    ]


def test_categories_and_links_tell_of_their_labels_and_of_nothing_that_is_read_live(now: datetime) -> None:
    version = Category.objects.get(code="sofas").version

    def moved() -> None:
        define_category(code="sofas", parent="shop", position=9, labels={"fi": "Sohvat"}, now=now)

    def renamed() -> None:
        define_category(code="sofas", parent="shop", position=9, labels={"fi": "Divaanit"}, now=now)
        define_link_type(code="goes_with", labels={"fi": "Käy yhteen"}, now=now)

    assert news(moved) == []
    assert news(renamed) == [
        (CategoryRenamed.name, {"category": "sofas"}),
        (LinkTypeRenamed.name, {"link_type": "goes_with"}),
    ]
    assert Category.objects.get(code="sofas").version == version + 2, "who saw it before reads it again"


def test_a_channel_with_another_language_asks_its_families_for_more(now: datetime) -> None:
    family = FamilyDraft(code="seats", labels={}, attributes=["name"], requirements={"fi-web": ["name"]})
    news(lambda: define_family(draft=family, by=system("tests"), now=now))

    assert news(lambda: define_channel(**WEB, locales=["fi"], now=now)) == [
        (RequirementsChanged.name, {"family": "seats"})
    ]
