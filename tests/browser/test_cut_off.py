"""The clerk's tablet without a network: it says so, keeps what she wishes, explains what was overtaken meanwhile."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.acts import find_article, shares_her_cart, units_of
from tests.browser.people import PHONE, TABLET, Somebody, somebody
from tests.browser.stage import Stage


@pytest.fixture
def her(stage: Stage, browser: Browser) -> Iterator[Somebody]:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        yield her


@pytest.fixture
def clerk(stage: Stage, browser: Browser, her: Somebody) -> Iterator[Somebody]:
    """A clerk with her cart, which holds one cushion, open on the tablet."""
    items = stage.shop.guest().says("GET", "/store/v1/products?category=cushions")["items"]
    with somebody(browser, stage.url, TABLET, elsewhere=stage.elsewhere) as clerk:
        shares_her_cart(her, clerk, stage, items[0]["slug"])
        yield clerk


def test_what_is_wished_without_a_network_is_done_once_when_it_is_back(
    her: Somebody, clerk: Somebody
) -> None:
    tablet = clerk.page
    clerk.context.set_offline(True)
    expect(tablet.locator("#offline")).to_be_visible()

    for _ in range(2):
        tablet.locator("[data-act=more]").click()
    expect(tablet.locator(".toast")).to_contain_text("Ei yhteyttä")
    expect(tablet.locator("[data-act=units]")).to_have_value("3")
    assert units_of(her.page, 0) == 1

    clerk.context.set_offline(False)
    expect(tablet.locator("#offline")).to_be_hidden()
    expect(her.page.locator("[data-act=units]")).to_have_value("3")
    expect(tablet.locator("[data-act=units]")).to_have_value("3")


def test_what_was_overtaken_meanwhile_is_explained_and_can_be_repeated(
    her: Somebody, clerk: Somebody
) -> None:
    tablet = clerk.page
    clerk.context.set_offline(True)
    tablet.locator("[data-act=more]").click()
    expect(tablet.locator(".toast")).to_be_visible()
    for units in ("2", "3", "4"):
        her.page.locator("[data-act=more]").click()
        expect(her.page.locator("[data-act=units]")).to_have_value(units)

    clerk.context.set_offline(False)
    conflict = tablet.locator("#conflict")
    expect(conflict).to_be_visible()
    expect(conflict.locator("#conflict-list")).to_contain_text("4")
    expect(tablet.locator("[data-act=units]")).to_have_value("4")
    expect(her.page.locator("[data-act=units]")).to_have_value("4")

    conflict.locator("#again").click()
    expect(conflict).to_be_hidden()
    expect(her.page.locator("[data-act=units]")).to_have_value("2")


def test_an_article_is_looked_for_again_when_the_network_is_back(clerk: Somebody) -> None:
    tablet = clerk.goes("/tablet/fi/")
    clerk.context.set_offline(True)
    tablet.locator("#q").fill("sohva")
    tablet.keyboard.press("Enter")
    expect(tablet.locator("#told")).to_contain_text("Ei yhteyttä")
    expect(tablet.locator("#offline")).to_be_visible()

    clerk.context.set_offline(False)
    expect(tablet.locator("#offline")).to_be_hidden()
    find_article(tablet, "sohva")
