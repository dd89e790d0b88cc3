"""What people type is shown as they typed it and never runs; what lets them in stands in no address."""

from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import fill_in, give_code, order_on_invoice, put_into_cart, unlock
from tests.browser.audit import small_targets
from tests.browser.people import PHONE, TABLET, somebody
from tests.browser.stage import STORE, Stage

# Each as it would break out of an element, of a script, or of an attribute.
NAME: Final = "Aino <img src=x onerror=window.ran=1>"
STREET: Final = "Katu 1 </script><script>window.ran=1</script>"
CITY: Final = "Helsinki\" onfocus='window.ran=1' autofocus x=\""
COMMENT: Final = "</textarea><script>window.ran=1</script> liian suuri"
NOTE: Final = "<svg onload=window.ran=1> tahra"
REASON: Final = "</template><img src=x onerror=window.ran=1> käytetty"
WORD: Final = "</template><script>window.ran=1</script> maksa tästä"
ADDRESS: Final = {"name": NAME, "street": STREET, "city": CITY}


def test_what_people_type_never_runs(stage: Stage, browser: Browser, cushion: str) -> None:
    clerk_at_desk = stage.shop.person("clerk_x")
    with (
        somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her,
        somebody(browser, stage.url, TABLET, elsewhere=stage.elsewhere) as clerk,
    ):
        page, tablet = her.page, clerk.page
        her.goes("/fi/sign-in")
        give_code(page, stage.letters, f"aino.{cushion}@example.fi")
        page.wait_for_url("**/fi/account")

        # A clerk's word stands in her cart.
        her.goes(f"/fi/p/{cushion}")
        put_into_cart(page)
        her.goes("/fi/cart")
        page.locator("[data-act=more]").click()
        expect(page.locator("[data-act=units]")).to_have_value("2")
        page.locator("#hand-over").click()
        expect(page.locator("#hand-over-code")).not_to_be_empty()
        code = page.locator("#hand-over-code").inner_text()
        cart = clerk_at_desk.says("POST", "/staff/v1/carts/open", {"code": code})["id"]
        clerk_at_desk.says("POST", f"/staff/v1/carts/{cart}/close", {"to_pay": True, "message": WORD})
        expect(page.locator(".notice").last).to_contain_text(WORD)
        is_harmless(page)

        # Her name and address, in what she ordered and in what came of it.
        her.goes("/fi/checkout")
        fill_in(page, payment="invoice", **ADDRESS)
        is_harmless(her.goes("/fi/checkout"))
        expect(page.locator("#name")).to_have_value(NAME)
        fill_in(page, payment="invoice", **ADDRESS)
        page.locator("#order").click()
        page.wait_for_url("**/fi/orders/**")
        order = page.url.rpartition("/")[2]
        expect(page.locator("#order")).to_contain_text(STREET)
        expect(page.locator("#order")).to_contain_text(CITY)
        is_harmless(page)
        for path in ("account", "orders"):
            is_harmless(her.goes(f"/fi/{path}"))
            expect(page.locator(".order-list a")).to_have_count(1)

        # What she says of a return, and what the clerk finds.
        her.goes(f"/fi/orders/{order}")
        stage.shop.person("packer").says("POST", f"/staff/v1/orders/{order}/parcels", {})
        expect(page.locator("a[href$='/return']")).to_be_visible(timeout=30_000)
        her.goes(f"/fi/orders/{order}/return")
        page.locator("input[name=quantity]").fill("1")
        page.locator("#comment").fill(COMMENT)
        is_harmless(page)
        page.locator("#announce").click()
        label = page.locator("#returns .code").inner_text()
        unlock(clerk, stage)
        clerk.goes(f"/tablet/fi/returns#{label}")
        tablet.locator("[data-part=note]").fill(NOTE)
        assert small_targets(tablet) == []
        tablet.locator("#receive").click()
        expect(tablet.locator("#return")).to_contain_text(NOTE)
        tablet.locator("#deduct-amount").fill("1")
        assert small_targets(tablet) == []
        tablet.locator("#deduct-reason").fill(REASON)
        tablet.locator("#credit").click()
        expect(tablet.locator("#return")).to_contain_text(REASON)
        is_harmless(tablet)
        expect(page.locator("#returns")).to_contain_text(REASON)
        is_harmless(page)

        # The statement that she withdraws, before and after, and where it is kept.
        her.goes(f"/fi/orders/{order}/withdraw")
        page.locator("#first").click()
        expect(page.locator("#statement-text")).to_contain_text(NAME)
        page.locator("#second").click()
        expect(page.locator("#receipt-text")).to_contain_text(NAME)
        is_harmless(page)
        is_harmless(her.goes(f"/fi/orders/{order}/withdraw"))
        expect(page.locator(".statement").first).to_contain_text(NAME)

        # Who fetches what, on the tablet.
        waiting = order_on_invoice(page, stage.url, cushion, store=STORE, **ADDRESS)
        clerk_at_desk.says("POST", f"/staff/v1/orders/{waiting}/parcels", {})
        clerk.goes("/tablet/fi/pick-ups")
        parcel = tablet.locator("#ready .t-parcel").filter(has_text=NAME)
        parcel.locator("[data-act=hand-out]").click()
        expect(tablet.locator("#hand-out-title")).to_contain_text(NAME)
        is_harmless(tablet)


def test_a_secret_in_an_address_does_not_go_unnoticed(stage: Stage, browser: Browser, cushion: str) -> None:
    with pytest.raises(AssertionError) as noticed:
        tells_her_secrets(stage, browser, cushion)

    assert "/fi/cart?mine=" in str(noticed.value)
    assert "/fi/orders/of-a-secret-header-1" in str(noticed.value)


def tells_her_secrets(stage: Stage, browser: Browser, slug: str) -> None:
    """What no page of ours does: the cart's secret behind an address, and an order's in a path."""
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        her.goes(f"/fi/p/{slug}")
        put_into_cart(her.page)
        (value,) = [each["value"] for each in her.context.cookies() if each["name"] == "cart"]
        her.page.evaluate("secret => fetch(`/fi/cart?mine=${secret}`)", value.partition(".")[2])
        her.page.evaluate(
            "secret => fetch(`/fi/orders/${secret}`, {headers: {'X-Order-Secret': secret}})",
            "of-a-secret-header-1",
        )


def is_harmless(page: Page) -> None:
    """Nothing that somebody typed has become a part of this page; had it tried to run, her browser would have told."""
    assert page.locator("[src=x], svg[onload], [onfocus], [onerror]").count() == 0
    assert page.evaluate("window.ran") is None
