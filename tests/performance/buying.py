"""How many lines are added and orders placed in a second, by clients that are processes of their own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

from config.servers import ROOT, start_program, wait_until_ready, web_command
from tests.concurrency.buyers import DELIVERY_OPTION, set_stock, some_sku, wire_to
from tests.faults.buying import is_all_delivered
from tests.performance.load import WORKLOADS
from tests.servers import Shop, running_shop

CLIENTS: Final = (1, 4, 16)
_START_S: Final = 1.5  # until sixteen clients have connected and done their first request
_MAX_UNITS: Final = 50_000_000


@dataclass(frozen=True, kw_only=True)
class Buying:
    """How often a workload was done per second, and how long one repetition took."""

    workload: str
    clients: int
    per_second: float
    p50_ms: float
    p99_ms: float
    lowest: float = 0
    highest: float = 0

    def line(self) -> str:
        """As the terminal shows it."""
        return (
            f"{self.workload:<8} {self.clients:>3} clients {self.per_second:>8.1f}/s"
            f"   p50 {self.p50_ms:.1f} ms   p99 {self.p99_ms:.1f} ms"
        )


def buy_in_turn(
    *, workloads: Sequence[str] = tuple(WORKLOADS), clients: Sequence[int], rounds: int, seconds: float
) -> list[Buying]:
    """Every workload with every number of clients, round after round. Errors: SystemExit when an invariant breaks."""
    with TemporaryDirectory() as place, _shop(Path(place) / "log") as (shop, plan):
        measured = [
            [_measure(shop, plan, *case, seconds) for case in product(workloads, clients)]
            for _ in range(rounds)
        ]
        if broken := shop.violated_invariants():
            raise SystemExit(f"the load broke an invariant:\n{broken}")
    return [_middle(rounds_of_one) for rounds_of_one in zip(*measured, strict=True)]


@contextmanager
def _shop(log: Path) -> Iterator[tuple[Shop, Mapping[str, Any]]]:
    """The servers with their logs as in production, stock without end, and what every client must know."""
    with running_shop(log, programs=()) as shop:
        shop.env = {**shop.env, "LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}
        with log.open("ab") as output:
            shop.children["web"] = start_program(
                web_command(port=shop.port), env=shop.env, output=output.fileno()
            )
        wait_until_ready(child=shop.children["web"], port=shop.port)
        shop.start("worker")
        with wire_to(shop) as wire:
            sku = some_sku(wire)
        set_stock(shop, sku=sku, units=_MAX_UNITS)
        yield (
            shop,
            {
                "port": shop.port,
                "key": shop.accounts["publishable_key"],
                "sku": sku,
                "option": DELIVERY_OPTION,
            },
        )


def _measure(shop: Shop, plan: Mapping[str, Any], workload: str, clients: int, seconds: float) -> Buying:
    """One measurement, begun when nothing of the one before is left to do."""
    _let_the_worker_finish(shop)
    starts_at = time.time() + _START_S
    words = json.dumps({**plan, "workload": workload, "seconds": seconds, "starts_at": starts_at})
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.performance.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(clients)
    ]
    for client in running:
        assert client.stdin
        client.stdin.write(words)
        client.stdin.close()
    took: list[float] = []
    for client in running:
        assert client.stdout
        with client.stdout as output:
            said = output.read()
        if client.wait() != 0:
            raise SystemExit(f"a client of {workload} gave up; what it said stands above")
        took += json.loads(said)
    if len(took) < 2:
        raise SystemExit(f"{workload}: fewer than two repetitions in {seconds:g} s")
    return Buying(
        workload=workload,
        clients=clients,
        per_second=len(took) / seconds,
        p50_ms=median(took) * 1000,
        p99_ms=quantiles(took, n=100)[98] * 1000,
    )


def _middle(measured: Sequence[Buying]) -> Buying:
    """The median of several rounds, with the lowest and the highest of them."""
    by_speed = sorted(measured, key=lambda one: one.per_second)
    return replace(
        by_speed[len(by_speed) // 2], lowest=by_speed[0].per_second, highest=by_speed[-1].per_second
    )


def _let_the_worker_finish(shop: Shop, patience_s: float = 300) -> None:
    deadline = time.monotonic() + patience_s
    while not is_all_delivered(shop):
        if time.monotonic() > deadline:
            raise SystemExit("the worker does not come to an end")
        time.sleep(0.2)
