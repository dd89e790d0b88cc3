"""What a page shows, from the same finished JSON that the API answers with.

Pages read nothing that the API does not tell: they unfold its cards and details into words for people, and format
sums and dates as the reader's language writes them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency
from django.utils.translation import gettext as _

from shop.catalog.models import Band

_CENTS: Final = re.compile(r"\.0+")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads: the language of the address, the market's locale, and the clocks of its country."""

    code: str
    locale: str
    time_zone: str

    def path(self, *parts: str) -> str:
        """An address of the storefront in the reader's language."""
        return "/".join(["", self.code, *(quote(part) for part in parts)]) if parts else f"/{self.code}/"

    def money(self, wire: Mapping[str, str]) -> str:
        """A sum as the reader writes it; whole sums without cents, `1 290 €`."""
        return _money(wire["amount"], wire["currency"], self.locale)

    def day(self, wire: str) -> str:
        """A day as the reader writes it: `ti 25. marrask.`"""
        return format_skeleton("MMMEd", date.fromisoformat(wire), locale=self._babel)

    def full_day(self, wire: str) -> str:
        """A day with its year."""
        return format_date(date.fromisoformat(wire), "long", locale=self._babel)

    def moment(self, wire: str) -> str:
        """A day and the time of day by the clocks of the market's country."""
        at = datetime.fromisoformat(wire).astimezone(ZoneInfo(self.time_zone))
        return f"{self.day(at.date().isoformat())} {format_skeleton('Hm', at.time(), locale=self._babel)}"

    def days(self, promise: Mapping[str, str]) -> str:
        """From the first to the last day of a promise; one day where they are the same."""
        first, last = promise["earliest_on"], promise["latest_on"]
        return self.day(first) if first == last else f"{self.day(first)}\u2009–\u2009{self.day(last)}"

    @property
    def _babel(self) -> Locale:
        return Locale.parse(self.locale, sep="-")


@lru_cache(maxsize=8192)
def _money(amount: str, currency: str, locale: str) -> str:
    """The same sums stand on page after page, and writing one takes as long as a tenth of a page."""
    sum_, babel = Decimal(amount), Locale.parse(locale, sep="-")
    if sum_ != sum_.to_integral_value():
        return format_currency(sum_, currency, locale=babel)
    pattern = _CENTS.sub("", babel.currency_formats["standard"].pattern)
    return format_currency(sum_, currency, locale=babel, format=pattern, currency_digits=False)


@dataclass(frozen=True, kw_only=True)
class CardView:
    """A product in a list, as a page shows it."""

    slug: str
    href: str
    name: str
    summary: str
    image: str | None
    price: str
    price_is_lowest: bool
    stock: str
    stock_label: str
    choices: str
    language: str | None


def card_view(*, card: bytes | Mapping[str, Any], reader: Reader) -> CardView:
    """A card of the API for people."""
    said = orjson.loads(card) if isinstance(card, bytes) else card
    band = said["availability"]
    price = said["price"]
    return CardView(
        slug=said["slug"],
        href=reader.path("p", said["slug"]),
        name=said["name"],
        summary=said["summary"] or "",
        image=said["image"],
        price=reader.money(price["gross"]) if price else "",
        price_is_lowest=said["prices_differ"],
        stock=band,
        stock_label=band_label(band),
        choices=choices_label(said["options"]),
        language=_other_language(said["locale"], reader),
    )


def cards_view(*, cards: Iterable[bytes], reader: Reader) -> list[CardView]:
    """Cards of a list."""
    return [card_view(card=card, reader=reader) for card in cards]


def choices_label(options: Sequence[Mapping[str, Any]]) -> str:
    """What a card says of its variants: `Fabric: 5`, or nothing where there is no choice."""
    return " · ".join(
        f"{choice['label']}: {len(choice['values'])}" for choice in options if len(choice["values"]) > 1
    )


def band_label(band: str) -> str:
    """Availability in words."""
    labels = {
        Band.IN_STOCK: _("In stock"),
        Band.LOW_STOCK: _("Only a few left"),
        Band.SOLD_OUT: _("Sold out"),
    }
    return labels.get(Band(band), "")


def _other_language(locale: str | None, reader: Reader) -> str | None:
    """The language to mark a text with where it is not the page's own."""
    return locale if locale and locale != reader.locale else None
