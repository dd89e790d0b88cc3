"""Rendering: from a published document and the words of a language to the bytes that a shopper reads.

A `Renderer` is made once for many documents: what an attribute or an option is called is looked up once in each
language, and what a document says in all of them is put in order once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from shop.catalog.rules import MARK, first_of, media_url, source_of, with_mark
from shop.catalog.vocabulary import AttributeWords, CategoryWords, Words
from shop.catalog.weights import ATTRIBUTE, weight_in_g
from shop.pricing.rules import label_in

_TEXTS: Final = ("name", "summary", "description")
_PICTURES: Final = frozenset({"image", "gallery"})
# A market says what something costs, and in which list; pictures have a place of their own.
_NO_FACTS: Final = _PICTURES | {"price"}
# The attribute, a select, by which the PIM says why the law lets nobody send a product back (custom_made).
EXCLUSION: Final = "withdrawal_exclusion"
_AFTER: Final = b',"unit":%b,"locale":%b}'


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A product in one language.

    `links` are `{"product", "kind", "label", "locale", "suits"}`, and get the card of what they lead to.
    """

    card: bytes
    detail: bytes
    lines: Mapping[str, Mapping[str, Any]]
    links: Sequence[Mapping[str, Any]]


class Renderer:
    """Renders documents whose codes `words` has the words for."""

    def __init__(self, *, words: Words) -> None:
        self._words = words
        self._voices: dict[tuple[str, ...], _Voice] = {}

    def render(self, *, document: Mapping[str, Any], slugs: Mapping[str, str]) -> dict[str, Rendered]:
        """The product in each of these locales under its slug there, `{locale: slug}`.

        What is not said in a locale is read from those that it falls back to.
        """
        order = _Order(document, self._words.attributes)
        return {
            locale: _Page(document, order, locale, self._voice(document["locales"][locale]["reads"])).render(
                slug
            )
            for locale, slug in slugs.items()
        }

    def _voice(self, reads: Sequence[str]) -> "_Voice":
        key = tuple(reads)
        if key not in self._voices:
            self._voices[key] = _Voice(key, self._words)
        return self._voices[key]


class _Order:
    """Which attributes a document shows as facts and as pictures, in the order that the PIM gives them."""

    def __init__(self, document: Mapping[str, Any], attributes: Mapping[str, AttributeWords]) -> None:
        self._attributes, self._first, self._axes = attributes, document.get("image"), document["axes"]
        self.values: Mapping[str, Any] = document["values"]
        self.facts = self._facts(self.values, ())
        self.pictures = self._pictures(self.values)
        self.variants = [
            (variant, self._facts(variant["values"], self._axes), self._pictures(variant["values"]))
            for variant in document["variants"]
        ]
        # A card shows the product's own pictures, or else those of its first variant.
        self.all_values = {**document["variants"][0]["values"], **self.values}
        self.all_pictures = self._pictures(self.all_values)

    def _facts(self, values: Mapping[str, Any], besides: Sequence[str]) -> list[str]:
        attributes = self._attributes
        known = [
            code
            for code in values
            if code in attributes and code not in besides and attributes[code].type not in _NO_FACTS
        ]
        known.sort(key=lambda code: (attributes[code].position, code))
        return known

    def _pictures(self, values: Mapping[str, Any]) -> list[str]:
        """First the one that shows products of the family."""
        attributes = self._attributes
        codes = [code for code in values if code in attributes and attributes[code].type in _PICTURES]
        codes.sort(key=lambda code: (code != self._first, attributes[code].position, code))
        return codes


