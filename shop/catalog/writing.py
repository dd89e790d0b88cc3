"""The read model's tables, written for many products at once, each in a constant number of statements.

The caller has locked the products' showings. Only rows that differ are written. What is written of several products
is written in the order of its keys, so that no two writers wait for each other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection

from config.kernel.copying import copy_in
from config.kernel.db import lock, transaction_required
from config.kernel.prepared import write_all
from shop.catalog import rules
from shop.catalog.models import Availability, Listing, Offer, Placement, Showing
from shop.catalog.queries import Units, get_units
from shop.pricing.queries import find_market, list_prices

Key = tuple[UUID, str]  # a product in a channel

_SEPARATOR: Final = "\x1f"  # stands in no text of the PIM


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a publication says beside its texts: `{category: rank}`, `{sku: facts}`, and `{sku: GTIN}`."""

    places: Mapping[str, int]
    facts: Mapping[str, list[str]]
    gtins: Mapping[str, str] = field(default_factory=dict)


NOWHERE: Final = Standing(places={}, facts={})


@transaction_required
def lock_showings(*, keys: Collection[Key], now: datetime) -> dict[Key, Showing]:
    """Lock every showing of these products, in all channels; those of `keys` are there from now on."""
    ordered = sorted(keys)
    scopes = {channel: market.content_scope for _, channel in keys if (market := find_market(channel))}
    with connection.cursor() as cursor:
        cursor.execute(
            _FIRST_SHOWINGS,
            [
                now,
                [ref for ref, _ in ordered],
                [channel for _, channel in ordered],
                [scopes[channel] for _, channel in ordered],
            ],
        )
    return showings_of(product_refs={ref for ref, _ in keys})


@transaction_required
def showings_of(*, product_refs: Collection[UUID]) -> dict[Key, Showing]:
    """Lock the showings of these products."""
    found = lock(Showing.objects.filter(product_ref__in=product_refs))
    return {(showing.product_ref, showing.channel): showing for showing in found}


_FIRST_SHOWINGS: Final = """
    INSERT INTO shop_showing
        (product_ref, channel, content_scope, number, withdrawn, tax_class, listed_at, words)
    SELECT product_ref, channel, scope, 0, true, '', moment, '{}'
    FROM (SELECT %s::timestamptz AS moment) AS given,
        unnest(%s::uuid[], %s::text[], %s::text[]) AS wanted (product_ref, channel, scope)
    ORDER BY product_ref, channel
    ON CONFLICT (product_ref, channel) DO NOTHING
"""


@transaction_required
def save_showings(*, showings: Iterable[Showing]) -> None:
    """Write what these locked showings have become."""
    rows = list(showings)
    write_all(
        statement=_SAVE_SHOWINGS,
        parameters=[
            [row.pk for row in rows],
            [row.content_scope for row in rows],
            [row.number for row in rows],
            [row.withdrawn for row in rows],
            [row.tax_class for row in rows],
            [row.listed_at for row in rows],
            [_SEPARATOR.join(row.words) for row in rows],
        ],
    )


_SAVE_SHOWINGS: Final = f"""
    UPDATE shop_showing showing SET content_scope = said.scope, number = said.number, withdrawn = said.withdrawn,
        tax_class = said.tax_class, listed_at = said.listed_at,
        words = string_to_array(said.words, E'\\x{ord(_SEPARATOR):02x}')
    FROM unnest(
        %s::bigint[], %s::text[], %s::integer[], %s::boolean[], %s::text[], %s::timestamptz[], %s::text[]
    ) AS said (id, scope, number, withdrawn, tax_class, listed_at, words)
    WHERE showing.id = said.id
"""  # noqa: S608 - a constant


