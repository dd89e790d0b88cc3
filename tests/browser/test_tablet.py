"""The tablet in the clerk's hand: a hand scanner, a slow network, two screens that show the same within a second."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from shop.demo.packing import ean_of
from tests.browser.acts import shares_her_cart, units_of
from tests.browser.audit import small_targets
from tests.browser.people import PHONE, TABLET, Somebody, somebody
from tests.browser.stage import Stage

SOON_MS: Final = 1_000  # from the answer to the one who did it until the other sees it
BETWEEN_KEYS_S: Final = 0.004
SLOW: Final = {"offline": False, "latency": 400, "downloadThroughput": 40_000, "uploadThroughput": 40_000}

# The small demonstration has no numbers on its packings; here they are printed as in the whole one.
PRINT_NUMBERS: Final = """
from dataclasses import replace
from django.utils import timezone
from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from pim.api import define_attribute, publish_many, save_products
from shop.demo.assortment import small
from shop.demo.packing import EAN, packed

now = timezone.now()
products = tuple(packed(each) for each in small().products)
with open_transaction():
    define_attribute(draft=EAN, now=now)
    save_products(drafts=products, now=now)
    publish_many(codes=[each.code for each in products], channel="fi-web", by=system("tests"), now=now)
run_pending(now=now)
"""

# Tells at which moment (ms since 1970) the last of `selector` first holds `value`, or there are so many of them.
WATCH: Final = """
([selector, wanted]) => {
  window.seenAt = new Promise((done) => {
    const timer = setInterval(() => {
      const found = [...document.querySelectorAll(selector)];
      if (typeof wanted === "number" ? found.length !== wanted : found.at(-1)?.value !== wanted) return;
      clearInterval(timer);
      done(Date.now());
    }, 5);
  });
}
"""


@pytest.fixture
def her(stage: Stage, browser: Browser) -> Iterator[Somebody]:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        yield her


@pytest.fixture
def clerk(stage: Stage, browser: Browser, her: Somebody, cushion: str) -> Iterator[Somebody]:
    """A clerk with her cart, which holds one cushion, open on the tablet."""
    with somebody(browser, stage.url, TABLET, elsewhere=stage.elsewhere) as clerk:
        shares_her_cart(her, clerk, stage, cushion)
        yield clerk


def test_both_screens_show_it_within_a_second(her: Somebody, clerk: Somebody) -> None:
    phone, tablet = her.page, clerk.page
    units = "[data-act=units]"

    assert (
        seen_after_ms(phone, (units, "2"), tablet, lambda: tablet.locator("[data-act=more]").click())
        < SOON_MS
    )
    assert (
        seen_after_ms(tablet, (units, "3"), phone, lambda: phone.locator("[data-act=more]").click()) < SOON_MS
    )

    clerk.goes("/tablet/fi/?sku=HELLA-500")
    late = seen_after_ms(phone, (".line", 2), tablet, lambda: tablet.locator("#add").click())
    assert late < SOON_MS
    expect(phone.locator(".line").last.locator(".by")).to_contain_text("Sanna")


def test_what_is_scanned_is_found_with_its_stock_and_its_place(stage: Stage, clerk: Somebody) -> None:
    assert stage.shop.run(PRINT_NUMBERS) == 0
    tablet = clerk.page
    article = tablet.locator(".t-article")

    for screen in ("", "carts", "pick-ups", "returns"):
        clerk.goes(f"/tablet/fi/{screen}")
        expect(tablet.locator("#app")).to_be_visible()
        scan(tablet, ean_of("LAITURI-KANERVA"))
        expect(article).to_contain_text("LAITURI-KANERVA")

    expect(article.locator("h2")).to_contain_text("Laituri")
    expect(article.locator(".t-here strong")).to_have_text("1 kpl")
    expect(article.locator(".t-place")).to_have_text("Paikka A-01-4")
    expect(article.locator(".t-elsewhere li")).to_have_text(["Lahden varasto 4 kpl"])

    # Also where the focus happens to be in a field, whose number stays what it was.
    tablet.locator("#units").focus()
    scan(tablet, ean_of("KAISLA-50"), somewhere=True)
    expect(article).to_contain_text("KAISLA-50")
    expect(article.locator(".t-elsewhere li")).to_have_count(2)
    expect(tablet.locator("#units")).to_have_value("1")


def test_on_a_slow_network_an_article_is_added_once_and_the_screen_says_that_it_works(
    her: Somebody, clerk: Somebody
) -> None:
    tablet, writes = clerk.page, []
    clerk.goes("/tablet/fi/")
    tablet.on("request", lambda request: request.method == "POST" and writes.append(request.url))
    wire = clerk.context.new_cdp_session(tablet)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW)

    clerk.goes("/tablet/fi/?sku=HELLA-500")
    expect(tablet.locator("#found[aria-busy=true]")).to_be_visible()
    add = tablet.locator("#add")
    expect(add).to_be_visible()
    expect(tablet.locator("#cart-strip")).to_be_visible()
    for _ in range(3):
        add.click()
        expect(add).to_have_attribute("aria-busy", "true")
        assert spins(add)
    expect(tablet.locator(".toast")).to_contain_text("Hellä")
    assert small_targets(tablet) == []
    expect(add).not_to_have_attribute("aria-busy", "true")

    expect(her.page.locator(".line")).to_have_count(2)
    assert units_of(her.page, 1) == 1
    assert [url for url in writes if url.endswith("/lines")] == writes
    assert len(writes) == 1


def spins(button: Locator) -> bool:
    """Whether the button shows the ring of what is being done."""
    ring: str = button.evaluate("each => getComputedStyle(each, '::before').content")
    return ring != "none"


def scan(page: Page, code: str, *, somewhere: bool = False) -> None:
    """What a hand scanner does: the digits, faster than people type, and Enter. `somewhere`: a field has the focus.

    Each key has the moment at which it was pressed, as from a real keyboard, however late a busy machine hands it over.
    """
    nowhere = page.evaluate("document.activeElement === document.body")
    assert nowhere is not somewhere
    keys = page.context.new_cdp_session(page)
    begun = time.time()
    for place, key in enumerate([*code, "Enter"]):
        pressed = {"key": key, "timestamp": begun + place * BETWEEN_KEYS_S}
        keys.send(
            "Input.dispatchKeyEvent", {"type": "keyDown", "text": "\r" if key == "Enter" else key, **pressed}
        )
        keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})
    keys.detach()


def seen_after_ms(other: Page, wanted: tuple[str, str | int], doer: Page, act: Callable[[], None]) -> float:
    """How many milliseconds after the answer to `doer` the `other` page shows what is wanted."""
    other.evaluate(WATCH, list(wanted))

    def is_change(response: Response) -> bool:
        return response.request.method in {"POST", "PATCH"} and "/lines" in response.url

    with doer.expect_response(is_change) as told:
        act()
    answer = told.value
    answer.finished()
    timing = answer.request.timing
    seen_at: float = other.evaluate("window.seenAt")
    return seen_at - (timing["startTime"] + timing["responseEnd"])
