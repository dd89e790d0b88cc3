"""What can still be promised, and where."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from config.kernel.prepared import Prepared
from orders.stock.models import Reservation

# Asked with every look at a cart.
_AVAILABLE: Final = Prepared(
    """
    SELECT level.sku, location.code, level.on_hand - level.reserved
    FROM orders_stocklevel level JOIN orders_location location ON location.id = level.location_id
    WHERE level.sku = ANY(%s)
    """
)


def get_available_units(*, skus: Iterable[str]) -> dict[str, dict[str, int]]:
    """`{sku: {location code: units}}` of what is on hand and not reserved; SKUs that stand nowhere are missing.

    Only a look: nothing is held until an order is placed.
    """
    rows = _AVAILABLE.fetch_all([list(skus)])
    units: dict[str, dict[str, int]] = defaultdict(dict)
    for sku, location, available in rows:
        units[sku][location] = available
    return dict(units)


def has_left(*, order_ref: UUID) -> bool:
    """Whether any unit that was reserved for the order has left."""
    return Reservation.objects.filter(order_ref=order_ref, taken__gt=0).exists()
