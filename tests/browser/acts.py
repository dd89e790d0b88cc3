"""What people do on our pages, step by step, as the tests tell it."""

import re
import time
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.people import Somebody
from tests.browser.stage import Stage

CARD_THAT_ASKS = "4000 0027 6000 3184"


def put_into_cart(page: Page) -> None:
    """Press the button of the product's page and wait until the page says that it is in the cart."""
    page.locator("#add").click()
    said = page.locator(".toast").last
    said.wait_for()
    assert "toast-wrong" not in (said.get_attribute("class") or ""), said.inner_text()


def hand_over_code(page: Page) -> str:
    """Ask for the code that a clerk may open the cart with."""
    page.locator("#hand-over").click()
    expect(page.locator("#hand-over-code")).not_to_be_empty()
    return page.locator("#hand-over-code").inner_text()


def unlock(
    clerk: Somebody,
    stage: Stage,
    *,
    language: str = "fi",
    meanwhile: Callable[[Page, str], None] = lambda page, step: None,
) -> None:
    """Register the tablet, choose the demo's clerk and type the PIN on the pad.

    `meanwhile` is called at each step: `register`, `who`, `pin`.
    """
    door = stage.tablet_door()
    page = clerk.goes(f"/tablet/{language}/")
    expect(page.locator("#register")).to_be_visible()
    meanwhile(page, "register")
    page.locator("#device-code").fill(door.device_code)
    page.locator("#register button").click()
    clerks = page.locator("#clerks button").filter(has_text=door.clerk)
    expect(clerks).to_be_visible()
    meanwhile(page, "who")
    clerks.click()
    meanwhile(page, "pin")
    for digit in door.pin:
        page.locator(f"[data-key='{digit}']").click()
    page.locator(".pad-ok").click()
    expect(page.locator("#app")).to_be_visible()


def open_cart(page: Page, code: str) -> None:
    """Open a shopper's cart on the tablet with the code that she shows."""
    page.locator(".t-tabs a").nth(1).click()
    page.locator("#code").fill(code)
    page.locator("#open button:not([data-camera])").click()
    page.wait_for_url("**/carts/*")


def find_article(page: Page, words: str) -> None:
    """Search on the tablet and take the first article; a single one is opened at once."""
    page.locator("#q").fill(words)
    page.keyboard.press("Enter")
    row = page.locator("#found .t-row").first
    expect(row.or_(page.locator("#found .t-article"))).to_be_visible()
    if row.is_visible():
        row.click()
    expect(page.locator("#add")).to_be_visible()


def units_of(page: Page, line: int) -> int:
    """How many units a line of the cart on this page has."""
    return int(page.locator(".line").nth(line).locator("[data-act=units]").input_value())


def shares_her_cart(her: Somebody, clerk: Somebody, stage: Stage, slug: str) -> None:
    """She puts one into her cart and stays there; the clerk unlocks a new tablet and opens the cart."""
    her.goes(f"/fi/p/{slug}")
    put_into_cart(her.page)
    her.goes("/fi/cart")
    unlock(clerk, stage)
    open_cart(clerk.page, hand_over_code(her.page))
    expect(clerk.page.locator("#lines .line")).to_have_count(1)


def fill_in(
    page: Page,
    *,
    email: str = "aino.virtanen@example.fi",
    store: str = "",
    payment: str = "card",
    **typed: str,
) -> None:
    """Fill in the checkout, for a parcel to her home or for fetching it in a store.

    `typed` says what she types into the fields of her name and address, where it is not what she always types.
    """
    values = {
        "email": email,
        "name": "Aino Virtanen",
        "street": "Vaasankatu 12 A 3",
        "postcode": "00500",
        "city": "Helsinki",
        **typed,
    }
    for name, value in values.items():
        page.locator(f"#{name}").fill(value)
        page.locator(f"#{name}").blur()
    way = page.locator(f"input[name=delivery][data-store='{store}']:not([disabled])").first
    way.check()
    expect(page.locator("input[name=delivery]:checked")).to_have_count(1)
    page.locator(f"#payment-{payment}").check()
    page.locator("#terms").check()


def pay_by_card(page: Page) -> None:
    """On the stand-in's page: a card whose bank asks, and yes to the bank."""
    page.locator("input[name=card]").fill(CARD_THAT_ASKS)
    page.locator("button[value=pay]").click()
    page.locator("button[value=approve]").click()
    back = page.get_by_role("link", name="Back to the shop")
    if back.count():
        back.click()


def order_on_invoice(page: Page, url: str, slug: str, *, store: str = "", **typed: str) -> str:
    """From the product's page to the order's, on invoice; the order's id."""
    page.goto(f"{url}/fi/p/{slug}")
    put_into_cart(page)
    page.goto(f"{url}/fi/checkout")
    fill_in(page, store=store, payment="invoice", **typed)
    page.locator("#order").click()
    page.wait_for_url("**/fi/orders/**")
    return page.url.split("/orders/")[1].split("?")[0].strip("/")


def leaves_without_paying(her: Somebody, slug: str) -> str:
    """Order with a card, and turn back on the page where one pays; the order's id."""
    her.goes(f"/fi/p/{slug}")
    put_into_cart(her.page)
    her.goes("/fi/checkout")
    fill_in(her.page)
    her.page.locator("#order").click()
    her.page.locator("button[value=pay]").wait_for()
    her.goes("/fi/orders")
    her.page.locator(".order-list a").first.click()
    her.page.wait_for_url("**/fi/orders/*")
    return her.page.url.rpartition("/")[2]


def sign_in(her: Somebody, letters: Path, *, then: str = "/fi/account") -> str:
    """Sign in with a fresh address, by the code in the letter; the address."""
    address = f"aino.{time.time_ns()}@example.fi"
    give_code(her.goes(f"/fi/sign-in?next={then}"), letters, address)
    her.page.wait_for_url(f"{her.url}{then}")  # in full: where she signs in ends like this too
    return address


def give_code(page: Page, letters: Path, address: str) -> None:
    """On the page where one signs in: ask for a code to this address, and type what the letter says."""
    page.locator("#email").fill(address)
    page.locator("#send-code").click()
    page.locator("#code").fill(code_to(letters, address))
    page.locator("#use-code").click()


def code_to(letters: Path, address: str) -> str:
    """The code in the letter to this address, which is thrown away. Errors: AssertionError when none comes."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        for file in letters.iterdir():
            letter = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
            code = re.search(r"\d{6}", str(letter["Subject"]))
            if address in str(letter["To"]) and code is not None:
                file.unlink()
                return code[0]
        time.sleep(0.2)
    raise AssertionError(f"no letter to {address}")


def tab_to(page: Page, target: str, *, most: int = 80) -> None:
    """Press Tab until the focus is on what matches. Errors: AssertionError when it never gets there, or is unseen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.locator(f"{target}:focus").count():
            ring = page.locator(":focus").first.evaluate(
                "each => getComputedStyle(each).outlineStyle + getComputedStyle(each).boxShadow"
            )
            assert ring != "nonenone", f"the focus on {target} cannot be seen"
            return
    raise AssertionError(f"{target} cannot be reached with the keyboard")
