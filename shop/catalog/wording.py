"""Which words a document needs and shows, what lists are narrowed by, and what menus say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shop.catalog.rules import source_of
from shop.catalog.vocabulary import CategoryWords, Words
from shop.pricing.rules import label_in


@dataclass(frozen=True, kw_only=True)
class Codes:
    """Every code in a document whose label is needed to render it."""

    attributes: frozenset[str]
    options: frozenset[tuple[str, str]]
    categories: frozenset[str]
    link_types: frozenset[str]


def codes_in(document: Mapping[str, Any]) -> Codes:
    """The codes of a document. A value that is no option but a text is looked up in vain, and that does no harm."""
    owners = [document["values"], *(variant["values"] for variant in document["variants"])]
    options = {
        (attribute, option)
        for values in owners
        for attribute, by_locale in values.items()
        for value in by_locale.values()
        for option in (value if isinstance(value, list) else [value])
        if isinstance(option, str) and len(option) <= 100
    }
    options |= {
        (link["suits"]["attribute"], link["suits"]["option"]) for link in document["links"] if link["suits"]
    }
    return Codes(
        attributes=frozenset(
            {code for values in owners for code in values} | {attribute for attribute, _ in options}
        ),
        options=frozenset(options),
        categories=frozenset(category["code"] for category in document["categories"]),
        link_types=frozenset(link["kind"] for link in document["links"]),
    )


def words_of(*, document: Mapping[str, Any], words: Words) -> list[str]:
    """Every code in the document that has labels, as `word_of_…` writes them."""
    named = codes_in(document)
    return sorted(
        {word_of_attribute(code) for code in named.attributes if code in words.attributes}
        | {word_of_option(*option) for option in named.options if option in words.options}
        | {word_of_category(code) for code in words.categories}
        | {word_of_link_type(code) for code in named.link_types if code in words.link_types}
    )


def word_of_attribute(attribute: str) -> str:
    """The attribute, among all the words that a listing shows."""
    return f"attribute:{attribute}"


def word_of_option(attribute: str, option: str) -> str:
    """The option, among all the words that a listing shows."""
    return f"option:{attribute}:{option}"


def word_of_category(category: str) -> str:
    """The category, among all the words that a listing shows."""
    return f"category:{category}"


def word_of_link_type(link_type: str) -> str:
    """The type of link, among all the words that a listing shows."""
    return f"link_type:{link_type}"


def facts_of(*, document: Mapping[str, Any], words: Words) -> dict[str, list[str]]:
    """By SKU, everything that lists can be narrowed by; what differs by language is left out."""
    return {
        variant["sku"]: sorted(
            {
                fact(code, each)
                for code, by_locale in {**document["values"], **variant["values"]}.items()
                if code in words.attributes and words.attributes[code].filterable and "*" in by_locale
                for each in (by_locale["*"] if isinstance(by_locale["*"], list) else [by_locale["*"]])
            }
        )
        for variant in document["variants"]
    }


def fact(attribute: str, value: Any) -> str:
    """A value as lists are narrowed by it: `width=24 inch`, `washable=true`."""
    match value:
        case {"amount": amount, "unit": unit}:
            said = f"{amount} {unit}"
        case bool():
            said = "true" if value else "false"
        case _:
            said = str(value)
    return f"{attribute}={said}".lower()


def menu(
    *, categories: Sequence[CategoryWords], totals: Mapping[str, int], reads: Sequence[str]
) -> list[dict[str, Any]]:
    """The categories that have a total, each below the one above it; parents come first in `categories`."""
    top: list[dict[str, Any]] = []
    below: dict[str, list[dict[str, Any]]] = {}
    for category in categories:
        *_, above, code = category.path
        if code in totals:
            name = label_in(labels=category.labels, reads=reads, otherwise=code)
            below[code] = []
            said_in = source_of(by_locale=category.labels, reads=reads)
            entry = {
                "code": code,
                "name": name,
                "locale": said_in,
                "total": totals[code],
                "children": below[code],
            }
            below.get(above, top).append(entry)
    return top
