"""Rendering: from a published document and the words of a language to the bytes that a shopper reads.

Bytes are JSON with marks in them. A mark is a name between two NUL bytes, which JSON never contains; it stands where
members of an object go that change more often than texts do. Reading is then splitting, filling in and joining.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

import orjson

from config.kernel.money import Money
from shop.catalog.vocabulary import AttributeWords, CategoryWords, LinkTypeWords, OptionWords, Words
from shop.pricing.rules import label_in, unit_price

MARK: Final = b"\x00"
LOW_STOCK: Final = 5  # at most so many units left are few

_NOT_IN_SLUGS: Final = re.compile(r"[^a-z0-9]+")
_TEXTS: Final = ("name", "summary", "description")
# A market says what something costs, and in which list; pictures have a place of their own.
_NO_FACTS: Final = {"price", "image", "gallery"}
MEDIA_URL: Final = "/media/"  # where the files of the PIM are read


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A product in one language.

    `links` are `{"product", "kind", "label", "locale", "suits"}`, and get the card of what they lead to.
    """

    card: bytes
    detail: bytes
    lines: Mapping[str, Mapping[str, Any]]
    links: Sequence[Mapping[str, Any]]


def slugify(text: str) -> str:
    """The text as it stands in a URL: `Räsymatto Pöllö` is `rasymatto-pollo`."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return _NOT_IN_SLUGS.sub("-", plain.lower()).strip("-")[:150].strip("-")


def slug_of(*, document: Mapping[str, Any], locale: str) -> str:
    """The product's own slug in `locale`, else one of its name, else of its code."""
    reads, texts, product = document["locales"][locale]["reads"], document["texts"], document["product"]
    said = _first(texts.get("slug", {}), reads) or _first(texts["name"], reads)
    return slugify(said or "") or slugify(product["code"]) or str(product["ref"])


def render(*, document: Mapping[str, Any], locale: str, slug: str, words: Words) -> Rendered:
    """The product in `locale` under `slug`; what is not said in it is read from the locales it falls back to."""
    return _Reader(document, locale, words).render(slug)


def _first(by_locale: Mapping[str, Any], reads: Sequence[str]) -> Any:
    return next((by_locale[locale] for locale in (*reads, "*") if locale in by_locale), None)


def source_of(*, by_locale: Mapping[str, Any], reads: Sequence[str]) -> str | None:
    """The locale in which a value is read; None when it is the same in every one, or there is none."""
    return next((locale for locale in reads if locale in by_locale), None)


def media_url(path: str) -> str:
    """Where a file of the PIM can be read."""
    return f"{MEDIA_URL}{quote(path)}"


