"""From texts to terms, and from what somebody typed to what to look for.

A term is a base form in lower case. A compound is also the terms of its parts, so that `pöydän` finds the
keittiönpöytä. Weights say where a product has a term: A in its name; B as what a compound in the name is, and as its
brand; C as another part of such a compound, as an option or a category; D in its other attributes.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LONGEST_WORD: Final = 60
MOST_WORDS: Final = 12  # of a query; nobody types more, and each costs a lookup
BRAND: Final = "brand"  # the attribute that weighs more than others

_WORD: Final = re.compile(r"[^\W_]+")
_LETTER: Final = re.compile(r"[^\W\d_]")

# Words that say nothing of a product. They are left out unless there is nothing else.
_SILENT: Final[Mapping[str, frozenset[str]]] = {
    "fi": frozenset({"ja", "tai", "sekä", "eli", "on"}),
    "sv": frozenset({"och", "eller", "för", "till", "med", "en", "ett", "den", "det", "i", "på", "av"}),
    "en": frozenset({"and", "or", "for", "with", "a", "an", "the", "of", "in", "to"}),
}

# Where the dictionary errs: forms that it takes for another word's. A matto's genitive is no worm, hyllyä no verb.
_FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "fi": {
        "maton": "matto",
        "riippumaton": "riippumatto",
        "hyllyä": "hylly",
        "keinua": "keinu",
        "keinuilla": "keinu",
        "peitossa": "peitto",
        "verhoilla": "verho",
        "jalustaa": "jalusta",
        "pinoilla": "pino",
        "lasista": "lasi",
        "kumista": "kumi",
        "korista": "kori",
        "mukista": "muki",
        "osasta": "osa",
        "väristä": "väri",
        "varjosta": "varjo",
        "senkin": "senkki",
    },
    "en": {"shelves": "shelf", "leaves": "leaf"},
}
# … and words to which it gives forms of another: mattoja is of matto, not of matta.
_BASES: Final[Mapping[str, Mapping[str, str]]] = {
    "fi": {
        "matta": "matto",
        "matoinen": "matto",
        "peitta": "peitto",
        "peitossa": "peitto",
        "hyllyä": "hylly",
        "keinua": "keinu",
        "keinuilla": "keinu",
        "verhota": "verho",
        "verhoilla": "verho",
        "varjota": "varjo",
        "vahata": "vaha",
        "jalustaa": "jalusta",
        "pinoilla": "pino",
    },
    "en": {"shelve": "shelf"},
}
# It also takes musta (black) for a form of minä (I), and työ (work) for one of sinä (you): nobody shops for pronouns.
_PRONOUNS: Final = frozenset(
    {"minä", "sinä", "hän", "se", "me", "te", "he", "tämä", "tuo", "joka", "mikä", "kuka"}
)

COMPOUNDING: Final = frozenset({"fi", "sv"})  # languages that write compounds as one word
_SHORTEST_PART: Final = 3
_SHORTEST_GUESSED_PART: Final = 4  # of a word that no product uses by itself
_SHORTEST_TELLING_HEAD: Final = 5  # of a query whose beginning nobody knows: kattila is no tila
_LONGEST_ENDING: Final = 4

BaseOf = Callable[[str], str | None]


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """The base form of a word, and those of its parts if it is a compound."""

    base: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What to look for, as PostgreSQL reads it: `query` decides what is found, `rank` how well it fits."""

    query: str
    rank: str


def language_of(locale: str) -> str:
    """`sv-FI` is read as Swedish."""
    return locale.partition("-")[0].lower()


def words_in(text: str) -> list[str]:
    """The words of a text in lower case, numbers included."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return [word for word in _WORD.findall(plain) if len(word) <= LONGEST_WORD]


def corrected(*, form: str, base: str, language: str) -> str:
    """The base form after the exceptions."""
    if (right := _FORMS.get(language, {}).get(form)) is not None:
        return right
    if language == "fi" and base in _PRONOUNS:
        return form
    return base if form == base else _BASES.get(language, {}).get(base, base)


def mistaken_bases(*, bases: Collection[str], language: str) -> frozenset[str]:
    """Under which wrong words the dictionary may hold forms of these."""
    wrong = {base for base, right in _BASES.get(language, {}).items() if right in bases}
    if language == "fi":
        wrong |= {
            f"{base}t" for base in bases
        }  # it has `lasit` (glasses) as a word, and not as those of lasi
    return frozenset(wrong - set(bases))


def base_form(*, form: str, language: str, look_up: BaseOf) -> str | None:
    """The base form of a word that the dictionary has, with what is known to be wrong put right."""
    found = look_up(form)
    if found is None:
        return _FORMS.get(language, {}).get(form)
    base = corrected(form=form, base=found, language=language)
    if language == "fi" and base.endswith("t") and look_up(base[:-1]) == base[:-1]:
        return base[:-1]
    return base[:LONGEST_WORD]


def split_compound(*, word: str, language: str, used: BaseOf, known: BaseOf) -> tuple[str, str] | None:
    """(modifier, head) of a compound as base forms, or None. The longest head wins, and one that the catalogue uses.

    `used` has the words of the catalogue, `known` those of the dictionary.
    """
    if language not in COMPOUNDING:
        return None
    guessed = None
    for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        modifier, head = word[:cut], word[cut:]
        if (first := used(modifier) or _guess(modifier, known)) is None:
            continue
        if (second := used(head)) is not None:
            return first, second
        if guessed is None and len(head) >= _SHORTEST_GUESSED_PART and known(head) == head:
            guessed = first, head
    return guessed


def _guess(modifier: str, known: BaseOf) -> str | None:
    return known(modifier) if len(modifier) >= _SHORTEST_GUESSED_PART else None


def pieces_of(word: str) -> Iterator[str]:
    """Everything that may be a part of the compound: all its beginnings and ends that are long enough."""
    for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        yield word[:cut]
        yield word[cut:]


def said_in(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(weight, text) of everything that a product is found by, from its rendered detail."""
    yield "A", detail["name"] or ""
    for axis in detail.get("axes", ()):
        for option in axis["options"]:
            yield "C", option["label"]
    for category in detail.get("categories", ()):
        yield "C", category["name"]
    for owner in (detail, *detail.get("variants", ())):
        for fact in owner.get("attributes", ()):
            for text in _texts_of(fact):
                yield "B" if fact["code"].lower() == BRAND else "D", text


