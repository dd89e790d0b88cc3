"""W4: whole checkouts of baskets of three lines out of a thousand SKUs, on invoice or by card.

`python -m tests.performance.checkout_load` starts PostgreSQL (durable, unless `DATABASE_URL` names one) and the servers
as `make run` does, loads them with client processes (`checkout_client.py`), and says how many orders a second there
were, how long each request took, how much processor time an order cost each kind of process, and how long the worker
needed afterwards for what it was told meanwhile.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.performance.checkout_client import REQUESTS, Took
from tests.performance.processor_time import Spent, Times, difference, spent_by_children, spent_by_postgres

_START_S: Final = 1.5  # until sixteen clients have connected and done their first checkout
_DRAINS_WITHIN_S: Final = 300.0
_BACKEND: Final = "SELECT pid, backend_type, application_name FROM pg_stat_activity"
_UNDONE: Final = """
    SELECT
        (SELECT count(*) FROM kernel_unsequencedevent)
        + (SELECT count(*) FROM kernel_delivery WHERE handled_at IS NULL AND due_at <= now()),
        (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now())
"""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What was measured: the seconds of what ended in time, by kind of request, and what everybody spent meanwhile."""

    clients: int
    seconds: float
    took: Took
    spent: Spent
    undone: tuple[int, int]

    @property
    def orders(self) -> int:
        """Whole checkouts."""
        return len(self.took["checkout"])

    def lines(self) -> Iterator[str]:
        """As the terminal shows it."""
        yield f"{self.clients} clients: {self.orders / self.seconds:.1f} orders/s ({self.orders} in {self.seconds:g} s)"
        for kind in ("checkout", *(kind for kind in REQUESTS if kind in self.took)):
            each = self.took[kind]
            yield (
                f"  {kind:<9} p50 {median(each) * 1000:7.1f} ms   p95 {quantiles(each, n=20)[18] * 1000:7.1f} ms"
                f"   p99 {quantiles(each, n=100)[98] * 1000:7.1f} ms   {len(each)} times"
            )
        yield f"  processor time of an order: {sum(self.spent.values()) / self.orders * 1000:.1f} ms, of which"
        for name, seconds in sorted(self.spent.items(), key=lambda one: -one[1]):
            if (ms := seconds / self.orders * 1000) >= 0.05:
                yield f"    {name:<32}{ms:7.2f} ms"
        yield f"  left to the worker: {self.undone[0]} deliveries, {self.undone[1]} jobs"


def measure(*, shop: Any, plan: Mapping[str, Any], clients: int, seconds: float) -> Load:
    """Let so many client processes check out at once."""
    starts_at = time.time() + _START_S
    words = json.dumps({**plan, "seconds": seconds, "starts_at": starts_at})
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.performance.checkout_client"],
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
    time.sleep(max(0.0, starts_at - time.time()))
    before = spent_so_far(shop)
    time.sleep(max(0.0, starts_at + seconds - time.time()))
    spent = difference(before, spent_so_far(shop))
    undone = shop.rows(_UNDONE)[0]
    took: Took = defaultdict(list)
    for client in running:
        assert client.stdout
        with client.stdout as output:
            said = output.read()
        if client.wait() != 0:
            raise SystemExit("a client gave up; what it said stands above")
        report = json.loads(said)
        spent["clients"] = spent.get("clients", 0.0) + report["spent_s"]
        for kind, each in report["took"].items():
            took[kind] += each
    return Load(clients=clients, seconds=seconds, took=took, spent=spent, undone=undone)


def spent_so_far(shop: Any) -> Times:
    """The processor time of everything that serves the shop."""
    roots = {name: child.shell.pid for name, child in shop.children.items()}
    return spent_by_children(roots) | spent_by_postgres(backends=shop.rows(_BACKEND))


def drain(*, shop: Any) -> str:
    """Wait for the worker to do what it was told; how long that took and what it cost."""
    left, jobs = shop.rows(_UNDONE)[0]
    begun, before = time.monotonic(), spent_so_far(shop)
    while (undone := shop.rows(_UNDONE)[0]) != (0, 0):
        if time.monotonic() - begun > _DRAINS_WITHIN_S:
            raise SystemExit(f"the worker does not come to an end: {undone}")
        time.sleep(0.1)
    seconds, spent = time.monotonic() - begun, difference(before, spent_so_far(shop))
    cost = sum(each for name, each in spent.items() if name in {"worker", "postgres for worker"})
    return f"  {left} deliveries and {jobs} jobs were done within {seconds:.1f} s, for {cost:.1f} s of processor time"


@contextmanager
def _postgres() -> Iterator[None]:
    """A server of its own with durable commits, unless `DATABASE_URL` names one."""
    from config import embedded_postgres

    if os.environ.get("DATABASE_URL"):
        yield
        return
    with TemporaryDirectory() as place:
        server = embedded_postgres.start(data_dir=Path(place) / "postgres", settings={})
        os.environ["DATABASE_URL"] = server.url
        try:
            yield
        finally:
            del os.environ["DATABASE_URL"]
            server.stop()


@contextmanager
def open_shop(*, log: Path) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """The servers, their logs as in production, with a thousand articles; and what every client must know."""
    from config.servers import ROOT
    from tests.servers import running_shop, url_of

    with running_shop(log, programs=()) as shop:
        shop.env = {**shop.env, "LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}
        subprocess.run(
            [sys.executable, "-m", "tests.performance.thousand_skus"],
            cwd=ROOT,
            env={**os.environ, **shop.env, "DATABASE_URL": url_of(shop.database), "LOG_LEVEL": "WARNING"},
            check=True,
        )
        # PostgreSQL's processes are told apart by the name of who they serve.
        shop.start("web", PGAPPNAME="web")
        shop.start("worker", PGAPPNAME="worker")
        yield shop, {"port": shop.port, "key": shop.accounts["publishable_key"], "option": "parcel"}


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance.checkout_load")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, nargs="+", default=[16])
    given = parser.parse_args(words)
    with ExitStack() as stack:
        stack.enter_context(_postgres())
        place = Path(stack.enter_context(TemporaryDirectory()))
        shop, plan = stack.enter_context(open_shop(log=place / "log"))
        drain(shop=shop)  # the new articles are made findable, which no checkout pays for
        for clients in given.clients:
            load = measure(shop=shop, plan=plan, clients=clients, seconds=given.seconds)
            for line in (*load.lines(), drain(shop=shop)):
                print(line, flush=True)  # noqa: T201 - this is a command
        if broken := shop.violated_invariants():
            raise SystemExit(f"the load broke an invariant:\n{broken}")


if __name__ == "__main__":
    main()
