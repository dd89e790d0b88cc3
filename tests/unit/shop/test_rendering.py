"""From a document and the words of a language to bytes with marks, and from those to what is read."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog import rules
from shop.catalog.rendering import Rendered, Renderer


@dataclass(frozen=True)
class Word:
    labels: dict[str, str] = field(default_factory=dict)
    type: str = "text"
    unit: str = ""
    position: int = 0
    path: tuple[str, ...] = ()
    filterable: bool = False
    units: dict[str, str] = field(default_factory=dict)
    scales: dict[str, Any] = field(default_factory=dict)
    swatch: str = ""


@dataclass(frozen=True)
class Dictionary:
    attributes: dict[str, Word] = field(default_factory=dict)
    options: dict[tuple[str, str], Word] = field(default_factory=dict)
    categories: dict[str, Word] = field(default_factory=dict)
    link_types: dict[str, Word] = field(default_factory=dict)


WORDS = Dictionary(
    attributes={
        "fabric": Word({"fi": "Kangas", "en": "Fabric"}, type="select"),
        "rooms": Word({"fi": "Huoneet"}, type="multiselect", position=2),
        "width": Word({"fi": "Leveys", "en": "Width"}, type="number", unit="cm", position=1),
        "washable": Word({"fi": "Pestävä"}, type="boolean", position=3),
    },
    options={
        ("fabric", "sand"): Word({"fi": "Hiekka"}),
        ("fabric", "moss"): Word({"fi": "Sammal", "en": "Moss"}),
        ("rooms", "hall"): Word({"fi": "Eteinen"}),
    },
    categories={
        "sofas": Word({"fi": "Sohvat"}, path=("shop", "living", "sofas")),
        "living": Word({"fi": "Olohuone"}, path=("shop", "living")),
        "shop": Word({"fi": "Kauppa"}, path=("shop",)),
    },
    link_types={"care_for": Word({"fi": "Hoitoon"})},
)


def document(**changes: Any) -> dict[str, Any]:
    return {
        "product": {"ref": "00000000-0000-7000-8000-000000000001", "code": "SOFA-1", "tax_class": "standard"},
        "locales": {
            "fi": {"state": "published", "reads": ["fi", "en"]},
            "en": {"state": "fallback", "reads": ["en", "fi"]},
        },
        "texts": {"name": {"fi": "Sohva"}, "summary": {"fi": "Pehmeä", "en": "Soft"}},
        "values": {"width": {"*": "224"}, "rooms": {"*": ["hall", "attic"]}, "washable": {"*": False}},
        "axes": ["fabric"],
        "variants": [
            {
                "ref": "00000000-0000-7000-8000-000000000002",
                "sku": "S-1",
                "values": {"fabric": {"*": "sand"}},
            },
            {
                "ref": "00000000-0000-7000-8000-000000000003",
                "sku": "S-2",
                "values": {"fabric": {"*": "moss"}},
            },
        ],
        "categories": [{"code": "sofas", "rank": 10}],
        "links": [
            {"kind": "care_for", "product": "00000000-0000-7000-8000-000000000009", "suits": None},
        ],
    } | changes


def read(template: bytes) -> Any:
    """The template with every mark filled by something harmless."""
    return json.loads(
        rules.fill(template, lambda mark: b"" if mark == "links" else b'"mark":"%b"' % mark.encode())
    )


def rendered(locale: str = "fi", **changes: Any) -> Rendered:
    doc = document(**changes)
    slug = rules.slug_of(document=doc, locale=locale)
    return Renderer(words=WORDS).render(document=doc, slugs={locale: slug})[locale]


def test_a_card_says_what_a_list_shows_and_leaves_room_for_its_price() -> None:
    assert read(rendered().card) == {
        "id": "00000000-0000-7000-8000-000000000001",
        "slug": "sohva",
        "name": "Sohva",
        "summary": "Pehmeä",
        "options": [{"label": "Kangas", "values": ["Hiekka", "Sammal"]}],
        "variant_count": 2,
        "locale": "fi",
        "image": None,
        "mark": "card:standard",
    }


def test_a_detail_says_everything_with_labels_in_the_order_of_the_attributes() -> None:
    detail = read(rendered().detail)

    assert detail["attributes"] == [
        {"code": "width", "label": "Leveys", "value": "224", "unit": "cm", "locale": None},
        {
            "code": "rooms",
            "label": "Huoneet",
            "value": ["Eteinen", "attic"],
            "value_locales": {"attic": None},
            "unit": None,
            "locale": None,
        },
        {"code": "washable", "label": "Pestävä", "value": False, "unit": None, "locale": None},
    ]
    assert detail["categories"] == [
        {
            "code": "sofas",
            "name": "Sohvat",
            "locale": "fi",
            "path": [{"code": "living", "name": "Olohuone", "locale": "fi"}],
        }
    ]
    assert [variant["mark"] for variant in detail["variants"]] == ["variant:S-1", "variant:S-2"]
    assert detail["variants"][0]["options"] == [
        {"attribute": "fabric", "label": "Kangas", "option": "sand", "value": "Hiekka"}
    ]
    assert detail["description"] is None


def test_what_is_not_said_in_a_language_is_read_from_its_fallback() -> None:
    detail = read(rendered("en").detail)

    assert (detail["name"], detail["summary"]) == ("Sohva", "Soft")
    assert (detail["locale"], detail["sources"]) == ("en", {"name": "fi", "summary": "en"})
    assert [(each["label"], each.get("locale")) for each in detail["axes"][0]["options"]] == [
        ("Hiekka", "fi"),
        ("Moss", None),
    ]
    assert [(each["name"], each["locale"]) for each in detail["categories"]] == [("Sohvat", "fi")]


def test_a_link_says_what_it_is_in_the_readers_language_or_in_which_other() -> None:
    (link,) = rendered("en").links
    (unknown,) = rendered(
        links=[{"kind": "twin", "product": "00000000-0000-7000-8000-000000000009", "suits": None}]
    ).links

    assert (link["kind"], link["label"], link["locale"]) == ("care_for", "Hoitoon", "fi")
    assert (unknown["label"], unknown["locale"]) == ("twin", None)


def test_a_cart_line_is_told_the_name_and_the_options() -> None:
    unsaid = {"weight_g": None, "withdrawal_excluded": None, "image": None}

    assert rendered().lines == {
        "S-1": {"name": "Sohva", "options": [["Kangas", "Hiekka"]], **unsaid},
        "S-2": {"name": "Sohva", "options": [["Kangas", "Sammal"]], **unsaid},
    }


def test_a_product_stands_in_all_categories_above_its_own_and_in_the_whole_shop() -> None:
    assert rules.places_of(document(), WORDS) == {"": 10, "shop": 10, "living": 10, "sofas": 10}
    assert rules.places_of(document(categories=[]), WORDS) == {"": 0}


def test_the_lowest_rank_counts_above() -> None:
    places = [{"code": "sofas", "rank": 10}, {"code": "living", "rank": 3}]

    assert rules.places_of(document(categories=places), WORDS) == {"": 3, "shop": 3, "living": 3, "sofas": 10}


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Laituri, kolmen istuttava sohva", "laituri-kolmen-istuttava-sohva"),
        ("Räsymatto Pöllö 50 × 50 cm", "rasymatto-pollo-50-50-cm"),
        ("Åland", "aland"),
        ("  --  ", ""),
        ("雲", ""),
    ],
)
def test_a_slug_is_the_name_in_plain_letters(text: str, slug: str) -> None:
    assert rules.slugify(text) == slug


@given(st.text())
def test_a_slug_has_nothing_that_a_url_would_escape(text: str) -> None:
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", rules.slugify(text))


def test_a_product_without_a_latin_letter_is_found_under_its_code() -> None:
    assert rules.slug_of(document=document(texts={"name": {"fi": "雲"}}), locale="fi") == "sofa-1"
    assert (
        rules.slug_of(document=document(texts={"name": {"fi": "雲"}, "slug": {"fi": "Pilvi"}}), locale="fi")
        == "pilvi"
    )


@given(
    name=st.text(min_size=1), sku=st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
)
def test_whatever_a_name_holds_the_bytes_are_json_and_the_marks_are_found(name: str, sku: str) -> None:
    name = name.encode("utf-8", "ignore").decode() or "x"
    variants = [{"ref": "r", "sku": sku, "values": {"fabric": {"*": "sand"}}}]

    made = rendered(texts={"name": {"fi": name}}, variants=variants)

    assert made.card.count(rules.MARK) == 2
    assert read(made.card)["name"] == name
    marks: list[str] = []
    rules.fill(made.detail, lambda mark: bytes(marks.append(mark) or b""))
    assert marks == [f"variant:{sku}", "links"]


@pytest.mark.parametrize(
    ("units", "band"),
    [(-1, "sold_out"), (0, "sold_out"), (1, "low_stock"), (5, "low_stock"), (6, "in_stock")],
)
def test_units_are_told_as_a_band(units: int, band: str) -> None:
    assert rules.band_of(units) == band


def test_a_product_is_as_available_as_its_best_variant() -> None:
    assert rules.best_band(["sold_out", "in_stock", "low_stock"]) == "in_stock"
    assert rules.best_band(["sold_out", "low_stock"]) == "low_stock"
    assert rules.best_band([]) == "sold_out"
