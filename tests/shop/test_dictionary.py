"""The dictionary's reader, which knows how the library stores its words: a new version of it must still be read."""

import pytest

from shop.integrations.simplemma_dictionary import SimplemmaDictionary

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
