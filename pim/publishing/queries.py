"""Reading publications."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from config.kernel.prepared import fetch_all
from pim.catalogue.models import Category, Channel, Product, ProductLink
from pim.catalogue.queries import (
    ModelValue,
    ProductValue,
    VariantValue,
    list_category_ids_below,
    list_presenters,
    product_value,
    whole,
)
from pim.catalogue.writing import New
from pim.publishing import rules
from pim.publishing.models import Publication
from pim.structure.models import Attribute


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


def list_published() -> Iterator[UUID]:
    """Every product that was ever published anywhere, withdrawn ones included; by their ids, oldest first."""
    published = Product.objects.filter(Exists(Publication.objects.filter(product=OuterRef("pk"))))
    rows = published.order_by("pk").values_list("public_id", flat=True)
    return rows.iterator(chunk_size=10_000)


def list_channels_of(*, product_refs: Collection[UUID]) -> set[tuple[UUID, str]]:
    """(product, channel) wherever one of these products was ever published, withdrawals included."""
    rows = Publication.objects.filter(number=1, product__public_id__in=product_refs)
    return set(rows.values_list("product__public_id", "channel__code"))


def list_newer(*, shown: Mapping[tuple[UUID, str], int]) -> list[PublicationValue]:
    """Of each (product, channel) the publication that holds, if its number is greater than this. In one statement."""
    keys = list(shown)
    found = fetch_all(
        statement=_NEWER,
        parameters=[[ref for ref, _ in keys], [channel for _, channel in keys], [shown[key] for key in keys]],
        keeps_plan=False,
    )
    return [
        PublicationValue(
            product_ref=ref,
            channel=channel,
            number=number,
            withdrawn=withdrawn,
            document=orjson.loads(document),
            published_at=published_at,
            first_published_at=first_published_at,
        )
        for ref, channel, number, withdrawn, document, published_at, first_published_at in found
    ]


# Each is looked up by itself (OFFSET 0 forbids a join): while a catalogue comes in, PostgreSQL does not know yet how
# large the tables have become, and would read all publications for a hundred of them.
_NEWER: Final = """
    SELECT shown.product_ref, shown.channel, held.number, held.withdrawn, held.document::text, held.published_at,
        first.published_at
    FROM unnest(%s::uuid[], %s::text[], %s::integer[]) AS shown (product_ref, channel, number)
    CROSS JOIN LATERAL (SELECT id FROM pim_product WHERE public_id = shown.product_ref OFFSET 0) product
    CROSS JOIN LATERAL (SELECT id FROM pim_channel WHERE code = shown.channel OFFSET 0) channel
    CROSS JOIN LATERAL (
        SELECT number, withdrawn, document, published_at FROM pim_publication publication
        WHERE publication.product_id = product.id AND publication.channel_id = channel.id
        ORDER BY publication.number DESC LIMIT 1
    ) held
    CROSS JOIN LATERAL (
        SELECT published_at FROM pim_publication publication
        WHERE publication.product_id = product.id AND publication.channel_id = channel.id
            AND publication.number = 1 OFFSET 0
    ) first
    WHERE held.number > shown.number
"""


def list_publications_of(*, product_id: UUID) -> QuerySet[Publication]:
    """The publications of one product that hold, with their channels."""
    return _holding().filter(product__public_id=product_id).order_by("channel__code")


def _holding() -> QuerySet[Publication]:
    """Of each product and channel the publication with the highest number."""
    same = Publication.objects.filter(product=OuterRef("product"), channel=OuterRef("channel"))
    return Publication.objects.filter(id=Subquery(same.order_by("-number").values("id")[:1])).select_related(
        "product", "channel"
    )


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """A channel with what every document for it is made with: the categories of its tree that are not archived."""

    channel: Channel
    categories: frozenset[str]


def get_outlet(*, channel: Channel) -> Outlet:
    """The channel's outlet; its tree was read along with it."""
    below = list_category_ids_below(root=channel.tree)
    codes = Category.objects.filter(id__in=below, archived_at=None).values_list("code", flat=True)
    return Outlet(channel=channel, categories=frozenset(codes))


