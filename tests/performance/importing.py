"""`python -m tests.performance.importing`: how fast a big set comes in and is rendered, and in how much memory.

W6: products of 100 filled attributes in three languages, each with completeness, history row, publication
and rendering. The importer is a process of its own, so that its memory is its own.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from config import embedded_postgres
from config.servers import ROOT
from tests.performance.big_set import CHANNEL, write_big_set

_RENDER = """
from django.utils import timezone
from config.kernel.dispatcher import run_pending
from shop.catalog.models import Listing
run_pending(now=timezone.now())
print(Listing.objects.count(), "listings")
"""
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
    given = parser.parse_args()
    data_dir = ROOT / "var" / "importing-postgres"
    embedded_postgres.remove(data_dir=data_dir)
    server = embedded_postgres.start(data_dir=data_dir, settings={})
    try:
        with TemporaryDirectory() as place:
            written = write_big_set(Path(place), products=given.products, attributes=given.attributes)
            measure(server.url, written, given.products)
    finally:
        server.stop()
        embedded_postgres.remove(data_dir=data_dir)


def measure(url: str, place: Path, products: int) -> None:
    """Bring the set in twice, and render it once."""
    run(url, "migrate", "--verbosity", "0")
    run(url, "shell", "-c", _MARKET)
    importing, memory = run(url, "import_catalogue", str(place))
    rendering, _ = run(url, "shell", "-c", _RENDER)
    again, _ = run(url, "import_catalogue", str(place))
    found = [
        f"imported and published {products / importing:.0f} products/s, {memory:.0f} MB at most",
        f"rendered {products / rendering:.0f} products/s",
        f"both together {products / (importing + rendering):.0f} products/s; a second run {again:.1f} s",
    ]
    print("\n".join(found))  # noqa: T201 - this is a command


def run(url: str, *words: str) -> tuple[float, float]:
    """Run a command of `manage.py`; the seconds it took, and its memory at most in MB."""
    began = time.monotonic()
    child = subprocess.Popen(command(words), cwd=ROOT, env={**os.environ, "DATABASE_URL": url})
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{words[0]} failed")
    return time.monotonic() - began, used.ru_maxrss / 1024


def command(words: Sequence[str]) -> list[str]:
    """The command line of `manage.py`."""
    return [sys.executable, "manage.py", *words]


if __name__ == "__main__":
    main()