@transaction_required
def replace_listings(*, gone: Collection[int], new: Sequence[Listing]) -> None:
    """Remove listings by their ids, and add others."""
    if gone:
        Listing.objects.filter(pk__in=gone).delete()
    copy_in(new, keyed=False)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What became different: whether anything did, and who has variants that the channel did not list before."""

    newly_listed: frozenset[Key]


def products_of_other_bands(*, skus: Collection[str]) -> set[UUID]:
    """The products of those SKUs of which there is so much or little by now that another band must be shown."""
    there = get_units(skus=skus)
    changed: set[UUID] = set()
    for row in Availability.objects.filter(sku__in=skus):
        units = there.get(row.sku, _NONE)
        stores = {code: rules.band_of(count) for code, count in units.stores.items()}
        if (row.band, row.stores) != (rules.band_of(units.sendable), stores):
            changed.add(row.product_ref)
    return changed


@transaction_required
def write_figures(*, showings: Mapping[Key, Showing], told: Mapping[Key, Standing]) -> Written:
    """Make offers, availability and placements of the showings' products what prices and stock are now.

    `told` says what publications say that are shown from now on; the others stay where they stand. Shelves are counted
    last, because all products of a category wait for its shelf.
    """
    return _Figures(showings, told).write()


class _Figures:
    """One call of `write_figures`."""

    def __init__(self, showings: Mapping[Key, Showing], told: Mapping[Key, Standing]) -> None:
        self.showings, self.told = showings, told
        self.refs = {ref for ref, _ in showings}
        self.markets = {channel: find_market(channel) for _, channel in showings}
        self.stock = {
            (row.sku, row.channel): row for row in Availability.objects.filter(product_ref__in=self.refs)
        }
        self.placed = {
            (row.product_ref, row.channel, row.category): row
            for row in Placement.objects.filter(product_ref__in=self.refs)
        }
        self.offers = {
            (row.price_list, row.sku): row for row in Offer.objects.filter(product_ref__in=self.refs)
        }
        self.facts: dict[Key, Mapping[str, list[str]]] = {}
        self.gtins: dict[Key, Mapping[str, str]] = {}
        self.places: dict[Key, dict[str, int]] = {}

    def write(self) -> Written:
        self._see_what_stands()
        skus = {sku for facts in self.facts.values() for sku in facts}
        self.minors = list_prices(skus=skus)
        self.units = get_units(skus=skus)
        newly = frozenset(
            key for key, facts in self.facts.items() if any((sku, key[1]) not in self.stock for sku in facts)
        )
        self._write_availability()
        self._write_offers()
        self._count_shelves(self._write_placements())
        return Written(newly_listed=newly)

    def _see_what_stands(self) -> None:
        """Where each product stands and what is listed of it: as it was told, or else as it is."""
        for row in self.stock.values():
            facts = self.facts.setdefault((row.product_ref, row.channel), {})
            facts[row.sku] = row.facts  # type: ignore[index]
            gtins = self.gtins.setdefault((row.product_ref, row.channel), {})
            gtins[row.sku] = row.gtin  # type: ignore[index]
        for ref, channel, category in self.placed:
            places = self.places.setdefault((ref, channel), {})
            places[category] = self.placed[ref, channel, category].rank
        for key, standing in self.told.items():
            self.facts[key], self.places[key] = standing.facts, dict(standing.places)
            self.gtins[key] = standing.gtins

    def _write_availability(self) -> None:
        wanted: dict[tuple[str, str], tuple[UUID, str, dict[str, str], list[str], str]] = {}
        for (ref, channel), facts in sorted(self.facts.items(), key=lambda each: each[0] in self.told):
            for sku, said in facts.items():
                there = self.units.get(sku, _NONE)
                stores = {code: rules.band_of(count) for code, count in there.stores.items()}
                gtin = self.gtins[ref, channel].get(sku, "")
                wanted[sku, channel] = (ref, rules.band_of(there.sendable), stores, said, gtin)
        self.bands = {key: band for key, (_, band, *_) in wanted.items()}
        _delete(Availability, [row.pk for key, row in self.stock.items() if key not in wanted])
        changed = sorted(
            (key, values)
            for key, values in wanted.items()
            if (row := self.stock.get(key)) is None
            or (row.product_ref, row.band, row.stores, row.facts, row.gtin) != values
        )
        _put(
            _AVAILABILITY,
            (
                (sku, channel, ref, band, orjson.dumps(stores).decode(), _SEPARATOR.join(said), gtin)
                for (sku, channel), (ref, band, stores, said, gtin) in changed
            ),
        )

    def _write_offers(self) -> None:
        owners: dict[str, tuple[UUID, str]] = {}
        for key, facts in self.facts.items():
            if not self.showings[key].withdrawn:
                owners.update(dict.fromkeys(facts, (key[0], self.showings[key].tax_class)))
        wanted = {
            (price_list, sku): (*owners[sku], minor)
            for (price_list, sku), minor in self.minors.items()
            if sku in owners
        }
        _delete(Offer, [row.pk for key, row in self.offers.items() if key not in wanted])
        _put(
            _OFFERS,
            (
                (sku, price_list, *values)
                for (price_list, sku), values in sorted(wanted.items())
                if (row := self.offers.get((price_list, sku))) is None
                or (row.product_ref, row.tax_class, row.minor) != values
            ),
        )

    def _write_placements(self) -> dict[tuple[str, str], int]:
        """Put the products into just these categories; `{(channel, category): products more or less}`."""
        wanted: dict[tuple[UUID, str, str], tuple[int, int | None, bool, str, datetime]] = {}
        for (ref, channel), places in self.places.items():
            figures = self._best_of(ref, channel)
            listed_at = self.showings[ref, channel].listed_at
            for category, rank in places.items():
                row = self.placed.get((ref, channel, category))
                price, differ, band = figures or (
                    (row.price_minor, row.prices_differ, row.band) if row else (None, False, "sold_out")
                )
                wanted[ref, channel, category] = (rank, price, differ, band, listed_at)
        gone = [key for key in self.placed if key not in wanted]
        _delete(Placement, [self.placed[key].pk for key in gone])
        _put(
            _PLACEMENTS,
            (
                (*key, *values)
                for key, values in sorted(wanted.items(), key=lambda each: each[0])
                if (row := self.placed.get(key)) is None
                or (row.rank, row.price_minor, row.prices_differ, row.band, row.listed_at) != values
            ),
        )
        moved: dict[tuple[str, str], int] = {}
        for keys, step in ((wanted.keys() - self.placed.keys(), 1), (gone, -1)):
            for _, channel, category in keys:
                moved[channel, category] = moved.get((channel, category), 0) + step
        return moved

    def _best_of(self, ref: UUID, channel: str) -> tuple[int | None, bool, str] | None:
        """The lowest price in the own list, whether prices differ, and the best band; None without a market."""
        market = self.markets.get(channel)
        if market is None:
            return None
        skus = self.facts.get((ref, channel), {})
        prices = [minor for sku in skus if (minor := self.minors.get((market.price_list, sku))) is not None]
        band = rules.best_band([self.bands[sku, channel] for sku in skus])
        return min(prices, default=None), len(set(prices)) > 1, band

    def _count_shelves(self, moved: Mapping[tuple[str, str], int]) -> None:
        if not moved:
            return
        rows = sorted((channel, category, step) for (channel, category), step in moved.items())
        _put(_SHELVES, ((channel, category) for channel, category, _ in rows))
        _put(_COUNT, rows)


_NONE: Final = Units(sendable=0, stores={})


def _delete(model: Any, ids: list[int]) -> None:
    if ids:
        model.objects.filter(pk__in=ids).delete()


def _put(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run a statement that takes one array for each column."""
    columns = list(zip(*rows, strict=True))
    if columns:
        write_all(statement=statement, parameters=[list(column) for column in columns])