def _texts_of(fact: Mapping[str, Any]) -> Iterator[str]:
    """The words of a value. Numbers are for filters; what a product is (washable) is said by the label."""
    value = fact["value"]
    if value is True:
        yield fact["label"]
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            each = each.get("label")  # noqa: PLW2901 - an option with more to it than its name
        if isinstance(each, str) and not fact.get("unit") and _LETTER.search(each):
            yield each


def weigh(*, said: Iterable[tuple[str, str]], meanings: Mapping[str, Meaning]) -> dict[str, str]:
    """`{term: weight}`, the best of each; a word without a meaning is its own."""
    weights: dict[str, str] = {}
    for weight, text in said:
        for word in words_in(text):
            meaning = meanings.get(word) or Meaning(base=word)
            _note(weights, meaning.base, weight)
            if meaning.parts:
                *modifiers, head = meaning.parts
                _note(weights, head, max(weight, "B"))
                for modifier in modifiers:
                    _note(weights, modifier, max(weight, "C"))
    return weights


def _note(weights: dict[str, str], term: str, weight: str) -> None:
    weights[term] = min(weight, weights.get(term, "D"))


def vector(*, weights: Mapping[str, str], shelves: Iterable[str], place: str) -> str:
    """A tsvector's text. `place` (content scope and locale) is put before each term, so that the index knows both.

    The shelves a product stands on (`fi-web/sofas`, and `fi-web/` for the whole shop) are terms behind an `@`, so that
    the index also knows where it can be found.
    """
    said = [f"{_quoted(place, term)}:1{weight}" for term, weight in sorted(weights.items())]
    return " ".join([*said, *(f"{_quoted(place, f'@{shelf}')}:1" for shelf in sorted(shelves))])


def any_of(*, terms: Iterable[str], place: str) -> str:
    """A tsquery's text: what has one of these terms there."""
    return " | ".join(_quoted(place, term) for term in sorted(terms))


def query_words(*, text: str, language: str) -> list[str]:
    """What somebody typed, without what says nothing; at most `MOST_WORDS`."""
    words = list(dict.fromkeys(words_in(text)))
    silent = _SILENT.get(language, frozenset())
    return ([word for word in words if word not in silent] or words)[:MOST_WORDS]


def spellings_to_look_up(*, words: Iterable[str], language: str) -> set[str]:
    """The words, and what to look for where one is not known: its parts, and itself without an ending."""
    wanted = set()
    for word in words:
        wanted.add(word)
        if language in COMPOUNDING:
            wanted.update(pieces_of(word))
        wanted.update(_without_endings(word))
    return wanted


def _without_endings(word: str) -> list[str]:
    """The beginnings of a word that could be a name in its base form, the longest first: `aavan` may be of `aava`."""
    if not word.isalpha():
        return []
    return [word[:-cut] for cut in range(1, _LONGEST_ENDING + 1) if len(word) - cut >= _SHORTEST_GUESSED_PART]


def wish(
    *, words: Sequence[str], meanings: Mapping[str, Meaning], language: str, place: str, shelf: str
) -> Wish | None:
    """Products on the shelf that have every word. None when nothing was typed.

    A compound that the catalogue uses is found as such and where its parts stand apart. One that it does not use is
    looked for by what the thing is; products that have its other part too come first.
    """
    if not words:
        return None
    conditions, terms = [_quoted(place, f"@{shelf}")], []
    for word in words:
        condition, about = _sought(word, meanings, language, place)
        conditions.append(f"({condition})")
        terms += [_quoted(place, term) for term in about]
    return Wish(query=" & ".join(conditions), rank=" | ".join(dict.fromkeys(terms)))


def _sought(word: str, meanings: Mapping[str, Meaning], language: str, place: str) -> tuple[str, list[str]]:
    """The condition that a product must meet for one word, and the terms that show how well it does."""
    meaning = meanings.get(word)
    if meaning is not None:
        base = _quoted(place, meaning.base)
        if not meaning.parts:
            return base, [meaning.base]
        apart = " & ".join(_quoted(place, part) for part in meaning.parts)
        return f"{base} | ({apart})", [meaning.base, *meaning.parts]
    if language in COMPOUNDING:
        for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            head, modifier = meanings.get(word[cut:]), meanings.get(word[:cut])
            if head is not None and (modifier is not None or len(word) - cut >= _SHORTEST_TELLING_HEAD):
                return _quoted(place, head.base), [head.base, *([modifier.base] if modifier else [])]
    base_word = next((meanings[stem].base for stem in _without_endings(word) if stem in meanings), word)
    return _quoted(place, base_word), [base_word]


def _quoted(place: str, term: str) -> str:
    r"""A lexeme as PostgreSQL reads it: quotes and backslashes doubled."""
    escaped = f"{place} {term}".replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
