"""Every page that can be read by anybody: in three languages, at the narrowest and on a desk, without a barrier."""

import pytest
from playwright.sync_api import Browser

from tests.browser.people import DESK, SMALL_PHONE, breaches, overflow, somebody
from tests.browser.screens import shoot
from tests.browser.stage import Stage

LANGUAGES = ("fi", "sv", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_public_pages_have_no_barrier_and_need_no_sideways_scrolling(
    stage: Stage, browser: Browser, language: str
) -> None:
    slug = stage.shop.guest(locale=language).says("GET", "/store/v1/products?category=sofas")["items"][0][
        "slug"
    ]
    found: dict[str, object] = {}
    for device in (SMALL_PHONE, DESK):
        with somebody(browser, stage.url, device, elsewhere=stage.elsewhere) as visitor:
            for path in ("", "c/sofas", "search?q=a", f"p/{slug}", "cart", "sign-in", "no-such-page"):
                page = visitor.goes(f"/{language}/{path}")
                width = device["viewport"]["width"]
                name = path.split("/")[0].split("?")[0] or "front"
                shoot(page, f"{language}/{name} {width}")
                found |= {f"{path} {width} {breach}": True for breach in breaches(page)}
                if overflow(page):
                    found[f"{path} is wider than {width} px"] = overflow(page)
                assert (page.locator("html").get_attribute("lang") or "")[:2] == language

    assert found == {}