_AVAILABILITY: Final = f"""
    INSERT INTO shop_availability (sku, channel, product_ref, band, stores, facts, gtin)
    SELECT sku, channel, product_ref, band, stores::jsonb, string_to_array(facts, E'\\x{ord(_SEPARATOR):02x}'), gtin
    FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS said (sku, channel, product_ref, band, stores, facts, gtin)
    ORDER BY sku, channel
    ON CONFLICT (sku, channel) DO UPDATE SET product_ref = excluded.product_ref, band = excluded.band,
        stores = excluded.stores, facts = excluded.facts, gtin = excluded.gtin
"""  # noqa: S608 - a constant
_OFFERS: Final = """
    INSERT INTO shop_offer (sku, price_list, product_ref, tax_class, minor)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::text[], %s::bigint[])
        AS said (sku, price_list, product_ref, tax_class, minor)
    ORDER BY sku, price_list
    ON CONFLICT (sku, price_list) DO UPDATE SET product_ref = excluded.product_ref,
        tax_class = excluded.tax_class, minor = excluded.minor
"""
_PLACEMENTS: Final = """
    INSERT INTO shop_placement
        (product_ref, channel, category, rank, price_minor, prices_differ, band, listed_at)
    SELECT * FROM unnest(
        %s::uuid[], %s::text[], %s::text[], %s::integer[], %s::bigint[], %s::boolean[], %s::text[],
        %s::timestamptz[]
    ) AS said (product_ref, channel, category, rank, price_minor, prices_differ, band, listed_at)
    ORDER BY product_ref, channel, category
    ON CONFLICT (product_ref, channel, category) DO UPDATE SET rank = excluded.rank,
        price_minor = excluded.price_minor, prices_differ = excluded.prices_differ, band = excluded.band,
        listed_at = excluded.listed_at
"""
_SHELVES: Final = """
    INSERT INTO shop_shelf (channel, category, total)
    SELECT channel, category, 0 FROM unnest(%s::text[], %s::text[]) AS wanted (channel, category)
    ORDER BY channel, category
    ON CONFLICT (channel, category) DO NOTHING
"""
_COUNT: Final = """
    WITH moved AS (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::integer[]) AS told (channel, category, step)
    ), held AS (
        SELECT shelf.id, moved.step FROM shop_shelf shelf JOIN moved USING (channel, category)
        ORDER BY shelf.channel, shelf.category FOR NO KEY UPDATE OF shelf
    )
    UPDATE shop_shelf SET total = total + held.step FROM held WHERE shop_shelf.id = held.id
"""
