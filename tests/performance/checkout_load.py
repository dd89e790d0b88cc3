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
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.fakes.stripe.running import RemoteControl
from tests.performance.checkout_client import Took
from tests.performance.checkout_report import Load, calls_by_kind, section
from tests.performance.postgres import durable_postgres
from tests.performance.processor_time import Times, difference, spent_by_children, spent_by_postgres
from tests.performance.sections import CHECKOUT, CHECKOUT_BY_CARD, PAGE, put_section

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
    at_stripe = {}
    if plan["stripe_port"]:
        control = RemoteControl(f"http://127.0.0.1:{plan['stripe_port']}")
        control.wait_until_quiet()  # its last messages are with us
        at_stripe = calls_by_kind(control.requests())
        control.forget()
    return Load(
        clients=clients,
        seconds=seconds,
        took=took,
        spent=spent,
        undone=undone,
        drained_s=drain(shop),
        at_stripe=at_stripe,
    )


def spent_so_far(shop: Any) -> Times:
    """The processor time of everything that serves the shop."""
    roots = {name: child.shell.pid for name, child in shop.children.items()}
    return spent_by_children(roots) | spent_by_postgres(backends=shop.rows(_BACKEND))


def drain(shop: Any) -> float:
    """Wait for the worker to do what it was told; how many seconds that took."""
    begun = time.monotonic()
    while (undone := shop.rows(_UNDONE)[0]) != (0, 0):
        if time.monotonic() - begun > _DRAINS_WITHIN_S:
            raise SystemExit(f"the worker does not come to an end: {undone}")
        time.sleep(0.1)
    return time.monotonic() - begun


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
    """Measure, print, and write the section of `docs/performance.md` where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance.checkout_load")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument(
        "--rounds", type=int, default=1, help="of each number of clients; the middle one counts"
    )
    parser.add_argument("--clients", type=int, nargs="+", default=[16])
    parser.add_argument("--card", action="store_true", help="pay by card at Stripe's stand-in")
    parser.add_argument("--write", action="store_true", help="write the section of docs/performance.md")
    given = parser.parse_args(words)
    with ExitStack() as stack:
        stack.enter_context(durable_postgres())
        place = Path(stack.enter_context(TemporaryDirectory()))
        shop, plan = stack.enter_context(open_shop(log=place / "log", by_card=given.card))
        drain(shop)  # the new articles are made findable, which no checkout pays for
        rounds = [
            [
                measure(shop=shop, plan=plan, clients=clients, seconds=given.seconds)
                for _ in range(given.rounds)
            ]
            for clients in given.clients
        ]
        unconfirmed = shop.rows(_UNCONFIRMED)[0][0]
        broken = shop.violated_invariants()
    for load in (load for loads in rounds for load in loads):
        print("\n".join(load.lines()), flush=True)  # noqa: T201 - this is a command
    if unconfirmed or broken:
        raise SystemExit(f"orders not confirmed: {unconfirmed}; broken invariants: {broken}")
    if given.write:
        heading = CHECKOUT_BY_CARD if given.card else CHECKOUT
        put_section(PAGE, heading, section(rounds=rounds, by_card=given.card))


if __name__ == "__main__":
    main()
