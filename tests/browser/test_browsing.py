"""Looking for something: results follow what is typed and ticked, and nobody loses her place."""

import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import DESK, PHONE, somebody
from tests.browser.stage import Stage
from tests.kernel_events.processes import eventually


@pytest.fixture(scope="module", autouse=True)
def _everything_is_found(stage: Stage) -> None:
    """The worker has read what the products say."""
    guest = stage.shop.guest(locale="fi")

    def are_found() -> bool:
        time.sleep(0.5)
        return all(
            guest.says("GET", f"/store/v1/products?q={word}")["items"] for word in ("sohva", "tyynyjä")
        )

    eventually(are_found, within_s=90)


def test_results_follow_what_is_typed(stage: Stage, browser: Browser) -> None:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        page = her.goes("/fi/search?q=sohva")
        sofas = names_on(page)
        field = page.locator("#q")
        field.fill("")
        field.press_sequentially("tyynyjä", delay=40)

        expect(page.locator("#results .lead")).to_contain_text("tyynyjä")
        expect(page.locator(".card-name").first).to_contain_text("yyny")
        page.wait_for_url(lambda url: url.endswith("/fi/search?q=tyynyj%C3%A4"))
        expect(field).to_be_focused()
        expect(field).to_have_value("tyynyjä")
        assert names_on(page) != sofas

        page.go_back()
        expect(page.locator("#results .lead")).to_contain_text("sohva")
        expect(page.locator("#q")).to_have_value("sohva")
        assert names_on(page) == sofas
        expect(page.locator("header.top")).to_have_count(1)


def test_a_filter_changes_the_list_and_nothing_else(stage: Stage, browser: Browser) -> None:
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her:
        her.page.set_viewport_size({"width": 1280, "height": 500})
        page = her.goes("/fi/c/living-room")
        everything = names_on(page)
        prices = page.locator(".facet").first
        prices.locator("summary").click()
        most = page.locator("input[name=price_max]")
        most.scroll_into_view_if_needed()
        scrolled, place = page.evaluate("scrollY"), most.bounding_box()
        most.fill("300")
        page.keyboard.press("Shift+Tab")

        page.wait_for_url(lambda url: "price_max=300" in url)
        expect(page.locator(".card-name")).not_to_have_count(len(everything))
        narrowed = names_on(page)
        assert set(narrowed) < set(everything)
        expect(page.locator("input[name=price_min]")).to_be_focused()
        assert prices.get_attribute("open") is not None
        assert (page.evaluate("scrollY"), most.bounding_box()) == (scrolled, place)

        # The address alone brings the same list, with the filter where it can be seen.
        page.goto(page.url)
        assert names_on(page) == narrowed
        expect(page.locator("input[name=price_max]")).to_be_visible()
        expect(page.locator("input[name=price_max]")).to_have_value("300")

        page.locator("input[name=price_max]").fill("")
        page.keyboard.press("Shift+Tab")
        expect(page.locator(".card-name")).to_have_count(len(everything))
        page.go_back()
        expect(page.locator(".card-name")).to_have_count(len(narrowed))
        expect(page.locator("input[name=price_max]")).to_have_value("300")


@pytest.mark.parametrize("path", ["", "c/sofas", "cart", "no-such-page"])
def test_results_come_as_one_types_on_every_page(stage: Stage, browser: Browser, path: str) -> None:
    with somebody(browser, stage.url, PHONE, elsewhere=stage.elsewhere) as her:
        page = her.goes(f"/fi/{path}")
        heading, field = page.locator("h1").first.inner_text(), page.locator("#q")
        field.press_sequentially("tyynyjä", delay=40)

        expect(page.locator("#results .lead")).to_contain_text("tyynyjä")
        expect(page.locator(".card-name").first).to_contain_text("yyny")
        page.wait_for_url(lambda url: url.endswith("/fi/search?q=tyynyj%C3%A4"))
        expect(field).to_be_focused()
        expect(field).to_have_value("tyynyjä")
        expect(page).to_have_title("tyynyjä – Haku – Polku")
        expect(page.locator("#languages [lang=en]")).to_have_attribute("href", "/en/search?q=tyynyj%C3%A4")
        expect(page.locator("h1")).to_have_count(1)

        page.go_back()
        expect(page.locator("h1").first).to_have_text(heading)
        page.wait_for_url(f"**/fi/{path}")


def test_enter_goes_to_the_results_once(stage: Stage, browser: Browser) -> None:
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her:
        page = her.goes("/fi/c/sofas")
        page.locator("#q").press_sequentially("sohva")
        page.keyboard.press("Enter")

        page.wait_for_url("**/fi/search?q=sohva")
        expect(page.locator("#results .lead")).to_contain_text("sohva")
        page.wait_for_timeout(600)  # longer than what was still waiting to be asked
        page.go_back()
        page.wait_for_url("**/fi/c/sofas")


def test_another_fabric_changes_everything_that_hangs_on_it(stage: Stage, browser: Browser) -> None:
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her:
        page = her.goes("/fi/c/sofas")
        page.locator(".card-name a").first.click()
        page.wait_for_url("**/fi/p/**")
        # Looked for by what they are; each is read before and after the choice.
        parts = {
            "picture": lambda: page.locator(".gallery img").first.get_attribute("src"),
            "price": lambda: page.locator(".buy-price .price").inner_text(),
            "stock": lambda: page.locator(".buy > .stock").inner_text(),
            "care and facts": lambda: page.locator(".about").inner_text(),
            "article": lambda: page.locator(".sku").inner_text(),
            "title": page.title,
            "languages": lambda: page.locator("#languages [lang=en]").get_attribute("href"),
            "for search engines": lambda: page.locator("script[type='application/ld+json']").inner_text(),
        }
        before = {name: read() for name, read in parts.items()}
        shelves = page.locator(".shelf h2")
        expect(shelves).to_have_text(["Sopii yhteen"])
        expect(page.locator(".gallery img").first).to_have_js_property("naturalWidth", 640)

        page.locator(".option[title^=Kanerva]").click()
        page.wait_for_url("**?sku=LAITURI-KANERVA")
        expect(page.locator(".buy > .stock")).to_contain_text("Enää muutama jäljellä")

        after = {name: read() for name, read in parts.items()}
        assert [name for name in parts if before[name] == after[name]] == []
        assert "villaa" in str(after["care and facts"])
        expect(shelves).to_have_text(["Sopii yhteen", "Hoitoon"])
        expect(page.locator("main h1")).to_have_count(1)
        expect(page.locator(".option[aria-current]")).to_be_focused()


def names_on(page: Page) -> list[str]:
    """The names of the products that are listed."""
    expect(page.locator(".card-name").first).to_be_visible()
    return page.locator(".card-name").all_inner_texts()
