"""Keeping the read model true: publications become listings, prices become offers, stock becomes availability.

Everything here takes any number of products and sends the same statements for one as for hundreds. It locks the
products' showings first, so that whoever writes about a product sees what the one before wrote; publications, prices
and stock are read after the lock.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import open_transaction, transaction, transaction_required
from config.kernel.events import Event, emit_all
from config.kernel.memory import collector_rests
from pim.api import PublicationValue, Vocabulary, get_vocabulary, list_channels_of, list_newer
from shop.catalog import listings, rules, wording, writing
from shop.catalog.models import Availability, Listing, Offer, Placement, Showing
from shop.catalog.writing import NOWHERE, Key, Standing
from shop.events import ListingsRendered, ProductsListed
from shop.pricing.queries import find_market
from shop.pricing.services import take_prices


@transaction_required
def show(*, product_refs: Collection[UUID], by: Actor, now: datetime) -> None:
    """Show what the PIM has published last of these products, wherever it is newer than what is shown.

    Takes over the prices that publications feed. A channel without a market is not sold, and nothing is written for it.
    Emits ListingsRendered, and ProductsListed for new variants.
    """
    _show(product_refs, even_if_shown=False, by=by, now=now)


@transaction_required
def render_again(*, product_refs: Collection[UUID], by: Actor, now: datetime) -> None:
    """The same, and render again what is shown already. Emits as `show`."""
    _show(product_refs, even_if_shown=True, by=by, now=now)


@transaction
def show_again(*, product_refs: Collection[UUID], by: Actor, now: datetime) -> None:
    """`render_again` as a use case of its own."""
    _show(product_refs, even_if_shown=True, by=by, now=now)


@transaction_required
def refresh(*, product_refs: Collection[UUID]) -> None:
    """Make prices and availability of these products agree with their sources, wherever they are shown."""
    writing.write_figures(showings=writing.showings_of(product_refs=product_refs), told={})


@transaction_required
def refresh_stock(*, skus: Collection[str]) -> None:
    """Show how much there is of these SKUs, where that is another band than is shown; mostly it is not.

    Locks the showings of their products first, so that nobody writes what he read of the stock before this change.
    """
    refs = set(Availability.objects.filter(sku__in=skus).values_list("product_ref", flat=True))
    showings = writing.showings_of(product_refs=refs) if refs else {}
    changed = writing.products_of_other_bands(skus=skus) if showings else set()
    if changed:
        theirs = {key: showing for key, showing in showings.items() if showing.product_ref in changed}
        writing.write_figures(showings=theirs, told={})


def _show(product_refs: Collection[UUID], *, even_if_shown: bool, by: Actor, now: datetime) -> None:
    keys = {
        (ref, channel)
        for ref, channel in list_channels_of(product_refs=product_refs)
        if find_market(channel) is not None
    }
    if not keys:
        return
    showings = writing.lock_showings(keys=keys, now=now)
    with collector_rests():
        publications = list_newer(
            shown={key: 0 if even_if_shown else showings[key].number for key in sorted(keys)}
        )
        newer = [each for each in publications if each.number > showings[_key(each)].number]
        take_prices(publications=newer, by=by, now=now)
        rendered = _render(publications, showings) if publications else {}
    if not rendered and not even_if_shown:
        return
    written = writing.write_figures(showings=showings, told=rendered)
    _tell(showings, rendered, written.newly_listed, by, now)


def _key(publication: PublicationValue) -> Key:
    return publication.product_ref, publication.channel


def _render(publications: Sequence[PublicationValue], showings: Mapping[Key, Showing]) -> dict[Key, Standing]:
    """Write the showings and listings of these publications; what else they say."""
    spoken = [each for each in publications if not each.withdrawn]
    words = _words_for([each.document for each in spoken])
    told = {_key(each): NOWHERE for each in publications}
    for publication in publications:
        showing = showings[_key(publication)]
        market = find_market(publication.channel)
        assert market is not None
        showing.number, showing.withdrawn = publication.number, publication.withdrawn
        showing.content_scope, showing.listed_at = market.content_scope, publication.first_published_at
        showing.words, showing.tax_class = [], ""
        if not publication.withdrawn:
            document = publication.document
            showing.tax_class = document["product"]["tax_class"]
            showing.words = wording.words_of(document=document, words=words)
            told[_key(publication)] = Standing(
                places=rules.places_of(document, words),
                facts=wording.facts_of(document=document, words=words),
                gtins=wording.gtins_of(document=document, words=words),
            )
    writing.save_showings(showings=[showings[key] for key in told])
    listings.write_listings(publications=spoken, rendered=told.keys(), showings=showings, words=words)
    return told


def _words_for(documents: Iterable[Mapping[str, Any]]) -> Vocabulary:
    """The words for everything that the documents name; attributes first, as they tell what is an option."""
    every = list(documents)
    words = get_vocabulary(attributes={code for each in every for code in wording.attributes_in(each)})
    named = get_vocabulary(
        options={option for each in every for option in wording.options_in(each, words.attributes)},
        categories={code for each in every for code in wording.categories_in(each)},
        link_types={code for each in every for code in wording.link_types_in(each)},
    )
    return replace(named, attributes=words.attributes)


def _tell(
    showings: Mapping[Key, Showing],
    rendered: Collection[Key],
    newly_listed: Collection[Key],
    by: Actor,
    now: datetime,
) -> None:
    events: list[Event] = [
        ListingsRendered(content_scope=scope, product_refs=refs)
        for scope, refs in _by_scope(rendered, showings)
    ]
    events += [
        ProductsListed(content_scope=scope, product_refs=refs)
        for scope, refs in _by_scope(newly_listed, showings)
    ]
    emit_all(events, by=by, now=now)


def _by_scope(keys: Iterable[Key], showings: Mapping[Key, Showing]) -> Iterator[tuple[str, tuple[UUID, ...]]]:
    scopes: dict[str, set[UUID]] = {}
    for key in keys:
        scopes.setdefault(showings[key].content_scope, set()).add(key[0])
    for scope in sorted(scopes):
        yield scope, tuple(sorted(scopes[scope]))


class _Undo(Exception):
    """Ends a transaction whose writes were only made to be looked at."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A product that the read model shows otherwise than its sources say, and in which tables."""

    product_ref: UUID
    tables: tuple[str, ...]


