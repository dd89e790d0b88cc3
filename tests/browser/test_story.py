"""The sofa story as two people live it: she on her phone, the clerk on the tablet of the store, both at once."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import (
    fill_in,
    find_article,
    hand_over_code,
    open_cart,
    pay_by_card,
    put_into_cart,
    units_of,
    unlock,
)
from tests.browser.people import PHONE, TABLET, Somebody, breaches, overflow, somebody
from tests.browser.screens import shoot
from tests.browser.stage import Stage

SOON_MS = 1_000  # what one of them does, the other sees within a second


@pytest.fixture
def her(stage: Stage, browser: Browser) -> Iterator[Somebody]:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        yield her


@pytest.fixture
def clerk(stage: Stage, browser: Browser) -> Iterator[Somebody]:
    with somebody(browser, stage.url, TABLET, elsewhere=stage.elsewhere) as clerk:
        yield clerk


def test_she_buys_a_sofa_with_cushions_of_the_clerk_and_sends_the_cushions_back(
    stage: Stage, her: Somebody, clerk: Somebody
) -> None:
    phone, tablet = her.page, clerk.page
    judged = Judged()

    # She finds her sofa and chooses a fabric; picture, price and address follow.
    her.goes("/fi/")
    judged(phone, "front")
    her.goes("/fi/c/sofas")
    judged(phone, "category")
    phone.locator(".card-name a").first.click()
    fabric = phone.locator(".option:not([aria-current]):not(.gone)").first
    chosen = fabric.get_attribute("href") or ""
    fabric.click()
    phone.wait_for_url(lambda url: url.endswith(chosen))
    judged(phone, "product")
    put_into_cart(phone)

    # In the store she shows her code; the clerk opens her live cart.
    her.goes("/fi/cart")
    judged(phone, "cart")
    code = hand_over_code(phone)
    judged(phone, "hand-over")
    unlock(clerk, stage)
    judged(tablet, "tablet-find")
    open_cart(tablet, code)
    expect(tablet.locator("#lines .line")).to_have_count(1)
    judged(tablet, "tablet-cart")

    # The clerk adds cushions; she sees them within a second, and who put them there.
    clerk.goes("/tablet/fi/")
    find_article(tablet, "tyyny")
    tablet.locator("#units").fill("2")
    judged(tablet, "tablet-article")
    with seen_soon(phone, ".line", count=2):
        tablet.locator("#add").click()
    expect(phone.locator(".line .by")).to_have_count(1)
    judged(phone, "cart-with-clerk")

    # She takes one more; the clerk sees it within a second.
    tablet.locator("#cart-strip").click()
    expect(tablet.locator("#lines .line")).to_have_count(2)
    before = units_of(phone, 1)
    began = time.monotonic()
    phone.locator(".line").nth(1).locator("[data-act=more]").click()
    expect(tablet.locator("#lines .line").nth(1).locator("[data-act=units]")).to_have_value(str(before + 1))
    assert (time.monotonic() - began) * 1000 < 2 * SOON_MS, "her own call and the news of it"

    # The clerk gives it back to be paid on her phone.
    tablet.locator("#to-pay").click()
    judged(tablet, "tablet-hand-back")
    tablet.locator("#hand-back button[value=to_pay]").click()
    expect(phone.locator(".notice").filter(has_text="maksa")).to_be_visible()

    # She orders, and her bank asks.
    phone.get_by_role("link", name="Kassalle").click()
    fill_in(phone)
    judged(phone, "checkout")
    phone.locator("#order").click()
    pay_by_card(phone)
    phone.wait_for_url("**/fi/orders/**")
    expect(phone.locator("#order")).to_contain_text("Vahvistettu")
    judged(phone, "order")
    order_id = phone.url.split("/orders/")[1].split("?")[0].split("/")[0]

    # The warehouse packs; she watches it come without touching anything.
    stage.shop.person("packer").says("POST", f"/staff/v1/orders/{order_id}/parcels", {})
    expect(phone.locator("#order")).to_contain_text("on luovutettu", timeout=30_000)
    judged(phone, "order-delivered")

    # The cushions do not suit: she announces their return and gets the code for the box.
    phone.get_by_role("link", name="Palauta").click()
    phone.locator(".return-line input[name=quantity]").nth(1).fill(str(before + 1))
    judged(phone, "return")
    phone.locator("#announce").click()
    label = phone.locator("#returns .code").inner_text()
    judged(phone, "order-returning")

    # Sanna scans the box, looks into it and gives the money back; she sees each step where she sits.
    expect(phone.locator("#returns")).to_contain_text("Matkalla meille")
    clerk.goes("/tablet/fi/returns")
    tablet.keyboard.type(label)
    tablet.keyboard.press("Enter")
    tablet.locator("#receive").click()
    judged(tablet, "tablet-return")
    expect(phone.locator("#returns")).to_contain_text("Vastaanotettu")
    tablet.locator("#credit").click()
    expect(tablet.locator("#return")).to_contain_text("119,70")
    expect(phone.locator("#returns")).to_contain_text("119,70")
    judged(phone, "order-returned")

    assert stage.shop.violated_invariants() == ""
    assert judged.found == {}


class Judged:
    """Each page that the story comes by is looked at: by axe, for its width, and for the pictures of the README."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def __call__(self, page: Page, name: str) -> None:
        shoot(page, name)
        if broken := breaches(page):
            self.found[name] = broken
        if overflow(page):
            self.found[f"{name} is too wide by"] = overflow(page)


class seen_soon:  # noqa: N801 - read as a sentence
    """What is done inside is seen on the other's page within a second of the server's answer."""

    def __init__(self, page: Page, selector: str, *, count: int) -> None:
        self._page, self._selector, self._count = page, selector, count

    def __enter__(self) -> None:
        expect(self._page.locator(self._selector)).to_have_count(self._count - 1)

    def __exit__(self, error: object, *_: object) -> None:
        if error is None:
            began = time.monotonic()
            expect(self._page.locator(self._selector)).to_have_count(self._count)
            assert (time.monotonic() - began) * 1000 < SOON_MS
