"""Where a parcel stands: one state, made of everything that is known to have happened to it.

Carriers tell things twice, late and in any order. So nothing is ever changed by a message: messages add scans to a set,
and `stand_of` reads the parcel's state from the whole set. Equal sets give equal states, whatever came first.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

# Crockford's base 32 without what can be misread aloud, as in the numbers of orders.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH: Final = 6

CLOCKS_DIFFER_BY: Final = timedelta(hours=1)
OLDEST_NEWS: Final = timedelta(days=180)


class ParcelState(StrEnum):
    """How far a parcel has come, in the one vocabulary that every carrier's is mapped onto."""

    CREATED = "created"  # packed; its label is being booked
    DISPATCHED = "dispatched"  # left its location, or the carrier knows that it is coming
    IN_TRANSIT = "in_transit"  # in the carrier's hands
    OUT_FOR_DELIVERY = "out_for_delivery"  # on the van that comes to the buyer
    READY_FOR_PICKUP = "ready_for_pickup"  # waits for the buyer: in the store, at a post office, in a locker
    DELIVERED = "delivered"  # the buyer, or somebody she named, has it
    FAILED = "failed"  # a try to deliver it came to nothing; the carrier will try again or send it back
    RETURNING = "returning"  # on its way back to us
    RETURNED = "returned"  # back with us, undelivered or refused


# Of two scans of the same moment the later step of a journey is the later one.
_RANK: Final = {state: rank for rank, state in enumerate(ParcelState)}
_BACK: Final = frozenset({ParcelState.RETURNING, ParcelState.RETURNED})


class Doubt(StrEnum):
    """Why a scan is kept and not believed."""

    NONE = ""
    FUTURE = "future"  # more than an hour after it was told
    PAST = "past"  # half a year or more before it was told


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Something that happened to a parcel. `state` is None for what changes no state, an unknown code for one.

    `estimated_on` is the day of delivery that the carrier expected at that moment, if it said one.
    """

    code: str
    state: ParcelState | None
    happened_at: datetime
    estimated_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Where a parcel stands; `delivered_at` is empty unless it was delivered."""

    state: ParcelState
    delivered_at: datetime | None
    estimated_on: date | None


def stand_of(*, scans: Iterable[Scan], begins: ParcelState) -> Stand:
    """Where all `scans` together leave a parcel that began in `begins`.

    The scan of the greatest moment says it, but what was delivered stays delivered unless it comes back, and what is
    on its way back ends with us: a carrier's "delivered" after "return to sender" means delivered to the sender.
    """
    state, delivered_at, estimated_on = begins, None, None
    for scan in sorted(scans, key=_moment):
        estimated_on = scan.estimated_on or estimated_on
        if scan.state is None:
            continue
        state = _after(state, scan.state)
        if state == ParcelState.DELIVERED and delivered_at is None:
            delivered_at = scan.happened_at
    return Stand(state=state, delivered_at=delivered_at, estimated_on=estimated_on)


def _moment(scan: Scan) -> tuple[datetime, int, str, date]:
    rank = -1 if scan.state is None else _RANK[scan.state]
    return scan.happened_at, rank, scan.code, scan.estimated_on or date.min


def _after(now_in: ParcelState, told: ParcelState) -> ParcelState:
    match now_in:
        case ParcelState.RETURNED:
            return ParcelState.RETURNED
        case ParcelState.RETURNING:
            arrived = told in {ParcelState.RETURNED, ParcelState.DELIVERED}
            return ParcelState.RETURNED if arrived else ParcelState.RETURNING
        case ParcelState.DELIVERED:
            return told if told in _BACK else ParcelState.DELIVERED
    return told


def doubt_of(*, happened_at: datetime, told_at: datetime) -> Doubt:
    """Whether a scan's moment can be believed: carriers' clocks are set wrong, and empty ones say 1970."""
    if happened_at > told_at + CLOCKS_DIFFER_BY:
        return Doubt.FUTURE
    if happened_at < told_at - OLDEST_NEWS:
        return Doubt.PAST
    return Doubt.NONE


def new_pickup_code() -> str:
    """What the buyer shows to get her parcel: 30 random bits in six characters that can be read out."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))


def is_pickup_code(*, given: str, code: str) -> bool:
    """Whether what was typed is the code, whatever its case; O is read as 0, I and L as 1."""
    typed = given.strip().upper().translate(str.maketrans("OIL", "011", " -"))
    return bool(code) and secrets.compare_digest(typed.encode(), code.encode())


def share_of(*, total_minor: int, parts: int, before: int, taken: int) -> int:
    """What `taken` of `parts` equal parts are worth, when `before` were taken already; shares add up to the total."""
    return total_minor * (before + taken) // parts - total_minor * before // parts
