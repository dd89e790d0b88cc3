"""A publication's document, and what keeps a product from being published.

The document is complete: what variants inherit is in it, and which locales a text may be read from. Only the labels of
attributes, options and categories are left out, because they change by themselves. It reads:

    product     {"ref", "code", "tax_class", "family": code or null}
    image       the attribute that shows products of the family, or null
    locales     {locale: {"state": "published" or "fallback", "reads": [locales in the order of preference]}}
    texts       {"name" | "slug" | "summary" | "description": {locale: text}}
    values      {attribute: {locale or "*": value}}, what all variants share
    axes        [attribute]
    variants    [{"ref", "sku", "values"}], what differs from the shared values
    categories  [{"code", "rank"}], those in the channel's tree
    links       [{"kind", "product": ref, "suits": {"attribute", "option"} or null}], "quantity" where it has one
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from config.kernel.errors import FieldError
from pim.catalogue import rules as catalogue

# The attributes that have a place of their own in every channel; the first one nobody can do without.
TEXTS: Final[tuple[str, ...]] = ("name", "slug", "summary", "description")


@dataclass(frozen=True, kw_only=True)
class SourceVariant:
    """A variant as it stands in the master data; `layers` are the values above it, below the product's."""

    ref: UUID
    sku: str
    values: catalogue.Values
    layers: Sequence[catalogue.Values] = ()


@dataclass(frozen=True, kw_only=True)
class SourceLink:
    """A link as it stands in the master data; `suits` is (attribute, option)."""

    kind: str
    product: UUID
    suits: tuple[str, str] | None
    quantity: int | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Everything the document is made of; `public` are the attributes that may leave the house.

    `label` names products of its family, where there is no attribute `name`.
    """

    ref: UUID
    code: str
    tax_class: str
    values: catalogue.Values
    axes: Sequence[str]
    variants: Sequence[SourceVariant]
    categories: Mapping[str, int]
    links: Sequence[SourceLink]
    public: frozenset[str]
    family: str | None = None
    label: str | None = None
    image: str | None = None


def find_obstacles(*, source: Source, channel: str, locales: Sequence[str]) -> tuple[FieldError, ...]:
    """Why the product cannot be shown in the channel, as field errors; empty when it can."""
    obstacles = []
    naming = {code: source.values[code] for code in (*TEXTS, source.label or "") if code in source.values}
    names = _texts(source, catalogue.for_channel(values=naming, channel=channel)).get("name", {})
    if not any(locale in names for locale in (*locales, catalogue.ANY)):
        obstacles.append(
            FieldError(
                pointer="/values/name",
                code="missing",
                detail="It has no name in any language of the channel.",
            )
        )
    if not source.variants:
        obstacles.append(
            FieldError(pointer="/variants", code="missing", detail="It has nothing that can be sold.")
        )
    return tuple(obstacles)


def build_document(*, source: Source, channel: str, locales: Sequence[str]) -> dict[str, Any]:
    """What is published. `find_obstacles` must have found none."""
    said = catalogue.for_channel(values=source.values, channel=channel)
    texts = {role: _localised(by, locales) for role, by in _texts(source, said).items()}
    return {
        "product": {
            "ref": str(source.ref),
            "code": source.code,
            "tax_class": source.tax_class,
            "family": source.family,
        },
        "image": source.image,
        "locales": {locale: _reading(locale, locales, texts["name"]) for locale in locales},
        "texts": texts,
        "values": _public(said, source.public),
        "axes": list(source.axes),
        "variants": [
            {
                "ref": str(variant.ref),
                "sku": variant.sku,
                "values": _public(
                    catalogue.for_channel(
                        values=catalogue.told_apart(
                            shared=source.values, layers=(*variant.layers, variant.values)
                        ),
                        channel=channel,
                    ),
                    source.public,
                ),
            }
            for variant in source.variants
        ],
        "categories": [{"code": code, "rank": rank} for code, rank in source.categories.items()],
        "links": [
            {
                "kind": link.kind,
                "product": str(link.product),
                "suits": link.suits and {"attribute": link.suits[0], "option": link.suits[1]},
                **({"quantity": link.quantity} if link.quantity else {}),
            }
            for link in source.links
        ],
    }


def _texts(source: Source, said: catalogue.ChannelValues) -> dict[str, dict[str, Any]]:
    """The texts that have a place of their own, by role."""
    texts = {role: said[role] for role in TEXTS if role in said}
    if (
        "name" not in texts
        and source.label in said
        and isinstance(next(iter(said[source.label].values())), str)
    ):
        texts["name"] = said[source.label]
    return texts


def _localised(by_locale: Mapping[str, Any], locales: Sequence[str]) -> dict[str, Any]:
    """A text that is the same in every language counts as said in each."""
    return {
        locale: by_locale.get(locale, by_locale.get(catalogue.ANY))
        for locale in locales
        if locale in by_locale or catalogue.ANY in by_locale
    }


def _reading(locale: str, locales: Sequence[str], names: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "state": "published" if locale in names else "fallback",
        "reads": list(catalogue.fallback_chain(locale=locale, locales=locales)),
    }


def _public(said: catalogue.ChannelValues, public: frozenset[str]) -> catalogue.ChannelValues:
    return {code: by_locale for code, by_locale in said.items() if code in public and code not in TEXTS}
