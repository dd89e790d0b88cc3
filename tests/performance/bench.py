"""`make bench`: how much the servers do in a second, and how long one request takes.

Starts PostgreSQL (durable, unless `DATABASE_URL` names one), fills databases, starts the servers as `make run` does,
and loads them from the same machine (`reading.py`). Every figure stands beside the one of a bare Django view in the
same server, so that it says something on another machine too. Buyers are the subject of `checkout_load.py`.
"""

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.servers import ROOT
from tests.performance import reading
from tests.performance.postgres import durable_postgres
from tests.performance.report import machine_of, write_report
from tests.performance.sections import PAGE

# `make bench-long`: what must not become slower with the catalogue, at ten times the size.
_LONG_SIZE: Final = 200_000
_LONG_PAGE: Final = ROOT / "docs" / "performance-long.md"
_LONG_WORKLOADS: Final = ("page-1", "page-20", "detail")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the command line asks for."""

    products: Sequence[int]
    reading: Sequence[str]
    rounds: int
    seconds: float
    long: bool
    report: Path | None


def main() -> None:
    """Measure, print, and write the report."""
    wish = _read_wish()
    began, load_before = time.monotonic(), os.getloadavg()[0]
    with durable_postgres():
        with reading.stocked_shops(wish.products) as shops:
            readings = reading.read_in_turn(
                shops, workloads=wish.reading, rounds=wish.rounds, seconds=wish.seconds
            )
        _tell([one.line() for one in readings])
        machine = machine_of()
    if wish.report:
        write_report(
            wish.report,
            machine=machine,
            readings=readings,
            long=wish.long,
            seconds=wish.seconds,
            rounds=wish.rounds,
            load_before=load_before,
            took_s=time.monotonic() - began,
        )
        _tell([f"written to {wish.report}"])


def _read_wish() -> Wish:
    everything = tuple(reading.WORKLOADS)
    parser = argparse.ArgumentParser(prog="python -m tests.performance.bench", description=__doc__)
    parser.add_argument("--long", action="store_true", help=f"lists and details of {_LONG_SIZE:,} products")
    parser.add_argument("--products", nargs="+", type=int, help="sizes, multiples of a hundred")
    parser.add_argument("--only", nargs="+", choices=everything, help="some workloads")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each; their median counts")
    parser.add_argument("--seconds", type=float, default=2, help="of one measurement of readers")
    parser.add_argument("--report", type=Path, help="default: the page in docs/ when everything is run")
    given = parser.parse_args()
    only = given.only or (_LONG_WORKLOADS if given.long else everything)
    usual = parser.parse_args(["--long"] if given.long else [])
    page = _LONG_PAGE if given.long else PAGE
    return Wish(
        products=given.products or ((_LONG_SIZE,) if given.long else reading.SIZES),
        reading=only,
        rounds=given.rounds,
        seconds=given.seconds,
        long=given.long,
        report=given.report or (page if vars(given) == vars(usual) else None),
    )


def _tell(lines: Sequence[str]) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()
