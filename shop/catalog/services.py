"""Keeping the read model true: publications become listings, prices become offers, stock becomes availability.

Everything here locks the product's showings first, so that whoever writes about a product sees what the one before
wrote; prices and stock are read after the lock. Shelves are counted last, in the order of their categories.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from config.kernel.actors import Actor
from config.kernel.db import lock, open_transaction, transaction, transaction_required
from config.kernel.events import emit
from pim.api import PublicationValue, get_publication, get_vocabulary
from shop.catalog import rules, wording
from shop.catalog.models import Availability, Band, Listing, Offer, Placement, Showing
from shop.catalog.queries import Units, get_units
from shop.catalog.vocabulary import Words
from shop.events import ListingsRendered, ProductListed
from shop.pricing.queries import find_market, list_prices


@transaction_required
def show_product(*, product_ref: UUID, channel: str, by: Actor, now: datetime) -> None:
    """Show what the PIM has published last, if it is newer than what is shown. Emits ProductListed for new variants.

    A channel without a market is not sold, and nothing is written for it. Errors: NotFound if never published.
    """
    _apply(product_ref, channel, even_if_shown=False, by=by, now=now)


@transaction
def show_again(*, product_ref: UUID, channel: str, by: Actor, now: datetime) -> None:
    """Render the publication that holds once more, even if it is the one that is shown."""
    _apply(product_ref, channel, even_if_shown=True, by=by, now=now)


@transaction_required
def render_again(*, product_ref: UUID, texts: bool, by: Actor, now: datetime) -> None:
    """Look at a product again wherever it is shown: at its prices and availability only, or at its `texts` as well."""
    showings = lock(Showing.objects.filter(product_ref=product_ref))
    shown = [showing.channel for showing in showings if not showing.withdrawn] if texts else []
    for channel in shown:
        _apply(product_ref, channel, even_if_shown=True, by=by, now=now)
    if not shown and any([_refresh_offers(product_ref, showings), _refresh_availability(product_ref)]):
        _refresh_placements(product_ref, showings)


@transaction_required
def refresh_product(*, product_ref: UUID) -> None:
    """Both: for what changed while the product was being listed and nobody could yet see its variants."""
    showings = lock(Showing.objects.filter(product_ref=product_ref))
    _refresh_all(product_ref, showings)


def _refresh_all(product_ref: UUID, showings: Sequence[Showing]) -> None:
    _refresh_offers(product_ref, showings)
    _refresh_availability(product_ref)
    _refresh_placements(product_ref, showings)


def _apply(product_ref: UUID, channel: str, *, even_if_shown: bool, by: Actor, now: datetime) -> None:
    market = find_market(channel)
    if market is None:
        return
    first = Showing(
        product_ref=product_ref,
        channel=channel,
        content_scope=market.content_scope,
        number=0,
        withdrawn=True,
        listed_at=now,
    )
    Showing.objects.bulk_create([first], ignore_conflicts=True)
    showings = lock(Showing.objects.filter(product_ref=product_ref))
    showing = next(each for each in showings if each.channel == channel)
    publication = get_publication(product_ref=product_ref, channel=channel)
    if publication.number <= showing.number and not even_if_shown:
        return
    showing.number, showing.withdrawn = publication.number, publication.withdrawn
    showing.content_scope, showing.listed_at = market.content_scope, publication.first_published_at
    showing.words = []
    showing.tax_class = "" if publication.withdrawn else publication.document["product"]["tax_class"]
    places, facts = _write_document(publication, showing)
    showing.save()
    moved = _write_placements(showing, places)
    new_skus = _write_variants(showing, facts)
    _forget_unread_listings(showing, publication.document.get("locales", {}))
    _refresh_all(product_ref, showings)
    _count_shelves(showing, moved)
    emit(ListingsRendered(content_scope=showing.content_scope, product_refs=(product_ref,)), by=by, now=now)
    if new_skus:
        emit(ProductListed(product_ref=product_ref, channel=channel), by=by, now=now)


def _write_document(
    publication: PublicationValue, showing: Showing
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Write the listings, and on the showing whose words they show; where the product stands (`{category: rank}`), and
    `{sku: facts}` to filter by. A withdrawal has neither.
    """
    if publication.withdrawn:
        return {}, {}
    document = publication.document
    codes = wording.codes_in(document)
    words = get_vocabulary(
        attributes=codes.attributes,
        options=codes.options,
        categories=codes.categories,
        link_types=codes.link_types,
    )
    showing.words = wording.words_of(document=document, words=words)
    _write_listings(publication, showing, words)
    return rules.places_of(document, words), wording.facts_of(document=document, words=words)


