"""Processes die at random moments while people buy; whoever supervises the servers starts them again.

Where a kill hits is not ours to choose here, so it finds what no named point does: between a reply's bytes, while a
connection opens, inside the database driver.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from config.servers import ServerEnded
from tests.concurrency.buyers import ReadyCart, count_orders, fill_cart, insist, set_stock, some_sku, wire_to
from tests.faults.buying import LATER, ONCE_PER_ORDER, events_of, is_all_delivered, orders_of, units_agree
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import Reply, Wire

KILLS, BUYERS, UNITS = 20, 6, 100_000

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in Linux's /proc"),
]


def children_of(*pids: int) -> list[int]:
    """The processes that these have started, but for shells."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            program = (place / "cmdline").read_bytes().split(b"\0")[0]
            if parent in pids and not program.endswith(b"/sh"):
                found.append(int(place.name))
    return found


def victims(shop: Shop) -> dict[int, str]:
    """The web processes that serve requests, and the worker: which program each process belongs to."""
    programs = {name: children_of(child.shell.pid) for name, child in list(shop.children.items())}
    serving = children_of(*programs.get("web", ()))  # the first one only watches over them
    return {**dict.fromkeys(serving, "web"), **dict.fromkeys(programs.get("worker", ()), "worker")}


def kill_one(shop: Shop, chance: random.Random, of: set[str]) -> str | None:
    """Kill one of these programs' processes; whose it was, or None when nothing was there to kill."""
    found = {pid: program for pid, program in victims(shop).items() if program in of}
    if not found:
        return None
    pid = chance.choice(sorted(found))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return found[pid]
    return None


def supervise(shop: Shop, over: threading.Event) -> None:
    """Start again what has ended, as the process manager of an installation does."""
    while not over.wait(0.1):
        for name in ("web", "worker"):
            if shop.children[name].exit_status() is not None:
                shop.children[name].stop(grace_s=1)
                with suppress(ServerEnded):
                    shop.start(name)


def buy(shop: Shop, sku: str, over: threading.Event, bought: list[tuple[ReadyCart, str]]) -> None:
    """Fill carts and place them, until it is over; a cart that breaks off while it is filled is left behind."""
    with wire_to(shop) as wire:
        while not over.is_set():
            try:
                cart = fill_cart(wire, sku=sku)
            except (ConnectionError, AssertionError):
                time.sleep(0.1)
                continue
            key = str(uuid4())

            def place(wire: Wire, cart: ReadyCart = cart, key: str = key) -> Reply:
                return cart.place(wire, key=key)

            reply = insist(place, wire=wire, within_s=60)
            assert reply.status == 201, f"{reply.status} {reply.body!r}"
            bought.append((cart, reply.json()["id"]))


@pytest.mark.parametrize(
    ("seed", "of"), [(1, {"web", "worker"}), (2, {"web", "worker"}), (3, {"web", "worker"}), (4, {"worker"})]
)
def test_people_buy_while_processes_die_and_nothing_is_lost_or_done_twice(
    seed: int, of: set[str], tmp_path: Path
) -> None:
    chance = random.Random(seed)
    over, calm = threading.Event(), threading.Event()
    bought: list[tuple[ReadyCart, str]] = []
    with running_shop(tmp_path / "log") as shop:
        with wire_to(shop) as wire:
            sku = some_sku(wire)
        set_stock(shop, sku=sku, units=UNITS)
        buyers = [threading.Thread(target=buy, args=(shop, sku, over, bought)) for _ in range(BUYERS)]
        supervisor = threading.Thread(target=supervise, args=(shop, calm))
        for thread in (supervisor, *buyers):
            thread.start()

        killed: Counter[str] = Counter()
        while killed.total() < KILLS:
            before = len(bought)
            eventually(lambda before=before: len(bought) > before, within_s=90)  # the shop is open again
            time.sleep(chance.uniform(0, 2))
            if program := kill_one(shop, chance, of):
                killed[program] += 1
        over.set()
        for thread in buyers:
            thread.join(timeout=90)
        eventually(
            lambda: is_all_delivered(shop), within_s=300
        )  # while only workers die, more is bought than told
        calm.set()
        supervisor.join()

        print(f"killed {dict(killed)} during {len(bought)} orders")  # noqa: T201 - pytest -s
        assert set(killed) == of
        assert count_orders(shop) == len(bought)
        for cart, order in bought:
            assert orders_of(shop, cart) == [order]
            assert events_of(shop, cart) == ONCE_PER_ORDER
        kinds = "SELECT kind, count(*)::int FROM customers_timelineentry GROUP BY kind"
        assert dict(shop.rows(kinds)) == {"order_placed": len(bought), "order_confirmed": len(bought)}
        assert units_agree(shop, sku=sku)
        assert shop.violated_invariants(later=LATER) == ""
