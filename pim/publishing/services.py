"""Publishing: from what merchandisers work on to what a channel shows."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import copy_in, lock, transaction, transaction_required
from config.kernel.errors import FieldError, InvalidInput, NotFound, Refusal
from config.kernel.events import emit, emit_all
from config.kernel.values import to_json
from config.kernel.versions import require_version
from pim.catalogue.models import Channel, Product
from pim.catalogue.queries import find_channel, get_product, product_value, whole, with_code
from pim.events import ProductPublished, ProductsPublished
from pim.publishing import rules
from pim.publishing.models import Publication
from pim.publishing.queries import (
    Outlet,
    get_outlet,
    list_links,
    list_newest,
    list_public_attributes,
    source_of,
)

PRODUCTS_IN_AN_EVENT: Final = 500


class NotPublishable(InvalidInput):
    """Something is missing that the channel cannot do without. Nothing was published."""

    code = "not_publishable"
    status = 422
    title = "The product cannot be published yet."


class UnknownChannel(InvalidInput):
    """There is no channel of that code."""

    code = "unknown_channel"
    status = 422
    title = "There is no such channel."


class ProductArchived(Refusal):
    """The product was archived; it cannot be shown again before it is taken out of the archive."""

    code = "product_archived"
    status = 409
    title = "The product is archived."


@dataclass(frozen=True, kw_only=True)
class Published:
    """Where a product stands in a channel now; `changed` is false when it stood there already."""

    product_id: UUID
    channel: str
    number: int
    withdrawn: bool
    changed: bool


@transaction
def publish_product(
    *, product_id: UUID, channel: str, version: int | None, by: Actor, now: datetime
) -> Published:
    """Publish the product as it is now to the channel, under the next number.

    `version` is the one that the caller has seen. Locks the product; emits ProductPublished.
    Errors: NotFound, VersionConflict, UnknownChannel, ProductArchived, NotPublishable.
    """
    product, place = _lock_product(product_id, version), _channel(channel)
    document = _document(product, place)
    return _add(product, place, _newest(product, place), document=document, by=by, now=now)


@transaction
def withdraw_product(
    *, product_id: UUID, channel: str, version: int | None, by: Actor, now: datetime
) -> Published:
    """Take the product out of the channel. Errors: NotFound, VersionConflict, UnknownChannel."""
    product, place = _lock_product(product_id, version), _channel(channel)
    newest = _newest(product, place)
    if newest is None:
        raise NotFound("The product was never published there.")
    if newest.withdrawn:
        return _published(newest, changed=False)
    return _add(product, place, newest, document={}, by=by, now=now)


@transaction_required
def publish(*, product_id: UUID, channel: str, by: Actor, now: datetime) -> Published:
    """Publish the product as it is now, unless the publication that holds says the same already.

    For whoever publishes many: a second run of an import or a seed adds nothing. Locks the product; emits
    ProductPublished. Errors: as publish_product.
    """
    product, place = _lock_product(product_id, None), _channel(channel)
    document, newest = _document(product, place), _newest(product, place)
    if newest is not None and newest.document == document:
        return _published(newest, changed=False)
    return _add(product, place, newest, document=document, by=by, now=now)


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What many publications have in common: where to, and what may leave the house."""

    outlets: tuple[Outlet, ...]
    public: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class HeldBack:
    """A product that a channel cannot show yet, and why."""

    code: str
    channel: str
    obstacles: tuple[FieldError, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How many publications were written, and what was held back."""

    published: int
    held_back: tuple[HeldBack, ...]


@transaction_required
def publish_many(*, codes: Collection[str], channel: str, by: Actor, now: datetime) -> Outcome:
    """`publish` for many products at once, by their codes, to one channel. Errors: UnknownChannel."""
    campaign = open_campaign(channels=[channel])
    return publish_all(campaign=campaign, codes=codes, again=False, by=by, now=now)


@transaction_required
def open_campaign(*, channels: Collection[str]) -> Campaign:
    """Prepare to publish many products to these channels. Errors: UnknownChannel."""
    return Campaign(
        outlets=tuple(get_outlet(channel=_channel(code)) for code in channels),
        public=list_public_attributes(),
    )


@transaction_required
def publish_all(
    *, campaign: Campaign, codes: Collection[str], again: bool, by: Actor, now: datetime
) -> Outcome:
    """Publish those of these products that say something else than their publications do.

    Set-based: a dozen statements whatever the number. Products that have not been written since they were published
    are passed over unless `again`, and what was withdrawn stays withdrawn. Locks the products; emits ProductsPublished.
    """
    here = with_code(Product, codes).filter(archived_at=None)
    products = {row.pk: row for row in lock(here.defer("values"))}
    channels = [outlet.channel for outlet in campaign.outlets]
    newest = list_newest(products=products.values(), channels=channels)
    due = [
        (row, outlet)
        for row in products.values()
        for outlet in campaign.outlets
        if _is_due(newest.get((row.pk, outlet.channel.pk)), row, again)
    ]
    asked = {row.pk for row, _ in due}
    values = {row.pk: product_value(row) for row in whole(Product.objects.filter(pk__in=asked))}
    links = list_links(products=[products[pk] for pk in asked])
    rows, held_back = [], []
    for row, outlet in due:
        channel = outlet.channel
        source = source_of(
            value=values[row.pk], outlet=outlet, links=links.get(row.pk, []), public=campaign.public
        )
        if obstacles := rules.find_obstacles(source=source, channel=channel.code, locales=channel.locales):
            held_back.append(HeldBack(code=row.code, channel=channel.code, obstacles=obstacles))
            continue
        document = rules.build_document(source=source, channel=channel.code, locales=channel.locales)
        before = newest.get((row.pk, channel.pk))
        if before is None or before.document != document:
            number = before.number + 1 if before else 1
            rows.append(_publication(row, channel, number, document=document, by=by, now=now))
    copy_in(rows)
    emit_all(list(_told_together(rows)), by=by, now=now)
    return Outcome(published=len(rows), held_back=tuple(held_back))


def _is_due(newest: Publication | None, row: Product, again: bool) -> bool:
    if newest is None:
        return True
    return not newest.withdrawn and (again or newest.product_version != row.version)


def _document(product: Product, channel: Channel) -> dict[str, Any]:
    """What the product would say in the channel now. Errors: ProductArchived, NotPublishable."""
    if product.archived_at is not None:
        raise ProductArchived
    source = source_of(
        value=get_product(product_id=product.public_id),
        outlet=get_outlet(channel=channel),
        links=list_links(products=[product]).get(product.pk, []),
        public=list_public_attributes(),
    )
    if obstacles := rules.find_obstacles(source=source, channel=channel.code, locales=channel.locales):
        raise NotPublishable(obstacles)
    return rules.build_document(source=source, channel=channel.code, locales=channel.locales)


def _lock_product(product_id: UUID, version: int | None) -> Product:
    locked = lock(Product.objects.filter(public_id=product_id))
    if not locked:
        raise NotFound
    require_version(seen=version, current=locked[0].version)
    return locked[0]


def _channel(code: str) -> Channel:
    channel = find_channel(code=code)
    if channel is None:
        raise UnknownChannel(
            [FieldError(pointer="/channel", code="unknown_channel", detail=f"There is no channel {code}.")]
        )
    return channel


def _newest(product: Product, channel: Channel) -> Publication | None:
    """The lock on the product is what makes the next number free."""
    return (
        Publication.objects.filter(product=product, channel=channel)
        .select_related("product", "channel")
        .order_by("-number")
        .first()
    )


def _add(
    product: Product,
    channel: Channel,
    newest: Publication | None,
    *,
    document: dict[str, Any],
    by: Actor,
    now: datetime,
) -> Published:
    number = 1 if newest is None else newest.number + 1
    row = _publication(product, channel, number, document=document, by=by, now=now)
    row.save(force_insert=True)
    emit(_told(row), by=by, now=now)
    return _published(row, changed=True)


def _publication(
    product: Product, channel: Channel, number: int, *, document: dict[str, Any], by: Actor, now: datetime
) -> Publication:
    return Publication(
        product=product,
        channel=channel,
        number=number,
        withdrawn=not document,
        document=document,
        product_version=product.version,
        actor=to_json(by),
        published_at=now,
    )


def _told(row: Publication) -> ProductPublished:
    return ProductPublished(product_ref=row.product.public_id, channel=row.channel.code, number=row.number)


def _told_together(rows: Sequence[Publication]) -> Iterator[ProductsPublished]:
    by_channel: dict[str, list[UUID]] = {}
    for row in rows:
        by_channel.setdefault(row.channel.code, []).append(row.product.public_id)
    for channel, refs in by_channel.items():
        for first in range(0, len(refs), PRODUCTS_IN_AN_EVENT):
            some = tuple(refs[first : first + PRODUCTS_IN_AN_EVENT])
            yield ProductsPublished(channel=channel, product_refs=some)


def _published(row: Publication, *, changed: bool) -> Published:
    return Published(
        product_id=row.product.public_id,
        channel=row.channel.code,
        number=row.number,
        withdrawn=row.withdrawn,
        changed=changed,
    )
