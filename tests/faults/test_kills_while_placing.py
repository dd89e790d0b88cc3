"""A web process dies at each step of `place`; she asks again with the same key, until she is answered.

Whether her first request was done cannot be seen from outside: its connection broke. One order must come of it.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from config.kernel.crashpoints import CRASH_POINTS
from tests.concurrency.buyers import fill_cart, insist, some_sku, wire_to
from tests.faults.buying import LATER, is_all_delivered, orders_of, running, units_agree
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import ConnectionLost

STEPS = [point for point in CRASH_POINTS if point.startswith("place.")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=(), web_processes=1) as shop:
        yield shop


@pytest.mark.parametrize("point", STEPS)
def test_an_order_is_placed_once_though_the_web_process_dies_at(
    point: str, shop: Shop, tmp_path: Path
) -> None:
    died, key = tmp_path / "died", str(uuid4())
    with running(shop, "web", CRASH_AT=point, CRASH_ONCE=str(died)), wire_to(shop) as wire:
        cart = fill_cart(wire, sku=(sku := some_sku(wire)))

        with pytest.raises(ConnectionLost):
            cart.place(wire, key=key)
        assert died.exists(), "it was not this point that ended the process"
        was_committed = point == "place.after_commit"
        assert len(orders_of(shop, cart)) == was_committed
        reply = insist(lambda wire: cart.place(wire, key=key), wire=wire)

    assert reply.status == 201
    assert ("idempotent-replayed" in reply.headers) == was_committed
    assert orders_of(shop, cart) == [reply.json()["id"]]
    assert units_agree(shop, sku=sku)


def test_after_all_kills_each_order_is_told_once_and_the_data_is_true_to_its_rules(shop: Shop) -> None:
    with running(shop, "worker"):
        eventually(lambda: is_all_delivered(shop), within_s=30)

    (orders,) = shop.rows("SELECT count(*)::int FROM orders_order")[0]
    kinds = "SELECT kind, count(*)::int FROM customers_timelineentry GROUP BY kind"
    assert orders > 0
    assert dict(shop.rows(kinds)) == {"order_placed": orders, "order_confirmed": orders}
    assert shop.violated_invariants(later=LATER) == ""
