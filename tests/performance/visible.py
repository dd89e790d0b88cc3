"""How long after a publication the storefront shows it, while thousands of other products are being rendered again.

`python -m tests.performance.visible` prints it; `make bench` and a test that is marked long call `measure_visibility`.
An edit is a PATCH of a product's text and a publication over HTTP; the clock runs from the publication's 200 to the
first answer of the storefront that has the new text. Whenever the others are done, their attribute is renamed anew.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

from config import embedded_postgres
from config.servers import ROOT
from tests.faults.buying import is_all_delivered
from tests.people import Person, etag
from tests.performance.big_set import CHANNEL, write_big_set
from tests.performance.sections import PAGE, VISIBLE, put_section
from tests.servers import Shop, manage, running_shop

SHOP: Final = "fi-web"  # the demonstration's channel, and its price list
PRICE_LIST: Final = "fi-consumer"
_ATTRIBUTES: Final = 12
_WANTED_S: Final = 1.0  # of the p95
_PATIENCE_S: Final = 600.0
_POLL_S: Final = 0.005
_MARKET_OF_OTHERS: Final = f"""
from config.kernel.db import open_transaction
from shop.pricing.services import MarketDraft, define_market
with open_transaction():
    define_market(draft=MarketDraft(code={CHANNEL!r}, price_list={PRICE_LIST!r}, country="FI",
        time_zone="Europe/Helsinki", delivery_countries=["FI"], hosts=[], keys=["pk_others"]))
"""


class TooSlow(Exception):
    """Something did not become visible within the patience of the measurement."""


@dataclass(frozen=True, kw_only=True)
class Visibility:
    """Seconds from the publication's answer to the storefront's, of so many edits among so many other renderings."""

    edits: int
    others: int
    rounds: int
    p50_s: float
    p95_s: float
    longest_s: float

    def line(self) -> str:
        """The figures as a report says them."""
        return (
            f"visible after p50 {self.p50_s * 1000:.0f} ms, p95 {self.p95_s * 1000:.0f} ms, "
            f"at most {self.longest_s * 1000:.0f} ms: {self.edits} edits while {self.others} others "
            f"were rendered {self.rounds} times"
        )

    def section(self) -> str:
        """The figures as a section of the documentation."""
        word = "reached" if self.p95_s < _WANTED_S else "**missed**"
        return f"""{VISIBLE}

Each edit is a PATCH and a publication over HTTP; it ends when the storefront answers with the new text.

- {self.line()}
- p95 {self.p95_s * 1000:.0f} ms, wanted under {_WANTED_S * 1000:.0f} ms: {word}
- load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors
"""


def measure_visibility(shop: Shop, *, edits: int = 200, others: int = 2_000) -> Visibility:
    """Bring the others in, and edit while they are rendered. The web process and a worker of `shop` run.

    Errors: TooSlow.
    """
    with TemporaryDirectory() as place:
        open_market_of_others(shop)
        written = write_big_set(Path(place), products=others, attributes=_ATTRIBUTES)
        manage("import_catalogue", str(written), database=shop.database)
    _wait_until(lambda: is_all_delivered(shop))
    _wait_until(
        lambda: not shop.rows("SELECT 1 FROM shop_unindexed LIMIT 1")
    )  # and the dictionaries are open
    editor = _Editor(shop)
    took, rounds = [], 0
    for number in range(edits):
        if not shop.rows("SELECT 1 FROM shop_stale LIMIT 1"):
            editor.rename(f"Round {rounds}")
            rounds += 1
            _wait_until(lambda: bool(shop.rows("SELECT 1 FROM shop_stale LIMIT 1")))
        took.append(editor.edit(f"Said for the {number}th time"))
    return Visibility(
        edits=edits,
        others=others,
        rounds=rounds,
        p50_s=median(took),
        p95_s=quantiles(took, n=20)[18],
        longest_s=max(took),
    )


def open_market_of_others(shop: Shop) -> None:
    """Let the channel of the generated set be sold, under the key `pk_others`."""
    manage("shell", "-c", _MARKET_OF_OTHERS, database=shop.database)


class _Editor:
    """Linnea edits products of the demonstration in turn; a shopper looks at them."""

    def __init__(self, shop: Shop) -> None:
        self._linnea: Person = shop.person("merchandiser")
        self._shopper: Person = shop.guest(locale="en")
        cards = self._shopper.says("GET", "/store/v1/products?locale=en")["items"]
        self._products: list[tuple[str, str]] = [(card["id"], card["slug"]) for card in cards]
        self._turn = 0

    def rename(self, text: str) -> None:
        """Change the label of an attribute that all the others show."""
        path = "/pim/v1/attributes/a000"
        version = self._linnea.says("GET", path)["version"]
        self._linnea.says("PATCH", path, {"labels": {"en-US": text}}, If_Match=etag(version))

    def edit(self, text: str) -> float:
        """Change a product, publish it, and wait until a shopper reads it; the seconds of the waiting."""
        self._turn += 1
        product_id, slug = self._products[self._turn % len(self._products)]
        path = f"/pim/v1/products/{product_id}"
        version = self._linnea.says("GET", path)["version"]
        values: dict[str, Any] = {"summary": {"*": {"en": text}}}
        edited = self._linnea.says("PATCH", path, {"values": values}, If_Match=etag(version))
        self._linnea.says("POST", f"{path}/publish", {"channel": SHOP}, If_Match=etag(edited["version"]))
        began = time.monotonic()
        shown = f"/store/v1/products/{slug}?locale=en"
        _wait_until(lambda: self._shopper.says("GET", shown)["summary"] == text)
        return time.monotonic() - began


def _wait_until(is_so: Any) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise TooSlow
        time.sleep(_POLL_S)


@contextmanager
def _postgres() -> Iterator[None]:
    data_dir = ROOT / "var" / "visible-postgres"
    embedded_postgres.remove(data_dir=data_dir)
    server = embedded_postgres.start(data_dir=data_dir, settings={})
    os.environ["DATABASE_URL"] = server.url
    try:
        yield
    finally:
        server.stop()
        embedded_postgres.remove(data_dir=data_dir)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--others", type=int, default=2_000)
    parser.add_argument("--write", action="store_true", help="write the section of docs/performance.md")
    given = parser.parse_args()
    with _postgres(), TemporaryDirectory() as place, running_shop(Path(place) / "log") as shop:
        found = measure_visibility(shop, edits=given.edits, others=given.others)
    print(found.line())  # noqa: T201 - this is a command
    if given.write:
        put_section(PAGE, VISIBLE, found.section())


if __name__ == "__main__":
    main()
