"""What a price is, with and without tax; which language a reader gets; and what identifies a price context."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from config.kernel.money import exponent, round_half_up, tax_within


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A tax class's rate in a country from `valid_from` until the next one's: 0.2550 is 25.5 %."""

    tax_class: str
    country: str
    rate: Decimal
    valid_from: date


# Arvonlisäverolaki (1501/1993) section 84: the general rate, before and after its rise on 1 September 2024.
FINNISH_RATES: Final = (
    Rate(tax_class="standard", country="FI", rate=Decimal("0.2400"), valid_from=date(2013, 1, 1)),
    Rate(tax_class="standard", country="FI", rate=Decimal("0.2550"), valid_from=date(2024, 9, 1)),
)


def rates_on(*, rates: Iterable[Rate], country: str, on: date) -> dict[str, Decimal]:
    """The rate of each tax class in the country on that day."""
    begun = [rate for rate in rates if rate.country == country and rate.valid_from <= on]
    return {rate.tax_class: rate.rate for rate in sorted(begun, key=lambda rate: rate.valid_from)}


@dataclass(frozen=True, kw_only=True)
class UnitPrice:
    """One unit's price in minor units; `gross_minor` is `net_minor` and the tax at `tax_rate`."""

    gross_minor: int
    net_minor: int
    tax_rate: Decimal


@lru_cache(maxsize=8192)
def unit_price(*, minor: int, is_gross: bool, tax_rate: Decimal) -> UnitPrice:
    """The price as a list has it, with the tax taken out of it or added to it, rounded half-up to the minor unit."""
    if is_gross:
        net = minor - tax_within(gross_minor=minor, rate=tax_rate)
        return UnitPrice(gross_minor=minor, net_minor=net, tax_rate=tax_rate)
    gross = minor + round_half_up(minor * tax_rate)
    return UnitPrice(gross_minor=gross, net_minor=minor, tax_rate=tax_rate)


def context_hash(*parts: str) -> str:
    """A short name for everything that decides a price: for cache keys, ETags and payloads."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()


def negotiate_locale(*, wanted: Sequence[str], offered: Sequence[str]) -> str | None:
    """The first of the reader's languages that is offered, exactly or at least as a language; None if none is.

    Somebody who reads `sv` or `sv-SE` gets `sv-FI` where that is the Swedish on offer.
    """
    by_lower = {locale.lower(): locale for locale in offered}
    for tag in wanted:
        if exact := by_lower.get(tag.lower()):
            return exact
        language = tag.lower().partition("-")[0]
        for lower, locale in by_lower.items():
            if lower.partition("-")[0] == language:
                return locale
    return None


def label_in(*, labels: Mapping[str, str], reads: Sequence[str], otherwise: str) -> str:
    """The label in the first of these locales that has one."""
    return next((labels[locale] for locale in reads if labels.get(locale)), otherwise)


def prices_in(*, document: Mapping[str, Any], attribute: str, currency: str) -> dict[str, int]:
    """`{sku: minor units}` that a published document says in a price attribute; what it does not price is missing.

    A variant's own word goes before the product's. Amounts with more decimals than the currency has are rounded.
    """
    found: dict[str, int] = {}
    for variant in document["variants"]:
        by_locale = variant["values"].get(attribute) or document["values"].get(attribute) or {}
        amount = by_locale.get("*", {}).get(currency)
        if amount is not None and (minor := round_half_up(Decimal(amount).scaleb(exponent(currency)))) >= 0:
            found[variant["sku"]] = minor
    return found
