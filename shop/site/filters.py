"""What templates do with the API's values: sums, days and codes as the reader's language has them."""

from collections.abc import Mapping

from django import template

from shop.rest.qr import qr_of
from shop.site.reading import Reader
from shop.site.words import word_for

register = template.Library()


@register.filter
def money(wire: Mapping[str, str] | None, reader: Reader) -> str:
    """`{"amount": "1290.00", "currency": "EUR"}` as `1 290 €`; nothing where nobody knows."""
    return reader.money(wire) if wire else ""


@register.filter
def day(wire: str | None, reader: Reader) -> str:
    """A day without its year."""
    return reader.day(wire) if wire else ""


@register.filter
def full_day(wire: str | None, reader: Reader) -> str:
    """A day with its year; of a moment, the day it falls on."""
    return reader.full_day(wire) if wire else ""


@register.filter
def days(promise: Mapping[str, str] | None, reader: Reader) -> str:
    """The days of a promise; nothing where none is made."""
    return reader.days(promise) if promise else ""


@register.filter
def moment(wire: str | None, reader: Reader) -> str:
    """A day and the time of day."""
    return reader.moment(wire) if wire else ""


@register.filter
def word(code: str | None, kind: str) -> str:
    """What a code of that kind is called."""
    return word_for(code, kind)


@register.filter
def qr(text: str) -> str:
    """The address of a picture with that QR code."""
    return qr_of(text)
