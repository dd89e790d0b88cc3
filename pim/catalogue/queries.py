"""Reading the master data."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar, cast
from uuid import UUID

from django.db import connection, models
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower

from config.kernel.errors import NotFound
from pim.catalogue import rules
from pim.catalogue.models import Category, Channel, Identifier, Product, ProductChange, ProductModel, Variant
from pim.structure.models import Attribute, AttributeOption, Family, MeasurementUnit

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
            units={unit.code.lower(): unit.code for unit in units_of(attribute)},
            default_unit=attribute.default_unit,
            limits=attribute.limits,
        )
        for attribute in attributes.select_related("measurement_family").prefetch_related(
            options, "measurement_family__units"
        )
    }


def units_of(attribute: Attribute) -> Iterable[MeasurementUnit]:
    """The units in which a metric may be said."""
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


def list_presenters(*, families: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
    """The attributes that name and that show products of these families, `{family: (label, image)}`."""
    if not families:
        return {}
    rows = Family.objects.filter(code__in=families)
    return {
        code: (label, image)
        for code, label, image in rows.values_list("code", "label_attribute__code", "image_attribute__code")
    }


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


def owners_of(*, skus: Collection[str]) -> dict[str, str]:
    """Which product has each of these SKUs, archived variants included; both in lower case."""
    lower = {sku.lower() for sku in skus}
    rows = Variant.objects.alias(lower_sku=Lower("sku")).filter(lower_sku__in=lower)
    return {sku.lower(): code.lower() for sku, code in rows.values_list("sku", "product__code")}


def owners_of_identifiers(*, values: Collection[str]) -> dict[tuple[str, str], UUID]:
    """Who says each of these values of unique attributes, by (attribute, lower-case value)."""
    lower = {value.lower() for value in values}
    rows = Identifier.objects.alias(lower_value=Lower("value")).filter(lower_value__in=lower)
    return {
        (attribute, value.lower()): ref
        for attribute, value, ref in rows.values_list("attribute__code", "value", "product__public_id")
    }


def list_untold(*, products: Collection[Product]) -> set[str]:
    """Those of the products, by lower-case code, that were written once and have no history row yet."""
    fresh = {row.pk: row.code.lower() for row in products if row.version == 1}
    told = set(ProductChange.objects.filter(product__in=fresh).values_list("product_id", flat=True))
    return {code for pk, code in fresh.items() if pk not in told}
