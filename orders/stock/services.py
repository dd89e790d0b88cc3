"""Units come, are kept for somebody, and leave. Every change locks its levels, in the order of their keys.

`docs/locking.md` says where stock stands in the house's order of locks: after the cart and the order, so it is called
late, and the locks last until the caller commits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction_required
from config.kernel.errors import Refusal
from config.kernel.events import emit_all
from orders.events import StockChanged
from orders.locations.models import Location
from orders.stock.models import MovementKind, Reservation, StockLevel, StockMovement


class OutOfStock(Refusal):
    """There is less of something than was asked for. `short` is `{sku: missing units}`."""

    code = "out_of_stock"
    status = 409
    title = "Some items are no longer available."


class CountBelowReserved(Refusal):
    """A count found less than is promised to orders. `short` is `{sku: missing units}`."""

    code = "count_below_reserved"
    status = 409
    title = "Less was counted than is reserved for orders."


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What happens to one level: units that come or go, units that become reserved or free."""

    on_hand: int = 0
    reserved: int = 0


@transaction_required
def reserve_stock(
    *, order_ref: UUID, wanted: Mapping[str, int], sources: Sequence[Location], by: Actor, now: datetime
) -> Location:
    """Reserve `wanted` units per SKU at the first of `sources` that has them all: every line, or none.

    Locks the wanted SKUs' levels at all sources until the caller commits. Emits StockChanged per SKU.
    Errors: OutOfStock, short of what is missing where least is missing; Busy when the rows stay locked.
    """
    levels = lock(StockLevel.objects.filter(sku__in=list(wanted), location__in=sources))
    at = {
        source: {level.sku: level for level in levels if level.location_id == source.pk} for source in sources
    }
    shortages = {source: _shortage(wanted, at[source]) for source in sources}
    chosen = next((source for source in sources if not shortages[source]), None)
    if chosen is None:
        raise OutOfStock(short=min(shortages.values(), key=lambda missing: sum(missing.values())))
    here = at[chosen]
    for level in here.values():
        level.location = chosen
    _change_levels({here[sku]: _Change(reserved=units) for sku, units in wanted.items()}, by=by, now=now)
    Reservation.objects.bulk_create(
        Reservation(order_ref=order_ref, level=here[sku], quantity=units, reserved_at=now)
        for sku, units in sorted(wanted.items())
    )
    return chosen


@transaction_required
def take_reserved(
    *, order_ref: UUID, units: Mapping[str, int], about_ref: UUID, by: Actor, now: datetime
) -> None:
    """Units that were reserved for the order leave in the parcel `about_ref`: `{sku: units}`.

    Locks their levels. What can be promised stays the same, so nothing is emitted.
    Errors: ValueError when more is taken than was reserved, a mistake of the caller.
    """
    levels = lock(StockLevel.objects.filter(reservations__order_ref=order_ref, sku__in=list(units)))
    reservations = {
        row.level_id: row for row in Reservation.objects.filter(order_ref=order_ref, level__in=levels)
    }
    taken = {level: units[level.sku] for level in levels}
    if set(units) != {level.sku for level in levels}:
        raise ValueError("nothing is reserved for some of these units")
    for level, count in taken.items():
        reservations[level.pk].take(count)
    Reservation.objects.bulk_update(reservations.values(), ["taken", "state"])
    changes = {level: _Change(on_hand=-count, reserved=-count) for level, count in taken.items()}
    _change_levels(changes, by=by, now=now)
    _record(changes, kind=MovementKind.DISPATCHED, about_ref=about_ref, by=by, now=now)


@transaction_required
def take_back(
    *, location: Location, units: Mapping[str, int], about_ref: UUID, by: Actor, now: datetime
) -> None:
    """Units came back with the return `about_ref` and can be sold again: `{sku: units}`.

    Locks their levels. Emits StockChanged per SKU.
    """
    _bring(location, units, kind=MovementKind.RETURNED, about_ref=about_ref, by=by, now=now)


