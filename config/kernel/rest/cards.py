"""Card numbers are not ours to read: a body that holds one is refused, and what it held is written nowhere.

Whoever types a card number into a field of ours has mistaken us for the payment provider; had we stored or logged it,
the whole house would have to answer to the card industry's rules (`reliability.md` 3, case 31, and 4, "PCI"). A number
counts as a card's when its beginning and length are those of a known scheme and its check digit is right, so that the
numbers of articles (GTIN) and telephones pass. Where people pay, every run of 13 to 19 digits with a right check digit
counts: nothing that is said there has such numbers of its own.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from config.kernel.errors import Refusal

_DIGITS: Final = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
# An id of ours is no number, though its digits may stand side by side as a card's do.
_ID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
# Beginnings and lengths of the schemes, as their rules for issuers say.
_SCHEMES: Final = (
    (re.compile(r"4"), {13, 16, 19}),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),  # Mastercard
    (re.compile(r"3[47]"), {15}),  # American Express
    (re.compile(r"30[0-5]|3[689]"), {14}),  # Diners Club
    (re.compile(r"6011|64[4-9]|65"), {16, 17, 18, 19}),  # Discover
    (re.compile(r"35(?:2[89]|[3-8])"), {16, 17, 18, 19}),  # JCB
    (re.compile(r"62"), {16, 17, 18, 19}),  # UnionPay
    (re.compile(r"50|5[6-9]|6[0139]|67"), {13, 14, 15, 16, 17, 18, 19}),  # Maestro
)
# Fields that name things by numbers of their own: a GTIN of 13 digits may look like an old Visa card.
_CODES: Final = frozenset({"sku", "gtin", "ean"})


class CardDataNotAccepted(Refusal):
    """A field holds a card number. It was not kept; cards are for the payment provider's own fields."""

    code = "card_data_not_accepted"
    status = 400
    title = "Card numbers must not be sent to us."


def refuse_cards(*, document: Any, of_any_scheme: bool = False) -> None:
    """Look into every string and number of a JSON document. Errors: CardDataNotAccepted, without the value."""
    for text in _texts(document):
        for found in _DIGITS.finditer(_ID.sub("id", text)):
            digits = re.sub(r"[ -]", "", found[0])
            if has_check_digit(digits=digits) if of_any_scheme else is_card(digits=digits):
                raise CardDataNotAccepted


def is_card(*, digits: str) -> bool:
    """Whether digits without gaps are a card's number: scheme, length and check digit."""
    known = any(begins.match(digits) and len(digits) in lengths for begins, lengths in _SCHEMES)
    return known and has_check_digit(digits=digits)


def has_check_digit(*, digits: str) -> bool:
    """Whether the last digit is the one that the others ask for (ISO/IEC 7812-1, Luhn)."""
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _texts(document: Any) -> Iterable[str]:
    """Without recursion, for a document may be deep. Keys are looked at too: a mistake is as dear there."""
    rest = [document]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            yield from value
            rest.extend(inner for name, inner in value.items() if name not in _CODES)
        elif isinstance(value, list):
            rest.extend(value)
        elif isinstance(value, str):
            yield value
        elif isinstance(value, int) and not isinstance(value, bool):
            yield str(value)