class _Reader:
    """One reader's look at one document."""

    def __init__(self, document: Mapping[str, Any], locale: str, words: Words) -> None:
        self.document, self.locale, self.words = document, locale, words
        self.reads: list[str] = document["locales"][locale]["reads"]
        self.ref: str = document["product"]["ref"]
        self.texts = {name: self._say(document["texts"].get(name, {})) for name in _TEXTS}
        self.sources = {
            name: source
            for name in _TEXTS
            if (source := source_of(by_locale=document["texts"].get(name, {}), reads=self.reads))
        }

    def render(self, slug: str) -> Rendered:
        product = self.document["product"]
        head = {"id": self.ref, "slug": slug, "name": self.texts["name"], "summary": self.texts["summary"]}
        axes = self._axes()
        card = {
            **head,
            "options": [
                {"label": axis["label"], "values": [option["label"] for option in axis["options"]]}
                for axis in axes
            ],
            "variant_count": len(self.document["variants"]),
            "locale": self.sources["name"],
            "image": next((picture["url"] for picture in self._media(self._all_values())), None),
        }
        detail = {
            **head,
            "description": self.texts["description"],
            "locale": self.locale,
            "sources": self.sources,
            "media": self._media(self.document["values"]),
            "categories": self._categories(),
            "attributes": self._facts(self.document["values"], besides=()),
            "axes": axes,
        }
        variants = [
            _with_mark(self._variant(variant), f"variant:{variant['sku']}")
            for variant in self.document["variants"]
        ]
        return Rendered(
            card=_with_mark(card, f"card:{product['tax_class']}"),
            detail=b'%b,"variants":[%b],"links":[%blinks%b]}'
            % (orjson.dumps(detail)[:-1], b",".join(variants), MARK, MARK),
            lines={
                variant["sku"]: {
                    "name": self.texts["name"],
                    "options": [[option["label"], option["value"]] for option in self._options(variant)],
                }
                for variant in self.document["variants"]
            },
            links=[self._link(link) for link in self.document["links"]],
        )

    def _say(self, by_locale: Mapping[str, Any]) -> Any:
        return _first(by_locale, self.reads)

    def _label(
        self, code: str, labelled: AttributeWords | OptionWords | CategoryWords | LinkTypeWords | None
    ) -> str:
        return (
            code if labelled is None else label_in(labels=labelled.labels, reads=self.reads, otherwise=code)
        )

    def _named(self, code: str, labelled: CategoryWords) -> dict[str, Any]:
        return {
            "code": code,
            "name": self._label(code, labelled),
            "locale": source_of(by_locale=labelled.labels, reads=self.reads),
        }

    def _option_label(self, attribute: str, option: str) -> str:
        return self._label(option, self.words.options.get((attribute, option)))

    def _attribute_label(self, attribute: str) -> str:
        return self._label(attribute, self.words.attributes.get(attribute))

    def _axes(self) -> list[dict[str, Any]]:
        """What the variants differ in, each option once and in the order of the variants."""
        axes = []
        for axis in self.document["axes"]:
            options = dict.fromkeys(variant["values"][axis]["*"] for variant in self.document["variants"])
            axes.append(
                {
                    "code": axis,
                    "label": self._attribute_label(axis),
                    "options": [
                        {
                            "code": code,
                            "label": self._option_label(axis, code),
                            "swatch": self._swatch(axis, code),
                        }
                        for code in options
                    ],
                }
            )
        return axes

    def _options(self, variant: Mapping[str, Any]) -> list[dict[str, str]]:
        return [
            {
                "attribute": axis,
                "label": self._attribute_label(axis),
                "option": variant["values"][axis]["*"],
                "value": self._option_label(axis, variant["values"][axis]["*"]),
            }
            for axis in self.document["axes"]
        ]

    def _variant(self, variant: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "id": variant["ref"],
            "sku": variant["sku"],
            "options": self._options(variant),
            "attributes": self._facts(variant["values"], besides=self.document["axes"]),
            "media": self._media(variant["values"]),
        }

    def _all_values(self) -> dict[str, Any]:
        """What the product says, with the first variant's words for what differs."""
        return {**self.document["variants"][0]["values"], **self.document["values"]}

    def _swatch(self, attribute: str, option: str) -> str | None:
        """A colour, or where the picture is."""
        known = self.words.options.get((attribute, option))
        if known is None or not known.swatch:
            return None
        return known.swatch if known.swatch.startswith("#") else media_url(known.swatch)

    def _media(self, values: Mapping[str, Any]) -> list[dict[str, str]]:
        """Pictures, each once: first the one that shows products of the family, then in the attributes' order."""
        attributes, first = self.words.attributes, self.document.get("image")
        codes = [
            code for code in values if code in attributes and attributes[code].type in {"image", "gallery"}
        ]
        codes.sort(key=lambda code: (code != first, attributes[code].position, code))
        found: dict[str, dict[str, str]] = {}
        for code in codes:
            said = self._say(values[code])
            for path in said if isinstance(said, list) else [said]:
                if path:
                    found.setdefault(path, {"attribute": code, "url": media_url(path)})
        return list(found.values())

    def _facts(self, values: Mapping[str, Any], besides: Sequence[str]) -> list[dict[str, Any]]:
        """Attributes with their labels, in the order the PIM gives them."""
        attributes = self.words.attributes
        known = [
            code
            for code in values
            if code in attributes and code not in besides and attributes[code].type not in _NO_FACTS
        ]
        known.sort(key=lambda code: (self.words.attributes[code].position, code))
        return [
            {
                "code": code,
                "label": self._attribute_label(code),
                "value": self._shown(code, said),
                "unit": self._unit(code, said),
                "locale": source_of(by_locale=values[code], reads=self.reads),
            }
            for code in known
            if (said := self._say(values[code])) is not None
        ]

    def _unit(self, code: str, value: Any) -> str | None:
        """The unit as people write it: cm."""
        attribute = self.words.attributes[code]
        if attribute.type == "metric":
            return str(attribute.units.get(value["unit"], value["unit"]))
        return str(attribute.unit) or None

    def _shown(self, code: str, value: Any) -> Any:
        match self.words.attributes[code].type:
            case "select":
                return self._option_label(code, value)
            case "multiselect":
                return [self._option_label(code, option) for option in value]
            case "metric":
                return value["amount"]
            case "file":
                return media_url(value)
            case _:
                return value

    def _categories(self) -> list[dict[str, Any]]:
        """Where the product stands, each with the way to it; the tree's root is nothing a shopper knows."""
        known = self.words.categories
        return [
            {
                **self._named(place["code"], known[place["code"]]),
                "path": [self._named(code, known[code]) for code in known[place["code"]].path[1:-1]],
            }
            for place in self.document["categories"]
            if place["code"] in known
        ]

    def _link(self, link: Mapping[str, Any]) -> dict[str, Any]:
        kind = link["kind"]
        known = self.words.link_types.get(kind)
        return {
            "product": link["product"],
            "kind": kind,
            "label": self._label(kind, known),
            "locale": source_of(by_locale=known.labels, reads=self.reads) if known else None,
            "suits": self._suits(link["suits"]),
        }

    def _suits(self, suits: Mapping[str, str] | None) -> dict[str, str] | None:
        if suits is None:
            return None
        attribute, option = suits["attribute"], suits["option"]
        return {
            "attribute": attribute,
            "label": self._attribute_label(attribute),
            "option": option,
            "value": self._option_label(attribute, option),
        }


def places_of(document: Mapping[str, Any], words: Words) -> dict[str, int]:
    """`{category: rank}` of a product's categories, all above them, and "" for the whole shop; the lowest of each."""
    ranks: dict[str, int] = {}
    for place in document["categories"]:
        line = words.categories[place["code"]].path if place["code"] in words.categories else ()
        for code in ("", *line):
            ranks[code] = min(place["rank"], ranks.get(code, place["rank"]))
    return ranks or {"": 0}


def _with_mark(members: Mapping[str, Any], mark: str) -> bytes:
    """An object whose last members are still to come."""
    return b"%b,%b%b%b}" % (orjson.dumps(members)[:-1], MARK, mark.encode(), MARK)


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
