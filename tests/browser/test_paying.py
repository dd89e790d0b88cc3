"""Checkout and payment: MobilePay with a yes, and with a no that is made good; a pick-up that needs no address."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import fill_in, pay_by_card, put_into_cart
from tests.browser.people import PHONE, Somebody, somebody
from tests.browser.stage import STORE, Stage


def test_she_approves_in_mobilepay_and_the_order_is_hers(stage: Stage, browser: Browser) -> None:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        leads_to_mobilepay(her, stage)
        her.page.locator("button[value=approve]").click()
        comes_back(her.page)

        her.page.wait_for_url(lambda url: "/fi/orders/" in url and "?" not in url)
        expect(her.page.locator("#order [data-state=confirmed]")).to_be_visible()
        expect(her.page.locator("#order")).to_contain_text("MobilePay")


def test_she_cancels_in_mobilepay_is_told_and_pays_another_way(stage: Stage, browser: Browser) -> None:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        leads_to_mobilepay(her, stage)
        her.page.locator("button[value=decline]").click()
        comes_back(her.page)

        page = her.page
        page.wait_for_url(lambda url: "/fi/orders/" in url and "?" not in url)
        told = page.locator("#order .notice-wrong")
        expect(told).to_contain_text("Mitään ei veloitettu")
        expect(page.locator("#cart-units")).to_be_hidden()
        order = page.url
        told.locator("a.button").click()
        page.wait_for_url("**/fi/pay/**")
        expect(page.locator(".notice-wrong")).to_be_visible()
        page.locator("input[value=card]").check()
        page.locator("#pay-now").click()
        pay_by_card(page)
        page.wait_for_url(order)
        expect(page.locator("#order [data-state=confirmed]")).to_be_visible()

    assert stage.shop.violated_invariants() == ""


def test_who_fetches_it_says_only_who_she_is(stage: Stage, browser: Browser) -> None:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        into_the_cart(her, stage)
        page = her.goes("/fi/checkout")
        street, invoice = page.locator("#street"), page.locator("#payment-invoice")
        expect(street).to_have_attribute("required", "")
        expect(page.locator("label[for=street] .muted")).to_be_hidden()
        for name, value in (("email", "aino.virtanen@example.fi"), ("name", "Aino Virtanen")):
            page.locator(f"#{name}").fill(value)
            page.locator(f"#{name}").blur()
        page.locator(f"input[name=delivery][data-store={STORE}]").check()

        expect(page.get_by_label("Katuosoite (ei pakollinen)")).to_be_visible()
        expect(street).not_to_have_attribute("required", "")
        expect(invoice).to_be_disabled()
        expect(page.locator(".way").filter(has=invoice)).to_contain_text("Kerro ensin osoitteesi.")

        page.locator("#payment-card").check()
        page.locator("#terms").check()
        page.locator("#order").click()
        pay_by_card(page)
        page.wait_for_url("**/fi/orders/**")
        expect(page.locator("#order [data-state=confirmed]")).to_be_visible()
        expect(page.locator("#order")).to_contain_text("Lönnrotinkatu 18")

    assert stage.shop.violated_invariants() == ""


def leads_to_mobilepay(her: Somebody, stage: Stage) -> None:
    """Order a cushion, to be paid by MobilePay, whose page stands on the provider's address."""
    into_the_cart(her, stage)
    her.goes("/fi/checkout")
    fill_in(her.page, payment="mobilepay")
    her.page.locator("#order").click()
    her.page.wait_for_url(f"{stage.stripe.url}/**")


def into_the_cart(her: Somebody, stage: Stage) -> None:
    """A cushion."""
    items = stage.shop.guest().says("GET", "/store/v1/products?category=cushions")["items"]
    her.goes(f"/fi/p/{items[0]['slug']}")
    put_into_cart(her.page)


def comes_back(page: Page) -> None:
    """Follow the provider's way back, where it does not lead there by itself."""
    back = page.get_by_role("link", name="Back to the shop")
    if back.count():
        back.click()
