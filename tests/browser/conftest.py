"""The real servers and a real browser, for the tests of pages.

`.ci/run` fails without a browser (`POLKU_NEEDS_BROWSER=1`); elsewhere these tests are skipped with the reason.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.people import CHROMIUM, open_browser
from tests.browser.stage import Stage, open_stage


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser there is nothing to test with: say so."""
    if CHROMIUM.exists() or os.environ.get("POLKU_NEEDS_BROWSER"):
        return
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(
                pytest.mark.skip(reason=f"no browser at {CHROMIUM}; set CHROMIUM to the path of one")
            )


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The shop with all of its servers and stand-ins, one for all tests: each brings people and carts of its own."""
    whole = bool(os.environ.get("POLKU_SCREENS"))  # pictures are taken of the whole shop
    with open_stage(tmp_path_factory.mktemp("stage"), whole=whole) as stage:
        yield stage


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet(request: pytest.FixtureRequest) -> None:
    """All browsers come from one address: one test's writes are not counted against the next one's people.

    A browser cannot be given an address of its own as `Person` is: with a header of ours Chromium would ask the stream
    server for leave first.
    """
    if "stage" in request.fixturenames:
        request.getfixturevalue("stage").shop.execute("DELETE FROM kernel_ratecount")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One chromium for a module's people; each of them has a context of her own.

    No longer than that: while it is open an event loop runs in this thread, and Django asks no database beside one.
    """
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def cushion(stage: Stage) -> str:
    """Where the page of the cushion is: what fits into every parcel and stands in every store."""
    cushion, *_ = stage.shop.guest().says("GET", "/store/v1/products?category=cushions")["items"]
    return str(cushion["slug"])
