"""From texts to terms and from what is typed to a query; a dictionary of a few words is enough for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.search import rules
from shop.search.rules import Meaning

PLACE = "fi-web/fi"
BASES = {
    "sohva": "sohva",
    "sohvat": "sohva",
    "kulma": "kulma",
    "tyyny": "tyyny",
    "tyynyjä": "tyyny",
    "keittiön": "keittiö",
    "pöytä": "pöytä",
    "mattoja": "matta",
    "matta": "matta",
    "hyllyä": "hyllyä",
    "musta": "minä",
    "lasit": "lasit",
    "lasi": "lasi",
}


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("sohvat", "sohva"),
        ("mattoja", "matto"),
        ("maton", "matto"),
        ("matta", "matta"),
        ("hyllyä", "hylly"),
        ("musta", "musta"),
        ("lasit", "lasi"),
        ("iittala", None),
    ],
)
def test_a_form_has_a_base_and_the_dictionary_is_put_right(form: str, base: str | None) -> None:
    assert rules.base_form(form=form, language="fi", look_up=BASES.get) == base


def test_other_languages_keep_what_their_dictionary_says() -> None:
    assert rules.base_form(form="mattoja", language="sv", look_up=BASES.get) == "matta"


@pytest.mark.parametrize(
    ("word", "used", "parts"),
    [
        ("kulmasohva", {"sohva": "sohva"}, ("kulma", "sohva")),
        ("sohvatyyny", {}, ("sohva", "tyyny")),
        ("keittiönpöytä", {}, ("keittiö", "pöytä")),
        ("divaanisohva", {"sohva": "sohva"}, None),
        ("divaanisohva", {"sohva": "sohva", "divaani": "divaani"}, ("divaani", "sohva")),
        ("sohva", {}, None),
        ("sohvatyynyjä", {}, None),  # no base form
    ],
)
def test_a_compound_is_split_where_both_parts_are_words(
    word: str, used: dict[str, str], parts: tuple[str, str] | None
) -> None:
    assert rules.split_compound(word=word, language="fi", used=used.get, known=BASES.get) == parts


def test_english_is_not_split() -> None:
    assert rules.split_compound(word="kulmasohva", language="en", used={}.get, known=BASES.get) is None


def test_what_a_product_says_is_weighed_by_where_it_says_it() -> None:
    detail = {
        "name": "Kulmasohva Aava",
        "axes": [{"options": [{"label": "Pellava"}]}],
        "categories": [{"name": "Sohvat"}],
        "attributes": [
            {"code": "brand", "label": "Merkki", "value": "Kaarna", "unit": None},
            {"code": "width", "label": "Leveys", "value": "224", "unit": "cm"},
            {"code": "washable", "label": "Pestävä", "value": True, "unit": None},
            {"code": "rooms", "label": "Huone", "value": ["Eteinen", "Aula"], "unit": None},
        ],
        "variants": [{"attributes": [{"code": "look", "label": "Ilme", "value": "Kaarna", "unit": None}]}],
    }
    meanings = {
        "kulmasohva": Meaning(base="kulmasohva", parts=("kulma", "sohva")),
        "sohvat": Meaning(base="sohva"),
    }

    weights = rules.weigh(said=rules.said_in(detail), meanings=meanings)

    assert weights == {
        "kulmasohva": "A",
        "aava": "A",
        "sohva": "B",
        "kulma": "C",
        "pellava": "C",
        "kaarna": "B",
        "pestävä": "D",
        "eteinen": "D",
        "aula": "D",
    }


def _query(text: str, meanings: dict[str, Meaning], language: str = "fi") -> str:
    words = rules.query_words(text=text, language=language)
    wish = rules.wish(words=words, meanings=meanings, language=language, place="p", shelf="c/")
    assert wish is not None
    return wish.query.replace("'p ", "'").removeprefix("'@c/' & ")


SOFA, CUSHION = Meaning(base="sohva"), Meaning(base="tyyny")
SOFA_CUSHION = Meaning(base="sohvatyyny", parts=("sohva", "tyyny"))


@pytest.mark.parametrize(
    ("text", "meanings", "query"),
    [
        ("sohvat", {"sohvat": SOFA}, "('sohva')"),
        ("Sohvat ja tyynyt", {"sohvat": SOFA, "tyynyt": CUSHION}, "('sohva') & ('tyyny')"),
        ("sohvatyynyt", {"sohvatyynyt": SOFA_CUSHION}, "('sohvatyyny' | ('sohva' & 'tyyny'))"),
        ("divaanisohvat", {"sohvat": SOFA}, "('sohva')"),
        ("aavan", {"aava": Meaning(base="aava")}, "('aava')"),
        ("kattila", {"ila": Meaning(base="ila")}, "('kattila')"),
        ("ja", {}, "('ja')"),
    ],
)
def test_every_word_becomes_a_condition(text: str, meanings: dict[str, Meaning], query: str) -> None:
    assert _query(text, meanings) == query


def test_nothing_typed_is_no_wish() -> None:
    assert rules.wish(words=[], meanings={}, language="fi", place="p", shelf="c/") is None


def test_all_that_may_be_asked_of_the_vocabulary_is_looked_up_at_once() -> None:
    asked = rules.spellings_to_look_up(words=["divaanisohvat"], language="fi")

    assert {"divaanisohvat", "divaani", "sohvat", "divaanisohva"} <= asked


@given(st.text(max_size=300))
def test_whatever_is_typed_becomes_few_short_words(text: str) -> None:
    words = rules.query_words(text=text, language="fi")

    assert len(words) <= rules.MOST_WORDS
    assert all(0 < len(word) <= rules.LONGEST_WORD and "'" not in word for word in words)


def test_a_vector_names_terms_and_shelves_behind_their_place() -> None:
    said = rules.vector(weights={"sohva": "A"}, shelves=["fi-web/o'hara"], place=PLACE)

    assert said == "'fi-web/fi sohva':1A 'fi-web/fi @fi-web/o''hara':1"
