"""What must have come of one purchase, whoever was killed while it was made."""

from collections.abc import Iterator
from contextlib import contextmanager

from config.processes import Child
from tests.concurrency.buyers import ReadyCart
from tests.servers import Shop

LATER = "1h"
"""As of when the rules are asked after a recovery: what is still in the air then has been left there for good."""

_OPEN_WORK = """
    SELECT count(*) FROM (
        SELECT FROM kernel_unsequencedevent UNION ALL SELECT FROM kernel_delivery WHERE handled_at IS NULL
    ) AS open
"""
_TIMELINE = """
    SELECT entry.kind FROM customers_timelineentry AS entry
    JOIN orders_order ON (entry.data ->> 'order_id')::uuid = orders_order.public_id
    WHERE orders_order.cart_ref = %s ORDER BY entry.id
"""
_EVENTS = """
    SELECT event.name, count(*)::int FROM kernel_storedevent AS event
    JOIN orders_order ON event.data ->> %s = orders_order.public_id::text
    WHERE orders_order.cart_ref = %s GROUP BY event.name
"""
_BOUGHT_AND_KEPT = """
    SELECT
        (SELECT coalesce(sum(quantity), 0)::int FROM orders_orderline WHERE sku = %s),
        (SELECT coalesce(sum(quantity), 0)::int FROM orders_reservation JOIN orders_stocklevel AS level
            ON level.id = level_id WHERE sku = %s),
        (SELECT sum(reserved)::int FROM orders_stocklevel WHERE sku = %s)
"""


@contextmanager
def running(shop: Shop, program: str, **env: str) -> Iterator[Child]:
    """One program of the shop, ended at once when the block ends: here every end may be a hard one.

    granian that is told to stop while it replaces a dead process takes the ten seconds it grants its processes.
    """
    try:
        yield shop.start(program, **env)
    finally:
        shop.children.pop(program).stop(grace_s=0.5)


def orders_of(shop: Shop, cart: ReadyCart) -> list[str]:
    """The orders that came of a cart."""
    query = "SELECT public_id FROM orders_order WHERE cart_ref = %s"
    return [str(row[0]) for row in shop.rows(query, cart.id)]


def is_all_delivered(shop: Shop) -> bool:
    """Whether no event waits for its position or for a handler."""
    return shop.rows(_OPEN_WORK) == [(0,)]


def told_of(shop: Shop, cart: ReadyCart) -> list[str]:
    """The kinds of the customer's timeline that speak of the cart's order, in the order they were written."""
    return [row[0] for row in shop.rows(_TIMELINE, cart.id)]


def events_of(shop: Shop, cart: ReadyCart) -> dict[str, int]:
    """How often each event tells of the cart's order."""
    found: dict[str, int] = {}
    for name in ("order_id", "order_ref"):
        found |= dict(shop.rows(_EVENTS, name, cart.id))
    return found


def units_agree(shop: Shop, *, sku: str) -> bool:
    """Whether as many units are reserved as were ordered, neither lost nor kept for nobody."""
    ((bought, kept, reserved),) = shop.rows(_BOUGHT_AND_KEPT, sku, sku, sku)
    return bool(bought == kept == reserved)


ONCE_PER_ORDER = {
    "orders.order_placed": 1,
    "orders.order_confirmed": 1,
    "customers.customer_recorded": 1,
}
"""The events of an order on invoice that nobody has sent yet."""
