"""Pages of one's own, the clerk's screens, and the code that signs in."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.acts import order_on_invoice, put_into_cart, sign_in, unlock
from tests.browser.people import DESK, PHONE, TABLET, somebody
from tests.browser.stage import STORE, Stage


@pytest.fixture(scope="module")
def sofa(stage: Stage) -> str:
    items = stage.shop.guest().says("GET", "/store/v1/products?category=sofas")["items"]
    return str(items[0]["slug"])


def test_what_she_fetches_is_packed_and_handed_out_on_the_tablet(stage: Stage, browser: Browser) -> None:
    items = stage.shop.guest().says("GET", "/store/v1/products?category=cushions")["items"]
    cushion = items[0]["slug"]
    with (
        somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her,
        somebody(browser, stage.url, TABLET, elsewhere=stage.elsewhere) as clerk,
    ):
        order_on_invoice(her.page, stage.url, cushion, store=STORE)
        number = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", her.page.locator("#order").inner_text())
        assert number is not None
        unlock(clerk, stage)
        screen = clerk.goes("/tablet/fi/pick-ups")
        screen.locator("#packing .t-parcel").filter(has_text=number[0]).locator("[data-act=pack]").click()
        expect(her.page.locator(".pickup .code")).to_be_visible(timeout=30_000)
        code = her.page.locator(".pickup .code").inner_text()

        waiting = screen.locator("#ready .t-parcel").filter(has_text=number[0])
        waiting.locator("[data-act=hand-out]").click()
        screen.locator("#pickup-code").fill("WRONG1")
        screen.locator("#hand-out form button.button").click()
        expect(screen.locator("#hand-out-wrong")).not_to_be_empty()
        screen.locator("#pickup-code").fill(code)
        screen.locator("#hand-out form button.button").click()
        expect(waiting).to_have_count(0)
        expect(her.page.locator(".pickup")).to_have_count(0, timeout=30_000)


def test_she_signs_in_by_the_code_in_her_mail_and_her_cart_comes_along(
    stage: Stage, browser: Browser, sofa: str
) -> None:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        page = her.goes(f"/fi/p/{sofa}")
        put_into_cart(page)
        address = sign_in(her, stage.letters, then="/fi/cart")
        expect(page.locator(".line")).to_have_count(1)
        her.goes("/fi/account")
        expect(page.locator("main")).to_contain_text(address)


def test_the_sender_of_a_lost_answer_is_told_and_nothing_is_lost(
    stage: Stage, browser: Browser, sofa: str
) -> None:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        page = her.goes(f"/fi/p/{sofa}")
        expect(page.locator("#add")).to_be_visible()
        her.context.set_offline(True)
        page.locator("#add").click()
        expect(page.locator(".toast").last).to_be_visible()
        her.context.set_offline(False)
        page.locator("#add").click()
        expect(page.locator(".toast a").last).to_be_visible()
        her.goes("/fi/cart")
        expect(page.locator(".line")).to_have_count(1)
        expect(page.locator("[data-act=units]")).to_have_value("1")


def test_without_a_script_everything_can_be_read_and_the_page_says_what_needs_one(
    stage: Stage, browser: Browser, sofa: str
) -> None:
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as buyer:
        buyer.goes(f"/fi/p/{sofa}")
        price = buyer.page.locator(".buy-price .price").inner_text()
        put_into_cart(buyer.page)
        kept = buyer.context.storage_state()

    with somebody(
        browser, stage.url, DESK, elsewhere=stage.elsewhere, java_script_enabled=False, storage_state=kept
    ) as her:
        for path in ("", "c/sofas", "search?q=sohva", f"p/{sofa}", "cart"):
            page = her.goes(f"/fi/{path}")
            expect(page.locator("h1").first).to_be_visible()
        line = her.page.locator(".line")
        expect(line).to_have_count(1)
        expect(line.locator(".line-sum .price")).to_have_text(price)
        expect(line.locator("noscript span")).to_have_text("1 ×")
        expect(her.page.locator("noscript .hint")).to_contain_text("ilman JavaScriptiä")
        expect(her.page.locator(".scripted:visible")).to_have_count(0)
        her.goes(f"/fi/p/{sofa}")
        expect(her.page.locator("noscript .hint").first).to_be_visible()
        her.page.locator(".option:not([aria-current])").first.click()
        assert "sku=" in her.page.url