@transaction_required
def receive_stock(*, location: str, units: Mapping[str, int], by: Actor, now: datetime) -> None:
    """Units arrived from a supplier: `{sku: units}`. Locks their levels. Emits StockChanged per SKU.

    Errors: Location.DoesNotExist.
    """
    place = Location.objects.get(code=location)
    _bring(place, units, kind=MovementKind.RECEIVED, about_ref=None, by=by, now=now)


@transaction_required
def set_stock(*, location: str, units: Mapping[str, int], by: Actor, now: datetime) -> None:
    """A count found this many units: `{sku: units}`. Only differences are written and told.

    Locks the levels. Errors: CountBelowReserved; Location.DoesNotExist.
    """
    levels = _lock_levels(Location.objects.get(code=location), units)
    short = {
        level.sku: level.reserved - units[level.sku] for level in levels if units[level.sku] < level.reserved
    }
    if short:
        raise CountBelowReserved(short=short)
    changes = {
        level: _Change(on_hand=difference)
        for level in levels
        if (difference := units[level.sku] - level.on_hand) != 0
    }
    _change_levels(changes, by=by, now=now)
    _record(changes, kind=MovementKind.COUNTED, about_ref=None, by=by, now=now)


def _shortage(wanted: Mapping[str, int], levels: Mapping[str, StockLevel]) -> dict[str, int]:
    """`{sku: missing units}`, empty when everything is there."""
    missing = {
        sku: quantity - (max(levels[sku].available, 0) if sku in levels else 0)
        for sku, quantity in sorted(wanted.items())
    }
    return {sku: count for sku, count in missing.items() if count > 0}


def _bring(
    location: Location,
    units: Mapping[str, int],
    *,
    kind: MovementKind,
    about_ref: UUID | None,
    by: Actor,
    now: datetime,
) -> None:
    changes = {level: _Change(on_hand=units[level.sku]) for level in _lock_levels(location, units)}
    _change_levels(changes, by=by, now=now)
    _record(changes, kind=kind, about_ref=about_ref, by=by, now=now)


def _lock_levels(location: Location, skus: Iterable[str]) -> list[StockLevel]:
    """The levels of these SKUs at one location, locked; those that never had stock are begun."""
    wanted = sorted(skus)
    StockLevel.objects.bulk_create(
        (StockLevel(sku=sku, location=location) for sku in wanted), ignore_conflicts=True
    )
    return lock(StockLevel.objects.select_related("location").filter(location=location, sku__in=wanted))


# No quantity condition: the caller has checked under the lock, and the CHECK constraints are the last line.
_CHANGE = """
    UPDATE orders_stocklevel AS level
       SET on_hand = level.on_hand + change.on_hand,
           reserved = level.reserved + change.reserved,
           revision = level.revision + 1
      FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS change (id, on_hand, reserved)
     WHERE level.id = change.id
 RETURNING level.id, level.on_hand - level.reserved, level.revision
"""


def _change_levels(changes: Mapping[StockLevel, _Change], *, by: Actor, now: datetime) -> None:
    """Change locked levels in one statement, and tell where what can be promised became another number."""
    if not changes:
        return
    levels = {level.pk: level for level in changes}
    columns = [
        list(levels),
        [change.on_hand for change in changes.values()],
        [change.reserved for change in changes.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, columns)
        rows = cursor.fetchall()
    told = [
        StockChanged(
            sku=levels[pk].sku, location=levels[pk].location.code, available=available, revision=revision
        )
        for pk, available, revision in sorted(rows)
        if changes[levels[pk]].on_hand != changes[levels[pk]].reserved
    ]
    emit_all(told, by=by, now=now)


def _record(
    changes: Mapping[StockLevel, _Change],
    *,
    kind: MovementKind,
    about_ref: UUID | None,
    by: Actor,
    now: datetime,
) -> None:
    StockMovement.objects.bulk_create(
        StockMovement(
            level=level,
            kind=kind,
            delta=change.on_hand,
            about_ref=about_ref,
            actor_kind=by.kind,
            actor_ref=by.ref,
            moved_at=now,
        )
        for level, change in changes.items()
    )
