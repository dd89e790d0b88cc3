"""Edits of a product and of words, over HTTP."""

from typing import Any

import pytest

from config.kernel.models import StoredEvent
from pim.catalogue.models import OptionReference, ProductChange
from tests.callers import Caller, etag, problem
from tests.factories.world import World


@pytest.fixture
def linnea(world: World) -> Caller:
    return world.person("merchandiser")


@pytest.fixture
def sofa(world: World) -> str:
    return f"/pim/v1/products/{world.products['sofa']}"


def value(said: Any, *, locale: str = "*", channel: str = "*") -> dict[str, Any]:
    return {channel: {locale: said}}


def test_an_edit_changes_what_it_names_and_keeps_the_rest(linnea: Caller, sofa: str) -> None:
    response = linnea.tries(
        "PATCH",
        sofa,
        {
            "values": {"NAME": value("Sohva Uusi", locale="fi"), "slug": value("uusi", locale="fi")},
            "categories": {"cushions": 3},
        },
        If_Match=etag(1),
    )

    body = linnea.says("GET", sofa)
    assert response["ETag"] == etag(2)
    assert response.json() == body  # type: ignore[attr-defined]
    assert body["values"]["name"]["*"] == {"fi": "Sohva Uusi", "sv-FI": "Soffa Aava", "en": "Aava sofa"}
    assert body["categories"] == {"sofas": 1, "cushions": 3}
    assert body["publications"][0]["number"] == 1


def test_null_takes_away(linnea: Caller, sofa: str) -> None:
    body = linnea.says(
        "PATCH",
        sofa,
        {"values": {"name": value(None, locale="en")}, "categories": {"sofas": None}},
        If_Match=etag(1),
    )

    assert set(body["values"]["name"]["*"]) == {"fi", "sv-FI"}
    assert body["categories"] == {}


def test_an_edit_leaves_a_history_row_and_an_event(linnea: Caller, sofa: str, world: World) -> None:
    linnea.says("PATCH", sofa, {"categories": {"sofas": 7}}, If_Match=etag(1))

    change = ProductChange.objects.get(product__public_id=world.products["sofa"], version=2)
    assert change.delta == {"changed": {"categories/sofas": [1, 7]}}
    assert change.actor["kind"] == "merchandiser"
    told = StoredEvent.objects.get(name="pim.product_edited")
    assert told.data == {"product_ref": world.products["sofa"], "version": 2}


def test_an_edit_that_says_nothing_new_changes_nothing(linnea: Caller, sofa: str) -> None:
    body = linnea.says(
        "PATCH", sofa, {"values": {"name": value("Sohva Aava", locale="fi")}}, If_Match=etag(1)
    )

    assert body["version"] == 1
    assert not StoredEvent.objects.filter(name="pim.product_edited").exists()


def test_everything_that_is_wrong_is_told_by_field_and_nothing_is_changed(linnea: Caller, sofa: str) -> None:
    """Case 58."""
    refused = problem(
        linnea.tries(
            "PATCH",
            sofa,
            {
                "values": {
                    "name": {"*": {"fi": 7, "xx": "Text", "en": "x" * 900_000, "*": "Text"}},
                    "fabric": value("silk"),
                    "weight": value("7"),
                    "slug": value("s", channel="fi-web", locale="fi"),
                },
                "categories": {"nowhere": 1, "sofas": "first"},
            },
            If_Match=etag(1),
        )
    )

    assert (refused["status"], refused["code"]) == (400, "invalid_input")
    assert {error["pointer"]: error["code"] for error in refused["errors"]} == {
        "/values/name/*/fi": "wrong_type",
        "/values/name/*/xx": "unknown_locale",
        "/values/name/*/en": "too_long",
        "/values/name/*/*": "locale_missing",
        "/values/fabric/*/*": "unknown_option",
        "/values/weight/*/*": "unknown_attribute",
        "/values/slug/fi-web/fi": "not_scopable",
        "/categories/nowhere": "unknown_category",
        "/categories/sofas": "not_an_integer",
    }
    assert linnea.says("GET", sofa)["version"] == 1


@pytest.mark.parametrize(
    "values", [{"name": "Sohva"}, {"name": {"*": "Sohva"}}, {"name": None}, {"name": {"*": None}}]
)
def test_a_value_without_its_channel_and_locale_is_refused(linnea: Caller, sofa: str, values: Any) -> None:
    assert linnea.is_refused("PATCH", sofa, {"values": values}, If_Match=etag(1)) == (400, "not_an_object")


def test_taking_away_an_attribute_that_does_not_exist_is_refused(linnea: Caller, sofa: str) -> None:
    refused = linnea.is_refused("PATCH", sofa, {"values": {"weight": value(None)}}, If_Match=etag(1))

    assert refused == (400, "unknown_attribute")


