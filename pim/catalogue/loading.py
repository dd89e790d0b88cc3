"""Reading products whole, to change them: locked, and as plain data."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch

from config.kernel.db import lock, transaction_required
from pim.catalogue.forms import LinkForm, ModelForm, ProductForm, VariantForm
from pim.catalogue.models import Product, ProductAxis, ProductCategory, ProductLink, ProductModel, Variant
from pim.catalogue.queries import with_code


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A product as it is saved, with its locked row."""

    row: Product
    form: ProductForm


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
