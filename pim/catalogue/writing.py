"""Writing products, many at once: the one place where rows of products, models and variants are made and changed.

A call takes some 25 statements however many products it is given. The caller has judged the values.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Prefetch
from django.db.models.functions import Lower

from config.kernel.actors import Actor
from config.kernel.db import copy_in, lock, transaction_required
from config.kernel.errors import Refusal
from config.kernel.values import to_json
from pim.catalogue import forms, rules
from pim.catalogue.forms import LinkForm, ModelForm, ProductForm, VariantForm
from pim.catalogue.models import (
    Category,
    Identifier,
    LinkType,
    OptionReference,
    Product,
    ProductAxis,
    ProductCategory,
    ProductChange,
    ProductLink,
    ProductModel,
    Variant,
)
from pim.catalogue.queries import with_code
from pim.structure.models import Attribute, AttributeOption, Family, FamilyVariant


class SkuTaken(Refusal):
    """The SKU belongs to a variant of another product, or the code to another's model."""

    code = "sku_taken"
    status = 409
    title = "Another product has this SKU."


class IdentifierTaken(Refusal):
    """Something else says this value of an attribute whose values are unique."""

    code = "identifier_taken"
    status = 409
    title = "Another product has this identifier."


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A product as it is saved, with its locked row."""

    row: Product
    form: ProductForm


@dataclass(frozen=True, kw_only=True)
class Write:
    """Make the product that `saved` is (or a new one) what `form` says.

    `is_told`: with a history row. Who makes a product in two writes leaves it out of the first, and says of the second
    that it `completes` the first: the version stays, and one row tells of both.
    """

    saved: Saved | None
    form: ProductForm
    is_told: bool = True
    completes: bool = False

    @property
    def before(self) -> ProductForm | None:
        """What history tells the form apart from."""
        return self.saved.form if self.saved and not self.completes else None


@transaction_required
def load(*, codes: Collection[str]) -> dict[str, Saved]:
    """Lock the products of these codes and read them whole; by lower-case code."""
    rows = lock(with_code(Product, codes))
    found = Product.objects.filter(pk__in=[row.pk for row in rows]).select_related("family", "family_variant")
    whole = found.prefetch_related(
        Prefetch("models", ProductModel.objects.filter(archived_at=None).order_by("position"), "kept_models"),
        Prefetch(
            "variants",
            Variant.objects.filter(archived_at=None).select_related("model").order_by("position"),
            "kept_variants",
        ),
        Prefetch("axes", ProductAxis.objects.select_related("attribute").order_by("position")),
        Prefetch("memberships", ProductCategory.objects.select_related("category")),
        Prefetch(
            "links",
            ProductLink.objects.select_related("type", "target", "suits__attribute").order_by("position"),
        ),
    )
    return {row.code.lower(): Saved(row=row, form=_form(row)) for row in whole}


def _form(row: Product) -> ProductForm:
    return ProductForm(
        code=row.code,
        family=row.family.code if row.family else None,
        family_variant=row.family_variant.code if row.family_variant else None,
        tax_class=row.tax_class,
        values=row.values,
        axes=tuple(axis.attribute.code for axis in row.axes.all()),
        categories={each.category.code: each.rank for each in row.memberships.all()},
        models=tuple(
            ModelForm(code=model.code, axis_key=model.axis_key, values=model.values)
            for model in row.kept_models  # type: ignore[attr-defined]
        ),
        variants=tuple(
            VariantForm(
                sku=variant.sku,
                axis_key=variant.axis_key,
                values=variant.values,
                model=variant.model.code if variant.model else None,
                enabled=variant.enabled,
            )
            for variant in row.kept_variants  # type: ignore[attr-defined]
        ),
        links=tuple(
            LinkForm(
                kind=link.type.code,
                target=link.target.code,
                suits=(link.suits.attribute.code, link.suits.code) if link.suits else None,
                quantity=link.quantity,
            )
            for link in row.links.all()
        ),
        archived=row.archived_at is not None,
    )


@transaction_required
def write(
    *,
    writes: Sequence[Write],
    definitions: Mapping[str, rules.Definition],
    by: Actor,
    now: datetime,
) -> list[Product]:
    """Write the products that differ from what is saved, each with a history row; their rows.

    `definitions` are by lower-case code and know every attribute that the values name. Links must lead to products that
    are saved. Errors: SkuTaken, IdentifierTaken.
    """
    due = [each for each in writes if each.saved is None or each.completes or each.saved.form != each.form]
    return _Writer(due, definitions, by, now).run() if due else []


class _Writer:
    """One call of `write`."""

    def __init__(
        self,
        writes: Sequence[Write],
        definitions: Mapping[str, rules.Definition],
        by: Actor,
        now: datetime,
    ) -> None:
        self.writes, self.definitions, self.by, self.now = writes, definitions, by, now
        self.rows: list[Product] = []
        self.models: dict[str, ProductModel] = {}
        self.variants: dict[str, Variant] = {}

    def run(self) -> list[Product]:
        self._write_products()
        self._write_models()
        self._write_variants()
        self._write_axes()
        self._write_memberships()
        self._write_links()
        self._write_references()
        self._write_history()
        return self.rows

    def _write_products(self) -> None:
        families = _ids(Family, {each.form.family for each in self.writes})
        family_variants = _ids(FamilyVariant, {each.form.family_variant for each in self.writes})
        for each in self.writes:
            row = (
                each.saved.row if each.saved else Product(code=each.form.code, version=0, created_at=self.now)
            )
            form = each.form
            row.family_id = families[form.family] if form.family else None
            row.family_variant_id = family_variants[form.family_variant] if form.family_variant else None
            row.values, row.tax_class = dict(form.values), form.tax_class
            row.version += 0 if each.completes else 1
            row.changed_at, row.archived_at = self.now, (self.now if form.archived else None)
            self.rows.append(row)
        fields = ("family", "family_variant", "values", "tax_class", "version", "changed_at", "archived_at")
        _store(Product, self.rows, fields)

    def _write_models(self) -> None:
        wanted = [
            (row, position, form)
            for row, each in self._pairs(*_SAID)
            for position, form in enumerate(each.form.models)
        ]
        known = {
            model.code.lower(): model for model in with_code(ProductModel, {form.code for *_, form in wanted})
        }
        self._archive(ProductModel)
        for row, position, form in wanted:
            model = known.get(form.code.lower()) or ProductModel(product=row, code=form.code)
            _require_owner(model, row, model.code)
            model.axis_key, model.values = form.axis_key, dict(form.values)
            model.position, model.archived_at = position, None
            self.models[form.code] = model
        _store(ProductModel, self.models.values(), ("axis_key", "values", "position", "archived_at"))

    def _write_variants(self) -> None:
        wanted = [
            (row, position, form)
            for row, each in self._pairs(*_SAID)
            for position, form in enumerate(each.form.variants)
        ]
        skus = {form.sku.lower() for *_, form in wanted}
        known = {
            variant.sku.lower(): variant
            for variant in Variant.objects.alias(lower_sku=Lower("sku")).filter(lower_sku__in=skus)
        }
        self._archive(Variant)
        for row, position, form in wanted:
            variant = known.get(form.sku.lower()) or Variant(product=row, sku=form.sku)
            _require_owner(variant, row, variant.sku)
            variant.model = self.models[form.model] if form.model else None
            variant.axis_key, variant.values, variant.enabled = form.axis_key, dict(form.values), form.enabled
            variant.position, variant.archived_at = position, None
            self.variants[form.sku] = variant
        fields = ("model", "axis_key", "values", "enabled", "position", "archived_at")
        _store(Variant, self.variants.values(), fields)

    def _archive(self, kind: type[ProductModel] | type[Variant]) -> None:
        """All of them first, so that another can take a place on the axes; those that are wanted come back."""
        kind.objects.filter(product__in=self._old(*_SAID), archived_at=None).update(archived_at=self.now)

    def _write_axes(self) -> None:
        attributes = _ids(Attribute, {code for _, each in self._pairs("axes") for code in each.form.axes})
        ProductAxis.objects.filter(product__in=self._old("axes")).delete()
        ProductAxis.objects.bulk_create(
            ProductAxis(product=row, attribute_id=attributes[code], position=position)
            for row, each in self._pairs("axes")
            for position, code in enumerate(each.form.axes)
        )

    def _write_memberships(self) -> None:
        categories = _ids(
            Category, {code for _, each in self._pairs("categories") for code in each.form.categories}
        )
        ProductCategory.objects.filter(product__in=self._old("categories")).delete()
        copy_in(
            [
                ProductCategory(product_id=row.pk, category_id=categories[code], rank=rank)
                for row, each in self._pairs("categories")
                for code, rank in each.form.categories.items()
            ]
        )

    def _write_links(self) -> None:
        links = [
            (row, position, link)
            for row, each in self._pairs("links")
            for position, link in enumerate(each.form.links)
        ]
        types = _ids(LinkType, {link.kind for *_, link in links})
        targets = _ids(Product, {link.target for *_, link in links})
        options = _option_ids({link.suits for *_, link in links if link.suits})
        ProductLink.objects.filter(source__in=self._old("links")).delete()
        ProductLink.objects.bulk_create(
            ProductLink(
                source=row,
                type_id=types[link.kind],
                target_id=targets[link.target],
                suits_id=options[link.suits] if link.suits else None,
                quantity=link.quantity,
                position=position,
            )
            for row, position, link in links
        )

    def _write_references(self) -> None:
        """Make the option references and the identifiers what the values say."""
        said = [
            (row, model, variant, values)
            for row, each in self._pairs(*_SAID)
            for model, variant, values in self._owners(each.form)
        ]
        named = [
            (row, model, variant, option)
            for row, model, variant, values in said
            for option in sorted(rules.options_in(values=values, definitions=self.definitions))
        ]
        options = _option_ids({option for *_, option in named})
        OptionReference.objects.filter(product__in=self._old(*_SAID)).delete()
        copy_in(
            [
                OptionReference(
                    product_id=row.pk,
                    model_id=model.pk if model else None,
                    variant_id=variant.pk if variant else None,
                    option_id=options[option],
                )
                for row, model, variant, option in named
            ]
        )
        unique = [
            (row, variant, attribute, value)
            for row, _, variant, values in said
            for attribute, value in rules.identifiers_in(values=values, definitions=self.definitions)
        ]
        attributes = _ids(Attribute, {attribute for _, _, attribute, _ in unique})
        Identifier.objects.filter(product__in=self._old(*_SAID)).delete()
        rows = [
            Identifier(product=row, variant=variant, attribute_id=attributes[attribute], value=value)
            for row, variant, attribute, value in unique
        ]
        Identifier.objects.bulk_create(rows, ignore_conflicts=True)
        if rows and Identifier.objects.filter(product__in=self.rows).count() != len(rows):
            raise IdentifierTaken

    def _owners(
        self, form: ProductForm
    ) -> Iterable[tuple[ProductModel | None, Variant | None, rules.Values]]:
        yield None, None, form.values
        for model in form.models:
            yield self.models[model.code], None, model.values
        for variant in form.variants:
            yield None, self.variants[variant.sku], variant.values

    def _write_history(self) -> None:
        actor = to_json(self.by)
        copy_in(
            [
                ProductChange(
                    product=row,
                    version=row.version,
                    delta=forms.delta(before=each.before, after=each.form),
                    actor=actor,
                    changed_at=self.now,
                )
                for row, each in self._pairs()
                if each.is_told
            ]
        )

    def _pairs(self, *parts: str) -> list[tuple[Product, Write]]:
        """The rows with what is written of them: all, or those in which one of these parts of the form differs."""
        pairs = zip(self.rows, self.writes, strict=True)
        return [(row, each) for row, each in pairs if not parts or _differs(each, parts)]

    def _old(self, *parts: str) -> list[int]:
        """The ids of those that were there before: only they can have something to take away."""
        return [row.pk for row, each in self._pairs(*parts) if each.saved]


# What the rows of models and variants, and what they refer to, are made of.
_SAID: Final = ("values", "models", "variants")


def _differs(each: Write, parts: Iterable[str]) -> bool:
    if each.saved is None:
        return True
    return any(getattr(each.saved.form, part) != getattr(each.form, part) for part in parts)


def _store(model: type[Any], rows: Iterable[Any], fields: Sequence[str]) -> None:
    """Insert the new rows and update the others."""
    every = list(rows)
    old = [row for row in every if row.pk]
    copy_in([row for row in every if not row.pk])
    if old:
        model.objects.bulk_update(old, fields)


def _require_owner(found: ProductModel | Variant, row: Product, code: str) -> None:
    if found.pk and found.product_id != row.pk:
        raise SkuTaken(skus=[code])


def _ids(model: type[Any], codes: Collection[str | None]) -> dict[str, int]:
    """The ids of rows by their codes as they are written. Codes were judged before, so none is missing."""
    wanted = {code for code in codes if code}
    return dict(model.objects.filter(code__in=wanted).values_list("code", "pk")) if wanted else {}


def _option_ids(options: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    if not options:
        return {}
    found = AttributeOption.objects.filter(
        attribute__code__in={attribute for attribute, _ in options}, code__in={code for _, code in options}
    )
    return {
        (attribute, code): option_id
        for attribute, code, option_id in found.values_list("attribute__code", "code", "pk")
    }
