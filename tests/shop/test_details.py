"""What a product's page says: swatches, pictures, units, and in which language each word was found."""

import gzip
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from pim.api import AttributeDraft, OptionDraft, define_attribute, publish
from pim.structure.models import Attribute, MeasurementFamily, MeasurementUnit
from shop.pricing.services import set_price
from tests.callers import Caller, etag
from tests.factories.goods import CHANNEL, LIST, add_product, named
from tests.factories.world import World

BY = system("tests")
PRODUCTS = "/store/v1/products"
LARGEST_LIST = 30_000
LARGEST_DETAIL = 15_000


def fact(value: Any) -> dict[str, Any]:
    return {"*": {"*": value}}


def publish_now(code: str, now: datetime, **more: Any) -> None:
    with open_transaction():
        product = add_product(code=code, now=now, **more)
        publish(product_id=UUID(product), channel=CHANNEL, by=BY, now=now)


@pytest.fixture
def definitions(world: World, now: datetime) -> None:
    length = MeasurementFamily.objects.create(code="Length", standard_unit="METER")
    MeasurementUnit.objects.create(family=length, code="CENTIMETER", symbol="cm", factor="0.01")
    with open_transaction():
        for draft in (
            AttributeDraft(code="picture", type="image", labels={}, position=1),
            AttributeDraft(code="pictures", type="gallery", labels={}, position=2),
            AttributeDraft(code="manual", type="file", labels={"en": "Manual"}, position=3),
            AttributeDraft(code="weight", type="number", unit="kg", labels={"en": "Weight"}, position=4),
            AttributeDraft(code="care", type="text", localisable=True, labels={"en": "Care"}, position=5),
            AttributeDraft(code="description", type="textarea", localisable=True, labels={}, position=6),
        ):
            define_attribute(draft=draft, now=now)
    Attribute.objects.create(
        code="width",
        type="metric",
        measurement_family=length,
        default_unit="CENTIMETER",
        position=7,
        labels={"en": "Width"},
    )


@pytest.fixture
def bench(definitions: None, world: World, now: datetime) -> dict[str, Any]:
    """A bench on its page, in English."""
    linnea = world.person("merchandiser")
    for option, swatch in (("sand", "#d9c7a6"), ("moss", "swatches/sammal 1.jpg")):
        path = f"/pim/v1/attributes/fabric/options/{option}"
        linnea.says("PATCH", path, {"swatch": swatch}, If_Match=etag(1))
    publish_now(
        "bench",
        now,
        values={
            **named(fi="Penkki", en="Bench"),
            "description": {"*": {"fi": "Pitkä penkki."}},
            "care": {"*": {"fi": "Pyyhi.", "sv-FI": "Torka."}},
            "weight": fact("7.5"),
            "width": fact({"amount": "140", "unit": "CENTIMETER"}),
            "manual": fact("files/bench.pdf"),
            "pictures": fact(["bench/1.jpg", "bench/2.jpg"]),
        },
        variants={
            "BENCH-SAND": {"fabric": fact("sand"), "picture": fact("bench/sand.jpg")},
            "BENCH-MOSS": {"fabric": fact("moss")},
        },
        axes=("fabric",),
    )
    run_pending(now=now)
    body: dict[str, Any] = world.guest().says("GET", f"{PRODUCTS}/bench?locale=en")
    return body


