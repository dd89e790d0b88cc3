"""How many statements the requests of a checkout take. The figures are the budget of W4 (docs/performance.md)."""

from datetime import datetime
from typing import Any

from orders.api import Consignment, list_delivery_options, list_locations
from shop.pricing.queries import list_locales
from tests.callers import etag
from tests.factories.goods import CUSHION, MOSS, SAND
from tests.factories.world import ADDRESS, World, filled_cart
from tests.sql import statements
from tests.wire import ON_INVOICE

LINE, CART, DETAILS, DELIVERY, PLACE = 12, 4, 9, 10, 21


def _warm(now: datetime) -> None:
    """Have the configuration read: it is kept for seconds."""
    list_locales()
    list_locations()
    list_delivery_options(country="FI", postcode="", goods=Consignment(), now=now)


def _asked(told: list[Any]) -> int:
    """All but what begins and ends the transaction, which within a test's own is a savepoint."""
    return sum(not str(statement).startswith(("SAVEPOINT", "RELEASE SAVEPOINT")) for statement in told)


def test_the_requests_of_a_checkout_take_no_more_statements_than_their_budget(
    world: World, now: datetime
) -> None:
    cart = filled_cart(world.guest(), **{SAND: 1, MOSS: 1})
    _warm(now)

    with statements() as made:
        world.guest().says("POST", "/store/v1/carts", {})
    with statements() as added:
        cart.shopper.says("POST", f"{cart.path}/lines", {"sku": CUSHION, "quantity": 1})
    with statements() as told:
        cart.shopper.says("PATCH", cart.path, ADDRESS)
    with statements() as chosen:
        cart.shopper.says("PUT", f"{cart.path}/deliveries/main", {"option": "parcel"})
    version = cart.version
    with statements() as placed:
        cart.shopper.says("POST", f"{cart.path}/place", ON_INVOICE, If_Match=etag(version))

    taken = [_asked(each) for each in (made, added, told, chosen, placed)]
    budget = [CART, LINE, DETAILS, DELIVERY, PLACE]
    assert all(count <= limit for count, limit in zip(taken, budget, strict=True)), taken
