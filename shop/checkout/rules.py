"""What is still missing before a cart can become an order, and what a telephone number is. Pure Python."""

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers

# What people write a number with. The library also reads letters, as keypads do: `0800 FLOWERS`.
_WRITTEN: Final = re.compile(r"\+?[0-9 ()./\-]+")


def is_telephone_number(*, typed: str, country: str) -> bool:
    """Whether somebody could be called under it, dialled from `country` or with its `+`.

    Asked is whether the number is possible, not whether it is in use today: numbering plans grow, and the library's
    copy of them is as old as the release.
    """
    if _WRITTEN.fullmatch(typed.strip()) is None:
        return False
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Something that must still be said: at which `step`, in which `field`, under which stable `code`."""

    step: str
    field: str
    code: str


# What a consumer must have been shown before an order with obligation to pay (directive 2011/83/EU, articles 6 and 8).
LEGAL_NOTICES: Final = ("terms", "withdrawal")


@dataclass(frozen=True, kw_only=True)
class PlaceWish:
    """How she pays, which legal notices she says she has seen, and in which locale she reads, if she says so."""

    payment_method: str
    acknowledgements: tuple[str, ...] = ()
    locale: str = ""

    @property
    def missing_notices(self) -> list[str]:
        """The notices that she has not acknowledged."""
        return [notice for notice in LEGAL_NOTICES if notice not in self.acknowledgements]


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What of a cart decides whether it can be placed."""

    lines: int
    email: str
    name: str
    street: str
    postcode: str
    city: str
    delivery_option: str
    is_fetched: bool  # by herself, in a store


def requirements_of(cart: Filled) -> tuple[Requirement, ...]:
    """What is missing, in the order in which a person is asked for it; empty when the cart can be placed.

    Who fetches her goods need not say where she lives, unless she wants an invoice: the payment method says so.
    """
    missing: list[Requirement] = []
    if not cart.lines:
        missing.append(Requirement(step="cart", field="lines", code="cart_empty"))
    if not cart.email:
        missing.append(Requirement(step="contact", field="email", code="email_missing"))
    missing.extend(
        Requirement(step="address", field=field, code=f"{field}_missing")
        for field in (("name",) if cart.is_fetched else ("name", "street", "postcode", "city"))
        if not getattr(cart, field)
    )
    if not cart.delivery_option:
        missing.append(Requirement(step="delivery", field="option", code="delivery_missing"))
    return tuple(missing)
