"""`python -m tests.performance.reading`: how fast shoppers are answered, beside what Django needs for one row.

W1 is a page of a list, W2 a product, W3 a search (peers were measured with the same three); *html* is the page of a
product for people. *bare* and *raw* are views in the same server behind the same middleware that send one stored body
by its key, through the ORM and a raw cursor.
Keys are random. Sizes are measured in turn, round by round, so that a busy minute spoils one round of all.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote, urlencode
from uuid import uuid4

import psycopg
from psycopg import sql

from config.processes import Child
from config.servers import ROOT, start_program, wait_until_ready, web_command
from shop.site.language import code_of
from tests.performance.bench_goods import CATEGORIES, HOST, KEY, LONG_LISTS, NOUNS
from tests.performance.postgres import durable_postgres
from tests.performance.reading_load import Speed, read_for, requests_for
from tests.servers import free_port, manage, url_of

SIZES: Final = (1_000, 20_000)
CLIENTS: Final = 8
_REQUESTS: Final = 4_000  # finished beforehand, and then sent over and over
_SORTS: Final = ("rank", "price", "-price", "newest")
_FEW_SETTINGS: Final = {"POLKU_ENV": "test", "LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}

Asked = tuple[str, str]  # (path, language)


@dataclass(frozen=True, kw_only=True)
class Stocked:
    """A server on a catalogue of so many products. `rows` are (id, locale, slug) of some listings at random."""

    products: int
    port: int
    rows: Sequence[tuple[int, str, str]]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What came of one workload at one size: medians of the rounds, and of their shares of *bare* and *raw*."""

    workload: str
    products: int
    per_second: float
    lowest: float
    highest: float
    of_bare: float
    of_raw: float
    p50_ms: float
    p99_ms: float
    body_bytes: int

    def line(self) -> str:
        """As the terminal shows it."""
        return (
            f"{self.workload:<8} {self.products:>7,} products {self.per_second:>8,.0f}/s"
            f" ({self.lowest:,.0f} - {self.highest:,.0f})  {self.of_bare:.2f} of bare, {self.of_raw:.2f} of raw"
            f"   p50 {self.p50_ms:.1f} ms   p99 {self.p99_ms:.1f} ms   {self.body_bytes:,} bytes"
        )


def _by_key(view: str) -> Callable[[Stocked, Random], Asked]:
    def ask(shop: Stocked, random: Random) -> Asked:
        row, locale, _ = random.choice(shop.rows)
        return f"/bench/{view}/{row}", locale

    return ask


def _page(number: int, categories: Sequence[str]) -> Callable[[Stocked, Random], Asked]:
    def ask(shop: Stocked, random: Random) -> Asked:
        wanted = {"sort": random.choice(_SORTS), "category": random.choice(categories), "page": number}
        said = urlencode({name: value for name, value in wanted.items() if value not in ("", 1)})
        return f"/store/v1/products?{said}", random.choice(("fi", "en"))

    return ask


def _detail(shop: Stocked, random: Random) -> Asked:
    _, locale, slug = random.choice(shop.rows)
    return f"/store/v1/products/{slug}", locale


def _html(shop: Stocked, random: Random) -> Asked:
    _, locale, slug = random.choice(shop.rows)
    return f"/{code_of(locale)}/p/{slug}", locale


def _search(shop: Stocked, random: Random) -> Asked:
    fi, en = random.choice(NOUNS)
    locale, word = random.choice((("fi", fi), ("en", en)))
    return f"/store/v1/products?q={quote(word)}", locale


WORKLOADS: Final[Mapping[str, Callable[[Stocked, Random], Asked]]] = {
    "bare": _by_key("bare"),
    "raw": _by_key("raw"),
    "page-1": _page(1, CATEGORIES),
    "page-20": _page(20, LONG_LISTS),
    "detail": _detail,
    "html": _html,
    "search": _search,
}


