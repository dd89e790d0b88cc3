"""W4: whole checkouts of baskets of three lines out of a thousand SKUs, on invoice or by card.

`python -m tests.performance.checkout_load` starts PostgreSQL (durable, unless `DATABASE_URL` names one) and the servers
as `make run` does, loads them with client processes (`checkout_client.py`), and says how many orders a second there
were, how long each request took, how much processor time an order cost each kind of process, and how long the worker
needed afterwards for what it was told meanwhile.

`--card` pays by card at Stripe's stand-in, which is a process of its own. It says how long each call took there; its
processor time is counted too, though a shop's machine would not have to pay for it.
"""

import argparse
import json
import os
import re
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

from tests.fakes.stripe.running import RemoteControl
from tests.performance.checkout_client import REQUESTS, Took
from tests.performance.processor_time import Spent, Times, difference, spent_by_children, spent_by_postgres

_START_S: Final = 1.5  # until sixteen clients have connected and done their first checkout
_DRAINS_WITHIN_S: Final = 300.0
_BACKEND: Final = "SELECT pid, backend_type, application_name FROM pg_stat_activity"
_UNCONFIRMED: Final = "SELECT count(*) FROM orders_order WHERE state = 'pending_payment'"
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
            each, asked = self.took[kind], " ".join(REQUESTS.get(kind, ()))
            yield (
                f"  {kind:<9} p50 {median(each) * 1000:7.1f} ms   p95 {quantiles(each, n=20)[18] * 1000:7.1f} ms"
                f"   p99 {quantiles(each, n=100)[98] * 1000:7.1f} ms   {len(each) / self.orders:.0f} x {asked}"
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


def lines_of_stripe(*, control: Any) -> Iterator[str]:
    """How long the calls took within the stand-in, by kind, since it was last asked."""
    calls = defaultdict(list)
    for call in control.requests():
        calls[f"{call['method']} {re.sub(r'pi_[^/]+', '{id}', call['path'])}"].append(call["took_s"])
    yield "  within the stand-in for Stripe:"
    for kind, each in sorted(calls.items()):
        yield f"    {kind:<42} p50 {median(each) * 1000:6.2f} ms   {len(each)} calls"
    control.forget()


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


def _start_stripe(shop: Any) -> int:
    """Start Stripe's stand-in beside the shop, and tell the shop to pay there; its port."""
    from config.servers import Command, start_program, wait_until_ready
    from tests.fakes.stripe.webhooks import SECRET
    from tests.servers import free_port

    port = free_port()
    words = ["--port", str(port), "--webhooks-to", f"{shop.url}/hooks/v1/stripe", "--secret", SECRET]
    command = Command(argv=(sys.executable, "-m", "tests.fakes.stripe", *words), env={})
    shop.children["stripe's stand-in"] = start_program(command, env=shop.env)
    wait_until_ready(child=shop.children["stripe's stand-in"], port=port)
    shop.env = {
        **shop.env,
        "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
        "STRIPE_API_KEY": "sk_test_of_the_stand_in",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_of_the_stand_in",
        "STRIPE_WEBHOOK_SECRETS": SECRET,
    }
    return port


@contextmanager
def open_shop(*, log: Path, by_card: bool) -> Iterator[tuple[Any, Mapping[str, Any]]]:
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
        stripe_port = _start_stripe(shop) if by_card else None
        # PostgreSQL's processes are told apart by the name of who they serve.
        shop.start("web", PGAPPNAME="web")
        shop.start("worker", PGAPPNAME="worker")
        key = shop.accounts["publishable_key"]
        yield shop, {"port": shop.port, "key": key, "option": "parcel", "stripe_port": stripe_port}


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance.checkout_load")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, nargs="+", default=[16])
    parser.add_argument("--card", action="store_true", help="pay by card at Stripe's stand-in")
    given = parser.parse_args(words)
    with ExitStack() as stack:
        stack.enter_context(_postgres())
        place = Path(stack.enter_context(TemporaryDirectory()))
        shop, plan = stack.enter_context(open_shop(log=place / "log", by_card=given.card))
        drain(shop=shop)  # the new articles are made findable, which no checkout pays for
        for clients in given.clients:
            load = measure(shop=shop, plan=plan, clients=clients, seconds=given.seconds)
            lines = [*load.lines()]
            if given.card:
                control = RemoteControl(f"http://127.0.0.1:{plan['stripe_port']}")
                control.wait_until_quiet()  # its last messages are with us
                lines += [drain(shop=shop), *lines_of_stripe(control=control)]
                lines.append(f"  orders not confirmed by then: {shop.rows(_UNCONFIRMED)[0][0]}")
            else:
                lines.append(drain(shop=shop))
            print("\n".join(lines), flush=True)  # noqa: T201 - this is a command
        if broken := shop.violated_invariants():
            raise SystemExit(f"the load broke an invariant:\n{broken}")


if __name__ == "__main__":
    main()
