"""A product as plain data: as it is saved, as somebody wants it, and what lies between the two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pim.catalogue.rules import Values

_MISSING: Final = object()


@dataclass(frozen=True, kw_only=True)
class ModelForm:
    """A model of a product: its own values only."""

    code: str
    axis_key: str
    values: Values


@dataclass(frozen=True, kw_only=True)
class VariantForm:
    """A variant of a product: its own values only; `model` is the code of the model above it."""

    sku: str
    axis_key: str
    values: Values
    model: str | None = None
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class LinkForm:
    """A link to the product of code `target`; `suits` is (attribute, option)."""

    kind: str
    target: str
    suits: tuple[str, str] | None = None
    quantity: int | None = None


@dataclass(frozen=True, kw_only=True)
class ProductForm:
    """A whole product. Codes are in the case of what they name; categories are `{code: rank}`.

    Two forms are equal when the products are. Models and variants are those that are not archived, in order.
    """

    code: str
    family: str | None = None
    family_variant: str | None = None
    tax_class: str = "standard"
    values: Values = field(default_factory=dict)
    axes: tuple[str, ...] = ()
    categories: Mapping[str, int] = field(default_factory=dict)
    models: tuple[ModelForm, ...] = ()
    variants: tuple[VariantForm, ...] = ()
    links: tuple[LinkForm, ...] = ()
    archived: bool = False


def merged(*, saved: ProductForm | None, said: ProductForm) -> ProductForm:
    """What is saved with what is said put over it: a source adds and changes, and takes nothing away."""
    if saved is None:
        return said
    models = {model.code.lower(): model for model in saved.models}
    for model in said.models:
        old = models.get(model.code.lower())
        models[model.code.lower()] = (
            model if old is None else replace(model, code=old.code, values=_over(old.values, model.values))
        )
    variants = {variant.sku.lower(): variant for variant in saved.variants}
    for variant in said.variants:
        was = variants.get(variant.sku.lower())
        variants[variant.sku.lower()] = (
            variant
            if was is None
            else replace(variant, sku=was.sku, values=_over(was.values, variant.values))
        )
    return replace(
        said,
        code=saved.code,
        family=said.family or saved.family,
        family_variant=said.family_variant or saved.family_variant,
        tax_class=saved.tax_class,
        values=_over(saved.values, said.values),
        axes=said.axes or saved.axes,
        categories={**said.categories, **saved.categories},
        models=tuple(models.values()),
        variants=tuple(variants.values()),
        links=saved.links + tuple(link for link in said.links if link not in saved.links),
    )


def _over(old: Values, new: Values) -> dict[str, dict[str, dict[str, Any]]]:
    """The new word for an attribute, channel and locale in place of the old one."""
    held = {code: {channel: dict(said) for channel, said in by.items()} for code, by in old.items()}
    for code, by_channel in new.items():
        for channel, by_locale in by_channel.items():
            held.setdefault(code, {}).setdefault(channel, {}).update(by_locale)
    return held


def delta(*, before: ProductForm | None, after: ProductForm) -> dict[str, Any]:
    """What a history row says.

    `{"created": {"values", "models", "variants"}}`, as counts, for a first save; else `{"changed": {path: [before,
    after]}}`, where a path is `values/{attribute}/{channel}/{locale}` and the like, below `models/{code}/` or
    `variants/{sku}/` for what is said there; None stands for nothing.
    """
    if before is None:
        counted = {"values": _count(after), "models": len(after.models), "variants": len(after.variants)}
        return {"created": counted}
    new, old = dict(_leaves(after)), dict(_leaves(before))
    changed = [path for path in {**old, **new} if old.get(path, _MISSING) != new.get(path, _MISSING)]
    return {"changed": {path: [old.get(path), new.get(path)] for path in changed}}


def _count(form: ProductForm) -> int:
    """How many values the product, its models and its variants say of attributes."""
    owners = (form.values, *(model.values for model in form.models), *(each.values for each in form.variants))
    return sum(len(by_locale) for values in owners for said in values.values() for by_locale in said.values())


def _leaves(form: ProductForm) -> Iterator[tuple[str, Any]]:
    yield "family", form.family
    yield "family_variant", form.family_variant
    yield "tax_class", form.tax_class
    yield "archived", form.archived
    yield "axes", list(form.axes)
    yield from _values("", form.values)
    for code, rank in form.categories.items():
        yield f"categories/{code}", rank
    for model in form.models:
        yield f"models/{model.code}", model.axis_key
        yield from _values(f"models/{model.code}/", model.values)
    yield "order", [variant.sku for variant in form.variants]
    for variant in form.variants:
        at = f"variants/{variant.sku}"
        yield at, [variant.axis_key, variant.model, variant.enabled]
        yield from _values(f"{at}/", variant.values)
    yield (
        "links",
        [
            [link.kind, link.target, list(link.suits) if link.suits else None, link.quantity]
            for link in form.links
        ],
    )


def _values(at: str, values: Values) -> Iterator[tuple[str, Any]]:
    for attribute, by_channel in values.items():
        for channel, by_locale in by_channel.items():
            for locale, value in by_locale.items():
                yield f"{at}values/{attribute}/{channel}/{locale}", value
