"""Reading the words for what products name by code, and the menus."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import orjson
from django.db import connection
from django.db.models.functions import Lower

from config.kernel.errors import NotFound
from pim.catalogue.models import Category, LinkType
from pim.catalogue.queries import Labels, units_of, with_code
from pim.structure.models import Attribute, AttributeOption


@dataclass(frozen=True, kw_only=True)
class AttributeValue:
    """An attribute as others show it: its labels by locale, its unit, and where it stands among the others.

    `units` are the symbols of the units in which a metric may be said, by code; `scales` the factor and the offset by
    which an amount of each becomes one of the standard unit.
    """

    code: str
    type: str
    unit: str
    position: int
    labels: Labels
    filterable: bool = False
    units: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FilterValue:
    """An attribute by which lists are narrowed; `scale` is that of its usual unit, in which ranges are asked for."""

    code: str
    type: str
    scale: tuple[Decimal, Decimal]


@dataclass(frozen=True, kw_only=True)
class OptionValue:
    """An option as others show it; `swatch` is a colour, a picture's path, or empty."""

    code: str
    position: int
    labels: Labels
    swatch: str = ""


@dataclass(frozen=True, kw_only=True)
class CategoryValue:
    """A category as others show it; `path` are the codes from the tree's root down to its own."""

    code: str
    path: tuple[str, ...]
    labels: Labels


@dataclass(frozen=True, kw_only=True)
class LinkTypeValue:
    """A type of link as others show it."""

    code: str
    labels: Labels


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The words for what documents name by code. `options` are keyed by (attribute, option)."""

    attributes: Mapping[str, AttributeValue]
    options: Mapping[tuple[str, str], OptionValue]
    categories: Mapping[str, CategoryValue]
    link_types: Mapping[str, LinkTypeValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Named:
    """The words for an attribute, an option or a category; `swatch` is an option's."""

    code: str
    labels: Labels
    version: int
    swatch: str = ""


def get_vocabulary(
    *,
    attributes: Collection[str] = (),
    options: Collection[tuple[str, str]] = (),
    categories: Collection[str] = (),
    link_types: Collection[str] = (),
) -> Vocabulary:
    """The words for these codes, which are written as the documents write them; what has gone is left out."""
    return Vocabulary(
        attributes={
            attribute.code: AttributeValue(
                code=attribute.code,
                type=attribute.type,
                unit=attribute.unit,
                position=attribute.position,
                labels=attribute.labels,
                filterable=attribute.filterable,
                units={unit.code: unit.symbol for unit in units_of(attribute)},
                scales={unit.code: (unit.factor, unit.offset) for unit in units_of(attribute)},
            )
            for attribute in Attribute.objects.filter(code__in=attributes)
            .select_related("measurement_family")
            .prefetch_related("measurement_family__units")
        },
        options=_options(options),
        categories=_categories(categories),
        link_types=_link_types(link_types),
    )


def get_attribute_words(*, attribute: str) -> Named:
    """What an attribute is called. Errors: NotFound."""
    row = with_code(Attribute, {attribute}).first()
    if row is None:
        raise NotFound
    return Named(code=row.code, labels=row.labels, version=row.version)


def get_option_words(*, attribute: str, option: str) -> Named:
    """What an option is called, and how it is shown. Errors: NotFound."""
    options = with_code(AttributeOption, {option}).alias(lower_attribute=Lower("attribute__code"))
    row = options.filter(lower_attribute=attribute.lower()).first()
    if row is None:
        raise NotFound
    return Named(code=row.code, labels=row.labels, version=row.version, swatch=row.swatch)


def get_category_words(*, category: str) -> Named:
    """What a category is called. Errors: NotFound."""
    row = with_code(Category, {category}).filter(archived_at=None).first()
    if row is None:
        raise NotFound
    return Named(code=row.code, labels=row.labels, version=row.version)


def _options(wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], OptionValue]:
    if not wanted:
        return {}
    found = AttributeOption.objects.filter(
        attribute__code__in={attribute for attribute, _ in wanted}, code__in={option for _, option in wanted}
    ).select_related("attribute")
    return {
        (option.attribute.code, option.code): OptionValue(
            code=option.code, position=option.position, labels=option.labels, swatch=option.swatch
        )
        for option in found
    }


def _link_types(codes: Collection[str]) -> dict[str, LinkTypeValue]:
    found = LinkType.objects.filter(code__in=codes) if codes else ()
    return {row.code: LinkTypeValue(code=row.code, labels=row.labels) for row in found}


# From each category up to its root; the depth guards against a circle, which the services never make.
_WITH_ANCESTORS: Final = """
    WITH RECURSIVE line AS (
        SELECT id, code, parent_id, labels, 1 AS height, id AS leaf_id
        FROM pim_category WHERE code = ANY(%s)
        UNION ALL
        SELECT up.id, up.code, up.parent_id, up.labels, line.height + 1, line.leaf_id
        FROM pim_category up JOIN line ON up.id = line.parent_id
        WHERE line.height < 50
    )
    SELECT leaf_id, code, labels::text, height FROM line ORDER BY leaf_id, height DESC
"""


def _categories(codes: Collection[str]) -> dict[str, CategoryValue]:
    """These categories and all above them."""
    if not codes:
        return {}
    lines: dict[int, list[tuple[str, Labels]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_WITH_ANCESTORS, [sorted(codes)])
        for leaf_id, code, labels, _ in cursor.fetchall():
            lines.setdefault(leaf_id, []).append((code, orjson.loads(labels)))
    found: dict[str, CategoryValue] = {}
    for line in lines.values():
        path = tuple(code for code, _ in line)
        for height, (code, labels) in enumerate(line, start=1):
            found[code] = CategoryValue(code=code, path=path[:height], labels=labels)
    return found


def list_categories(*, channel: str) -> tuple[CategoryValue, ...]:
    """The categories of a channel's tree but its root, those above first and neighbours in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_MENU, [channel])
        return tuple(
            CategoryValue(code=code, path=tuple(path), labels=orjson.loads(labels))
            for code, path, labels in cursor.fetchall()
        )


def list_filterable() -> tuple[FilterValue, ...]:
    """The attributes by which shoppers may narrow lists."""
    rows = Attribute.objects.filter(filterable=True, public=True).order_by("code")
    return tuple(
        FilterValue(
            code=row.code,
            type=row.type,
            scale=next(
                ((unit.factor, unit.offset) for unit in units_of(row) if unit.code == row.default_unit),
                (Decimal(1), Decimal(0)),
            ),
        )
        for row in rows.select_related("measurement_family").prefetch_related("measurement_family__units")
    )


_MENU: Final = """
    WITH RECURSIVE tree AS (
        SELECT category.id, category.code::text, ARRAY[category.code::text] AS path, category.labels,
            ARRAY[]::text[] AS place
        FROM pim_channel channel JOIN pim_category category ON category.id = channel.tree_id
        WHERE channel.code = %s
        UNION ALL
        SELECT down.id, down.code, tree.path || down.code::text, down.labels,
            tree.place || to_char(down.position + 2147483648, 'FM00000000000') || down.code::text
        FROM pim_category down JOIN tree ON down.parent_id = tree.id
        WHERE cardinality(tree.path) < 50 AND down.archived_at IS NULL
    )
    SELECT code, path, labels::text FROM tree WHERE cardinality(path) > 1 ORDER BY cardinality(path), place
"""
