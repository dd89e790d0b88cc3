"""Writing the master data. Everything here joins the caller's transaction and can be repeated: codes are the keys.

Lock order inside the PIM: the product first, then what belongs to it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from django.db import models

from config.kernel.actors import Actor, system
from config.kernel.db import transaction_required
from config.kernel.errors import FieldError, InvalidInput, NotFound, Refusal
from pim.catalogue import rules
from pim.catalogue.forms import LinkForm, ModelForm, ProductForm, VariantForm
from pim.catalogue.models import Category, Channel, LinkType, Product
from pim.catalogue.queries import Labels, list_definitions, with_code
from pim.catalogue.writing import IdentifierTaken, Saved, SkuTaken, Write, load, write
from pim.structure.models import Attribute, AttributeOption, Family

__all__ = ["IdentifierTaken", "SkuTaken"]  # what writing refuses with, for those who call it here

M = TypeVar("M", bound=models.Model)

# Who writes when nobody is named: a seed, a test.
_PIM: Final = system("pim")


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


@dataclass(frozen=True, kw_only=True)
class OptionDraft:
    """An option of a select attribute, as it should be; `swatch` is a colour, `#c8b79e`, a picture's path, or empty."""

    code: str
    labels: Labels
    swatch: str = ""


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
    """A variant as it should be: its SKU and what it says itself, an option for every axis included.

    `model` is the code of the model that it inherits from; the axes may be said there.
    """

    sku: str
    values: rules.Values = field(default_factory=dict)
    model: str | None = None
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class ModelDraft:
    """A model as it should be: its own values only."""

    code: str
    values: rules.Values


@dataclass(frozen=True, kw_only=True)
class ProductDraft:
    """A whole product as it should be; `categories` are `{code: rank}`."""

    code: str
    values: rules.Values
    variants: tuple[VariantDraft, ...]
    axes: tuple[str, ...] = ()
    categories: Mapping[str, int] = field(default_factory=dict)
    tax_class: str = "standard"
    family: str | None = None
    models: tuple[ModelDraft, ...] = ()


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
        option.position, option.labels, option.swatch = position, dict(wanted.labels), wanted.swatch
        option.save()


@transaction_required
def save_product(*, draft: ProductDraft, now: datetime, by: Actor = _PIM) -> SavedProduct:
    """Create the product, or make it as the draft says; what the draft does not name is archived.

    Locks the product. Errors: InvalidProduct with a field error per value; SkuTaken; IdentifierTaken; NotFound for a
    category or the family.
    """
    form, definitions = _checked(draft)
    saved = load(codes={draft.code}).get(draft.code.lower())
    if saved is not None:
        kept = saved.form
        skus = {variant.sku.lower(): variant.sku for variant in kept.variants}
        form = replace(
            form,
            code=kept.code,
            family_variant=kept.family_variant,
            links=kept.links,
            variants=tuple(replace(each, sku=skus.get(each.sku.lower(), each.sku)) for each in form.variants),
        )
    return _write(saved, form, definitions, by, now)


@transaction_required
def link_product(*, code: str, links: Sequence[LinkDraft], now: datetime, by: Actor = _PIM) -> SavedProduct:
    """Make these, in this order, the product's links. Locks the product. Errors: NotFound for what they name."""
    saved = load(codes={code}).get(code.lower())
    if saved is None:
        raise NotFound(f"There is no product {code}.")
    targets = {target.code.lower(): target.code for target in _all(Product, {each.target for each in links})}
    types = {each.code.lower(): each.code for each in _all(LinkType, {each.kind for each in links})}
    wanted = tuple(
        LinkForm(
            kind=types[each.kind.lower()],
            target=targets[each.target.lower()],
            suits=_option(each.suits),
            quantity=each.quantity,
        )
        for each in links
    )
    definitions = list_definitions(codes=attributes_of(form=saved.form))
    return _write(saved, replace(saved.form, links=wanted), definitions, by, now)


def _write(
    saved: Saved | None,
    form: ProductForm,
    definitions: Mapping[str, rules.Definition],
    by: Actor,
    now: datetime,
) -> SavedProduct:
    written = write(writes=[Write(saved=saved, form=form)], definitions=definitions, by=by, now=now)
    if written:
        return SavedProduct(product_id=written[0].public_id, version=written[0].version, changed=True)
    assert saved is not None
    return SavedProduct(product_id=saved.row.public_id, version=saved.row.version, changed=False)


