"""What values are allowed, what holds in a channel, and where texts are looked for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.catalogue import rules

CHANNELS = {"fi-web": ("fi", "sv-FI", "en"), "se-web": ("sv",)}


def definition(code: str, type_: str = "text", **more: Any) -> rules.Definition:
    return rules.Definition(code=code, type=type_, **{"localisable": False, "scopable": False} | more)


DEFINITIONS = {
    each.code.lower(): each
    for each in (
        definition("Name", localisable=True),
        definition("claim", localisable=True, scopable=True),
        definition("width", "number"),
        definition("washable", "boolean"),
        definition("launch", "date"),
        definition("story", "textarea", localisable=True),
        definition("fabric", "select", options={"sand": "Sand", "moss": "moss"}),
        definition("rooms", "multiselect", options={"hall": "hall", "attic": "attic"}),
    )
}


def check(values: Any) -> rules.Checked:
    return rules.check_values(values=values, definitions=DEFINITIONS, channels=CHANNELS)


def one(attribute: str, value: Any, *, channel: str = "*", locale: str = "*") -> dict[str, Any]:
    return {attribute: {channel: {locale: value}}}


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (one("Name", " Sohva ", locale="fi"), one("Name", "Sohva", locale="fi")),
        (one("NAME", "Sohva", locale="fi"), one("Name", "Sohva", locale="fi")),
        (
            one("claim", "Uutta", channel="fi-web", locale="fi"),
            one("claim", "Uutta", channel="fi-web", locale="fi"),
        ),
        (one("width", "224.5"), one("width", "224.5")),
        (one("width", "-3"), one("width", "-3")),
        (one("washable", False), one("washable", False)),
        (one("launch", "2028-02-29"), one("launch", "2028-02-29")),
        (one("story", "Kaksi\nriviä", locale="sv-FI"), one("story", "Kaksi\nriviä", locale="sv-FI")),
        (one("fabric", "SAND"), one("fabric", "Sand")),
        (one("rooms", ["attic", "Hall", "attic"]), one("rooms", ["attic", "hall"])),
    ],
)
def test_a_value_that_fits_is_kept_in_the_case_of_its_definition(values: Any, kept: Any) -> None:
    checked = check(values)

    assert checked.values == kept
    assert checked.errors == ()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (one("colour", "red"), "unknown_attribute"),
        (one("width", "224", channel="fi-web"), "not_scopable"),
        (one("claim", "Uutta", channel="de-web", locale="fi"), "unknown_channel"),
        (one("Name", "Sohva"), "locale_missing"),
        (one("width", "224", locale="fi"), "not_localisable"),
        (one("Name", "Sofa", locale="de"), "unknown_locale"),
        (one("claim", "Nytt", channel="fi-web", locale="sv"), "unknown_locale"),
        (one("Name", "", locale="fi"), "wrong_type"),
        (one("Name", "   ", locale="fi"), "wrong_type"),
        (one("Name", 7, locale="fi"), "wrong_type"),
        (one("Name", "x" * 256, locale="fi"), "too_long"),
        (one("story", "x" * 65_537, locale="fi"), "too_long"),
        (one("Name", "So\x07hva", locale="fi"), "invalid_character"),
        (one("Name", "So\ud800hva", locale="fi"), "invalid_character"),
        (one("width", 224), "wrong_type"),
        (one("width", "224,5"), "wrong_type"),
        (one("width", "1e3"), "wrong_type"),
        (one("width", "NaN"), "wrong_type"),
        (one("width", "٣"), "wrong_type"),
        (one("width", True), "wrong_type"),
        (one("washable", "yes"), "wrong_type"),
        (one("washable", 1), "wrong_type"),
        (one("launch", "2026-02-30"), "wrong_type"),
        (one("launch", "22.11.2026"), "wrong_type"),
        (one("fabric", "velvet"), "unknown_option"),
        (one("fabric", ["sand"]), "unknown_option"),
        (one("rooms", "hall"), "wrong_type"),
        (one("rooms", []), "wrong_type"),
        (one("rooms", ["hall", 3]), "unknown_option"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_left_out(values: Any, code: str) -> None:
    checked = check(values)

    assert [error.code for error in checked.errors] == [code]
    assert checked.values == {}


def test_an_error_points_to_attribute_channel_and_locale_and_the_rest_is_kept() -> None:
    checked = check({"width": {"*": {"*": "wide"}}, **one("Name", "Sohva", locale="fi")})

    assert [error.pointer for error in checked.errors] == ["/values/width/*/*"]
    assert checked.values == one("Name", "Sohva", locale="fi")


words = st.text("abcxyz", min_size=1, max_size=5)
locale_codes = st.sampled_from(["fi", "sv-FI", "en", "*"])
value_maps = st.dictionaries(
    words, st.dictionaries(st.sampled_from(["*", "fi-web", "se-web"]), st.dictionaries(locale_codes, words))
)


@given(value_maps)
def test_the_channels_own_word_goes_before_the_word_for_all(
    values: dict[str, dict[str, dict[str, str]]],
) -> None:
    held = rules.for_channel(values=values, channel="fi-web")

    for attribute, by_channel in values.items():
        for locale in ("fi", "sv-FI", "en", "*"):
            own = by_channel.get("fi-web", {}).get(locale)
            shared = by_channel.get("*", {}).get(locale)
            assert held.get(attribute, {}).get(locale) == (shared if own is None else own)
    assert set(held) <= set(values)


@given(
    st.lists(st.sampled_from(["fi", "sv-FI", "sv", "en", "en-GB", "de"]), min_size=1, unique=True), st.data()
)
def test_a_fallback_chain_holds_every_locale_once_and_its_own_first(
    locales: list[str], data: st.DataObject
) -> None:
    locale = data.draw(st.sampled_from(locales))

    chain = rules.fallback_chain(locale=locale, locales=locales)

    assert chain[0] == locale
    assert sorted(chain) == sorted(locales)
    same_language = [each.partition("-")[0] == locale.partition("-")[0] for each in chain]
    assert same_language == sorted(same_language, reverse=True), "the same language comes before any other"


def test_the_axis_key_tells_variants_apart() -> None:
    values = {"fabric": {"*": {"*": "sand"}}, "legs": {"*": {"*": "oak"}}}

    assert rules.axis_key(axes=("fabric", "legs"), values=values) == "fabric=sand|legs=oak"
    assert rules.axis_key(axes=(), values=values) == ""
    with pytest.raises(KeyError, match="size"):
        rules.axis_key(axes=("size",), values=values)


def test_options_in_values_are_found_in_selects_and_lists_of_them() -> None:
    values = {**one("fabric", "Sand"), **one("rooms", ["hall", "attic"]), **one("Name", "Sand", locale="fi")}

    found = rules.options_in(values=values, definitions=DEFINITIONS)

    assert found == {("fabric", "Sand"), ("rooms", "hall"), ("rooms", "attic")}
