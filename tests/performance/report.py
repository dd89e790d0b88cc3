"""The bench's figures as a page: what was measured, on which machine, beside what."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.servers import Shop

_NAMES: Final = {
    "bare": "*bare*: a Django view, one row by key",
    "list": "product list (`GET /store/v1/products`)",
    "detail": "product (`GET /store/v1/products/{slug}`)",
    "add-line": "add a line (`POST …/carts/{id}/lines`)",
    "checkout": "whole checkout on invoice (five requests)",
}

_PAGE: Final = """\
# Performance

Written by `make bench`; change `tests/performance/`, not this page.

## What is measured

The real servers as `make run` starts them: {workers} web processes with {threads} threads each, one worker that
delivers events meanwhile, PostgreSQL with {durable}, logs as in production. Clients,
servers and database share the machine, so the figures are lower than a server's alone, and 10 % more or less mean
nothing. Each client is a process with one kept connection that asks again as soon as it is answered. Rate limits are
on: every request comes from an address of its own. The catalogue is the demo's ({products} products).

*Bare* is a plain function view in the same server behind the same middleware that reads one row by its key and sends
it: what is left when nothing of ours runs. A share of it says more on another machine than a figure of its own.

The whole checkout of a guest is: make a cart, add a line, say who and where, choose the delivery, place the order.

## Figures

{machine}.
Median of {rounds} rounds of {seconds:g} s, with the lowest and highest; times in milliseconds. {company}

{table}

## Repeat it

`make bench` takes about {minutes} minutes. A part of it:
`.venv/bin/python -m tests.performance.bench --only detail --clients 4`; `--help` lists the rest. With `DATABASE_URL` it
measures that server, and leaves nothing there but the database `polku_servers_template`.
"""


@dataclass(frozen=True, kw_only=True)
class Figure:
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
            f"{self.workload:<10} {self.clients:>3} clients {self.per_second:>9.1f}/s"
            f"   p50 {self.p50_ms:>8.2f} ms   p99 {self.p99_ms:>8.2f} ms"
        )


def write_report(
    page: Path, *, figures: Sequence[Figure], seconds: float, rounds: int, load_before: float, shop: Shop
) -> None:
    """Write the page anew."""
    from config.servers import WEB_THREADS

    products = shop.rows("SELECT count(DISTINCT product_ref) FROM shop_listing")[0][0]
    page.write_text(
        _PAGE.format(
            workers=2,
            threads=WEB_THREADS,
            durable=", ".join(
                f"`{name} = {_setting(shop, name)}`" for name in ("fsync", "synchronous_commit")
            ),
            products=products,
            machine=_machine(shop),
            rounds=rounds,
            seconds=seconds,
            company=_company(load_before),
            table=_table(figures),
            minutes=max(1, round(len(figures) * rounds * (seconds + 3) / 60)),
        )
    )


def _company(load: float) -> str:
    """Whether the bench had the machine to itself."""
    if load < (os.cpu_count() or 1) / 4:
        return "The machine did nothing else."
    return f"The machine had other work (a load of {load:.1f} before the bench): read the shares, not the figures."


def _table(figures: Sequence[Figure]) -> str:
    bare = {figure.clients: figure.per_second for figure in figures if figure.workload == "bare"}
    rows = [
        "| workload | clients | per second | (lowest - highest) | share of bare | p50 | p99 |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for one in figures:
        share = f"1/{bare[one.clients] / one.per_second:.1f}" if one.workload != "bare" else ""
        rows.append(
            f"| {_NAMES[one.workload]} | {one.clients} | {_number(one.per_second)} "
            f"| {_number(one.lowest)} - {_number(one.highest)} | {share} | {one.p50_ms:.1f} | {one.p99_ms:.1f} |"
        )
    return "\n".join(rows)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _machine(shop: Shop) -> str:
    """Processor, memory and versions, without names and dates."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, PostgreSQL {_setting(shop, 'server_version').split()[0]}"
    )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]
    return platform.machine()


def _setting(shop: Shop, name: str) -> str:
    return str(shop.rows("SELECT current_setting(%s)", name)[0][0])
