"""`make bench`: how much the servers do in a second, and how long one request takes.

Starts PostgreSQL (durable, unless `DATABASE_URL` names one), seeds, starts the servers as `make run` does, and loads
them with client processes on the same machine. Every figure stands beside the one of a bare Django view in the same
server, so that it says something on another machine too. Later issues add workloads to `WORKLOADS` and to `load.py`.
"""

import argparse
import json
import os
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

from config import embedded_postgres
from config.servers import ROOT, start_program, wait_until_ready, web_command
from tests.concurrency.buyers import DELIVERY_OPTION, set_stock, some_sku, wire_to
from tests.faults.buying import is_all_delivered
from tests.performance.report import Figure, write_report
from tests.servers import Shop, running_shop

CLIENTS: Final = (1, 4, 16)
WORKLOADS: Final = ("bare", "list", "detail", "add-line", "checkout")
_START_S: Final = 1.5  # until sixteen clients have connected and done their first request
_MAX_UNITS: Final = 50_000_000


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the command line asks for."""

    seconds: float
    rounds: int
    workloads: Sequence[str]
    clients: Sequence[int]
    report: Path | None


def main() -> None:
    """Measure, print, and write the report."""
    wish = _read_wish()
    load_before = os.getloadavg()[0]
    with _postgres(), TemporaryDirectory() as place, _shop(Path(place) / "log") as (shop, plan):
        # Round after round over everything, so that a busy minute spoils one round of each and not one figure.
        rounds = [
            [
                _tell(_measure(shop, plan, *case, wish.seconds))
                for case in product(wish.workloads, wish.clients)
            ]
            for _ in range(wish.rounds)
        ]
        figures = [_middle(measured) for measured in zip(*rounds, strict=True)]
        broken = shop.violated_invariants()
        if broken:
            raise SystemExit(f"the load broke an invariant:\n{broken}")
        if wish.report:
            write_report(
                wish.report,
                figures=figures,
                seconds=wish.seconds,
                rounds=wish.rounds,
                load_before=load_before,
                shop=shop,
            )
            print(f"written to {wish.report}")  # noqa: T201


def _read_wish() -> Wish:
    parser = argparse.ArgumentParser(prog="python -m tests.performance.bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of one measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each; their median counts")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=WORKLOADS, help="some workloads")
    parser.add_argument("--clients", nargs="+", type=int, default=CLIENTS, help="how many at once")
    parser.add_argument("--report", type=Path, help="default: docs/performance.md when everything is run")
    given = parser.parse_args()
    everything = (tuple(given.only), tuple(given.clients)) == (WORKLOADS, CLIENTS)
    return Wish(
        seconds=given.seconds,
        rounds=given.rounds,
        workloads=given.only,
        clients=given.clients,
        report=given.report or (ROOT / "docs" / "performance.md" if everything else None),
    )


@contextmanager
def _postgres() -> Iterator[None]:
    """A server of the bench's own with durable commits, named in `DATABASE_URL` unless that names one."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    data_dir = ROOT / "var" / "bench-postgres"
    embedded_postgres.remove(data_dir=data_dir)
    server = embedded_postgres.start(data_dir=data_dir, settings={})
    os.environ["DATABASE_URL"] = server.url
    try:
        yield
    finally:
        del os.environ["DATABASE_URL"]
        server.stop()
        embedded_postgres.remove(data_dir=data_dir)


@contextmanager
def _shop(log: Path) -> Iterator[tuple[Shop, Mapping[str, Any]]]:
    """The servers with their logs as in production, stock without end, and what every client must know."""
    with running_shop(log, programs=()) as shop:
        shop.env = {**shop.env, "LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}
        command = web_command(port=shop.port)
        measured = replace(command, argv=(*command.argv[:-1], "tests.performance.bench_wsgi:application"))
        with log.open("ab") as output:
            shop.children["web"] = start_program(measured, env=shop.env, output=output)
        wait_until_ready(child=shop.children["web"], port=shop.port)
        shop.start("worker")
        with wire_to(shop) as wire:
            sku = some_sku(wire)
            slug = wire.ask("GET", "/store/v1/products").json()["items"][0]["slug"]
        set_stock(shop, sku=sku, units=_MAX_UNITS)
        rows = shop.rows("SELECT id FROM shop_listing WHERE slug = %s AND locale = 'fi'", slug)
        yield (
            shop,
            {
                "port": shop.port,
                "key": shop.accounts["publishable_key"],
                "slug": slug,
                "row": rows[0][0],
                "sku": sku,
                "option": DELIVERY_OPTION,
            },
        )


def _measure(shop: Shop, plan: Mapping[str, Any], workload: str, clients: int, seconds: float) -> Figure:
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
    return Figure(
        workload=workload,
        clients=clients,
        per_second=len(took) / seconds,
        p50_ms=median(took) * 1000,
        p99_ms=quantiles(took, n=100)[98] * 1000,
    )


def _tell(figure: Figure) -> Figure:
    print(figure.line(), flush=True)  # noqa: T201 - this is a command
    return figure


def _middle(measured: Sequence[Figure]) -> Figure:
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


if __name__ == "__main__":
    main()
