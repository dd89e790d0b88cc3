"""The worker dies at each step of the delivery of what an order says; the next one finishes it, once."""

import signal
from collections.abc import Iterator
from uuid import uuid4

import pytest

from config.kernel.crashpoints import CRASH_POINTS
from tests.concurrency.buyers import fill_cart, some_sku, wire_to
from tests.faults.buying import (
    LATER,
    ONCE_PER_ORDER,
    events_of,
    is_all_delivered,
    running,
    told_of,
    units_agree,
)
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop

# Each step of the first delivery, and the middle of a later one.
STEPS = [
    *(point for point in CRASH_POINTS if point.startswith("dispatcher.")),
    "dispatcher.after_handler:3",
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=("web",), web_processes=1) as shop:
        yield shop


@pytest.mark.parametrize("point", STEPS)
def test_what_an_order_says_takes_effect_once_though_the_worker_dies_at(point: str, shop: Shop) -> None:
    with wire_to(shop) as wire:
        cart = fill_cart(wire, sku=(sku := some_sku(wire)))
        assert cart.place(wire, key=str(uuid4())).status == 201

    with running(shop, "worker", CRASH_AT=point) as worker:
        assert eventually(worker.exit_status) == 128 + signal.SIGKILL
    with running(shop, "worker"):
        eventually(lambda: is_all_delivered(shop), within_s=30)

    assert sorted(told_of(shop, cart)) == ["order_confirmed", "order_placed"]
    assert events_of(shop, cart) == ONCE_PER_ORDER
    assert units_agree(shop, sku=sku)


def test_after_all_kills_the_data_is_true_to_its_rules(shop: Shop) -> None:
    assert shop.violated_invariants(later=LATER) == ""