def _write_listings(publication: PublicationValue, showing: Showing, words: Words) -> None:
    document, rows = publication.document, []
    for locale in document["locales"]:
        slug = _free_slug(showing, locale, rules.slug_of(document=document, locale=locale), document)
        rendered = rules.render(document=document, locale=locale, slug=slug, words=words)
        rows.append(
            Listing(
                product_ref=showing.product_ref,
                content_scope=showing.content_scope,
                locale=locale,
                slug=slug,
                card=rendered.card,
                detail=rendered.detail,
                lines=rendered.lines,
                links=rendered.links,
                published_at=publication.published_at,
            )
        )
    newer = Listing.objects.filter(
        product_ref=showing.product_ref,
        content_scope=showing.content_scope,
        published_at__gt=publication.published_at,
    )
    spoken_later = set(newer.values_list("locale", flat=True))
    Listing.objects.bulk_create(
        [row for row in rows if row.locale not in spoken_later],
        update_conflicts=True,
        unique_fields=("product_ref", "content_scope", "locale"),
        update_fields=("slug", "card", "detail", "lines", "links", "published_at"),
    )


def _free_slug(showing: Showing, locale: str, slug: str, document: Mapping[str, Any]) -> str:
    """The slug, or, where another product has it, the slug with this product's code behind it."""
    same_scope = Listing.objects.filter(content_scope=showing.content_scope, locale=locale)
    taken = same_scope.filter(slug=slug).exclude(product_ref=showing.product_ref).exists()
    return f"{slug}-{rules.slugify(document['product']['code'])}" if taken else slug


def _forget_unread_listings(showing: Showing, locales: Collection[str]) -> None:
    """Drop listings in locales that nobody shows any more; channels that share the scope may still do."""
    others = Showing.objects.filter(
        product_ref=showing.product_ref, content_scope=showing.content_scope, withdrawn=False
    ).exclude(pk=showing.pk)
    if not others.exists():
        Listing.objects.filter(product_ref=showing.product_ref, content_scope=showing.content_scope).exclude(
            locale__in=locales
        ).delete()


def _write_variants(showing: Showing, facts: Mapping[str, list[str]]) -> set[str]:
    """Make these the variants that the channel lists; those that are new get their band afterwards."""
    listed = Availability.objects.filter(channel=showing.channel, product_ref=showing.product_ref)
    known = dict(listed.values_list("sku", "facts"))
    listed.exclude(sku__in=facts).delete()
    Availability.objects.bulk_create(
        [
            Availability(
                sku=sku,
                channel=showing.channel,
                product_ref=showing.product_ref,
                band=Band.SOLD_OUT,
                stores={},
                facts=said,
            )
            for sku, said in facts.items()
            if known.get(sku) != said
        ],
        update_conflicts=True,  # the SKU may have belonged to another product
        unique_fields=("sku", "channel"),
        update_fields=("product_ref", "facts"),
    )
    return set(facts) - set(known)


def _write_placements(showing: Showing, places: Mapping[str, int]) -> dict[str, int]:
    """Put the product into just these categories, `{category: rank}`; +1 for each it came to, -1 for each it left."""
    placed = Placement.objects.filter(channel=showing.channel, product_ref=showing.product_ref)
    before = set(placed.values_list("category", flat=True))
    placed.exclude(category__in=places).delete()
    Placement.objects.bulk_create(
        [
            Placement(
                channel=showing.channel,
                category=category,
                product_ref=showing.product_ref,
                rank=rank,
                band=Band.SOLD_OUT,
                listed_at=showing.listed_at,
            )
            for category, rank in places.items()
        ],
        update_conflicts=True,
        unique_fields=("product_ref", "channel", "category"),
        update_fields=("rank", "listed_at"),
    )
    return {category: 1 if category in places else -1 for category in set(places) ^ before}


def _count_shelves(showing: Showing, moved: Mapping[str, int]) -> None:
    """Last, because all products of a category wait for its shelf; in order, so that no two wait for each other."""
    with connection.cursor() as cursor:
        for category, change in sorted(moved.items()):
            cursor.execute(_ONE_MORE if change > 0 else _ONE_LESS, [showing.channel, category])


_ONE_MORE: Final = """
    INSERT INTO shop_shelf AS shelf (channel, category, total) VALUES (%s, %s, 1)
    ON CONFLICT (channel, category) DO UPDATE SET total = shelf.total + 1
"""
_ONE_LESS: Final = "UPDATE shop_shelf SET total = total - 1 WHERE channel = %s AND category = %s"


