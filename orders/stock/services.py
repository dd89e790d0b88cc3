"""Units come, are kept for somebody, and leave. Every change locks its levels, in the order of their keys.

`docs/locking.md` says where stock stands in the house's order of locks: after the cart and the order, so it is called
late, and the locks last until the caller commits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import Locking, lock, transaction_required
from config.kernel.errors import Refusal
from config.kernel.events import emit_all
from config.kernel.prepared import Prepared
from orders.events import StockChanged
from orders.locations.models import Location
from orders.stock.models import MovementKind, Reservation, ReservationState, StockLevel, StockMovement
from orders.stock.rules import plan_sources, shortage_of


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


_KEEP: Final = Prepared(
    "UPDATE orders_reservation SET held_until = NULL"
    " WHERE order_ref = %s AND state = %s AND held_until IS NOT NULL"
)
_WANTED: Final = Locking(StockLevel, where="sku = ANY(%s) AND location_id = ANY(%s)")


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What happens to one level: units that come or go, units that become reserved or free."""

    on_hand: int = 0
    reserved: int = 0


@transaction_required
def reserve_stock(
    *,
    order_ref: UUID,
    wanted: Mapping[str, int],
    sources: Sequence[Location],
    held_until: datetime | None,
    by: Actor,
    now: datetime,
) -> dict[Location, dict[str, int]]:
    """Reserve `wanted` units per SKU: all of them, or none. `{location: {sku: units}}`, in the order of `sources`.

    The first of `sources` that has everything gives everything; else each gives the SKUs that it has in full.
    With `held_until` it is a hold with an end, until `confirm_reserved`. Locks the wanted SKUs' levels at all sources
    until the caller commits. Emits StockChanged per SKU.
    Errors: OutOfStock, short of what is missing where most of it stands; Busy when the rows stay locked.
    """
    levels = lock(_WANTED([list(wanted), [source.pk for source in sources]]))
    at: dict[int, dict[str, StockLevel]] = {source.pk: {} for source in sources}
    for level in levels:
        at[level.location_id][level.sku] = level
    available = [(pk, {sku: level.available for sku, level in here.items()}) for pk, here in at.items()]
    plan = plan_sources(wanted=wanted, sources=available)
    if not plan:
        raise OutOfStock(short=shortage_of(wanted=wanted, sources=available))
    places = {source.pk: source for source in sources}
    changes: dict[StockLevel, _Change] = {}
    for pk, sent in plan.items():
        for sku, units in sent.items():
            level = at[pk][sku]
            level.location = places[pk]
            changes[level] = _Change(reserved=units)
    _change_levels(changes, kept=_Kept(order_ref=order_ref, held_until=held_until), by=by, now=now)
    return {places[pk]: sent for pk, sent in plan.items()}


@transaction_required
def confirm_reserved(*, order_ref: UUID, now: datetime) -> None:
    """The order is confirmed: what is kept for it is kept until it leaves. The caller holds the order's lock."""
    _KEEP.run([order_ref, ReservationState.ACTIVE])


@transaction_required
def release_reserved(*, order_ref: UUID, by: Actor, now: datetime) -> None:
    """What was kept for the order and has not left can be promised to others again; a second call changes nothing.

    The caller holds the order's lock. Locks the levels. Emits StockChanged per SKU.
    """
    kept = Reservation.objects.filter(order_ref=order_ref, state=ReservationState.ACTIVE)
    levels = lock(
        StockLevel.objects.select_related("location").filter(
            pk__in=list(kept.values_list("level", flat=True))
        )
    )
    by_level = {level.pk: level for level in levels}
    reservations = list(kept.filter(level__in=levels).order_by("level"))
    for reservation in reservations:
        reservation.release()
    Reservation.objects.bulk_update(reservations, ["state"])
    changes = {by_level[row.level_id]: _Change(reserved=-row.remaining) for row in reservations}
    _change_levels(changes, by=by, now=now)


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
    *,
    location: Location,
    units: Mapping[str, int],
    damaged: Mapping[str, int],
    about_ref: UUID,
    by: Actor,
    now: datetime,
) -> None:
    """Goods came back with the return `about_ref`: `units` can be sold again, the `damaged` are written off.

    Both are `{sku: units}`. The damaged come in and go out again, so that what came back can be counted and nobody is
    promised it. Locks the levels. Emits StockChanged per SKU that can be sold again.
    """
    both = {sku: units.get(sku, 0) + damaged.get(sku, 0) for sku in {*units, *damaged}}
    came = {sku: count for sku, count in both.items() if count}
    levels = _lock_levels(location, came)
    whole = {level: _Change(on_hand=count) for level in levels if (count := units.get(level.sku, 0))}
    _change_levels(whole, by=by, now=now)
    returned = {level: _Change(on_hand=came[level.sku]) for level in levels}
    _record(returned, kind=MovementKind.RETURNED, about_ref=about_ref, by=by, now=now)
    lost = {level: _Change(on_hand=-count) for level in levels if (count := damaged.get(level.sku, 0))}
    _record(lost, kind=MovementKind.WRITTEN_OFF, about_ref=about_ref, by=by, now=now)


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


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """For whom the reserved units are kept, and until when."""

    order_ref: UUID
    held_until: datetime | None


# Levels are named twice, so that they are found by their keys whatever is known of how many there are.
# No quantity condition: the caller has checked under the lock, and the CHECK constraints are the last line.
_CHANGE: Final = Prepared(
    """
    UPDATE orders_stocklevel AS level
       SET on_hand = level.on_hand + change.on_hand,
           reserved = level.reserved + change.reserved,
           revision = level.revision + 1
      FROM unnest(%(levels)s::bigint[], %(on_hand)s::int[], %(reserved)s::int[]) AS change (id, on_hand, reserved)
     WHERE level.id = change.id AND level.id = ANY(%(levels)s)
 RETURNING level.id, level.on_hand - level.reserved, level.revision
    """
)
# The same, with a reservation for what becomes reserved.
_RESERVE: Final = Prepared(
    f"""
    WITH change AS (
        SELECT * FROM unnest(%(levels)s::bigint[], %(reserved)s::int[]) AS change (id, reserved)
    ), kept AS (
        INSERT INTO orders_reservation (order_ref, level_id, quantity, taken, state, reserved_at, held_until)
        SELECT %(order)s::uuid, id, reserved, 0, '{ReservationState.ACTIVE}', %(now)s::timestamptz,
            %(until)s::timestamptz
        FROM change ORDER BY id
    )
    UPDATE orders_stocklevel AS level
       SET reserved = level.reserved + change.reserved, revision = level.revision + 1
      FROM change
     WHERE level.id = change.id AND level.id = ANY(%(levels)s)
 RETURNING level.id, level.on_hand - level.reserved, level.revision
    """  # noqa: S608 - a constant of ours
)


def _change_levels(
    changes: Mapping[StockLevel, _Change], *, kept: _Kept | None = None, by: Actor, now: datetime
) -> None:
    """Change locked levels in one statement, and tell where what can be promised became another number.

    What becomes reserved is `kept` for an order, if that is said.
    """
    if not changes:
        return
    levels = {level.pk: level for level in changes}
    values: dict[str, Any] = {
        "levels": list(levels),
        "on_hand": [change.on_hand for change in changes.values()],
        "reserved": [change.reserved for change in changes.values()],
    }
    if kept is None:
        rows = _CHANGE.fetch_all(values)
    else:
        kept_for = {"order": kept.order_ref, "now": now, "until": kept.held_until}
        rows = _RESERVE.fetch_all(values | kept_for)
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
