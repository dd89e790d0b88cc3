"""The dictionary's reader, which knows how the library stores its words: a new version of it must still be read."""

import pytest

from shop.integrations.simplemma_dictionary import SimplemmaDictionary
from shop.search import rules

DICTIONARY = SimplemmaDictionary()


@pytest.mark.parametrize(
    ("language", "form", "base"),
    [
        ("fi", "sohvalle", "sohva"),
        ("fi", "sohvatyynyjä", "sohvatyyny"),
        ("sv", "soffor", "soffa"),
        ("en", "curtains", "curtain"),
        ("fi", "divaanisohvalle", None),
        ("xx", "sohvalle", None),
    ],
)
def test_a_form_has_its_base(language: str, form: str, base: str | None) -> None:
    assert DICTIONARY.base_of(form=form, language=language) == base


def test_a_base_has_all_its_forms() -> None:
    found = dict(DICTIONARY.forms_of(bases={"pöytä", "lapsi", "sohvatyyny"}, language="fi"))

    assert {form: found.get(form) for form in ("pöydän", "pöytiä", "lasten", "lapsille", "sohvatyynyjä")} == {
        "pöydän": "pöytä",
        "pöytiä": "pöytä",
        "lasten": "lapsi",
        "lapsille": "lapsi",
        "sohvatyynyjä": "sohvatyyny",
    }
    assert set(found.values()) == {"pöytä", "lapsi", "sohvatyyny"}
    assert all(DICTIONARY.base_of(form=form, language="fi") == base for form, base in found.items())


def test_a_vowel_may_change_in_swedish() -> None:
    assert ("böcker", "bok") in set(DICTIONARY.forms_of(bases={"bok"}, language="sv"))


# What the dictionary takes for a form of something else, with what it means in a shop.
EXCEPTIONS = [
    *(("fi", form, "matto") for form in ("mattoja", "maton", "matoista", "matoissa")),
    *(("fi", form, "peitto") for form in ("peittoja", "peitossa")),
    *(("fi", form, "hylly") for form in ("hyllyä", "hyllyt")),
    *(("fi", form, "keinu") for form in ("keinua", "keinuilla")),
    ("fi", "riippumaton", "riippumatto"),
    ("fi", "verhoilla", "verho"),
    ("fi", "varjosta", "varjo"),
    ("fi", "vahaa", "vaha"),
    ("fi", "jalustaa", "jalusta"),
    ("fi", "jalustat", "jalusta"),
    ("fi", "pinoilla", "pino"),
    ("fi", "lasista", "lasi"),
    ("fi", "lasit", "lasi"),
    ("fi", "kumista", "kumi"),
    ("fi", "korista", "kori"),
    ("fi", "mukista", "muki"),
    ("fi", "osasta", "osa"),
    ("fi", "väristä", "väri"),
    ("fi", "senkin", "senkki"),
    ("fi", "musta", "musta"),
    ("fi", "työ", "työ"),
    ("en", "shelves", "shelf"),
    ("en", "leaves", "leaf"),
]


@pytest.mark.parametrize(("language", "form", "base"), EXCEPTIONS)
def test_where_the_dictionary_errs_it_is_put_right(language: str, form: str, base: str) -> None:
    def look_up(word: str) -> str | None:
        return DICTIONARY.base_of(form=word, language=language)

    assert look_up(form) != base, "the exception is not needed any more"
    assert rules.base_form(form=form, language=language, look_up=look_up) == base