def _refresh_offers(product_ref: UUID, showings: Sequence[Showing]) -> bool:
    """Write what the product's variants cost in every list; whether anything was different."""
    skus = set(Availability.objects.filter(product_ref=product_ref).values_list("sku", flat=True))
    tax_class = next((showing.tax_class for showing in showings if not showing.withdrawn), "")
    wanted = {key: (minor, tax_class) for key, minor in list_prices(skus=skus).items()}
    existing = {(row.price_list, row.sku): row for row in Offer.objects.filter(product_ref=product_ref)}
    gone = [row.pk for key, row in existing.items() if key not in wanted]
    changed = {
        key: values
        for key, values in wanted.items()
        if key not in existing or (existing[key].minor, existing[key].tax_class) != values
    }
    if gone:
        Offer.objects.filter(pk__in=gone).delete()
    Offer.objects.bulk_create(
        [
            Offer(sku=sku, price_list=price_list, product_ref=product_ref, minor=minor, tax_class=tax_class)
            for (price_list, sku), (minor, tax_class) in changed.items()
        ],
        update_conflicts=True,
        unique_fields=("sku", "price_list"),
        update_fields=("product_ref", "minor", "tax_class"),
    )
    return bool(gone or changed)


def _refresh_availability(product_ref: UUID) -> bool:
    """Write how much there is of the product's variants, where a band has changed; whether one has."""
    rows = list(Availability.objects.filter(product_ref=product_ref))
    units = get_units(skus={row.sku for row in rows})
    changed = []
    for row in rows:
        there = units.get(row.sku, Units(sendable=0, stores={}))
        now_is = (
            rules.band_of(there.sendable),
            {code: rules.band_of(count) for code, count in there.stores.items()},
        )
        if (row.band, row.stores) != now_is:
            row.band, row.stores = now_is
            changed.append(row)
    if changed:
        Availability.objects.bulk_update(changed, ("band", "stores"))
    return bool(changed)


def _refresh_placements(product_ref: UUID, showings: Sequence[Showing]) -> None:
    """Write what lists sort by: the lowest price in the channel's own list, and how available the product is."""
    minors = {(row.price_list, row.sku): row.minor for row in Offer.objects.filter(product_ref=product_ref)}
    bands: dict[str, dict[str, str]] = {}
    for row in Availability.objects.filter(product_ref=product_ref):
        bands.setdefault(row.channel, {})[row.sku] = row.band
    for showing in showings:
        market = find_market(showing.channel)
        if market is None or showing.channel not in bands:
            continue
        own = ((market.price_list, sku) for sku in bands[showing.channel])
        prices = [minors[key] for key in own if key in minors]
        now_is = {
            "price_minor": min(prices, default=None),
            "prices_differ": len(set(prices)) > 1,
            "band": rules.best_band(list(bands[showing.channel].values())),
        }
        placed = Placement.objects.filter(product_ref=product_ref, channel=showing.channel)
        placed.exclude(**now_is).update(**now_is)


class _Undo(Exception):
    """Ends a transaction whose writes were only made to be looked at."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A product that the read model shows otherwise than its sources say, and in which tables."""

    product_ref: UUID
    channel: str
    tables: tuple[str, ...]


def find_difference(*, product_ref: UUID, channel: str, by: Actor, now: datetime) -> Difference | None:
    """Render the product anew, compare, and undo: what is not current, or None. Writes nothing that lasts."""
    differing: tuple[str, ...] = ()
    try:
        with open_transaction():
            lock(Showing.objects.filter(product_ref=product_ref))
            before = _rows_of(product_ref)
            _apply(product_ref, channel, even_if_shown=True, by=by, now=now)
            after = _rows_of(product_ref)
            differing = tuple(table for table in before if before[table] != after[table])
            raise _Undo
    except _Undo:
        pass
    return Difference(product_ref=product_ref, channel=channel, tables=differing) if differing else None


def _rows_of(product_ref: UUID) -> dict[str, list[dict[str, Any]]]:
    tables = (Showing, Listing, Placement, Offer, Availability)
    return {
        model._meta.model_name or "": sorted(_plain_rows(model, product_ref), key=repr) for model in tables
    }


def _plain_rows(model: Any, product_ref: UUID) -> Iterator[dict[str, Any]]:
    for row in model.objects.filter(product_ref=product_ref).values():
        yield {
            name: bytes(value) if isinstance(value, memoryview) else value
            for name, value in row.items()
            if name != "id"
        }
