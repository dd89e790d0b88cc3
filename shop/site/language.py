"""The language stands in the address: /fi/, /sv/, /en/ are the market's locales by their first part.

A page in one language is one address, so that it can be linked, cached and found.
"""

from collections.abc import Sequence
from typing import Final

_OF_DJANGO: Final = {"fi": "fi", "sv": "sv", "en": "en"}


def code_of(locale: str) -> str:
    """How a locale is written in addresses: `sv-FI` is `sv`."""
    return locale.split("-", maxsplit=1)[0].lower()


def locale_of(*, code: str, offered: Sequence[str]) -> str | None:
    """The market's locale that an address means; None when the market does not speak it."""
    return next((locale for locale in offered if code_of(locale) == code), None)


def gettext_language(code: str) -> str:
    """The language our own texts are in for this address: English where we have none of our own."""
    return _OF_DJANGO.get(code, "en")
