"""Writing products. Everything here joins the caller's transaction and can be repeated: codes are the keys.

Lock order inside the PIM: the product first, then what belongs to it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from django.db import models

from config.kernel.actors import Actor, system
from config.kernel.db import transaction_required
from config.kernel.errors import FieldError, InvalidInput, NotFound
from pim.catalogue import rules
from pim.catalogue.drafts import (
    LinkDraft,
    ModelDraft,
    ProductDraft,
    VariantDraft,
)
from pim.catalogue.forms import LinkForm, ModelForm, ProductForm, VariantForm
from pim.catalogue.models import Category, Channel, LinkType, Product
from pim.catalogue.queries import list_definitions, with_code
from pim.catalogue.writing import IdentifierTaken, SkuTaken, Write, load, write
from pim.structure.models import AttributeOption, Family

# What callers say drafts with, and what writing refuses with.
__all__ = [
    "IdentifierTaken",
    "LinkDraft",
    "ModelDraft",
    "ProductDraft",
    "SkuTaken",
    "VariantDraft",
]

M = TypeVar("M", bound=models.Model)

# Who writes when nobody is named: a seed, a test.
_PIM: Final = system("pim")


class InvalidProduct(InvalidInput):
    """What was said of a product does not fit the definitions. Nothing was saved."""

    code = "invalid_product"
    status = 422
    title = "The product's data does not fit the definitions."


@dataclass(frozen=True, kw_only=True)
class SavedProduct:
    """A product after a write; `changed` is false when everything was so already."""

    product_id: UUID
    version: int
    changed: bool


@transaction_required
def save_product(*, draft: ProductDraft, now: datetime, by: Actor = _PIM) -> SavedProduct:
    """Create the product, or make it as the draft says; what the draft does not name is archived.

    Locks the product. Errors: InvalidProduct with a field error per value; SkuTaken; IdentifierTaken; NotFound for a
    category or the family.
    """
    return save_products(drafts=[draft], now=now, by=by)[0]


@transaction_required
def save_products(*, drafts: Sequence[ProductDraft], now: datetime, by: Actor = _PIM) -> list[SavedProduct]:
    """The same for many, in as many statements as for one. Errors: as `save_product`, of the first that is refused."""
    known = _known(drafts)
    forms = [_checked(draft, known) for draft in drafts]
    saved = load(codes={draft.code for draft in drafts})
    writes = []
    for form in forms:
        before = saved.get(form.code.lower())
        writes.append(Write(saved=before, form=form if before is None else _kept(before.form, form)))
    return _write(writes, known.definitions, by, now)


def _kept(before: ProductForm, form: ProductForm) -> ProductForm:
    """What was saved of a product that a draft says nothing of stays."""
    skus = {variant.sku.lower(): variant.sku for variant in before.variants}
    return replace(
        form,
        code=before.code,
        family_variant=before.family_variant,
        links=before.links,
        variants=tuple(replace(each, sku=skus.get(each.sku.lower(), each.sku)) for each in form.variants),
    )


@transaction_required
def link_product(*, code: str, links: Sequence[LinkDraft], now: datetime, by: Actor = _PIM) -> SavedProduct:
    """Make these, in this order, the product's links. Locks the product. Errors: NotFound for what they name."""
    return link_products(links={code: links}, now=now, by=by)[0]


@transaction_required
def link_products(
    *, links: Mapping[str, Sequence[LinkDraft]], now: datetime, by: Actor = _PIM
) -> list[SavedProduct]:
    """The same for many, `{product code: links}`, in as many statements as for one."""
    every = [each for some in links.values() for each in some]
    saved = load(codes=links)
    if missing := sorted(code for code in links if code.lower() not in saved):
        raise NotFound(f"There is no product {', '.join(missing)}.")
    targets = {target.code.lower(): target.code for target in _all(Product, {each.target for each in every})}
    types = {each.code.lower(): each.code for each in _all(LinkType, {each.kind for each in every})}
    options = _options({each.suits for each in every if each.suits})
    writes = [
        Write(
            saved=saved[code.lower()],
            form=replace(
                saved[code.lower()].form,
                links=tuple(
                    LinkForm(
                        kind=types[each.kind.lower()],
                        target=targets[each.target.lower()],
                        suits=options[each.suits] if each.suits else None,
                        quantity=each.quantity,
                    )
                    for each in some
                ),
            ),
        )
        for code, some in links.items()
    ]
    named = {code for each in writes for code in attributes_of(form=each.form)}
    return _write(writes, list_definitions(codes=named), by, now)


def _write(
    writes: Sequence[Write], definitions: Mapping[str, rules.Definition], by: Actor, now: datetime
) -> list[SavedProduct]:
    written = {row.code.lower(): row for row in write(writes=writes, definitions=definitions, by=by, now=now)}
    rows = [(written.get(each.form.code.lower()), each.saved) for each in writes]
    told = []
    for changed, saved in rows:
        row = changed or (saved.row if saved else None)
        assert row is not None
        told.append(SavedProduct(product_id=row.public_id, version=row.version, changed=changed is not None))
    return told


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


def _options(wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Each (attribute, option) in the case of their definitions. Errors: NotFound."""
    rows = with_code(AttributeOption, {code for _, code in wanted}).select_related("attribute")
    known = {
        (row.attribute.code.lower(), row.code.lower()): (row.attribute.code, row.code)
        for row in (rows if wanted else ())
    }
    for attribute, code in sorted(wanted):
        if (attribute.lower(), code.lower()) not in known:
            raise NotFound(f"{attribute} has no option {code}.")
    return {(attribute, code): known[attribute.lower(), code.lower()] for attribute, code in wanted}


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What drafts are judged by, codes by their lower-case form."""

    definitions: Mapping[str, rules.Definition]
    channels: Mapping[str, Sequence[str]]
    categories: Mapping[str, str]
    families: Mapping[str, str]


def _known(drafts: Sequence[ProductDraft]) -> _Known:
    """Errors: NotFound for a category or a family."""
    owners = [draft.values for draft in drafts]
    owners += [model.values for draft in drafts for model in draft.models]
    owners += [variant.values for draft in drafts for variant in draft.variants]
    named = {code for draft in drafts for code in draft.axes} | {code for values in owners for code in values}
    categories = _all(Category, {code for draft in drafts for code in draft.categories})
    families = _all(Family, {draft.family for draft in drafts if draft.family})
    return _Known(
        definitions=list_definitions(codes=named),
        channels=dict(Channel.objects.values_list("code", "locales")),
        categories={row.code.lower(): row.code for row in categories},
        families={row.code.lower(): row.code for row in families},
    )


def _checked(draft: ProductDraft, known: _Known) -> ProductForm:
    """The draft with its codes as they are defined. Errors: InvalidProduct."""
    definitions, channels = known.definitions, known.channels
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
    return ProductForm(
        code=draft.code,
        family=known.families[draft.family.lower()] if draft.family else None,
        tax_class=draft.tax_class,
        values=shared,
        axes=axes,
        categories={known.categories[code.lower()]: rank for code, rank in draft.categories.items()},
        models=tuple(models.values()),
        variants=tuple(variants.values()),
    )


def _missing(pointer: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code="missing", detail=detail)
