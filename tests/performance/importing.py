"""`python -m tests.performance.importing`: how fast a big set comes in and is rendered, and in how much memory.

W6: products of 100 filled attributes in three languages, each with completeness, history row, publication
and rendering. The importer is a process of its own, so that its memory is its own, and a worker renders meanwhile.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from config import embedded_postgres
from config.servers import ROOT, start_program, worker_command
from tests.performance.big_set import CHANNEL, LOCALES, write_big_set
from tests.performance.sections import IMPORTING, PAGE, put_section

_PATIENCE_S = 1800.0
_WANTED = 200  # products a second until shoppers see them

_MARKET = f"""
from config.kernel.db import open_transaction
from shop.pricing.services import MarketDraft, define_market, define_price_list
with open_transaction():
    define_price_list(code="consumer", currency="EUR", gross=True)
    define_market(draft=MarketDraft(code={CHANNEL!r}, price_list="consumer", country="FI",
        time_zone="Europe/Helsinki", delivery_countries=["FI"], hosts=["testserver"], keys=["pk_test_big"]))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=5_000)
    parser.add_argument("--attributes", type=int, default=100)
    parser.add_argument("--write", action="store_true", help="write the section of docs/performance.md")
    given = parser.parse_args()
    data_dir = ROOT / "var" / "importing-postgres"
    embedded_postgres.remove(data_dir=data_dir)
    server = embedded_postgres.start(data_dir=data_dir, settings={})
    try:
        with TemporaryDirectory() as place:
            written = write_big_set(Path(place), products=given.products, attributes=given.attributes)
            found = measure(server.url, written, given.products)
        print("\n".join(found))  # noqa: T201 - this is a command
        if given.write:
            put_section(PAGE, IMPORTING, section(found, products=given.products, attributes=given.attributes))
    finally:
        server.stop()
        embedded_postgres.remove(data_dir=data_dir)


def measure(url: str, place: Path, products: int) -> list[str]:
    """Bring the set in while a worker renders it, and bring it in once more; what was found, a sentence each."""
    run(url, "migrate", "--verbosity", "0")
    run(url, "shell", "-c", _MARKET)
    with TemporaryDirectory() as logs, (Path(logs) / "worker").open("wb") as output:
        env = {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "WARNING"}
        worker = start_program(worker_command(), env=env, output=output)
        try:
            began = time.monotonic()
            imported = run(url, "import_catalogue", str(place))
            wait_for(url, "SELECT count(*) FROM shop_listing", at_least=products * len(LOCALES))
            shown_s = time.monotonic() - began
            wait_for(url, "SELECT count(*) FROM shop_document", at_least=products * len(LOCALES))
            found_s = time.monotonic() - began
        finally:
            worker.stop(grace_s=10)
    again = run(url, "import_catalogue", str(place))
    shown = products / shown_s
    word = "reached" if shown >= _WANTED else "**missed**"
    return [
        f"imported and published {products / imported.wall_s:.0f} products/s, in at most {imported.memory_mb:.0f} MB",
        f"{imported.cpu_s / products * 1000:.1f} ms of the importer's processor a product",
        f"end to end, rendered by one worker meanwhile: {shown:.0f} products/s, wanted {_WANTED}: {word}",
        f"and found by search: {products / found_s:.0f} products/s",
        f"a second run, which writes nothing: {again.wall_s:.1f} s",
        f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors",
    ]


def section(found: Sequence[str], *, products: int, attributes: int) -> str:
    """The figures as a section of the documentation."""
    said = "\n".join(f"- {line}" for line in found)
    return f"""{IMPORTING}

{products:,} generated products of {attributes} filled attributes in {len(LOCALES)} locales, each with completeness,
history row, publication and rendering. One importer and one worker share the two cores with PostgreSQL.

{said}
"""


def wait_for(url: str, query: str, *, at_least: int) -> None:
    """Wait until a count in the database is so high."""
    deadline = time.monotonic() + _PATIENCE_S
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
            if row is not None and row[0] >= at_least:
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"{query}: {row} of {at_least}")
            time.sleep(0.2)


@dataclass(frozen=True, kw_only=True)
class Used:
    """What a process took."""

    wall_s: float
    cpu_s: float
    memory_mb: float


def run(url: str, *words: str) -> Used:
    """Run a command of `manage.py`. Errors: SystemExit when it fails."""
    began = time.monotonic()
    child = subprocess.Popen(command(words), cwd=ROOT, env={**os.environ, "DATABASE_URL": url})
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{words[0]} failed")
    return Used(
        wall_s=time.monotonic() - began, cpu_s=used.ru_utime + used.ru_stime, memory_mb=used.ru_maxrss / 1024
    )


def command(words: Sequence[str]) -> list[str]:
    """The command line of `manage.py`."""
    return [sys.executable, "manage.py", *words]


if __name__ == "__main__":
    main()
