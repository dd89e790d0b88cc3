"""Reading the master data."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar, cast
from uuid import UUID

import orjson
from django.db import connection, models
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower

from config.kernel.errors import NotFound
from pim.catalogue import rules
from pim.catalogue.models import Category, Channel, Product, ProductModel, Variant
from pim.structure.models import Attribute, AttributeOption, MeasurementUnit

Labels = Mapping[str, str]
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, kw_only=True)
class ChannelValue:
    """A channel; `fallbacks` says for each of its locales where texts are looked for, in order."""

    code: str
    kind: str
    locales: tuple[str, ...]
    fallbacks: Mapping[str, tuple[str, ...]]
    tree: str
    labels: Labels


@dataclass(frozen=True, kw_only=True)
class AttributeValue:
    """An attribute as others show it: its labels by locale, its unit, and where it stands among the others.

    `units` are the symbols of the units in which a metric may be said, by code.
    """

    code: str
    type: str
    unit: str
    position: int
    labels: Labels
    filterable: bool = False
    units: Mapping[str, str] = field(default_factory=dict)


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
class Named:
    """The words for an attribute, an option or a category; `swatch` is an option's."""

    code: str
    labels: Labels
    version: int
    swatch: str = ""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The words for what documents name by code. `options` are keyed by (attribute, option)."""

    attributes: Mapping[str, AttributeValue]
    options: Mapping[tuple[str, str], OptionValue]
    categories: Mapping[str, CategoryValue]


@dataclass(frozen=True, kw_only=True)
class VariantValue:
    """A variant of a product: its own values only."""

    ref: UUID
    sku: str
    values: rules.Values
    model: str | None = None
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class ModelValue:
    """A model between a product and its variants: its own values only."""

    code: str
    values: rules.Values


@dataclass(frozen=True, kw_only=True)
class ProductValue:
    """A product as it stands in the master data, own values only; `categories` are `{code: rank}`.

    `label` and `image` are the attributes that name and show products of its family.
    """

    ref: UUID
    code: str
    version: int
    family: str | None
    label: str | None
    image: str | None
    tax_class: str
    values: rules.Values
    axes: tuple[str, ...]
    categories: Mapping[str, int]
    models: tuple[ModelValue, ...]
    variants: tuple[VariantValue, ...]
    changed_at: datetime
    archived: bool


def list_channels() -> tuple[ChannelValue, ...]:
    """Every channel, by code."""
    return tuple(
        _channel_value(channel) for channel in Channel.objects.select_related("tree").order_by("code")
    )


def _channel_value(channel: Channel) -> ChannelValue:
    return ChannelValue(
        code=channel.code,
        kind=channel.kind,
        locales=tuple(channel.locales),
        fallbacks={
            locale: rules.fallback_chain(locale=locale, locales=channel.locales) for locale in channel.locales
        },
        tree=channel.tree.code,
        labels=channel.labels,
    )


def list_definitions(*, codes: Iterable[str]) -> dict[str, rules.Definition]:
    """The definitions of these attributes with their options, by lower-case code; unknown codes are left out."""
    return _definitions(with_code(Attribute, codes))


def list_all_definitions() -> dict[str, rules.Definition]:
    """The definitions of all attributes with their options, by lower-case code."""
    return _definitions(Attribute.objects.all())


def _definitions(attributes: QuerySet[Attribute]) -> dict[str, rules.Definition]:
    options = Prefetch("options", AttributeOption.objects.only("code", "attribute_id"))
    return {
        attribute.code.lower(): rules.Definition(
            code=attribute.code,
            type=attribute.type,
            localisable=attribute.localisable,
            scopable=attribute.scopable,
            unique=attribute.unique,
            options={option.code.lower(): option.code for option in attribute.options.all()},
            units={unit.code.lower(): unit.code for unit in _units(attribute)},
            default_unit=attribute.default_unit,
            limits=attribute.limits,
        )
        for attribute in attributes.select_related("measurement_family").prefetch_related(
            options, "measurement_family__units"
        )
    }


def _units(attribute: Attribute) -> Iterable[MeasurementUnit]:
    return attribute.measurement_family.units.all() if attribute.measurement_family else ()


def list_products() -> QuerySet[Product]:
    """Every product that is not archived, for a list that says what it is called and how many variants it has."""
    variants = (
        Variant.objects.filter(archived_at=None).only("sku", "product_id", "position").order_by("position")
    )
    return Product.objects.filter(archived_at=None).prefetch_related(
        Prefetch("variants", variants, "kept_variants")
    )


def get_product(*, product_id: UUID) -> ProductValue:
    """The product of that public id, archived ones included. Errors: NotFound."""
    product = whole(Product.objects.filter(public_id=product_id)).first()
    if product is None:
        raise NotFound
    return product_value(product)


def whole(products: QuerySet[Product]) -> QuerySet[Product]:
    """These products with everything that `product_value` asks for."""
    variants = Variant.objects.filter(archived_at=None).select_related("model").order_by("position")
    models_in_order = ProductModel.objects.filter(archived_at=None).order_by("position")
    return products.select_related("family__label_attribute", "family__image_attribute").prefetch_related(
        Prefetch("variants", variants, "kept_variants"),
        Prefetch("models", models_in_order, "kept_models"),
        "axes__attribute",
        "memberships__category",
    )


def product_value(product: Product) -> ProductValue:
    """The value of a product that was read by way of `whole`."""
    family = product.family
    kept_models: list[ProductModel] = product.kept_models  # type: ignore[attr-defined]
    variants: list[Variant] = product.kept_variants  # type: ignore[attr-defined]
    return ProductValue(
        ref=product.public_id,
        code=product.code,
        version=product.version,
        family=family.code if family else None,
        label=family.label_attribute.code if family and family.label_attribute else None,
        image=family.image_attribute.code if family and family.image_attribute else None,
        tax_class=product.tax_class,
        values=product.values,
        axes=tuple(
            axis.attribute.code for axis in sorted(product.axes.all(), key=lambda axis: axis.position)
        ),
        categories={
            membership.category.code: membership.rank
            for membership in sorted(
                product.memberships.all(), key=lambda each: (each.rank, each.category.code)
            )
        },
        models=tuple(ModelValue(code=model.code, values=model.values) for model in kept_models),
        variants=tuple(
            VariantValue(
                ref=variant.public_id,
                sku=variant.sku,
                values=variant.values,
                model=variant.model.code if variant.model else None,
                enabled=variant.enabled,
            )
            for variant in variants
        ),
        changed_at=product.changed_at,
        archived=product.archived_at is not None,
    )


def get_vocabulary(
    *,
    attributes: Collection[str] = (),
    options: Collection[tuple[str, str]] = (),
    categories: Collection[str] = (),
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
                units={unit.code: unit.symbol for unit in _units(attribute)},
            )
            for attribute in Attribute.objects.filter(code__in=attributes)
            .select_related("measurement_family")
            .prefetch_related("measurement_family__units")
        },
        options=_options(options),
        categories=_categories(categories),
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


def list_filterable() -> frozenset[str]:
    """The codes of the attributes by which shoppers may narrow lists."""
    return frozenset(Attribute.objects.filter(filterable=True, public=True).values_list("code", flat=True))


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


def find_channel(*, code: str) -> Channel | None:
    """The channel of that code."""
    return with_code(Channel, {code}).select_related("tree").first()


def list_category_ids_below(*, root: Category) -> set[int]:
    """The ids of a tree's categories, its root included."""
    with connection.cursor() as cursor:
        cursor.execute(_TREE, [root.pk])
        return {category_id for (category_id,) in cursor.fetchall()}


_TREE: Final = """
    WITH RECURSIVE tree AS (
        SELECT id, 1 AS depth FROM pim_category WHERE id = %s
        UNION ALL
        SELECT down.id, tree.depth + 1
        FROM pim_category down JOIN tree ON down.parent_id = tree.id WHERE tree.depth < 50
    )
    SELECT id FROM tree
"""


def with_code(model: type[M], codes: Iterable[str]) -> QuerySet[M]:
    """The rows of these codes, whatever their case; the unique index on `lower(code)` finds them."""
    lower_codes = {code.lower() for code in codes}
    rows = model._default_manager.alias(lower_code=Lower("code")).filter(lower_code__in=lower_codes)
    return cast("QuerySet[M]", rows)