def list_public_attributes() -> frozenset[str]:
    """The attributes that may leave the house."""
    return frozenset(Attribute.objects.filter(public=True).values_list("code", flat=True))


def list_links(*, products: Collection[Product]) -> dict[int, list[rules.SourceLink]]:
    """The links of these products, in order, by the products' ids; a two-way link is one of both its ends.

    Links to what is archived are left out.
    """
    links = ProductLink.objects.select_related("type", "suits__attribute").order_by("position", "id")
    forth = links.filter(source__in=products, target__archived_at=None).select_related("target")
    back = links.filter(target__in=products, source__archived_at=None, type__two_way=True).select_related(
        "source"
    )
    found: dict[int, list[rules.SourceLink]] = {}
    for link in forth:
        suits = (link.suits.attribute.code, link.suits.code) if link.suits else None
        found.setdefault(link.source_id, []).append(
            rules.SourceLink(
                kind=link.type.code, product=link.target.public_id, suits=suits, quantity=link.quantity
            )
        )
    for link in back:
        told = rules.SourceLink(kind=link.type.code, product=link.source.public_id, suits=None)
        known = found.setdefault(link.target_id, [])
        if (told.kind, told.product) not in {(each.kind, each.product) for each in known}:
            known.append(told)
    return found


def source_of(
    *, value: ProductValue, outlet: Outlet, links: Sequence[rules.SourceLink], public: frozenset[str]
) -> rules.Source:
    """Everything that a document of the product for the channel is made of."""
    models = {model.code: model.values for model in value.models}
    return rules.Source(
        ref=value.ref,
        code=value.code,
        tax_class=value.tax_class,
        values=value.values,
        axes=value.axes,
        variants=[
            rules.SourceVariant(
                ref=each.ref,
                sku=each.sku,
                values=each.values,
                layers=[models[each.model]] if each.model else [],
            )
            for each in value.variants
            if each.enabled
        ],
        categories={code: rank for code, rank in value.categories.items() if code in outlet.categories},
        links=links,
        public=public,
        family=value.family,
        label=value.label,
        image=value.image,
    )


def values_of(*, rows: Collection[Product], new: Sequence[New]) -> dict[int, ProductValue]:
    """The values of products by their ids; those that were made just now, the `new` ones, are not read."""
    made = {each.row.pk for each in new}
    read = whole(Product.objects.filter(pk__in=[row.pk for row in rows if row.pk not in made]))
    presenters = list_presenters(families={each.form.family for each in new if each.form.family})
    return {row.pk: product_value(row) for row in read} | {
        each.row.pk: _value_of(each, *presenters.get(each.form.family or "", (None, None))) for each in new
    }


def _value_of(new: New, label: str | None, image: str | None) -> ProductValue:
    row, form = new.row, new.form
    return ProductValue(
        ref=row.public_id,
        code=row.code,
        version=row.version,
        family=form.family,
        label=label,
        image=image,
        tax_class=form.tax_class,
        values=form.values,
        axes=form.axes,
        categories=dict(sorted(form.categories.items(), key=lambda each: (each[1], each[0]))),
        models=tuple(ModelValue(code=model.code, values=model.values) for model in form.models),
        variants=tuple(
            VariantValue(
                ref=variant.public_id,
                sku=said.sku,
                values=said.values,
                model=said.model,
                enabled=said.enabled,
            )
            for variant, said in zip(new.variants, form.variants, strict=True)
        ),
        changed_at=row.changed_at,
        archived=form.archived,
    )


def list_newest(
    *, products: Collection[Product], channels: Collection[Channel]
) -> dict[tuple[int, int], Publication]:
    """The publications that hold, without their documents, by the ids of product and channel.

    Locked products get no newer ones.
    """
    rows = (
        Publication.objects.filter(product__in=products, channel__in=channels)
        .order_by("product", "channel", "-number")
        .distinct("product", "channel")
        .defer("document")
    )
    return {(row.product_id, row.channel_id): row for row in rows}


def list_documents(*, publications: Iterable[Publication]) -> dict[int, dict[str, Any]]:
    """The documents of these publications, by their ids."""
    rows = Publication.objects.filter(pk__in=[row.pk for row in publications])
    return dict(rows.values_list("pk", "document"))
