"""Writing the master data. Everything here joins the caller's transaction and can be repeated: codes are the keys.

Lock order inside the PIM: the product first, then what belongs to it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.db.models.functions import Lower

from config.kernel.db import lock, transaction_required
from config.kernel.errors import FieldError, InvalidInput, NotFound, Refusal
from pim.catalogue import rules
from pim.catalogue.models import (
    Category,
    Channel,
    LinkType,
    OptionReference,
    Product,
    ProductAxis,
    ProductCategory,
    ProductLink,
    Variant,
)
from pim.catalogue.queries import Labels, list_definitions, with_code
from pim.structure.models import Attribute, AttributeOption

M = TypeVar("M", bound=models.Model)


class InvalidProduct(InvalidInput):
    """What was said of a product does not fit the definitions. Nothing was saved."""

    code = "invalid_product"
    status = 422
    title = "The product's data does not fit the definitions."


class DefinitionIsFixed(Refusal):
    """Values exist under this definition, and they would mean something else under the new one."""

    code = "definition_is_fixed"
    status = 409
    title = "An attribute keeps its type, and whether it differs by language or channel."


class SkuTaken(Refusal):
    """The SKU belongs to a variant of another product."""

    code = "sku_taken"
    status = 409
    title = "Another product has this SKU."


@dataclass(frozen=True, kw_only=True)
class OptionDraft:
    """An option of a select attribute, as it should be."""

    code: str
    labels: Labels


@dataclass(frozen=True, kw_only=True)
class AttributeDraft:
    """An attribute as it should be, with its options in order."""

    code: str
    type: str
    labels: Labels
    localisable: bool = False
    scopable: bool = False
    public: bool = True
    unit: str = ""
    position: int = 0
    filterable: bool = False
    options: tuple[OptionDraft, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VariantDraft:
    """A variant as it should be: its SKU and what it says itself, an option for every axis included."""

    sku: str
    values: rules.Values = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ProductDraft:
    """A whole product as it should be; `categories` are `{code: rank}`."""

    code: str
    values: rules.Values
    variants: tuple[VariantDraft, ...]
    axes: tuple[str, ...] = ()
    categories: Mapping[str, int] = field(default_factory=dict)
    tax_class: str = "standard"


@dataclass(frozen=True, kw_only=True)
class LinkDraft:
    """A link of type `kind` to the product `target`; `suits` is the (attribute, option) of the source that it fits."""

    kind: str
    target: str
    suits: tuple[str, str] | None = None
    quantity: int | None = None


@dataclass(frozen=True, kw_only=True)
class SavedProduct:
    """A product after a write; `changed` is false when everything was so already."""

    product_id: UUID
    version: int
    changed: bool


@transaction_required
def define_category(*, code: str, parent: str | None, position: int, labels: Labels) -> None:
    """Create the category, or make it as said. Errors: NotFound for the parent."""
    above = _all(Category, {parent})[0] if parent is not None else None
    category = with_code(Category, {code}).first() or Category(code=code)
    category.parent, category.position, category.labels = above, position, dict(labels)
    category.save()


@transaction_required
def define_channel(
    *,
    code: str,
    kind: str,
    locales: Sequence[str],
    tree: str,
    labels: Labels,
    currencies: Sequence[str] = (),
) -> None:
    """Create the channel, or make it as said. Errors: NotFound for the root category of its tree."""
    root = _all(Category, {tree})[0]
    channel = with_code(Channel, {code}).first() or Channel(code=code)
    channel.kind, channel.locales, channel.tree, channel.labels = kind, list(locales), root, dict(labels)
    channel.currencies = list(currencies)
    channel.save()


@transaction_required
def define_link_type(
    *, code: str, labels: Labels, position: int = 0, two_way: bool = False, quantified: bool = False
) -> None:
    """Create the type of link, or make it as said."""
    link_type = with_code(LinkType, {code}).first() or LinkType(code=code)
    link_type.labels, link_type.position = dict(labels), position
    link_type.two_way, link_type.quantified = two_way, quantified
    link_type.save()


@transaction_required
def define_attribute(*, draft: AttributeDraft) -> None:
    """Create the attribute with its options, or make it as said; options that are not named stay.

    Errors: DefinitionIsFixed when it exists with another type, or differs otherwise by language or channel.
    """
    attribute = with_code(Attribute, {draft.code}).first()
    if attribute is None:
        attribute = Attribute(
            code=draft.code, type=draft.type, localisable=draft.localisable, scopable=draft.scopable
        )
    now_is = (attribute.type, attribute.localisable, attribute.scopable)
    if now_is != (draft.type, draft.localisable, draft.scopable):
        raise DefinitionIsFixed(attribute=attribute.code)
    attribute.unit, attribute.public, attribute.filterable = draft.unit, draft.public, draft.filterable
    attribute.position, attribute.labels = draft.position, dict(draft.labels)
    attribute.save()
    existing = {option.code.lower(): option for option in attribute.options.all()}
    for position, wanted in enumerate(draft.options):
        option = existing.get(wanted.code.lower()) or AttributeOption(attribute=attribute, code=wanted.code)
        option.position, option.labels = position, dict(wanted.labels)
        option.save()


@transaction_required
def save_product(*, draft: ProductDraft, now: datetime) -> SavedProduct:
    """Create the product, or make it as the draft says; variants that the draft does not name are archived.

    Locks the product. Errors: InvalidProduct with a field error per value; SkuTaken; NotFound for a category.
    """
    draft, definitions = _checked(draft)
    categories = {category.code.lower(): category for category in _all(Category, draft.categories)}
    locked = lock(with_code(Product, {draft.code}))
    product = locked[0] if locked else Product(code=draft.code, version=0, created_at=now)
    if locked and _as_saved(product) == _as_drafted(draft):
        return SavedProduct(product_id=product.public_id, version=product.version, changed=False)
    product.values, product.tax_class = dict(draft.values), draft.tax_class
    product.version += 1
    product.changed_at, product.archived_at = now, None
    product.save()
    variants = _write_variants(product, draft, now)
    product.axes.all().delete()
    attributes = {attribute.code: attribute for attribute in _all(Attribute, draft.axes)}
    ProductAxis.objects.bulk_create(
        ProductAxis(product=product, attribute=attributes[axis], position=position)
        for position, axis in enumerate(draft.axes)
    )
    product.memberships.all().delete()
    ProductCategory.objects.bulk_create(
        ProductCategory(product=product, category=categories[code.lower()], rank=rank)
        for code, rank in draft.categories.items()
    )
    _write_references(product, variants, definitions)
    return SavedProduct(product_id=product.public_id, version=product.version, changed=True)


@transaction_required
def link_product(*, code: str, links: Sequence[LinkDraft], now: datetime) -> SavedProduct:
    """Make these, in this order, the product's links. Locks the product. Errors: NotFound for what they name."""
    locked = lock(with_code(Product, {code}))
    if not locked:
        raise NotFound(f"There is no product {code}.")
    product = locked[0]
    targets = {target.code.lower(): target for target in _all(Product, {link.target for link in links})}
    types = {each.code.lower(): each for each in _all(LinkType, {link.kind for link in links})}
    wanted = [
        (
            types[link.kind.lower()].pk,
            targets[link.target.lower()].pk,
            _option_id(link.suits),
            link.quantity,
            position,
        )
        for position, link in enumerate(links)
    ]
    saved = list(
        product.links.order_by("position").values_list(
            "type_id", "target_id", "suits_id", "quantity", "position"
        )
    )
    if saved == wanted:
        return SavedProduct(product_id=product.public_id, version=product.version, changed=False)
    product.links.all().delete()
    ProductLink.objects.bulk_create(
        ProductLink(
            source=product,
            type_id=type_id,
            target_id=target_id,
            suits_id=suits_id,
            quantity=quantity,
            position=position,
        )
        for type_id, target_id, suits_id, quantity, position in wanted
    )
    product.version += 1
    product.changed_at = now
    product.save(update_fields=("version", "changed_at"))
    return SavedProduct(product_id=product.public_id, version=product.version, changed=True)


