"""Two hundred buyers want fifty units at one moment, over HTTP, from the real servers.

The carts are filled once; each test gets a copy of that database, so the three differ in nothing but their locks. The
two controls come first: without the lock the CHECK refuses somebody, without both the shop oversells.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.concurrency.buyers import (
    ReadyCart,
    answers,
    at_once,
    copy_of,
    count_orders,
    drop_stock_constraints,
    fill_carts,
    free_units,
    set_stock,
    some_sku,
    start_unlocked_web,
    warm_up,
    wire_to,
)
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import Reply, Wire

BUYERS, UNITS = 200, 50
LONGEST_P99_S = 5.0  # on a machine that runs nothing else

pytestmark = pytest.mark.timeout(300)  # the first test fills all carts

Prepared = tuple[Shop, str, list[ReadyCart]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """A stopped shop, the SKU of which it holds fifty units, and two hundred carts with one of it each."""
    with running_shop(tmp_path_factory.mktemp("prepared") / "log", programs=("web",)) as shop:
        with wire_to(shop) as wire:
            sku = some_sku(wire)
        carts = fill_carts(shop, count=BUYERS, sku=sku)
        set_stock(shop, sku=sku, units=UNITS)
        shop.stop("web")
        yield shop, sku, carts


@pytest.fixture
def scratch(prepared: Prepared, tmp_path: Path) -> Iterator[Shop]:
    with copy_of(prepared[0], tmp_path / "log") as shop:
        yield shop


def all_buy(shop: Shop, carts: list[ReadyCart]) -> list[Reply]:
    def buy(cart: ReadyCart) -> Callable[[Wire], Reply]:
        return lambda wire: cart.place(wire, key=str(uuid4()))

    replies = at_once(shop, *map(buy, carts))
    took = sorted(reply.seconds for reply in replies)
    print(  # noqa: T201 - shown by `pytest -s`
        f"\n{dict(answers(replies))}: p50 {took[BUYERS // 2]:.2f} s, p99 {p99_of(replies):.2f} s, all {took[-1]:.2f} s"
    )
    return replies


def p99_of(replies: list[Reply]) -> float:
    """Seconds within which 99 of 100 were answered."""
    return sorted(reply.seconds for reply in replies)[BUYERS * 99 // 100 - 1]


def test_without_the_lock_the_database_refuses_the_unit_too_many(prepared: Prepared, scratch: Shop) -> None:
    _, sku, carts = prepared
    start_unlocked_web(scratch, module="orders.stock.services")

    replies = all_buy(scratch, carts)

    found = answers(replies)
    assert found[500, "internal_error"] > 0, f"nobody met the CHECK: {found}"
    assert "stocklevel_reserved_within_on_hand" in scratch.log.read_text()
    assert found[201, ""] == count_orders(scratch) <= UNITS
    assert free_units(scratch, sku=sku) == UNITS - found[201, ""]


def test_without_the_lock_and_the_check_more_is_sold_than_there_is(prepared: Prepared, scratch: Shop) -> None:
    _, sku, carts = prepared
    drop_stock_constraints(scratch)
    start_unlocked_web(scratch, module="orders.stock.services")

    replies = all_buy(scratch, carts)

    assert answers(replies)[201, ""] == count_orders(scratch) > UNITS
    assert free_units(scratch, sku=sku) < 0


def test_two_hundred_buyers_of_fifty_units_place_fifty_orders(prepared: Prepared, scratch: Shop) -> None:
    _, sku, carts = prepared
    scratch.start("web")
    warm_up(scratch)
    scratch.start("worker")
    eventually(
        lambda: scratch.rows("SELECT FROM kernel_workerbeat WHERE beat_at > now() - interval '5 seconds'")
    )

    shared_by = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    replies = all_buy(scratch, carts)

    assert answers(replies) == {(201, ""): UNITS, (409, "out_of_stock"): BUYERS - UNITS}
    assert {tuple(reply.json()["short"].items()) for reply in replies if reply.status == 409} == {((sku, 1),)}
    assert p99_of(replies) < LONGEST_P99_S * shared_by
    assert count_orders(scratch) == UNITS
    assert free_units(scratch, sku=sku) == 0
    undelivered = (
        "SELECT FROM kernel_delivery WHERE handled_at IS NULL UNION ALL SELECT FROM kernel_unsequencedevent"
    )
    eventually(lambda: not scratch.rows(undelivered), within_s=60)
    assert scratch.violated_invariants() == ""
