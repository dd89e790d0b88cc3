"""Which words a document needs and shows, what lists are narrowed by, and what menus say."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shop.catalog.ranges import marks_of
from shop.catalog.rules import source_of
from shop.catalog.vocabulary import AttributeWords, CategoryWords, Words
from shop.pricing.rules import label_in

_CHOSEN = frozenset({"select", "multiselect"})


def attributes_in(document: Mapping[str, Any]) -> set[str]:
    """The attributes that a document says something of, or that a link is narrowed by."""
    return {
        *document["values"],
        *(code for variant in document["variants"] for code in variant["values"]),
        *(link["suits"]["attribute"] for link in document["links"] if link["suits"]),
    }


def options_in(document: Mapping[str, Any], attributes: Mapping[str, AttributeWords]) -> set[tuple[str, str]]:
    """The (attribute, option) pairs that a document names."""
    named = {
        (link["suits"]["attribute"], link["suits"]["option"]) for link in document["links"] if link["suits"]
    }
    for values in (document["values"], *(variant["values"] for variant in document["variants"])):
        for code, by_locale in values.items():
            if code in attributes and attributes[code].type in _CHOSEN:
                for value in by_locale.values():
                    named.update((code, option) for option in (value if isinstance(value, list) else [value]))
    return named


def categories_in(document: Mapping[str, Any]) -> set[str]:
    """The categories in which the product stands."""
    return {category["code"] for category in document["categories"]}


def link_types_in(document: Mapping[str, Any]) -> set[str]:
    """The types of the product's links."""
    return {link["kind"] for link in document["links"]}


def words_of(*, document: Mapping[str, Any], words: Words) -> list[str]:
    """Every code in the document that has labels, as `word_of_…` writes them; categories with all above them."""
    attributes, categories = words.attributes, words.categories
    line = {code for own in categories_in(document) if own in categories for code in categories[own].path}
    return sorted(
        {word_of_attribute(code) for code in attributes_in(document) if code in attributes}
        | {word_of_option(*option) for option in options_in(document, attributes) if option in words.options}
        | {word_of_category(code) for code in line}
        | {word_of_link_type(code) for code in link_types_in(document) if code in words.link_types}
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
                said
                for code, by_locale in {**document["values"], **variant["values"]}.items()
                if code in words.attributes and words.attributes[code].filterable and "*" in by_locale
                for said in _facts(code, by_locale["*"], words.attributes[code])
            }
        )
        for variant in document["variants"]
    }


def gtins_of(*, document: Mapping[str, Any], words: Words) -> dict[str, str]:
    """By SKU, what its packing is scanned by, in 14 digits: its first GTIN in the order of the attributes."""
    codes = [code for code, attribute in words.attributes.items() if attribute.type == "gtin"]
    codes.sort(key=lambda code: (words.attributes[code].position, code))
    found = {}
    for variant in document["variants"] if codes else ():
        values = {**document["values"], **variant["values"]}
        said = next((values[code]["*"] for code in codes if "*" in values.get(code, {})), None)
        if said:
            found[variant["sku"]] = gtin_of(said)
    return found


def gtin_of(digits: str) -> str:
    """A GTIN as GS1 compares them: with zeros before it, 14 digits long."""
    return digits.zfill(14)


def _facts(code: str, value: Any, attribute: AttributeWords) -> Iterator[str]:
    if not isinstance(value, dict) or attribute.type == "metric":
        yield from (fact(code, each) for each in (value if isinstance(value, list) else [value]))
    yield from marks_of(code=code, of_type=attribute.type, value=value, scales=attribute.scales)


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
