"""What documents become beside their texts: slugs, places, bands and prices; and how bytes are filled in.

Bytes are JSON with marks in them. A mark is a name between two NUL bytes, which JSON never contains; it stands where
members of an object go that change more often than texts do. Reading is then splitting, filling in and joining.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

import orjson

from config.kernel.money import Money
from shop.catalog.vocabulary import Words
from shop.pricing.rules import unit_price

MARK: Final = b"\x00"
LONGEST_SLUG: Final = 200
LOW_STOCK: Final = 5  # at most so many units left are few

_NOT_IN_SLUGS: Final = re.compile(r"[^a-z0-9]+")
MEDIA_URL: Final = "/media/"  # where the files of the PIM are read


def slugify(text: str) -> str:
    """The text as it stands in a URL: `Räsymatto Pöllö` is `rasymatto-pollo`."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return _NOT_IN_SLUGS.sub("-", plain.lower()).strip("-")[:150].strip("-")


def slug_of(*, document: Mapping[str, Any], locale: str) -> str:
    """The product's own slug in `locale`, else one of its name, else of its code."""
    reads, texts, product = document["locales"][locale]["reads"], document["texts"], document["product"]
    said = first_of(by_locale=texts.get("slug", {}), reads=reads)
    said = said or first_of(by_locale=texts["name"], reads=reads)
    return slugify(said or "") or slugify(product["code"]) or str(product["ref"])


def slugs_of(*, document: Mapping[str, Any], locale: str) -> tuple[str, ...]:
    """What the product may be called in a URL, the nicest first; nobody else can have the last one."""
    nicest, product = slug_of(document=document, locale=locale), document["product"]
    with_code = f"{nicest}-{slugify(product['code'])}".strip("-")[:LONGEST_SLUG]
    return nicest, with_code, f"{nicest}-{product['ref']}"


def first_of(*, by_locale: Mapping[str, Any], reads: Sequence[str]) -> Any:
    """The value in the first of these locales that has one, else the one that is the same in all."""
    return next((by_locale[locale] for locale in (*reads, "*") if locale in by_locale), None)


def source_of(*, by_locale: Mapping[str, Any], reads: Sequence[str]) -> str | None:
    """The locale in which a value is read; None when it is the same in every one, or there is none."""
    return next((locale for locale in reads if locale in by_locale), None)


def media_url(path: str) -> str:
    """Where a file of the PIM can be read."""
    return f"{MEDIA_URL}{quote(path)}"


def places_of(document: Mapping[str, Any], words: Words) -> dict[str, int]:
    """`{category: rank}` of a product's categories, all above them, and "" for the whole shop; the lowest of each."""
    ranks: dict[str, int] = {}
    for place in document["categories"]:
        line = words.categories[place["code"]].path if place["code"] in words.categories else ()
        for code in ("", *line):
            ranks[code] = min(place["rank"], ranks.get(code, place["rank"]))
    return ranks or {"": 0}


def with_mark(*, members: Mapping[str, Any], mark: str, more: bytes = b"") -> bytes:
    """An object whose last members are still to come; `more` are members that are JSON already."""
    said = orjson.dumps(members)[:-1]
    return b"%b,%b%b%b}" % (said + b"," + more if more else said, MARK, mark.encode(), MARK)


def fill(template: bytes, filler: Callable[[str], bytes]) -> bytes:
    """The template with every mark replaced by what `filler` has for its name."""
    parts = template.split(MARK)
    parts[1::2] = [filler(name.decode()) for name in parts[1::2]]
    return b"".join(parts)


def without_marks(template: bytes) -> bytes:
    """The template as it would be if there were nothing to fill in."""
    return fill(template, lambda mark: b"" if mark == "links" else b'"":null')


def band_of(units: int) -> str:
    """How much that is, as much of it as a shopper may know."""
    if units <= 0:
        return "sold_out"
    return "low_stock" if units <= LOW_STOCK else "in_stock"


def best_band(bands: Sequence[str]) -> str:
    """A product is as available as its most available variant."""
    return next((band for band in ("in_stock", "low_stock") if band in bands), "sold_out")


@lru_cache(maxsize=8192)
def price_json(minor: int | None, is_gross: bool, tax_rate: Decimal | None, currency: str) -> bytes:
    """`{"gross": …, "net": …, "tax_rate": …}` of one unit, or `null` where there is no price or no rate."""
    if minor is None or tax_rate is None:
        return b"null"
    price = unit_price(minor=minor, is_gross=is_gross, tax_rate=tax_rate)
    return orjson.dumps(
        {
            "gross": Money(price.gross_minor, currency).wire(),
            "net": Money(price.net_minor, currency).wire(),
            "tax_rate": f"{price.tax_rate.normalize():f}",
        }
    )
