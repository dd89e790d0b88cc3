"""What one unit of something weighs, out of what the PIM says: parcels are priced by it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from config.kernel.money import round_half_up

ATTRIBUTE: Final = "weight"

# Units as people write them and as other PIMs name them, in grams.
_GRAMS: Final = {
    "g": Decimal(1), "gram": Decimal(1),
    "kg": Decimal(1000), "kilogram": Decimal(1000),
    "lb": Decimal("453.59237"), "pound": Decimal("453.59237"),
    "oz": Decimal("28.349523125"), "ounce": Decimal("28.349523125"),
}  # fmt: skip


def weight_in_g(*, said: Any, unit: str) -> int | None:
    """The weight in grams, at least one; None where nobody says it, or in a unit that is no weight.

    `said` is the attribute's value: a number in the attribute's own `unit`, or `{"amount", "unit"}`.
    """
    if isinstance(said, Mapping):
        said, unit = said.get("amount"), str(said.get("unit"))
    grams = _GRAMS.get(unit.lower())
    if said is None or grams is None:
        return None
    return max(round_half_up(Decimal(str(said)) * grams), 1)