WORDS = [
    "/pim/v1/attributes/fabric",
    "/pim/v1/attributes/fabric/options/sand",
    "/pim/v1/categories/sofas",
]


@pytest.mark.parametrize("path", [None, *WORDS])
def test_a_writer_must_say_what_she_has_seen(linnea: Caller, sofa: str, path: str | None) -> None:
    """Case 59."""
    path = path or sofa
    body: dict[str, Any] = {"categories": {"sofas": 2}} if path == sofa else {"labels": {"en": "New"}}

    assert linnea.is_refused("PATCH", path, body) == (428, "precondition_required")
    refused = problem(linnea.tries("PATCH", path, body, If_Match=etag(7)))
    assert (refused["status"], refused["code"], refused["current_version"]) == (412, "version_conflict", 1)


@pytest.mark.parametrize("path", WORDS)
def test_words_are_changed_by_language(linnea: Caller, path: str) -> None:
    before = linnea.says("GET", path)

    response = linnea.tries("PATCH", path, {"labels": {"en": "New", "fi": None}}, If_Match=etag(1))

    after = linnea.says("GET", path)
    assert response["ETag"] == etag(2)
    assert response.json() == after  # type: ignore[attr-defined]
    assert after["version"] == 2
    kept = {locale: text for locale, text in before["labels"].items() if locale != "fi"}
    assert after["labels"] == kept | {"en": "New"}


@pytest.mark.parametrize(
    ("path", "name", "data"),
    [
        (WORDS[0], "pim.attribute_renamed", {"attribute": "fabric"}),
        (WORDS[1], "pim.option_renamed", {"attribute": "fabric", "option": "sand"}),
        (WORDS[2], "pim.category_renamed", {"category": "sofas"}),
    ],
)
def test_other_words_are_told_once(linnea: Caller, path: str, name: str, data: Any) -> None:
    linnea.says("PATCH", path, {"labels": {"en": "New"}}, If_Match=etag(1))
    linnea.says("PATCH", path, {"labels": {"en": "New"}}, If_Match=etag(2))

    assert [event.data for event in StoredEvent.objects.filter(name=name)] == [data]


@pytest.mark.parametrize("path", WORDS)
def test_wrong_words_are_refused_by_field(linnea: Caller, path: str) -> None:
    labels = {"xx": "Text", "fi": " ", "en": "x" * 256, "sv-FI": 7}

    refused = problem(linnea.tries("PATCH", path, {"labels": labels}, If_Match=etag(1)))

    assert refused["status"] == 400
    assert {error["pointer"]: error["code"] for error in refused["errors"]} == {
        "/labels/xx": "unknown_locale",
        "/labels/fi": "wrong_type",
        "/labels/en": "too_long",
        "/labels/sv-FI": "wrong_type",
    }


@pytest.mark.parametrize("swatch", ["#c8b79e", "swatches/hiekka.jpg"])
def test_an_option_is_shown_by_a_swatch(linnea: Caller, swatch: str) -> None:
    assert linnea.says("PATCH", WORDS[1], {"swatch": swatch}, If_Match=etag(1))["swatch"] == swatch
    assert linnea.says("PATCH", WORDS[1], {"labels": {"en": "New"}}, If_Match=etag(2))["swatch"] == swatch
    assert linnea.says("PATCH", WORDS[1], {"swatch": ""}, If_Match=etag(3))["swatch"] == ""


@pytest.mark.parametrize("swatch", ["#12", "../x.jpg", "/etc/passwd"])
def test_a_swatch_is_a_colour_or_a_path(linnea: Caller, swatch: str) -> None:
    assert linnea.is_refused("PATCH", WORDS[1], {"swatch": swatch}, If_Match=etag(1)) == (
        400,
        "invalid_swatch",
    )


@pytest.mark.parametrize(
    "path",
    [
        "/pim/v1/attributes/nothing",
        "/pim/v1/attributes/fabric/options/nothing",
        "/pim/v1/attributes/nothing/options/sand",
        "/pim/v1/categories/nothing",
        "/pim/v1/products/01890000-0000-7000-8000-000000000000",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_what_is_not_there_is_404(linnea: Caller, method: str, path: str) -> None:
    body = {} if method == "PATCH" else None

    assert linnea.is_refused(method, path, body, If_Match=etag(1)) == (404, "not_found")


def test_what_a_product_no_longer_says_is_no_longer_referred_to(
    linnea: Caller, sofa: str, world: World
) -> None:
    linnea.says("PATCH", sofa, {"values": {"fabric": value("sand")}}, If_Match=etag(1))
    linnea.says("PATCH", sofa, {"values": {"fabric": value(None)}}, If_Match=etag(2))

    own = OptionReference.objects.filter(product__public_id=world.products["sofa"], variant=None)
    assert not own.exists()
