"""When something is complete: per channel and locale, everything that the family requires there is said.

Strict, as completeness is meant to show work that waits: a text in another language does not count, though a shopper
may be shown it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypedDict

ANY: Final = "*"

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]


class Standing(TypedDict):
    """How things stand in one locale of one channel; `missing` are attributes' codes, in order of the alphabet."""

    required: int
    missing: list[str]


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """An attribute that must be said; `locales` narrow it to some languages, None means all.

    `always`: there is no way not to say it, as with the SKU.
    """

    code: str
    type: str
    localisable: bool
    scopable: bool
    locales: frozenset[str] | None = None
    always: bool = False


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What a channel asks of the products of a family, in each of its locales."""

    channel: str
    locales: Sequence[str]
    currencies: Collection[str]
    requirements: Sequence[Requirement]

    @cached_property
    def asked(self) -> Mapping[str, Sequence[Requirement]]:
        """By locale, what is asked there."""
        return {
            locale: [each for each in self.requirements if each.locales is None or locale in each.locales]
            for locale in self.locales
        }


def assess(*, values: Values, demands: Iterable[Demand]) -> dict[str, dict[str, Standing]]:
    """How complete `values`, inherited ones included, are by channel and locale."""
    return {
        demand.channel: {locale: _standing(values, demand, locale) for locale in demand.locales}
        for demand in demands
        if demand.requirements
    }


def _standing(values: Values, demand: Demand, locale: str) -> Standing:
    asked, missing = demand.asked[locale], []
    for each in asked:
        said = values.get(each.code, {}).get(ANY, {})
        # nearly everything is said for all channels, and is no price
        if (each.type == "price" or each.scopable or (locale if each.localisable else ANY) not in said) and (
            not _is_said(values, each, demand, locale)
        ):
            missing.append(each.code)
    return Standing(required=len(asked), missing=sorted(missing))


def _is_said(values: Values, required: Requirement, demand: Demand, locale: str) -> bool:
    if required.always:
        return True
    by_channel = values.get(required.code, {})
    locale = locale if required.localisable else ANY
    value = by_channel.get(demand.channel, {}).get(locale) if required.scopable else None
    if value is None:  # what is said for all channels holds in this one
        value = by_channel.get(ANY, {}).get(locale)
    if value is None or required.type != "price":
        return value is not None
    return all(currency in value for currency in demand.currencies)
