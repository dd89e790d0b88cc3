"""What is given back for goods that come back.

Goods: their share of the line as it was agreed. Outbound delivery: the whole of it, once everything has come back,
since who withdraws from the contract as a whole gets the standard delivery back too (directive 2011/83/EU, article 13
paragraph 1); who keeps a part has used the delivery.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from config.kernel.money import round_half_up


@dataclass(frozen=True, kw_only=True)
class ReturnedLine:
    """An order's line: its sums as agreed, its units, those credited `before` and those credited `now`."""

    gross_minor: int
    tax_minor: int
    quantity: int
    before: int
    now: int


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What a return is worth, tax included; `delivery_minor` is the part of `gross_minor` for the delivery."""

    gross_minor: int
    tax_minor: int
    delivery_minor: int


def credit_for(
    *, lines: Iterable[ReturnedLine], delivery_gross_minor: int, delivery_tax_minor: int
) -> Credit:
    """What the units that are credited `now` are worth. `lines` are all lines of the order."""
    rows = list(lines)
    whole = all(line.before + line.now == line.quantity for line in rows)
    delivery_gross, delivery_tax = (delivery_gross_minor, delivery_tax_minor) if whole else (0, 0)
    goods_gross = sum(share(total_minor=line.gross_minor, line=line) for line in rows)
    goods_tax = sum(share(total_minor=line.tax_minor, line=line) for line in rows)
    return Credit(
        gross_minor=goods_gross + delivery_gross,
        tax_minor=goods_tax + delivery_tax,
        delivery_minor=delivery_gross,
    )


def share(*, total_minor: int, line: ReturnedLine) -> int:
    """The part of a line's sum that falls on the units credited `now`.

    It is the difference of two running shares, so that units given back one by one add up to the line to the cent.
    """

    def up_to(units: int) -> int:
        return round_half_up(Decimal(total_minor * units) / line.quantity)

    return up_to(line.before + line.now) - up_to(line.before)
