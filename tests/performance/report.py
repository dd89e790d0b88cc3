"""The bench's figures as a page: what was measured, on which machine, beside what."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psycopg

from config.servers import WEB_THREADS
from tests.performance.reading import CLIENTS, Reading
from tests.performance.sections import OF_OTHERS, section_of
from tests.servers import url_of

_READING: Final = {
    "bare": "*bare*: a Django view, one row by key",
    "raw": "*raw*: the same by a raw cursor",
    "page-1": "W1 a list's page 1 (`GET /store/v1/products?category=…`)",
    "page-20": "W1 a list's page 20",
    "detail": "W2 a product (`GET /store/v1/products/{slug}`)",
    "html": "a product's page for people (`GET /{language}/p/{slug}`)",
    "search": "W3 a search (`GET /store/v1/products?q=…`)",
}
# The least share of *bare* that a change may leave, at any size.
WANTED: Final = {"page-1": 0.5, "page-20": 0.5, "detail": 0.7, "html": 0.15, "search": 0.15}
# … and by how much a share may differ between the smallest and the largest catalogue.
_SAME_WITHIN: Final = 0.2
_SAME_AT_ANY_SIZE: Final = ("page-1", "page-20", "detail")

_PAGE: Final = """\
# Performance

Written by `make {command}`; change `tests/performance/`, not this page.

{machine}. {company}

## Reading

Two web processes with {threads} threads each, as `make run` starts them, logs and rate limits as in production,
PostgreSQL with durable commits. Readers, servers and database share the machine, so the figures are lower than a
server's alone. {clients} kept connections ask for random keys from one thread that does next to nothing besides; each
request carries a publishable key and a language and comes from an address of its own. Nothing is cached but
configuration (markets, keys, hosts, tax rates, filters), and of pages for people what stands round each of them
(departments, footer), for at most five seconds. Answers of the API have price, availability and ETag; a page is all of
its HTML.

The catalogue is generated (`tests/performance/bench_goods.py`): three variants a product, two languages, five
attributes, a picture, fifty categories of which a product stands in two shelves and their departments, stock in two
places. Page 1 is of any category, page 20 of the whole shop or a department, in any order; a search is for one of
twenty nouns, each of which names a twentieth of the products, and answers with the best twenty-four of them.

*Bare* is a plain function view in the same server behind the same middleware that reads one row by its key
(`values_list("detail").get(pk=…)`) and sends it: what is left when nothing of ours runs. *Raw* is the same by a raw
cursor. A share is the median of the shares of {rounds} rounds of {seconds:g} s; in a round every workload is measured
at every size, one after the other. Read the shares: a figure of its own says little on another machine.

{reading}

{verdicts}
{others}
## Repeat it

Reading took {minutes:.0f} minutes here. A part of it:
`.venv/bin/python -m tests.performance.bench --only detail --products 1000`; `--help` lists the rest. With
`DATABASE_URL` it measures on that server. `make bench` measures 1,000 and 20,000 products, `make bench-long` 200,000
([performance-long.md](performance-long.md)). What a checkout costs, and what limits it, is told in
[performance-checkout.md](performance-checkout.md), the same of a catalogue's coming in in
[performance-import.md](performance-import.md).
"""


def write_report(
    page: Path,
    *,
    machine: str,
    readings: Sequence[Reading],
    long: bool,
    seconds: float,
    rounds: int,
    load_before: float,
    took_s: float,
) -> None:
    """Write the page anew."""
    page.write_text(
        _PAGE.format(
            command="bench-long" if long else "bench",
            machine=machine,
            company=company_of(load_before),
            threads=WEB_THREADS,
            clients=CLIENTS,
            rounds=rounds,
            seconds=seconds,
            reading=_reading_table(readings),
            verdicts="\n".join(f"- {line}" for line in verdicts(readings)),
            others="".join(f"\n{section}" for heading in OF_OTHERS if (section := section_of(page, heading))),
            minutes=max(1, took_s / 60),
        )
    )


def company_of(load: float) -> str:
    """Whether the bench had the machine to itself."""
    if load < (os.cpu_count() or 1) / 4:
        return "The machine did nothing else."
    return f"The machine had other work (a load of {load:.1f} before the bench)."


def _reading_table(readings: Sequence[Reading]) -> str:
    rows = [
        "| workload | products | per second | (lowest - highest) | of bare | of raw | p50 ms | p99 ms | bytes |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    rows += [
        f"| {_READING[one.workload]} | {one.products:,} | {_number(one.per_second)} "
        f"| {_number(one.lowest)} - {_number(one.highest)} | {one.of_bare:.2f} | {one.of_raw:.2f} "
        f"| {one.p50_ms:.1f} | {one.p99_ms:.1f} | {one.body_bytes:,} |"
        for one in readings
    ]
    return "\n".join(rows)


def verdicts(readings: Sequence[Reading]) -> list[str]:
    """What was wanted of the shares and what came of it, a sentence each."""
    said = []
    for one in readings:
        if (least := WANTED.get(one.workload)) is not None:
            word = "reached" if one.of_bare >= least else "**missed**"
            said.append(
                f"{one.workload} at {one.products:,}: {one.of_bare:.2f} of bare, wanted {least}: {word}"
            )
    for workload in _SAME_AT_ANY_SIZE:
        shares = {one.products: one.of_bare for one in readings if one.workload == workload}
        if len(shares) > 1:
            change = shares[max(shares)] / shares[min(shares)] - 1
            word = "reached" if abs(change) <= _SAME_WITHIN else "**missed**"
            said.append(
                f"{workload}: its share at {max(shares):,} differs by {change:+.0%} from that at {min(shares):,}, "
                f"wanted within {_SAME_WITHIN:.0%}: {word}"
            )
    return said


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def machine_of() -> str:
    """Processor, memory and versions, without names and dates; of the PostgreSQL that `DATABASE_URL` names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with psycopg.connect(url_of("postgres")) as connection:
        settings = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("server_version", "fsync", "synchronous_commit")
        }
    said = {name: str(row[0]) for name, row in settings.items() if row}
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, PostgreSQL {said['server_version'].split()[0]} "
        f"(`fsync = {said['fsync']}`, `synchronous_commit = {said['synchronous_commit']}`)"
    )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]
    return platform.machine()
