"""Every page in three languages, at the narrowest and on a desk: no barrier (WCAG 2.1 AA) and no sideways scrolling.

`SIGHTS` says who comes to which page, and how. A route of the pages that nobody comes to fails the first test.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Browser, expect

from shop.site.urls import urls as site_urls
from shop.tablet.urls import urls as tablet_urls
from tests.browser.acts import (
    hand_over_code,
    leaves_without_paying,
    open_cart,
    order_on_invoice,
    put_into_cart,
    sign_in,
    unlock,
)
from tests.browser.audit import Audit, wait_until_filled
from tests.browser.people import DESK, SMALL_PHONE, TABLET, Somebody, somebody
from tests.browser.stage import STORE, Stage

LANGUAGES: Final = ("fi", "sv", "en")
SOFA: Final = {"fi": "sohva", "sv": "soffa", "en": "sofa"}  # what is looked for
ONLY_LEAD_ON: Final = frozenset({"site:language", "tablet:language"})
LOST: Final = "lost"  # no route of its own: what is said where there is no page


@dataclass(frozen=True)
class Sight:
    """A page as somebody comes to it: its route, its address below the language, and what is special about it."""

    route: str
    path: str
    state: str = ""

    @property
    def name(self) -> str:
        """What its picture is called."""
        part, _, page = self.route.rpartition(":")
        asked = re.findall(r"[?#](\w+)", self.path)
        return "-".join(filter(None, ["tablet" if part == "tablet" else "", self.state, page, *asked]))


SIGHTS: Final[dict[str, tuple[Sight, ...]]] = {
    "anybody": (
        Sight("site:front", ""),
        Sight("site:category", "c/sofas"),
        Sight("site:search", "search?q={word}"),
        Sight("site:search", "search?q=qqqqqqq", "empty"),
        Sight("site:product", "p/{product}"),
        Sight("site:cart", "cart", "empty"),
        Sight("site:checkout", "checkout", "empty"),
        Sight("site:orders", "orders", "empty"),
        Sight("site:open-order", "orders/open#over"),
        Sight("site:withdraw", "withdraw"),
        Sight("site:sign-in", "sign-in"),
        Sight(LOST, "no-such-page"),
    ),
    "buyer": (
        Sight("site:cart", "cart"),
        Sight("site:checkout", "checkout"),
        Sight("site:orders", "orders"),
        Sight("site:order", "orders/{order}"),
        Sight("site:return", "orders/{order}/return"),
        Sight("site:withdraw-order", "orders/{order}/withdraw"),
    ),
    "debtor": (
        Sight("site:order", "orders/{order}", "unpaid"),
        Sight("site:pay", "pay/{order}"),
    ),
    "customer": (
        Sight("site:account", "account"),
        Sight("site:checkout", "checkout", "signed-in"),
    ),
    "clerk": (
        Sight("tablet:find", ""),
        Sight("tablet:find", "?q={word}"),
        Sight("tablet:find", "?sku={sku}"),
        Sight("tablet:carts", "carts"),
        Sight("tablet:cart", "carts/{cart}"),
        Sight("tablet:pick-ups", "pick-ups"),
        Sight("tablet:returns", "returns"),
    ),
}


def test_every_route_of_the_pages_is_come_to() -> None:
    routes = {f"site:{each.name}" for each in site_urls} | {f"tablet:{each.name}" for each in tablet_urls}

    seen = {sight.route for sights in SIGHTS.values() for sight in sights}

    assert seen - {LOST} == routes - ONLY_LEAD_ON


@pytest.fixture(scope="module")
def sofa(stage: Stage) -> str:
    items = stage.shop.guest().says("GET", "/store/v1/products?category=sofas")["items"]
    return str(items[0]["slug"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_anybody_sees(stage: Stage, browser: Browser, language: str) -> None:
    products = stage.shop.guest(locale=language).says("GET", "/store/v1/products?category=sofas")["items"]
    audit = Audit()
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as visitor:
        walk(
            audit,
            visitor,
            SIGHTS["anybody"],
            screens=(DESK, SMALL_PHONE),
            languages=[language],
            product=products[0]["slug"],
        )
        visitor.goes(f"/{language}/sign-in")
        visitor.page.locator("#email").fill(f"aino.{time.time_ns()}@example.fi")
        visitor.page.locator("#send-code").click()
        expect(visitor.page.locator("#give-code")).to_be_visible()
        audit.see(visitor.page, f"{language} sign-in-code", screens=(DESK, SMALL_PHONE))

    assert audit.found == {}


def test_what_somebody_with_a_cart_and_an_order_sees(stage: Stage, browser: Browser, sofa: str) -> None:
    audit = Audit()
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her:
        order = order_on_invoice(her.page, stage.url, sofa)
        her.goes(f"/fi/p/{sofa}")
        put_into_cart(her.page)
        walk(audit, her, SIGHTS["buyer"], screens=(DESK, SMALL_PHONE), order=order)

    assert audit.found == {}


def test_what_somebody_sees_whose_order_is_not_paid(stage: Stage, browser: Browser, sofa: str) -> None:
    audit = Audit()
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her:
        order = leaves_without_paying(her, sofa)
        walk(audit, her, SIGHTS["debtor"], screens=(DESK, SMALL_PHONE), order=order)

    assert audit.found == {}


def test_what_somebody_sees_who_has_signed_in(stage: Stage, browser: Browser, sofa: str) -> None:
    audit = Audit()
    with somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her:
        sign_in(her, stage.letters)
        order_on_invoice(her.page, stage.url, sofa)
        her.goes(f"/fi/p/{sofa}")
        put_into_cart(her.page)
        walk(audit, her, SIGHTS["customer"], screens=(DESK, SMALL_PHONE))

    assert audit.found == {}


def test_what_a_clerk_sees(stage: Stage, browser: Browser, sofa: str) -> None:
    audit = Audit()
    product = stage.shop.guest().says("GET", f"/store/v1/products/{sofa}")
    with (
        somebody(browser, stage.url, DESK, elsewhere=stage.elsewhere) as her,
        somebody(browser, stage.url, TABLET, elsewhere=stage.elsewhere) as clerk,
    ):
        order_on_invoice(her.page, stage.url, sofa, store=STORE)
        her.goes(f"/fi/p/{sofa}")
        put_into_cart(her.page)
        her.goes("/fi/cart")
        unlock(clerk, stage, meanwhile=lambda page, step: audit.look(page, f"fi tablet-{step} 820"))
        open_cart(clerk.page, hand_over_code(her.page))
        cart = clerk.page.url.rpartition("/")[2]
        walk(
            audit,
            clerk,
            SIGHTS["clerk"],
            screens=(TABLET, DESK, SMALL_PHONE),
            below="/tablet",
            sku=product["variants"][0]["sku"],
            cart=cart,
        )

    assert audit.found == {}


def walk(
    audit: Audit,
    person: Somebody,
    sights: Sequence[Sight],
    *,
    screens: Sequence[dict[str, Any]],
    languages: Sequence[str] = LANGUAGES,
    below: str = "",
    **ids: str,
) -> None:
    """Come to each page in each language, and look at it on screens of each size.

    `ids` fill the addresses' places.
    """
    for language in languages:
        for sight in sights:
            page = person.goes(f"{below}/{language}/{sight.path.format(word=SOFA[language], **ids)}")
            if sight.route != LOST:
                path = urlsplit(page.url).path
                assert resolve(path).view_name == sight.route, f"{sight} led to {path}"
            spoken = page.locator("html").get_attribute("lang") or ""
            assert spoken.partition("-")[0] == language
            wait_until_filled(page)
            audit.see(page, f"{language} {sight.name}", screens=screens)