class _Voice:
    """The words as somebody reads them who prefers these locales, in this order."""

    def __init__(self, reads: tuple[str, ...], words: Words) -> None:
        self.reads, self.words = reads, words
        self._attributes: dict[str, _Label] = {}
        self._options: dict[tuple[str, str], _Label] = {}
        self._frames: dict[tuple[str, str | None], tuple[bytes, bytes, str]] = {}

    def attribute(self, code: str) -> "_Label":
        """What the attribute is called."""
        label = self._attributes.get(code)
        if label is None:
            known = self.words.attributes.get(code)
            label = self._attributes[code] = self._label(code, known.labels if known else {})
        return label

    def option(self, attribute: str, code: str) -> "_Label":
        """What the option is called."""
        key = (attribute, code)
        label = self._options.get(key)
        if label is None:
            known = self.words.options.get(key)
            label = self._options[key] = self._label(code, known.labels if known else {})
        return label

    def named(self, code: str, category: CategoryWords) -> dict[str, Any]:
        """A category as pages name it, and in which locale that is."""
        return {
            "code": code,
            "name": label_in(labels=category.labels, reads=self.reads, otherwise=code),
            "locale": source_of(by_locale=category.labels, reads=self.reads),
        }

    def link(self, link: Mapping[str, Any]) -> dict[str, Any]:
        """A link, with what its type is called."""
        kind, suits = link["kind"], link["suits"]
        known = self.words.link_types.get(kind)
        return {
            "product": link["product"],
            "kind": kind,
            "label": label_in(labels=known.labels if known else {}, reads=self.reads, otherwise=kind),
            "locale": source_of(by_locale=known.labels, reads=self.reads) if known else None,
            "suits": suits and self.chosen(suits["attribute"], suits["option"]),
        }

    def chosen(self, axis: str, value: Any) -> dict[str, str | None]:
        """What is chosen on an axis, by label and by code."""
        label, (code, choice) = self.attribute(axis), self.choice(axis, value)
        return {
            "attribute": axis,
            **label.members("label", "label_locale"),
            "option": code,
            **choice.members("value", "value_locale"),
        }

    def fact(self, code: str, value: Any, said_in: str | None) -> bytes:
        """A value with its attribute's label and unit, as JSON.

        A page has a hundred of them: what is the same in all documents is written once, and only the value each time.
        """
        before, after, of_type = self._frames.get((code, said_in)) or self._frame(code, said_in)
        match of_type:
            case "select":
                option = self.option(code, value)
                value, after = option.text, _sources([option]) + after
            case "multiselect":
                options = [self.option(code, option) for option in value]
                value, after = [option.text for option in options], _sources(options) + after
            case "metric":
                units = self.words.attributes[code].units
                after = _AFTER % (
                    orjson.dumps(units.get(value["unit"], value["unit"])),
                    orjson.dumps(said_in),
                )
                value = value["amount"]
            case "file":
                value = media_url(value)
        return before + orjson.dumps(value) + after

    def _frame(self, code: str, said_in: str | None) -> tuple[bytes, bytes, str]:
        attribute = self.words.attributes[code]
        named = {"code": code, **self.attribute(code).members("label", "label_locale")}
        before = b'%b,"value":' % orjson.dumps(named)[:-1]
        after = _AFTER % (orjson.dumps(attribute.unit or None), orjson.dumps(said_in))
        frame = self._frames[code, said_in] = (before, after, attribute.type)
        return frame

    def choice(self, axis: str, value: Any) -> tuple[str, "_Label"]:
        """The code and the label of what is chosen on an axis: an option, or a measure, `24 INCH`."""
        if isinstance(value, dict):
            known = self.words.attributes.get(axis)
            unit = known.units.get(value["unit"], value["unit"]) if known else value["unit"]
            return f"{value['amount']} {value['unit']}", _Label(text=f"{value['amount']} {unit}")
        return str(value), self.option(axis, str(value))

    def swatch(self, attribute: str, option: str) -> str | None:
        """A colour, or where the picture is."""
        known = self.words.options.get((attribute, option))
        if known is None or not known.swatch:
            return None
        return known.swatch if known.swatch.startswith("#") else media_url(known.swatch)

    def _label(self, code: str, labels: Mapping[str, str]) -> "_Label":
        said_in = next((locale for locale in self.reads if labels.get(locale)), None)
        if said_in is None:
            return _Label(text=code, is_own=False)
        return _Label(text=labels[said_in], is_own=said_in == self.reads[0], locale=said_in)


@dataclass(frozen=True, kw_only=True)
class _Label:
    """What something is called, and in which locale; None where that is only its code, as nobody has named it.

    `is_own`: that is the reader's own language, or a measure, which is the same in all. Then no source is shown.
    """

    text: str
    is_own: bool = True
    locale: str | None = None

    def members(self, name: str, source: str) -> dict[str, str | None]:
        """The label as a member of an object, with its source beside it unless it is the reader's own."""
        return {name: self.text} if self.is_own else {name: self.text, source: self.locale}


def _sources(labels: Iterable[_Label]) -> bytes:
    """The labels of options that are not in the reader's language, each with its own, as a further member."""
    foreign = {label.text: label.locale for label in labels if not label.is_own}
    return b',"value_locales":' + orjson.dumps(foreign) if foreign else b""


