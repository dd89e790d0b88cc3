"""Until when goods may come back, and what is given back for them.

Two rights let a buyer send goods back. The law's: 14 days from the day on which the last of the goods came into her
hands (directive 2011/83/EU, article 9). Ours: 30 days, for goods that can be sold again. Which of the two holds is
decided when she announces the return, and decides what she gets.

Goods: their share of the line as it was agreed. Outbound delivery: once everything has come back by the law's right,
what the least expensive standard delivery cost, since who withdraws from the contract as a whole gets that back too,
but not the extra cost of a dearer one (article 13 paragraphs 1 and 2); who keeps a part has used the delivery.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from config.kernel.money import round_half_up
from orders.delivery.rules import public_holidays

WITHDRAWAL_DAYS: Final = 14  # directive 2011/83/EU, article 9 paragraph 1
POLICY_DAYS: Final = 30  # our own promise beyond the law's
_SATURDAY: Final = 5
# Crockford's base 32: no I, L, O, U, so that a code survives a felt pen.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LABEL_DIGITS: Final = 10


class ReturnRight(StrEnum):
    """By which right goods come back."""

    WITHDRAWAL = "withdrawal"  # the law's: goods, and with the whole order its standard delivery
    POLICY = "policy"  # ours, after the law's term: goods only, and only such as can be sold again


class ReturnReason(StrEnum):
    """What the buyer may say about why; she need not say anything (directive 2011/83/EU, article 9)."""

    CHANGED_MIND = "changed_mind"
    DOES_NOT_SUIT = "does_not_suit"
    WRONG_SIZE = "wrong_size"
    NOT_AS_DESCRIBED = "not_as_described"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    TOO_LATE = "too_late"
    OTHER = "other"


def new_label_code() -> str:
    """What is written on the box: 50 random bits and a check digit, `PR-7Q2MX-0K4TD-A`."""
    digits = "".join(secrets.choice(_ALPHABET) for _ in range(_LABEL_DIGITS))
    return _written(digits + _check_digit(digits))


def read_label_code(*, typed: str) -> str | None:
    """The code as it was given out, whatever its case and hyphens, O read as 0, I and L as 1; None when mistyped."""
    plain = "".join(character for character in typed.upper() if character.isalnum())
    digits = plain.removeprefix("PR").translate(str.maketrans("OIL", "011"))
    if len(digits) != _LABEL_DIGITS + 1 or not set(digits) <= set(_ALPHABET):
        return None
    return _written(digits) if _check_digit(digits[:-1]) == digits[-1] else None


def _written(digits: str) -> str:
    return f"PR-{digits[:5]}-{digits[5:10]}-{digits[10]}"


def _check_digit(digits: str) -> str:
    """Luhn's algorithm for 32 characters (ISO/IEC 7812-1, generalised): finds every single mistyped character."""
    size, total = len(_ALPHABET), 0
    for place, character in enumerate(reversed(digits)):
        value = _ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // size + value % size
    return _ALPHABET[-total % size]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Until when the two rights can be used: the first moment at which they no longer can.

    Both are empty before the last of the goods has arrived: the rights are there, their terms have not begun.
    """

    withdrawal_ends_at: datetime | None
    policy_ends_at: datetime | None

    def right_at(self, *, now: datetime) -> ReturnRight | None:
        """The better right that still holds; None when both are over."""
        if self.withdrawal_ends_at is None or now < self.withdrawal_ends_at:
            return ReturnRight.WITHDRAWAL
        if self.policy_ends_at is None or now < self.policy_ends_at:
            return ReturnRight.POLICY
        return None


def terms_of(*, arrived_at: datetime | None, country: str) -> Terms:
    """The terms of an order whose last goods arrived at that moment in that country; None: not all have arrived."""
    if arrived_at is None:
        return Terms(withdrawal_ends_at=None, policy_ends_at=None)
    return Terms(
        withdrawal_ends_at=term_ends_at(begun_at=arrived_at, days=WITHDRAWAL_DAYS, country=country),
        policy_ends_at=term_ends_at(begun_at=arrived_at, days=POLICY_DAYS, country=country),
    )


def term_ends_at(*, begun_at: datetime, days: int, country: str) -> datetime:
    """The first moment after a term of so many days that an event at `begun_at` began, in UTC.

    Regulation (EEC, Euratom) No 1182/71, article 3: the day of the event is not counted (paragraph 1); the term ends
    with the last hour of its last day (paragraph 2b), by the clocks of the buyer's country; and where that day is a
    public holiday, a Sunday or a Saturday, with the last hour of the following working day (paragraph 4). Of several
    zones in a country the one counts in which the term ends last: in doubt for the buyer.
    """
    return max(_ends_in(zone, begun_at=begun_at, days=days, country=country) for zone in _zones(country))


def last_day_on(*, ends_at: datetime, country: str) -> date:
    """The last whole day of a term, as people name it: what a letter says."""
    just_before = ends_at - timedelta(microseconds=1)
    return max(just_before.astimezone(zone).date() for zone in _zones(country))


def zone_of(*, country: str) -> ZoneInfo:
    """The zone whose clocks the country's buyers are told by; of several the one in which a day ends last."""
    some_winter_day = datetime(2026, 1, 15, tzinfo=UTC)
    return min(_zones(country), key=lambda zone: zone.utcoffset(some_winter_day) or timedelta())


