"""A small PIM: two channels, an attribute of each kind that matters, and drafts to begin with."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from config.kernel.db import open_transaction
from pim.api import (
    AttributeDraft,
    OptionDraft,
    ProductDraft,
    SavedProduct,
    VariantDraft,
    define_attribute,
    define_category,
    define_channel,
    define_link_type,
    save_product,
)


def fact(value: Any) -> dict[str, Any]:
    return {"*": {"*": value}}


def text(**by_locale: str) -> dict[str, Any]:
    return {"*": {locale.replace("_", "-"): said for locale, said in by_locale.items()}}


def save(draft: ProductDraft, now: datetime) -> SavedProduct:
    with open_transaction():
        return save_product(draft=draft, now=now)


SOFA = ProductDraft(
    code="sofa",
    values={"name": text(fi="Sohva", en="Sofa"), "width": fact("224")},
    axes=("fabric",),
    categories={"sofas": 1},
    variants=(
        VariantDraft(sku="SOFA-SAND", values={"fabric": fact("sand")}),
        VariantDraft(sku="SOFA-MOSS", values={"fabric": fact("moss")}),
    ),
)
FOAM = ProductDraft(code="foam", values={"name": text(fi="Vaahto")}, variants=(VariantDraft(sku="FOAM"),))


@pytest.fixture
def catalogue(db: None, now: datetime) -> None:
    """Definitions without products."""
    with open_transaction():
        define_category(code="shop", parent=None, position=0, labels={"fi": "Kauppa"}, now=now)
        define_category(code="sofas", parent="shop", position=0, labels={"fi": "Sohvat"}, now=now)
        define_category(code="outlet", parent=None, position=0, labels={"fi": "Poistot"}, now=now)
        define_channel(
            code="fi-web", kind="web", locales=["fi", "sv-FI", "en"], tree="shop", labels={}, now=now
        )
        define_channel(code="se-web", kind="web", locales=["sv"], tree="shop", labels={}, now=now)
        define_link_type(code="goes_with", labels={"fi": "Sopii tähän"}, now=now)
        define_link_type(code="care_for", labels={"fi": "Hoitoon"}, now=now)
        for draft in (
            AttributeDraft(code="name", type="text", labels={}, localisable=True, scopable=True),
            AttributeDraft(code="slug", type="text", labels={}, localisable=True),
            AttributeDraft(code="width", type="number", unit="cm", labels={"fi": "Leveys"}),
            AttributeDraft(code="cost", type="number", labels={}, public=False),
            AttributeDraft(
                code="fabric",
                type="select",
                labels={"fi": "Kangas"},
                options=(
                    OptionDraft(code="sand", labels={"fi": "Hiekka"}),
                    OptionDraft(code="moss", labels={}),
                ),
            ),
        ):
            define_attribute(draft=draft, now=now)


@pytest.fixture
def sofa(catalogue: None, now: datetime) -> SavedProduct:
    """A product with two variants, saved and not published."""
    return save(replace(SOFA), now)