def facts(body: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {
        each["code"]: (each["label"], each["value"], each["unit"], each["locale"])
        for each in body["attributes"]
    }


def test_an_option_is_shown_by_its_colour_or_its_picture(bench: dict[str, Any]) -> None:
    swatches = {option["code"]: option["swatch"] for option in bench["axes"][0]["options"]}

    assert swatches == {"sand": "#d9c7a6", "moss": "/media/swatches/sammal%201.jpg"}


def test_pictures_have_urls_and_are_no_facts(bench: dict[str, Any]) -> None:
    assert bench["media"] == [
        {"attribute": "pictures", "url": "/media/bench/1.jpg"},
        {"attribute": "pictures", "url": "/media/bench/2.jpg"},
    ]
    assert [variant["media"] for variant in bench["variants"]] == [
        [{"attribute": "picture", "url": "/media/bench/sand.jpg"}],
        [],
    ]


def test_facts_have_labels_and_units(bench: dict[str, Any]) -> None:
    assert facts(bench) == {
        "manual": ("Manual", "/media/files/bench.pdf", None, None),
        "weight": ("Weight", "7.5", "kg", None),
        "care": ("Care", "Pyyhi.", None, "fi"),
        "width": ("Width", "140", "cm", None),
    }


def test_a_text_says_in_which_language_it_is(bench: dict[str, Any]) -> None:
    assert (bench["locale"], bench["name"], bench["description"]) == ("en", "Bench", "Pitkä penkki.")
    assert bench["sources"] == {"name": "en", "description": "fi"}


def test_labels_that_are_not_in_the_readers_language_say_in_which_they_are(
    world: World, now: datetime
) -> None:
    oak, teak, ash = (
        OptionDraft(code=code, labels=labels)
        for code, labels in (("oak", {"fi": "Tammi", "en": "Oak"}), ("teak", {"fi": "Tiikki"}), ("ash", {}))
    )
    with open_transaction():
        for draft in (
            AttributeDraft(code="wood", type="select", labels={"fi": "Puu"}, options=(oak, teak)),
            AttributeDraft(
                code="trims", type="multiselect", labels={"en": "Trims"}, options=(oak, teak, ash), position=1
            ),
            AttributeDraft(code="drawers", type="number", labels={}, position=2),
        ):
            define_attribute(draft=draft, now=now)
    publish_now(
        "chest",
        now,
        values={**named(en="Chest"), "trims": fact(["oak", "teak", "ash"]), "drawers": fact("3")},
        variants={"CHEST-OAK": {"wood": fact("oak")}, "CHEST-TEAK": {"wood": fact("teak")}},
        axes=("wood",),
    )
    run_pending(now=now)

    chest = world.guest().says("GET", f"{PRODUCTS}/chest?locale=en")

    own = {"unit": None, "locale": None}
    assert chest["attributes"] == [
        {
            "code": "trims",
            "label": "Trims",
            "value": ["Oak", "Tiikki", "ash"],
            "value_locales": {"Tiikki": "fi", "ash": None},
            **own,
        },
        {"code": "drawers", "label": "drawers", "label_locale": None, "value": "3", **own},
    ]
    assert chest["axes"] == [
        {
            "code": "wood",
            "label": "Puu",
            "locale": "fi",
            "options": [
                {"code": "oak", "label": "Oak", "swatch": None},
                {"code": "teak", "label": "Tiikki", "locale": "fi", "swatch": None},
            ],
        }
    ]
    wood = {"attribute": "wood", "label": "Puu", "label_locale": "fi"}
    assert [variant["options"] for variant in chest["variants"]] == [
        [wood | {"option": "oak", "value": "Oak"}],
        [wood | {"option": "teak", "value": "Tiikki", "value_locale": "fi"}],
    ]


def test_a_card_says_in_which_language_its_name_is_and_shows_the_first_picture(
    bench: dict[str, Any], world: World
) -> None:
    cards = world.guest().says("GET", f"{PRODUCTS}?locale=sv-FI")["items"]

    card = next(card for card in cards if card["id"] == bench["id"])
    assert (card["name"], card["locale"], card["image"]) == ("Penkki", "fi", "/media/bench/sand.jpg")


def test_each_variant_says_which_store_has_it(world: World) -> None:
    body = world.guest().says("GET", f"{PRODUCTS}/aava-sofa?locale=en")

    assert [variant["stores"] for variant in body["variants"]] == [{"HELSINKI": "in_stock"}] * 2


@pytest.fixture
def large(definitions: None, now: datetime) -> None:
    """A list's worth of products, each with twelve variants, long texts and every fact."""
    fabrics = tuple(
        OptionDraft(code=f"f{n}", labels={"fi": f"Kangas {n}, villaa ja pellavaa"}) for n in range(12)
    )
    with open_transaction():
        define_attribute(
            draft=AttributeDraft(code="cover", type="select", labels={"fi": "Päällinen"}, options=fabrics),
            now=now,
        )
        for number in range(24):
            for each in range(12):
                set_price(price_list=LIST, sku=f"L-{number}-{each}", minor=10_000 + each * 37, by=BY, now=now)
    for number in range(24):
        text = " ".join(f"Lause {number * each}, jossa kerrotaan paljon." for each in range(40))
        publish_now(
            f"large-{number}",
            now,
            values={
                **named(fi=f"Sohva numero {number}, suuri ja mukava"),
                "description": {"*": {"fi": text}},
                "care": {"*": {"fi": text[:250]}},
                "weight": fact(str(number + 1)),
                "width": fact({"amount": str(140 + number), "unit": "CENTIMETER"}),
                "pictures": fact([f"large/{number}-{each}.jpg" for each in range(6)]),
            },
            variants={
                f"L-{number}-{each}": {
                    "cover": fact(f"f{each}"),
                    "picture": fact(f"large/{number}/{each}.jpg"),
                }
                for each in range(12)
            },
            axes=("cover",),
            categories={"sofas": -100 + number},
        )
    run_pending(now=now)


def test_answers_are_small(large: None, world: World) -> None:
    shopper: Caller = world.guest()

    page = shopper.tries("GET", f"{PRODUCTS}?locale=fi&limit=24&category=sofas")
    detail = shopper.tries("GET", f"{PRODUCTS}/sohva-numero-7-suuri-ja-mukava?locale=fi")

    assert (page.status_code, detail.status_code) == (200, 200)
    assert len(gzip.compress(page.content, 6)) <= LARGEST_LIST
    assert len(gzip.compress(detail.content, 6)) <= LARGEST_DETAIL