def _ends_in(zone: ZoneInfo, *, begun_at: datetime, days: int, country: str) -> datetime:
    last = begun_at.astimezone(zone).date() + timedelta(days=days)
    while is_rest_day(day=last, country=country):
        last += timedelta(days=1)
    return datetime.combine(last + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def is_rest_day(*, day: date, country: str) -> bool:
    """A Saturday, a Sunday or a public holiday of the whole country; where holidays are not known, weekends alone."""
    return day.weekday() >= _SATURDAY or day in public_holidays(country=country, year=day.year)


@cache
def _zones(country: str) -> tuple[ZoneInfo, ...]:
    """The country's time zones; UTC for a country that nobody knows."""
    territories = get_global("zone_territories")
    names = {zone for zone, territory in territories.items() if territory == country} & available_timezones()
    return tuple(ZoneInfo(name) for name in sorted(names)) or (ZoneInfo("UTC"),)


@dataclass(frozen=True, kw_only=True)
class AnnouncedLine:
    """So many units of an order's line that the buyer sends back, and why, as far as she says."""

    line_id: UUID
    quantity: int
    reason: str = ""
    comment: str = ""


def merge_announced(*, lines: Iterable[AnnouncedLine]) -> dict[UUID, AnnouncedLine]:
    """By line: a line that is named twice counts twice, with the words that were said first."""
    merged: dict[UUID, AnnouncedLine] = {}
    for line in lines:
        known = merged.get(line.line_id)
        merged[line.line_id] = replace(known, quantity=known.quantity + line.quantity) if known else line
    return merged


@dataclass(frozen=True, kw_only=True)
class FoundLine:
    """What was found of a return's line: units that can be sold again, units that cannot, and what the clerk saw."""

    line_id: UUID
    sellable: int
    damaged: int
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnedLine:
    """An order's line: its sums as agreed, its units, those credited `before` and those credited `now`."""

    gross_minor: int
    tax_minor: int
    quantity: int
    before: int
    now: int


@dataclass(frozen=True, kw_only=True)
class OutboundDelivery:
    """What the way to the buyer cost, and what the least expensive standard delivery would have cost."""

    gross_minor: int
    tax_minor: int
    standard_gross_minor: int


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What a return is worth, tax included, and after the deduction for lost value.

    `delivery_minor` is the part of `gross_minor` for the delivery.
    """

    gross_minor: int
    tax_minor: int
    delivery_minor: int


def credit_for(
    *, lines: Iterable[ReturnedLine], delivery: OutboundDelivery, by_right: bool, deducted_minor: int = 0
) -> Credit:
    """What the units that are credited `now` are worth. `lines` are all lines of the order.

    `by_right`: everything that came back until now came back by the law's right. The deduction lessens the goods'
    part alone. Errors: ValueError when it is negative or more than that, a mistake of the caller.
    """
    rows = list(lines)
    whole = by_right and all(line.before + line.now == line.quantity for line in rows)
    delivery_gross, delivery_tax = _standard(delivery) if whole else (0, 0)
    goods_gross = sum(share(total_minor=line.gross_minor, line=line) for line in rows)
    goods_tax = sum(share(total_minor=line.tax_minor, line=line) for line in rows)
    if not 0 <= deducted_minor <= goods_gross:
        raise ValueError(f"{deducted_minor} deducted of goods worth {goods_gross}")
    if deducted_minor:
        goods_tax -= round_half_up(Decimal(goods_tax * deducted_minor) / goods_gross)
    return Credit(
        gross_minor=goods_gross - deducted_minor + delivery_gross,
        tax_minor=goods_tax + delivery_tax,
        delivery_minor=delivery_gross,
    )


def _standard(delivery: OutboundDelivery) -> tuple[int, int]:
    """Of what the delivery cost, the part that the standard one would have cost, and the tax in it."""
    gross = min(delivery.gross_minor, delivery.standard_gross_minor)
    if gross == delivery.gross_minor:
        return gross, delivery.tax_minor
    return gross, round_half_up(Decimal(delivery.tax_minor * gross) / delivery.gross_minor)


def share(*, total_minor: int, line: ReturnedLine) -> int:
    """The part of a line's sum that falls on the units credited `now`.

    It is the difference of two running shares, so that units given back one by one add up to the line to the cent.
    """

    def up_to(units: int) -> int:
        return round_half_up(Decimal(total_minor * units) / line.quantity)

    return up_to(line.before + line.now) - up_to(line.before)
