"""What is agreed, as values; how tax is split; what an order is called."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from config.kernel.money import spread, tax_within

# Crockford's base 32: no I, L, O, U, so that a number survives being read out on the telephone.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, kw_only=True)
class PostalAddress:
    """Where something is sent and to whom; `country` is ISO 3166-1 alpha-2.

    Who fetches her goods may leave out where she lives; her name and the country are always there.
    """

    name: str
    street: str
    postcode: str
    city: str
    country: str
    phone: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether a letter would reach her there."""
        return bool(self.street and self.postcode and self.city)


@dataclass(frozen=True, kw_only=True)
class WishedLine:
    """A cart's line at the price she saw. `options` is what she read; `added_by` a clerk's name, or empty.

    `withdrawal_excluded` is why she cannot send it back (directive 2011/83/EU, article 16), as a code; empty: she can.
    `unit_weight_g` is what one unit weighs, where somebody says it.
    """

    line_ref: UUID
    sku: str
    name: str
    options: tuple[tuple[str, str], ...]
    quantity: int
    unit_gross_minor: int
    tax_rate: Decimal
    added_by: str = ""
    withdrawal_excluded: str = ""
    unit_weight_g: int | None = None


@dataclass(frozen=True, kw_only=True)
class WishedDelivery:
    """The delivery she chose, at the price and with the promise she saw.

    `standard_gross_minor` is the price of the least expensive delivery to her that was on offer; None when it was this.
    `kind` is one of `orders.delivery.rules.DeliveryKind`; `store` the code of the store in which she fetches the goods,
    else empty. `sent_from` are the locations that the promise was made for; empty where nobody looked.
    """

    option: str
    label: str
    gross_minor: int
    tax_rate: Decimal
    promised_from: date
    promised_until: date
    standard_gross_minor: int | None = None
    kind: str = "home"
    store: str = ""
    sent_from: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OrderWish:
    """Everything an order is made of. The shop has checked prices and completeness; stock decides here."""

    cart_ref: UUID
    channel: str
    currency: str
    country: str
    locale: str
    email: str
    address: PostalAddress
    lines: tuple[WishedLine, ...]
    delivery: WishedDelivery
    payment_method: str
    buyer_ref: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class TaxedPart:
    """One line's (or the delivery's) gross sum with the tax inside it."""

    rate: Decimal
    gross_minor: int
    tax_minor: int

    @property
    def net_minor(self) -> int:
        """The sum without tax."""
        return self.gross_minor - self.tax_minor


@dataclass(frozen=True, kw_only=True)
class TaxSplit:
    """`parts` in the order they were given, `groups` one per rate, the highest rate first."""

    parts: tuple[TaxedPart, ...]
    groups: tuple[TaxedPart, ...]

    @property
    def gross_minor(self) -> int:
        """The sum of all parts."""
        return sum(part.gross_minor for part in self.parts)

    @property
    def tax_minor(self) -> int:
        """The tax in all parts."""
        return sum(part.tax_minor for part in self.parts)


def split_taxes(*, gross_by_line: Sequence[tuple[int, Decimal]]) -> TaxSplit:
    """The tax inside gross sums, given as (minor units, rate); 0.255 is 25.5 %.

    It is computed once per rate from the sum of the rate's parts and spread over them by largest remainder, so that
    the parts always add up to what the tax office is told (`decisions.md`, "Prices and tax").
    """
    taxes = [0] * len(gross_by_line)
    groups = []
    for rate in sorted({rate for _, rate in gross_by_line}, reverse=True):
        members = [index for index, (_, of_rate) in enumerate(gross_by_line) if of_rate == rate]
        weights = [gross_by_line[index][0] for index in members]
        tax = tax_within(gross_minor=sum(weights), rate=rate)
        for index, share in zip(members, spread(total=tax, weights=weights), strict=True):
            taxes[index] = share
        groups.append(TaxedPart(rate=rate, gross_minor=sum(weights), tax_minor=tax))
    parts = (
        TaxedPart(rate=rate, gross_minor=gross, tax_minor=tax)
        for (gross, rate), tax in zip(gross_by_line, taxes, strict=True)
    )
    return TaxSplit(parts=tuple(parts), groups=tuple(groups))


def new_number() -> str:
    """A name for an order that people can read out: 50 random bits, `7Q2MX-0K4TD`."""
    digits = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{digits[:5]}-{digits[5:]}"


def read_number(typed: str) -> str:
    """The number that was meant: case, blanks and look-alike letters do not matter, nor a missing dash."""
    plain = typed.upper().translate(_READ_AS)
    return f"{plain[:5]}-{plain[5:]}"


def sum_by_sku(*, lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """`{sku: units}` over lines: one SKU may stand on several of them."""
    units: dict[str, int] = {}
    for sku, quantity in lines:
        units[sku] = units.get(sku, 0) + quantity
    return units


@dataclass(frozen=True, kw_only=True)
class LineUnits:
    """So many units of one line of an order."""

    line_id: UUID
    quantity: int


def sum_by_line(*, lines: Iterable[LineUnits]) -> dict[UUID, int]:
    """`{line_id: units}`: a line that is named twice counts twice."""
    units: dict[UUID, int] = {}
    for line in lines:
        units[line.line_id] = units.get(line.line_id, 0) + line.quantity
    return units
