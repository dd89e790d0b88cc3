"""Reading publications."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from config.kernel.errors import NotFound
from pim.catalogue.models import Category, Channel, Product, ProductLink
from pim.catalogue.queries import ProductValue, list_category_ids_below
from pim.publishing import rules
from pim.publishing.models import Publication


@dataclass(frozen=True, kw_only=True)
class PublicationValue:
    """What a product says in a channel; `document` is empty when it was withdrawn.

    `first_published_at` is when it came to the channel.
    """

    product_ref: UUID
    channel: str
    number: int
    withdrawn: bool
    document: Mapping[str, Any]
    published_at: datetime
    first_published_at: datetime


def find_publication(*, product_ref: UUID, channel: str) -> PublicationValue | None:
    """The publication that holds, withdrawals included."""
    row = _holding().filter(product__public_id=product_ref, channel__code=channel).first()
    return None if row is None else _value(row)


def get_publication(*, product_ref: UUID, channel: str) -> PublicationValue:
    """The publication that holds. Errors: NotFound when the product was never published there."""
    found = find_publication(product_ref=product_ref, channel=channel)
    if found is None:
        raise NotFound
    return found


def list_publications() -> Iterator[PublicationValue]:
    """Every publication that holds, in every channel, without keeping them all in memory."""
    return (_value(row) for row in _holding().iterator(chunk_size=200))


def list_publications_of(*, product_id: UUID) -> QuerySet[Publication]:
    """The publications of one product that hold, with their channels."""
    return _holding().filter(product__public_id=product_id).order_by("channel__code")


def _holding() -> QuerySet[Publication]:
    """Of each product and channel the publication with the highest number."""
    same = Publication.objects.filter(product=OuterRef("product"), channel=OuterRef("channel"))
    return (
        Publication.objects.filter(id=Subquery(same.order_by("-number").values("id")[:1]))
        .annotate(first_published_at=Subquery(same.filter(number=1).values("published_at")))
        .select_related("product", "channel")
    )


def _value(row: Publication) -> PublicationValue:
    return PublicationValue(
        product_ref=row.product.public_id,
        channel=row.channel.code,
        number=row.number,
        withdrawn=row.withdrawn,
        document=row.document,
        published_at=row.published_at,
        first_published_at=row.first_published_at,  # type: ignore[attr-defined]
    )


def get_source(
    *, product: Product, value: ProductValue, channel: Channel, public: frozenset[str]
) -> rules.Source:
    """Everything that a document of the product for the channel is made of."""
    in_tree = set(
        Category.objects.filter(
            id__in=list_category_ids_below(root=channel.tree), code__in=value.categories, archived_at=None
        ).values_list("code", flat=True)
    )
    links = (
        ProductLink.objects.filter(source=product, target__archived_at=None)
        .select_related("target", "type", "suits__attribute")
        .order_by("position")
    )
    return rules.Source(
        ref=value.ref,
        code=value.code,
        tax_class=value.tax_class,
        values=value.values,
        axes=value.axes,
        variants=[
            rules.SourceVariant(ref=each.ref, sku=each.sku, values=each.values) for each in value.variants
        ],
        categories={code: rank for code, rank in value.categories.items() if code in in_tree},
        links=[
            rules.SourceLink(
                kind=link.type.code,
                product=link.target.public_id,
                suits=(link.suits.attribute.code, link.suits.code) if link.suits else None,
            )
            for link in links
        ],
        public=public,
    )
