"""Looking for something: results follow what is typed and ticked, and nobody loses her place."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.people import DESK, PHONE, somebody
from tests.browser.stage import Stage


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
        facet = page.locator(".facet:has(input[type=checkbox])").last
        facet.locator("summary").click()
        box = facet.locator("input[type=checkbox]").first
        box.scroll_into_view_if_needed()
        scrolled = page.evaluate("scrollY")
        before = box.bounding_box()
        box.check()

        page.wait_for_url(lambda url: "attribute." in url)
        expect(page.locator("#results.htmx-request")).to_have_count(0)
        assert 0 < len(names_on(page)) < len(everything)
        expect(box).to_be_focused()
        expect(box).to_be_checked()
        assert facet.get_attribute("open") is not None
        assert page.evaluate("scrollY") == scrolled
        assert box.bounding_box() == before
        address = page.url

        # The address alone brings the same list, with the same box ticked where it can be seen.
        page.goto(address)
        expect(page.locator(".facet[open] input:checked")).to_have_count(1)
        narrowed = names_on(page)
        assert 0 < len(narrowed) < len(everything)

        page.locator(".facet[open] input:checked").uncheck()
        page.wait_for_url(lambda url: "attribute." not in url)
        expect(page.locator(".card-name")).to_have_count(len(everything))
        page.go_back()
        expect(page.locator(".card-name")).to_have_count(len(narrowed))
        expect(page.locator(".facet input:checked")).to_have_count(1)


def names_on(page: Page) -> list[str]:
    """The names of the products that are listed."""
    expect(page.locator(".card-name").first).to_be_visible()
    return page.locator(".card-name").all_inner_texts()
