"""A generated catalogue in Akeneo's format: products of one family, every attribute filled in every language."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

LOCALES: Final = ("fi_FI", "sv_SE", "en_US")
CHANNEL: Final = "web"
OPTIONS: Final = 20
WORDS: Final = (
    *("sohva", "pehmeä", "tuoli", "vaalea", "pöytä", "tammi", "lamppu", "himmeä", "matto", "villa", "hylly"),
    *(
        "kapea",
        "sänky",
        "leveä",
        "kori",
        "punottu",
        "tyyny",
        "pellava",
        "kangas",
        "kestävä",
        "runko",
        "koivu",
    ),
    *("jalka", "musta", "istuin", "korkea", "selkä", "matala", "verho", "ohut"),
)

# Of every hundred attributes so many of a type; the texts are those that differ by language.
_SHARES: Final = (
    ("pim_catalog_text", 40),
    ("pim_catalog_textarea", 10),
    ("pim_catalog_simpleselect", 20),
    ("pim_catalog_number", 15),
    ("pim_catalog_metric", 5),
    ("pim_catalog_boolean", 5),
    ("pim_catalog_date", 5),
)
_TEXTS: Final = {"pim_catalog_text", "pim_catalog_textarea"}


def write_big_set(place: Path, *, products: int, attributes: int = 100, seed: int = 1) -> Path:
    """Lay the set out; the same numbers give the same set."""
    place.mkdir(parents=True, exist_ok=True)
    types = [("name", "pim_catalog_text"), *_attributes(attributes - 1)]
    codes = ",".join(code for code, _ in types)
    _write(place, "categories", ["code", "parent", "label-en_US"], _categories())
    _write(
        place,
        "channels",
        ["code", "locales", "currencies", "tree", "label-en_US"],
        [[CHANNEL, ",".join(LOCALES), "EUR", "master", "Web"]],
    )
    _write(
        place,
        "attributes",
        ["code", "type", "localizable", "scopable", "unique", "metric_family", "default_metric_unit"],
        [["sku", "pim_catalog_identifier", "0", "0", "1", "", ""], *(_definition(*each) for each in types)],
    )
    _write(
        place,
        "attribute_options",
        ["code", "attribute", "sort_order", "label-en_US"],
        (
            [f"o{number}", code, number, f"Option {number}"]
            for code, type_ in types
            if type_ == "pim_catalog_simpleselect"
            for number in range(OPTIONS)
        ),
    )
    _write(
        place,
        "families",
        ["code", "attributes", "attribute_as_label", f"requirements-{CHANNEL}"],
        [["goods", f"sku,{codes}", "name", f"sku,{codes}"]],
    )
    header = ["sku", "family", "categories", "enabled", *(name for each in types for name in _columns(*each))]
    _write(place, "products", header, _products(types, products, Random(seed)))
    return place


def _attributes(number: int) -> Iterator[tuple[str, str]]:
    """Codes and types, in the shares above."""
    spread = [type_ for type_, share in _SHARES for _ in range(share)]
    return ((f"a{place:03d}", spread[place * 37 % len(spread)]) for place in range(number))


def _definition(code: str, type_: str) -> list[str]:
    metric = type_ == "pim_catalog_metric"
    measured = ["Length", "CENTIMETER"] if metric else ["", ""]
    return [code, type_, "1" if type_ in _TEXTS else "0", "0", "0", *measured]


def _categories() -> Iterator[list[str]]:
    yield ["master", "", "Master"]
    yield from ([f"c{number}", "master", f"Category {number}"] for number in range(50))


def _columns(code: str, type_: str) -> list[str]:
    match type_:
        case "pim_catalog_metric":
            return [code, f"{code}-unit"]
        case _ if type_ in _TEXTS:
            return [f"{code}-{locale}" for locale in LOCALES]
        case _:
            return [code]


def _products(types: Sequence[tuple[str, str]], number: int, random: Random) -> Iterator[list[str]]:
    for place in range(number):
        cells = [cell for _, type_ in types for cell in _cells(type_, random)]
        yield [f"p{place:06d}", "goods", f"c{place % 50}", "1", *cells]


def _cells(type_: str, random: Random) -> list[str]:
    match type_:
        case "pim_catalog_text":
            return [" ".join(random.choices(WORDS, k=3)) for _ in LOCALES]
        case "pim_catalog_textarea":
            return [" ".join(random.choices(WORDS, k=20)) for _ in LOCALES]
        case "pim_catalog_simpleselect":
            return [f"o{random.randrange(OPTIONS)}"]
        case "pim_catalog_number":
            return [str(random.randrange(1, 1_000))]
        case "pim_catalog_metric":
            return [str(random.randrange(1, 300)), "CENTIMETER"]
        case "pim_catalog_boolean":
            return [str(random.randrange(2))]
        case _:
            return [f"2026-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}"]


def _write(
    place: Path, name: str, header: Sequence[str], lines: Iterator[list[str]] | list[list[str]]
) -> None:
    with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