def find_differences(*, product_refs: Collection[UUID], by: Actor, now: datetime) -> list[Difference]:
    """Render the products anew, compare, and undo: which are not current. Writes nothing that lasts."""
    differing: list[Difference] = []
    try:
        with open_transaction():
            writing.showings_of(product_refs=product_refs)
            before = _rows_of(product_refs)
            _show(product_refs, even_if_shown=True, by=by, now=now)
            after = _rows_of(product_refs)
            for ref in sorted(product_refs):
                tables = tuple(table for table in before if before[table].get(ref) != after[table].get(ref))
                if tables:
                    differing.append(Difference(product_ref=ref, tables=tables))
            raise _Undo
    except _Undo:
        pass
    return differing


def _rows_of(product_refs: Collection[UUID]) -> dict[str, dict[UUID, list[str]]]:
    """What each table says of each product, in an order of its own."""
    found: dict[str, dict[UUID, list[str]]] = {}
    tables: tuple[Any, ...] = (Showing, Listing, Placement, Offer, Availability)
    for model in tables:
        rows = found.setdefault(model._meta.model_name, {})
        for row in model.objects.filter(product_ref__in=product_refs).values():
            plain = {
                name: bytes(value) if isinstance(value, memoryview) else value
                for name, value in row.items()
                if name != "id"
            }
            rows.setdefault(row["product_ref"], []).append(repr(plain))
        for said in rows.values():
            said.sort()
    return found
