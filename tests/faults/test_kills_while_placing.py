"""A web process dies at each step of `place`; she asks again with the same key, until she is answered.

Whether her first request was done cannot be seen from outside: its connection broke. One order must come of it.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from config.kernel.crashpoints import CRASH_POINTS
from config.processes import Child
from tests.concurrency.buyers import fill_cart, insist, some_sku, wire_to
from tests.faults.buying import ONCE_PER_ORDER, events_of, is_all_delivered, orders_of, told_of, units_agree
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import ConnectionLost

STEPS_OF_PLACE = [point for point in CRASH_POINTS if point.startswith("place.")]
STEPS_OF_DELIVERY = [point for point in CRASH_POINTS if point.startswith("dispatcher.")]
assert {*STEPS_OF_PLACE, *STEPS_OF_DELIVERY} == {*CRASH_POINTS}, "every point is walked over"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=()) as shop:
        yield shop


@contextmanager
def running(shop: Shop, program: str, **env: str) -> Iterator[Child]:
    """One program of the shop, stopped at the end if it still runs."""
    try:
        yield shop.start(program, **env)
    finally:
        shop.stop(program)


@pytest.mark.parametrize("point", STEPS_OF_PLACE)
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
    assert shop.violated_invariants() == ""


def test_what_was_ordered_between_the_kills_is_told_once(shop: Shop) -> None:
    with running(shop, "worker"):
        eventually(lambda: is_all_delivered(shop), within_s=30)

    carts = [row[0] for row in shop.rows("SELECT cart_ref FROM orders_order")]
    kinds = "SELECT kind, count(*)::int FROM customers_timelineentry GROUP BY kind"
    assert dict(shop.rows(kinds)) == {"order_placed": len(carts), "order_confirmed": len(carts)}
    assert shop.violated_invariants() == ""


@pytest.mark.parametrize("point", STEPS_OF_DELIVERY)
def test_what_an_order_says_takes_effect_once_though_the_worker_dies_at(point: str, shop: Shop) -> None:
    with running(shop, "web"), wire_to(shop) as wire:
        cart = fill_cart(wire, sku=(sku := some_sku(wire)))
        assert cart.place(wire, key=str(uuid4())).status == 201

    with running(shop, "worker", CRASH_AT=point) as worker:
        assert eventually(worker.exit_status) == 128 + signal.SIGKILL
    with running(shop, "worker"):
        eventually(lambda: is_all_delivered(shop), within_s=30)

    assert sorted(told_of(shop, cart)) == ["order_confirmed", "order_placed"]
    assert events_of(shop, cart) == ONCE_PER_ORDER
    assert units_agree(shop, sku=sku)
    assert shop.violated_invariants() == ""
