"""Nothing but a keyboard: a shopper finds, buys, pays and sends back; a clerk opens her cart and adds an article."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import CARD_THAT_ASKS, hand_over_code, put_into_cart, tab_to
from tests.browser.people import DESK, TABLET, Somebody, somebody
from tests.browser.stage import Stage
from tests.kernel_events.processes import eventually


@pytest.fixture
def her(stage: Stage, browser: Browser) -> Iterator[Somebody]:
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her:
        yield her


@pytest.fixture(scope="module")
def _sofas_are_found(stage: Stage) -> None:
    """The worker has read what the products say."""
    guest = stage.shop.guest(locale="fi")

    def are_found() -> bool:
        time.sleep(0.5)
        return bool(guest.says("GET", "/store/v1/products?q=sohva")["items"])

    eventually(are_found, within_s=90)


@pytest.mark.usefixtures("_sofas_are_found")
def test_a_sofa_is_bought_paid_and_sent_back_with_the_keyboard_alone(stage: Stage, her: Somebody) -> None:
    page = her.goes("/fi/")

    # She searches, then narrows a department down to what costs more than a cushion.
    tab_to(page, "#q")
    page.keyboard.type("sohva")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fi/search?q=sohva")
    expect(page.locator(".card-name").first).to_contain_text("ohva")
    tab_to(page, ".departments a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fi/c/**")
    everything = page.locator(".card-name").count()
    tab_to(page, ".facet summary")
    page.keyboard.press("Enter")
    tab_to(page, "input[name=price_min]")
    page.keyboard.type("500")
    page.keyboard.press("Tab")
    page.wait_for_url("**price_min=500**")
    expect(page.locator(".card-name")).to_have_count(1)
    assert everything > 1
    expect(page.locator("input[name=price_max]")).to_be_focused()

    # She chooses a fabric, puts it into the cart and opens that by its link.
    tab_to(page, ".card-name a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/**")
    tab_to(page, ".option:not([aria-current])")
    page.keyboard.press("Enter")
    page.wait_for_url("**sku=**")
    tab_to(page, "#add")
    page.keyboard.press("Enter")
    expect(page.locator(".toast a")).to_be_visible()
    tab_to(page, "#cart-link")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fi/cart")
    tab_to(page, "a[href$='/checkout']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout")
    orders(page)

    # Her bank asks on the provider's page.
    page.wait_for_url(f"{stage.stripe.url}/**")
    tab_to(page, "input[name=card]")
    page.keyboard.press("Control+A")
    page.keyboard.type(CARD_THAT_ASKS)
    tab_to(page, "button[value=pay]")
    page.keyboard.press("Enter")
    page.locator("button[value=approve]").wait_for()
    tab_to(page, "button[value=approve]")
    page.keyboard.press("Enter")
    comes_back(page)
    expect(page.locator("#order")).to_contain_text("Vahvistettu")

    # When it has come she sends it back.
    order = page.url.split("/orders/")[1].split("?")[0]
    stage.shop.person("packer").says("POST", f"/staff/v1/orders/{order}/parcels", {})
    expect(page.locator("a[href$='/return']")).to_be_visible(timeout=30_000)
    tab_to(page, "a[href$='/return']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/return")
    tab_to(page, "input[name=quantity]")
    page.keyboard.type("1")
    tab_to(page, "select[name=reason]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#comment")
    page.keyboard.type("Liian suuri")
    tab_to(page, "#announce")
    page.keyboard.press("Enter")
    page.wait_for_url("**#return-**")
    expect(page.locator("#returns .code")).to_be_visible()


def test_a_clerk_opens_her_cart_and_adds_an_article_with_the_keyboard_alone(
    stage: Stage, browser: Browser, her: Somebody, cushion: str
) -> None:
    her.goes(f"/fi/p/{cushion}")
    put_into_cart(her.page)
    her.goes("/fi/cart")
    code = hand_over_code(her.page)
    door = stage.tablet_door()
    with somebody(browser, stage.url, TABLET, elsewhere=stage.elsewhere) as clerk:
        tablet = clerk.goes("/tablet/fi/")
        expect(tablet.locator("#device-code")).to_be_focused()
        tablet.keyboard.type(door.device_code)
        tablet.keyboard.press("Enter")
        expect(tablet.locator("#clerks button").first).to_be_focused()
        while door.clerk not in tablet.locator(":focus").inner_text():
            tab_to(tablet, "#clerks button")
        tablet.keyboard.press("Enter")
        expect(tablet.locator("#pin")).to_be_focused()
        tablet.keyboard.type(door.pin)
        tablet.keyboard.press("Enter")
        expect(tablet.locator("#app")).to_be_visible()

        tab_to(tablet, ".t-tabs a[href$='/carts']")
        tablet.keyboard.press("Enter")
        tablet.wait_for_url("**/carts")
        expect(tablet.locator("#app")).to_be_visible()
        tab_to(tablet, "#code")
        tablet.keyboard.type(code)
        tablet.keyboard.press("Enter")
        tablet.wait_for_url("**/carts/*")
        expect(tablet.locator("#lines .line")).to_have_count(1)

        # She stands on the way to the checkout; when the clerk's article appears, there she still stands.
        her.page.keyboard.press("Escape")
        tab_to(her.page, "a[href$='/checkout']")
        tab_to(tablet, ".t-act a")
        tablet.keyboard.press("Enter")
        expect(tablet.locator("#cart-strip")).to_be_visible()
        tab_to(tablet, "#q")
        tablet.keyboard.type("HELLA-500")
        tablet.keyboard.press("Enter")
        expect(tablet.locator(".t-article")).to_contain_text("HELLA-500")
        tab_to(tablet, "#more")
        tablet.keyboard.press("Enter")
        tab_to(tablet, "#add")
        tablet.keyboard.press("Enter")
        expect(tablet.locator(".toast a")).to_be_visible()

        expect(her.page.locator(".line")).to_have_count(2)
        expect(her.page.locator(".line [data-act=units]").last).to_have_value("2")
        expect(her.page.locator("a[href$='/checkout']")).to_be_focused()


def orders(page: Page) -> None:
    """Fill in the checkout for a parcel to her home, paid by card, and order."""
    for field, value in {
        "email": "aino@example.fi",
        "name": "Aino Virtanen",
        "street": "Vaasankatu 12",
        "postcode": "00500",
        "city": "Helsinki",
    }.items():
        tab_to(page, f"#{field}")
        page.keyboard.type(value)
    home = page.locator("#delivery-parcel-")
    expect(home).to_be_enabled()  # as soon as it is known where she lives
    tab_to(page, "input[name=delivery]")
    page.keyboard.press("Space")
    while not home.is_checked():
        page.keyboard.press("ArrowDown")
    expect(page.locator("input[name=delivery]:checked")).to_have_count(1)
    tab_to(page, "input[name=payment_method]")
    if not page.locator("#payment-card").is_checked():
        page.keyboard.press("Space")
    while not page.locator("#payment-card").is_checked():
        page.keyboard.press("ArrowDown")
    tab_to(page, "#terms")
    page.keyboard.press("Space")
    tab_to(page, "button#order")
    page.keyboard.press("Enter")


def comes_back(page: Page) -> None:
    """From the provider's page to the order's, which some providers leave to a link."""
    back = page.get_by_role("link", name="Back to the shop")
    if back.count():
        tab_to(page, "a")
        page.keyboard.press("Enter")
    page.wait_for_url("**/fi/orders/**")