def attributes_of(*, form: ProductForm) -> set[str]:
    """The codes of all attributes of which the product, its models or its variants say something."""
    return {
        code
        for values in (
            form.values,
            *(model.values for model in form.models),
            *(variant.values for variant in form.variants),
        )
        for code in values
    }


def _all(model: type[M], codes: Collection[str]) -> list[M]:
    """The rows of all these codes. Errors: NotFound naming those that are missing."""
    rows = list(with_code(model, codes)) if codes else []
    missing = {code.lower(): code for code in codes}
    for row in rows:
        missing.pop(row.code.lower())  # type: ignore[attr-defined]
    if missing:
        raise NotFound(f"There is no {model._meta.verbose_name} {', '.join(sorted(missing.values()))}.")
    return rows


def _option(suits: tuple[str, str] | None) -> tuple[str, str] | None:
    """(attribute, option) in the case of their definitions. Errors: NotFound."""
    if suits is None:
        return None
    attribute, code = suits
    for option in with_code(AttributeOption, {code}).select_related("attribute"):
        if option.attribute.code.lower() == attribute.lower():
            return option.attribute.code, option.code
    raise NotFound(f"{attribute} has no option {code}.")


def _checked(draft: ProductDraft) -> tuple[ProductForm, dict[str, rules.Definition]]:
    """The draft with its codes as they are defined, and the definitions. Errors: InvalidProduct, NotFound."""
    owners = [
        draft.values,
        *(model.values for model in draft.models),
        *(variant.values for variant in draft.variants),
    ]
    definitions = list_definitions(codes={*draft.axes, *(code for values in owners for code in values)})
    channels = dict(Channel.objects.values_list("code", "locales"))
    errors = [] if draft.variants else [_missing("/variants", "A product has at least one variant.")]

    def judged(values: rules.Values, pointer: str) -> rules.Values:
        checked = rules.check_values(
            values=values, definitions=definitions, channels=channels, pointer=pointer
        )
        errors.extend(checked.errors)
        return checked.values

    shared = judged(draft.values, "/values")
    axes = tuple(definitions[axis.lower()].code for axis in draft.axes if axis.lower() in definitions)
    if len(axes) != len(draft.axes):
        errors.append(_missing("/axes", "An axis is an attribute."))
    models = {}
    for index, model in enumerate(draft.models):
        own = judged(model.values, f"/models/{index}/values")
        key = rules.axis_key(axes=[axis for axis in axes if axis in own], values=own)
        models[model.code.lower()] = ModelForm(code=model.code, axis_key=key, values=own)
    variants: dict[str, VariantForm] = {}
    for index, variant in enumerate(draft.variants):
        at = f"/variants/{index}"
        own = judged(variant.values, f"{at}/values")
        above = models.get(variant.model.lower()) if variant.model else None
        if variant.model and above is None:
            errors.append(_missing(f"{at}/model", "The product has no such model."))
        try:
            key = rules.axis_key(axes=axes, values=rules.inherited(above.values if above else {}, own))
        except KeyError as axis:
            errors.append(_missing(f"{at}/values", f"The variant does not say its {axis.args[0]}."))
            continue
        if key.lower() in variants:
            errors.append(
                FieldError(pointer=at, code="not_unique", detail="Two variants are alike on every axis.")
            )
        variants[key.lower()] = VariantForm(
            sku=variant.sku,
            axis_key=key,
            values=own,
            model=above.code if above else None,
            enabled=variant.enabled,
        )
    if errors:
        raise InvalidProduct(errors)
    names = {category.code.lower(): category.code for category in _all(Category, draft.categories)}
    form = ProductForm(
        code=draft.code,
        family=_all(Family, {draft.family})[0].code if draft.family else None,
        tax_class=draft.tax_class,
        values=shared,
        axes=axes,
        categories={names[code.lower()]: rank for code, rank in draft.categories.items()},
        models=tuple(models.values()),
        variants=tuple(variants.values()),
    )
    return form, definitions


def _missing(pointer: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code="missing", detail=detail)