def _all(model: type[M], codes: Collection[str]) -> list[M]:
    """The rows of all these codes. Errors: NotFound naming those that are missing."""
    rows = list(with_code(model, codes)) if codes else []
    missing = {code.lower(): code for code in codes}
    for row in rows:
        missing.pop(row.code.lower())  # type: ignore[attr-defined]
    if missing:
        raise NotFound(f"There is no {model._meta.verbose_name} {', '.join(sorted(missing.values()))}.")
    return rows


def _option_id(suits: tuple[str, str] | None) -> int | None:
    if suits is None:
        return None
    attribute, code = suits
    for option in with_code(AttributeOption, {code}).select_related("attribute"):
        if option.attribute.code.lower() == attribute.lower():
            return option.pk
    raise NotFound(f"{attribute} has no option {code}.")


def _checked(draft: ProductDraft) -> tuple[ProductDraft, dict[str, rules.Definition]]:
    """The draft with its codes as they are defined, and the definitions. Errors: InvalidProduct."""
    codes = {*draft.axes, *draft.values, *(code for variant in draft.variants for code in variant.values)}
    definitions = list_definitions(codes=codes)
    channels = dict(Channel.objects.values_list("code", "locales"))
    errors = [] if draft.variants else [_missing("/variants", "A product has at least one variant.")]
    shared = rules.check_values(values=draft.values, definitions=definitions, channels=channels)
    errors += shared.errors
    axes = tuple(definitions[axis.lower()].code for axis in draft.axes if axis.lower() in definitions)
    if len(axes) != len(draft.axes):
        errors.append(_missing("/axes", "An axis is an attribute."))
    variants, keys = [], set()
    for index, variant in enumerate(draft.variants):
        at = f"/variants/{index}"
        own = rules.check_values(
            values=variant.values, definitions=definitions, channels=channels, pointer=f"{at}/values"
        )
        errors += own.errors
        variants.append(VariantDraft(sku=variant.sku, values=own.values))
        try:
            key = rules.axis_key(axes=axes, values=own.values).lower()
        except KeyError as axis:
            errors.append(_missing(f"{at}/values", f"The variant does not say its {axis.args[0]}."))
        else:
            if key in keys:
                errors.append(
                    FieldError(pointer=at, code="not_unique", detail="Two variants are alike on every axis.")
                )
            keys.add(key)
    if errors:
        raise InvalidProduct(errors)
    return replace(draft, values=shared.values, axes=axes, variants=tuple(variants)), definitions


