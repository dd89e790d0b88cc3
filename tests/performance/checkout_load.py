"""W4: whole checkouts on invoice, of baskets of three lines out of a thousand SKUs.

`python -m tests.performance.checkout_load` starts PostgreSQL (durable, unless `DATABASE_URL` names one) and the servers
as `make run` does, and loads them with client processes. A checkout is seven requests: make a cart, add three lines,
PATCH contact and address, PUT the delivery, place. `--client` is one of the client processes.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.performance.thousand_skus import SKUS
from tests.wire import ON_INVOICE, Reply, Wire

LINES: Final = 3
REQUESTS: Final = ("cart", "line", "line", "line", "details", "delivery", "place")
_START_S: Final = 1.5  # until sixteen clients have connected and done their first checkout
_WHO: Final = {
    "name": "Aino Virtanen",
    "street": "Mannerheimintie 1",
    "postcode": "00100",
    "city": "Helsinki",
}

# What one client says: seconds of whole checkouts under "checkout", of each kind of request under its own name.
Took = dict[str, list[float]]


class UnexpectedAnswer(RuntimeError):
    """The server did not do what the workload needs, so its figure would mean nothing."""


def check_out(wire: Wire, *, took: Took, option: str) -> None:
    """One guest buys three articles. Errors: UnexpectedAnswer."""
    spent = 0.0

    def say(kind: str, status: int, method: str, path: str, body: Any, **headers: str) -> Reply:
        nonlocal spent
        reply = wire.ask(method, path, body, **headers)
        if reply.status != status:
            raise UnexpectedAnswer(f"{kind}: {reply.status}: {reply.body[:500]!r}")
        took[kind].append(reply.seconds)
        spent += reply.seconds
        return reply

    made = say("cart", 201, "POST", "/store/v1/carts", {}).json()
    here, secret = f"/store/v1/carts/{made['id']}", made["secret"]
    for sku in random.sample(SKUS, LINES):
        say("line", 201, "POST", f"{here}/lines", {"sku": sku, "quantity": 1}, X_Cart_Secret=secret)
    mine = {**_WHO, "email": f"buyer-{made['id']}@example.fi"}
    say("details", 200, "PATCH", here, mine, X_Cart_Secret=secret)
    wish = {"option": option}
    chosen = say("delivery", 200, "PUT", f"{here}/deliveries/main", wish, X_Cart_Secret=secret)
    version = f'"v{chosen.json()["version"]}"'
    say("place", 201, "POST", f"{here}/place", ON_INVOICE, X_Cart_Secret=secret, If_Match=version)
    took["checkout"].append(spent)


def run_client() -> None:
    """Repeat checkouts from the common start until the time is over; print how long everything took."""
    plan = json.load(sys.stdin)
    headers = {"X-Api-Key": plan["key"], "Accept-Language": "fi"}
    with Wire(port=plan["port"], headers=headers) as wire:
        check_out(wire, took=defaultdict(list), option=plan["option"])
        time.sleep(max(0.0, plan["starts_at"] - time.time()))
        until = time.perf_counter() + plan["seconds"]
        took: Took = defaultdict(list)
        while time.perf_counter() < until:
            check_out(wire, took=took, option=plan["option"])
    json.dump(took, sys.stdout)


def measure(*, plan: Mapping[str, Any], clients: int, seconds: float) -> Took:
    """Let so many client processes check out at once; everything that they did, put together."""
    starts_at = time.time() + _START_S
    words = json.dumps({**plan, "seconds": seconds, "starts_at": starts_at})
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.performance.checkout_load", "--client"],
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
    took: Took = defaultdict(list)
    for client in running:
        assert client.stdout
        with client.stdout as output:
            said = output.read()
        if client.wait() != 0:
            raise SystemExit("a client gave up; what it said stands above")
        for kind, each in json.loads(said).items():
            took[kind] += each
    return took


def lines_of(*, took: Took, clients: int, seconds: float) -> Iterator[str]:
    """What was measured, as the terminal shows it."""
    orders = len(took["checkout"])
    yield f"{clients} clients: {orders / seconds:.1f} orders/s ({orders} in {seconds:g} s)"
    for kind in ("checkout", *dict.fromkeys(REQUESTS)):
        each = took[kind]
        yield (
            f"  {kind:<9} p50 {median(each) * 1000:7.1f} ms   p95 {quantiles(each, n=20)[18] * 1000:7.1f} ms"
            f"   p99 {quantiles(each, n=100)[98] * 1000:7.1f} ms"
        )


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
        shop.start("web")
        shop.start("worker")
        yield shop, {"port": shop.port, "key": shop.accounts["publishable_key"], "option": "parcel"}


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance.checkout_load")
    parser.add_argument(
        "--client", action="store_true", help="be one client; the plan comes on standard input"
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, nargs="+", default=[16])
    given = parser.parse_args(words)
    if given.client:
        run_client()
        return
    with _postgres(), TemporaryDirectory() as place, open_shop(log=Path(place) / "log") as (shop, plan):
        for clients in given.clients:
            took = measure(plan=plan, clients=clients, seconds=given.seconds)
            for line in lines_of(took=took, clients=clients, seconds=given.seconds):
                print(line, flush=True)  # noqa: T201 - this is a command
        if broken := shop.violated_invariants():
            raise SystemExit(f"the load broke an invariant:\n{broken}")


if __name__ == "__main__":
    main()