@contextmanager
def stocked_shops(sizes: Sequence[int]) -> Iterator[list[Stocked]]:
    """A server for each size, on databases of the PostgreSQL that `DATABASE_URL` names; gone afterwards."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(TemporaryDirectory()))
        yield [stack.enter_context(_stocked_shop(size, place / str(size))) for size in sizes]


@contextmanager
def _stocked_shop(products: int, log: Path) -> Iterator[Stocked]:
    database = f"polku_bench_{products}_{uuid4().hex[:8]}"
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    try:
        manage("migrate", "--verbosity", "0", database=database)
        _fill(database, products)
        with psycopg.connect(url_of(database), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT id, locale, slug FROM shop_listing ORDER BY random() LIMIT %s", [_REQUESTS]
            ).fetchall()
        with log.open("ab") as output, _server(database, output.fileno()) as port:
            yield Stocked(products=products, port=port, rows=rows)
    finally:
        with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


def _fill(database: str, products: int) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.performance.bench_goods", str(products)],
        cwd=ROOT,
        env={
            **os.environ,
            **_FEW_SETTINGS,
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": url_of(database),
            "STATEMENT_TIMEOUT_MS": "0",
        },
        check=True,
    )


@contextmanager
def _server(database: str, output: int) -> Iterator[int]:
    port = free_port()
    command = web_command(port=port)
    measured = replace(command, argv=(*command.argv[:-1], "tests.performance.bench_wsgi:application"))
    child: Child = start_program(
        measured, env={**_FEW_SETTINGS, "DATABASE_URL": url_of(database)}, output=output
    )
    try:
        wait_until_ready(child=child, port=port)
        yield port
    finally:
        child.stop(grace_s=10)


def read_in_turn(
    shops: Sequence[Stocked],
    *,
    workloads: Sequence[str],
    rounds: int,
    seconds: float,
    clients: int = CLIENTS,
) -> list[Reading]:
    """Every workload at every size, round after round, *bare* and *raw* among them in each."""
    random = Random(1)
    names = tuple(dict.fromkeys(("bare", "raw", *workloads)))
    finished = {(shop.products, name): _requests(shop, name, random) for shop in shops for name in names}
    for shop in shops:
        for name in names:  # each server's threads connect and learn their statements
            read_for(seconds=0.5, port=shop.port, requests=finished[shop.products, name], clients=2 * clients)
    speeds: dict[tuple[int, str], list[Speed]] = {key: [] for key in finished}
    for _ in range(rounds):
        for name in names:
            for shop in shops:
                random.shuffle(requests := finished[shop.products, name])
                speeds[shop.products, name].append(
                    read_for(seconds=seconds, port=shop.port, requests=requests, clients=clients)
                )
    return [_reading(shop.products, name, speeds) for shop in shops for name in names]


def _requests(shop: Stocked, workload: str, random: Random) -> list[bytes]:
    asked = [WORKLOADS[workload](shop, random) for _ in range(_REQUESTS)]
    return requests_for(asked=asked, host=f"{HOST}:{shop.port}", key=KEY, random=random)


def _reading(products: int, workload: str, speeds: Mapping[tuple[int, str], Sequence[Speed]]) -> Reading:
    mine = speeds[products, workload]
    took = [seconds for speed in mine for seconds in speed.took]
    by_speed = sorted(speed.per_second for speed in mine)
    return Reading(
        workload=workload,
        products=products,
        per_second=median(by_speed),
        lowest=by_speed[0],
        highest=by_speed[-1],
        of_bare=_share(mine, speeds[products, "bare"]),
        of_raw=_share(mine, speeds[products, "raw"]),
        p50_ms=median(took) * 1000,
        p99_ms=quantiles(took, n=100)[98] * 1000,
        body_bytes=mine[-1].body_bytes,
    )


def _share(mine: Sequence[Speed], other: Sequence[Speed]) -> float:
    return median(one.per_second / beside.per_second for one, beside in zip(mine, other, strict=True))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance.reading", description=__doc__)
    parser.add_argument("--products", nargs="+", type=int, default=SIZES, help="sizes, measured in turn")
    parser.add_argument("--only", nargs="+", choices=tuple(WORKLOADS), default=tuple(WORKLOADS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of one measurement")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    given = parser.parse_args()
    with durable_postgres(), stocked_shops(given.products) as shops:
        for reading in read_in_turn(
            shops,
            workloads=given.only,
            rounds=given.rounds,
            seconds=given.seconds,
            clients=given.clients,
        ):
            print(reading.line())  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()
