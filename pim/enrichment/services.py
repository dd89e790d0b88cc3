"""Keeping completeness up to date with what products say."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import lock, outside_transaction, transaction, transaction_required
from pim.catalogue.models import Channel, Product, ProductModel, Variant
from pim.catalogue.queries import with_code
from pim.catalogue.rules import Values, inherited
from pim.enrichment.models import Completeness
from pim.enrichment.rules import Demand, Requirement
from pim.enrichment.rules import assess as assess_values
from pim.structure.models import Attribute, AttributeType, Family, FamilyRequirement

PRODUCTS_AT_A_TIME: Final = 200


@transaction_required
def assess(*, product_ids: Collection[int], now: datetime) -> int:
    """Write how complete the variants of these products are, where that has changed; how many rows were written.

    Whoever writes products calls this in the same transaction: the products are locked there. Ten statements at
    most, whatever the number.
    """
    standings = dict(_standings(product_ids))
    known = {row.pk: row for row in Completeness.objects.filter(variant__product__in=product_ids).order_by()}
    Completeness.objects.filter(pk__in=known.keys() - standings.keys()).delete()
    rows = [
        Completeness(pk=variant, channels=channels, assessed_at=now)
        for variant, channels in standings.items()
        if variant not in known or known[variant].channels != channels
    ]
    Completeness.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["variant"], update_fields=["channels", "assessed_at"]
    )
    return len(rows) + len(known.keys() - standings.keys())


@transaction_required
def assess_products(*, codes: Collection[str], now: datetime) -> None:
    """The same for the products of these codes, which it locks."""
    assess(product_ids=[row.pk for row in lock(with_code(Product, codes))], now=now)


@transaction_required
def assess_product(*, product_ref: UUID, now: datetime) -> None:
    """The same for one product, which it locks; one that is gone is left."""
    assess(product_ids=[row.pk for row in lock(Product.objects.filter(public_id=product_ref))], now=now)


@outside_transaction
def assess_family(*, family: str, by: Actor, now: datetime) -> None:
    """The same for every product of a family, some hundred per transaction; a family that is gone has none."""
    last: int | None = 0
    while last is not None:
        last = assess_some(family=family, after=last, by=by, now=now)


@transaction
def assess_some(*, family: str, after: int, by: Actor, now: datetime) -> int | None:
    """The next products of the family behind that id; the last one's id, None when there were no more. Locks them."""
    found = Product.objects.filter(family__in=with_code(Family, {family}), archived_at=None, pk__gt=after)
    pks = list(found.order_by("pk").values_list("pk", flat=True)[:PRODUCTS_AT_A_TIME])
    rows = lock(Product.objects.filter(pk__in=pks))
    assess(product_ids=[row.pk for row in rows], now=now)
    return pks[-1] if pks else None


def _standings(product_ids: Collection[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Variants that something is asked of, and how they stand."""
    products = {
        pk: (family, values)
        for pk, family, values in Product.objects.filter(
            pk__in=product_ids, family__isnull=False
        ).values_list("pk", "family_id", "values")
    }
    demands = _demands({family for family, _ in products.values() if family})
    models = dict(ProductModel.objects.filter(product__in=products).values_list("pk", "values"))
    variants = Variant.objects.filter(product__in=products, archived_at=None)
    for pk, product, model, values in variants.values_list("pk", "product_id", "model_id", "values"):
        family, common = products[product]
        asked = demands.get(family or 0, [])
        if standing := assess_values(values=_whole(common, models.get(model or 0), values), demands=asked):
            yield pk, dict(standing)


def _whole(common: Values, of_model: Values | None, own: Values) -> Values:
    """What a variant says with all that it inherits; most have nothing of their own, and need no merging."""
    layers = [values for values in (common, of_model, own) if values]
    return layers[0] if len(layers) == 1 else inherited(*layers)


def _demands(families: Collection[int]) -> Mapping[int, list[Demand]]:
    """What every channel asks of these families."""
    channels = list(Channel.objects.order_by("code"))
    sku = Attribute.objects.filter(type=AttributeType.IDENTIFIER).order_by("pk").first()
    asked: dict[tuple[int, int], list[Requirement]] = {}
    rows = FamilyRequirement.objects.filter(family__in=families).select_related("attribute")
    for row in rows:
        attribute = row.attribute
        locales = attribute.limits.get("locales")
        asked.setdefault((row.family_id, row.channel_id), []).append(
            Requirement(
                code=attribute.code,
                type=attribute.type,
                localisable=attribute.localisable,
                scopable=attribute.scopable,
                locales=frozenset(locales) if locales else None,
                # the first identifier is the SKU's, and a variant always has one
                always=sku is not None and attribute.pk == sku.pk,
            )
        )
    return {
        family: [
            Demand(
                channel=channel.code,
                locales=channel.locales,
                currencies=channel.currencies,
                requirements=asked[family, channel.pk],
            )
            for channel in channels
            if (family, channel.pk) in asked
        ]
        for family in families
    }