def _missing(pointer: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code="missing", detail=detail)


def _as_drafted(draft: ProductDraft) -> dict[str, Any]:
    """The draft in the form in which it can be compared with what is saved."""
    return {
        "values": draft.values,
        "tax_class": draft.tax_class,
        "axes": list(draft.axes),
        "categories": {code.lower(): rank for code, rank in draft.categories.items()},
        "variants": [(variant.sku, variant.values) for variant in draft.variants],
        "archived_at": None,
    }


def _as_saved(product: Product) -> dict[str, Any]:
    kept = product.variants.filter(archived_at=None).order_by("position")
    return {
        "values": product.values,
        "tax_class": product.tax_class,
        "axes": list(product.axes.order_by("position").values_list("attribute__code", flat=True)),
        "categories": {
            code.lower(): rank for code, rank in product.memberships.values_list("category__code", "rank")
        },
        "variants": list(kept.values_list("sku", "values")),
        "archived_at": product.archived_at,
    }


def _write_variants(product: Product, draft: ProductDraft, now: datetime) -> list[Variant]:
    """Archive first, so that another variant can take the place on the axes. Errors: SkuTaken."""
    skus = {variant.sku.lower() for variant in draft.variants}
    found = {
        variant.sku.lower(): variant
        for variant in Variant.objects.alias(lower_sku=Lower("sku")).filter(lower_sku__in=skus)
    }
    if taken := [variant.sku for variant in found.values() if variant.product_id != product.pk]:
        raise SkuTaken(skus=sorted(taken))
    product.variants.filter(archived_at=None).update(archived_at=now)
    variants = []
    for position, wanted in enumerate(draft.variants):
        variant = found.get(wanted.sku.lower()) or Variant(product=product, sku=wanted.sku)
        variant.values, variant.position, variant.archived_at = dict(wanted.values), position, None
        variant.axis_key = rules.axis_key(axes=draft.axes, values=wanted.values)
        variant.save()
        variants.append(variant)
    return variants


def _write_references(
    product: Product, variants: Iterable[Variant], definitions: Mapping[str, rules.Definition]
) -> None:
    """Make the option references what the values say."""
    product.option_references.all().delete()
    owners: list[tuple[Variant | None, rules.Values]] = [
        (None, product.values),
        *((variant, variant.values) for variant in variants),
    ]
    named = [
        (owner, option)
        for owner, values in owners
        for option in sorted(rules.options_in(values=values, definitions=definitions))
    ]
    ids = {
        (attribute, option): option_id
        for attribute, option, option_id in AttributeOption.objects.filter(
            attribute__code__in={attribute for _, (attribute, _) in named}
        ).values_list("attribute__code", "code", "id")
    }
    OptionReference.objects.bulk_create(
        OptionReference(product=product, variant=owner, option_id=ids[option]) for owner, option in named
    )
