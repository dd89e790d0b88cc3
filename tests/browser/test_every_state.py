"""What pages say between one page and the next, looked at as every page is: dialogs, statements, reports, banners.

What is used up by being seen (a receipt) is looked at in Finnish alone; everything else in three languages.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.acts import give_code, order_on_invoice, put_into_cart, shares_her_cart, sign_in, unlock
from tests.browser.audit import Audit, wait_until_filled
from tests.browser.people import DESK, SMALL_PHONE, TABLET, Somebody, somebody
from tests.browser.stage import STORE, Stage

ON_PAPER = (DESK, SMALL_PHONE)
IN_HAND = (TABLET, SMALL_PHONE)
LANGUAGES = ("sv", "en", "fi")  # Finnish last: there what can be seen once is seen


@pytest.fixture
def her(stage: Stage, browser: Browser) -> Iterator[Somebody]:
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her:
        yield her


@pytest.fixture
def clerk(stage: Stage, browser: Browser) -> Iterator[Somebody]:
    with somebody(browser, stage.url, TABLET, elsewhere=stage.elsewhere) as clerk:
        yield clerk


def test_calling_off_and_withdrawing(stage: Stage, her: Somebody, cushion: str) -> None:
    audit, page = Audit(), her.page
    order = order_on_invoice(page, stage.url, cushion)

    for language in LANGUAGES:
        her.goes(f"/{language}/orders/{order}")
        page.locator("#cancel").click()
        expect(page.locator("#cancel-dialog")).to_be_visible()
        audit.see(page, f"{language} order-cancel", screens=ON_PAPER)
        her.goes(f"/{language}/orders/{order}/withdraw")
        page.locator("#first").click()
        expect(page.locator("#statement")).to_be_visible()
        audit.see(page, f"{language} withdraw-statement", screens=ON_PAPER)
    page.locator("#second").click()
    expect(page.locator("#receipt")).to_be_visible()
    audit.see(page, "fi withdraw-receipt", screens=ON_PAPER)

    assert audit.found == {}


def test_what_became_of_her_carts(stage: Stage, browser: Browser, her: Somebody, cushion: str) -> None:
    audit = Audit()
    address = sign_in(her, stage.letters)
    her.goes(f"/fi/p/{cushion}")
    put_into_cart(her.page)

    for language in LANGUAGES:
        with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as guest:
            guest.goes(f"/fi/p/{cushion}")
            put_into_cart(guest.page)
            give_code(guest.goes(f"/{language}/sign-in"), stage.letters, address)
            expect(guest.page.locator("#merge-report li")).not_to_have_count(0)
            audit.see(guest.page, f"{language} sign-in-merge", screens=ON_PAPER)

    assert audit.found == {}


def test_handing_out(stage: Stage, her: Somebody, clerk: Somebody, cushion: str) -> None:
    audit, tablet = Audit(), clerk.page
    order = order_on_invoice(her.page, stage.url, cushion, store=STORE)
    stage.shop.person("clerk_x").says("POST", f"/staff/v1/orders/{order}/parcels", {})
    ((number,),) = stage.shop.rows("SELECT number FROM orders_order WHERE public_id = %s", order)
    hers = tablet.locator("#ready > *", has_text=number)
    unlock(clerk, stage)

    for language in LANGUAGES:
        clerk.goes(f"/tablet/{language}/pick-ups")
        wait_until_filled(tablet)
        audit.see(tablet, f"{language} tablet-shelf", screens=IN_HAND)
        hers.locator("[data-act=hand-out]").click()
        tablet.locator("#pickup-code").fill("WRONG1")
        tablet.locator("#hand-out form button.button").click()
        expect(tablet.locator("#hand-out-wrong")).not_to_be_empty()
        audit.see(tablet, f"{language} tablet-hand-out", screens=IN_HAND)

    assert audit.found == {}


def test_cut_off_and_overtaken(stage: Stage, her: Somebody, clerk: Somebody, cushion: str) -> None:
    audit, phone, tablet = Audit(), her.page, clerk.page
    shares_her_cart(her, clerk, stage, cushion)
    cart = tablet.url.rpartition("/")[2]

    for language in LANGUAGES:
        clerk.goes(f"/tablet/{language}/carts/{cart}")
        expect(tablet.locator("#lines .line")).to_have_count(1)
        clerk.context.set_offline(True)
        tablet.locator("[data-act=more]").click()
        expect(tablet.locator(".toast")).to_be_visible()
        expect(tablet.locator("#offline")).to_be_visible()
        audit.see(tablet, f"{language} tablet-offline", screens=IN_HAND)
        before = int(phone.locator("[data-act=units]").input_value())
        phone.locator("[data-act=more]").click()
        expect(phone.locator("[data-act=units]")).to_have_value(str(before + 1))
        phone.locator("[data-act=more]").click()
        expect(phone.locator("[data-act=units]")).to_have_value(str(before + 2))
        clerk.context.set_offline(False)
        expect(tablet.locator("#conflict")).to_be_visible()
        audit.see(tablet, f"{language} tablet-conflict", screens=IN_HAND)

    assert audit.found == {}