class _Page:
    """One document in one locale."""

    def __init__(self, document: Mapping[str, Any], order: _Order, locale: str, voice: _Voice) -> None:
        self.document, self.order, self.locale, self.voice = document, order, locale, voice
        self.reads = voice.reads
        texts = document["texts"]
        self.texts = {name: self._say(texts.get(name, {})) for name in _TEXTS}
        self.sources = {
            name: source
            for name in _TEXTS
            if (source := source_of(by_locale=texts.get(name, {}), reads=self.reads))
        }

    def render(self, slug: str) -> Rendered:
        """The page under that slug."""
        product, order, voice = self.document["product"], self.order, self.voice
        head = {
            "id": product["ref"],
            "slug": slug,
            "name": self.texts["name"],
            "summary": self.texts["summary"],
        }
        axes = self._axes()
        card = {
            **head,
            "options": [
                {"label": axis["label"], "values": [option["label"] for option in axis["options"]]}
                for axis in axes
            ],
            "variant_count": len(order.variants),
            "locale": self.sources["name"],
            "image": next(
                (picture["url"] for picture in self._media(order.all_values, order.all_pictures)), None
            ),
        }
        detail = {
            **head,
            "description": self.texts["description"],
            "locale": self.locale,
            "sources": self.sources,
            "media": self._media(order.values, order.pictures),
            "categories": self._categories(),
            "axes": axes,
        }
        lines, variants = {}, []
        for variant, facts, pictures in order.variants:
            options, media = self._options(variant["values"]), self._media(variant["values"], pictures)
            lines[variant["sku"]] = {
                "name": self.texts["name"],
                "options": [[option["label"], option["value"]] for option in options],
                "weight_g": self._weight_g(variant["values"]),
                "withdrawal_excluded": self._own(EXCLUSION, variant["values"]),
                "image": media[0]["url"] if media else card["image"],
            }
            members = {
                "id": variant["ref"],
                "sku": variant["sku"],
                "options": options,
                "media": media,
            }
            variants.append(
                with_mark(
                    members=members,
                    mark=f"variant:{variant['sku']}",
                    more=b'"attributes":[%b]' % self._facts(variant["values"], facts),
                )
            )
        return Rendered(
            card=with_mark(members=card, mark=f"card:{product['tax_class']}"),
            detail=b'%b,"attributes":[%b],"variants":[%b],"links":[%blinks%b]}'
            % (
                orjson.dumps(detail)[:-1],
                self._facts(order.values, order.facts),
                b",".join(variants),
                MARK,
                MARK,
            ),
            lines=lines,
            links=[voice.link(link) for link in self.document["links"]],
        )

    def _weight_g(self, values: Mapping[str, Any]) -> int | None:
        """What one unit of a variant weighs."""
        known = self.voice.words.attributes.get(ATTRIBUTE)
        return weight_in_g(said=self._own(ATTRIBUTE, values), unit=known.unit if known else "")

    def _own(self, code: str, values: Mapping[str, Any]) -> Any:
        """What is said of a variant; its own word goes before the product's."""
        return self._say(values.get(code) or self.order.values.get(code, {}))

    def _say(self, by_locale: Mapping[str, Any]) -> Any:
        return first_of(by_locale=by_locale, reads=self.reads)

    def _axes(self) -> list[dict[str, Any]]:
        """What the variants differ in, each option once and in the order of the variants."""
        axes = []
        for axis in self.document["axes"]:
            options = dict(
                self.voice.choice(axis, variant["values"][axis]["*"]) for variant, *_ in self.order.variants
            )
            axes.append(
                {
                    "code": axis,
                    **self.voice.attribute(axis).members("label", "locale"),
                    "options": [
                        {
                            "code": code,
                            **label.members("label", "locale"),
                            "swatch": self.voice.swatch(axis, code),
                        }
                        for code, label in options.items()
                    ],
                }
            )
        return axes

    def _options(self, values: Mapping[str, Any]) -> list[dict[str, str | None]]:
        return [self.voice.chosen(axis, values[axis]["*"]) for axis in self.document["axes"]]

    def _media(self, values: Mapping[str, Any], codes: Iterable[str]) -> list[dict[str, str]]:
        """Pictures, each once."""
        found: dict[str, dict[str, str]] = {}
        for code in codes:
            said = self._say(values[code])
            for path in said if isinstance(said, list) else [said]:
                if path:
                    found.setdefault(path, {"attribute": code, "url": media_url(path)})
        return list(found.values())

    def _facts(self, values: Mapping[str, Any], codes: Iterable[str]) -> bytes:
        """Attributes with their labels, as members of a JSON array; what no locale of the reader's says is left out."""
        facts, fact, reads = [], self.voice.fact, self.reads
        for code in codes:
            by_locale = values[code]
            for locale in reads:
                if locale in by_locale:
                    if by_locale[locale] is not None:
                        facts.append(fact(code, by_locale[locale], locale))
                    break
            else:
                if by_locale.get("*") is not None:
                    facts.append(fact(code, by_locale["*"], None))
        return b",".join(facts)

    def _categories(self) -> list[dict[str, Any]]:
        """Where the product stands, each with the way to it; the tree's root is nothing a shopper knows."""
        known, named = self.voice.words.categories, self.voice.named
        return [
            {
                **named(place["code"], known[place["code"]]),
                "path": [named(code, known[code]) for code in known[place["code"]].path[1:-1]],
            }
            for place in self.document["categories"]
            if place["code"] in known
        ]
