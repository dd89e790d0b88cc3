"""People at screens: each has a browser of her own, as a phone, a tablet or a desk computer has.

What a page must never do is watched while they use it: an error in a script, something that the security policy
blocked, a request to anybody but this machine, an answer that says the server broke, an address that holds one of her
secrets.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

CHROMIUM: Final = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS: Final = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb")
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# What opens something: a cookie's parts that are no ids, and what a script sends in these headers.
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,}")
ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SECRET_HEADERS: Final = frozenset({"x-cart-secret", "x-order-secret"})

PHONE: Final = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL_PHONE: Final = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
TABLET: Final = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True}
DESK: Final = {"viewport": {"width": 1280, "height": 900}}


@dataclass
class Somebody:
    """One person's browser. `page` is what she looks at; `trouble` is what went wrong behind it."""

    url: str
    context: BrowserContext
    page: Page
    trouble: list[str] = field(default_factory=list)
    elsewhere: tuple[str, ...] = ()  # origins that her pages may lead to: the stream server, the payment page
    addresses: list[str] = field(default_factory=list)  # whatever was asked for
    secrets: set[str] = field(default_factory=set)  # whatever was sent beside it to be let in

    def goes(self, path: str) -> Page:
        """Open a page of ours and wait until it is there."""
        self.page.goto(f"{self.url}{path}")
        return self.page

    def watch(self, page: Page) -> None:
        """Note what goes wrong on a page from now on."""
        page.on("pageerror", lambda error: self.trouble.append(f"script: {error}"))
        page.on("console", self._heard)
        page.on("request", self._asked)
        page.on("response", self._answered)
        wire = self.context.new_cdp_session(page)  # only there do cookies stand that no script may read
        wire.on("Network.requestWillBeSentExtraInfo", lambda told: self._sent(told["headers"]))
        wire.send("Network.enable")

    def leaks(self) -> list[str]:
        """The addresses that one of her secrets stood in, in the path or behind it."""
        return [each for each in self.addresses if any(secret in each for secret in self.secrets)]

    def _heard(self, message: ConsoleMessage) -> None:
        # A refused call is shown by Chromium itself; whether it was expected is the test's business.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.trouble.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        self.addresses.append(unquote(request.url))
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme in {"http", "https"} and origin not in {self.url, *self.elsewhere}:
            self.trouble.append(f"asked elsewhere: {request.url}")

    def _sent(self, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            if name.lower() in SECRET_HEADERS:
                self.secrets.add(value)
            elif name.lower() == "cookie":
                values = [pair.partition("=")[2] for pair in value.split("; ")]
                found = [part for each in values for part in SECRET.findall(ID.sub("", unquote(each)))]
                self.secrets.update(found)

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.trouble.append(f"{response.status}: {response.url}")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Debian's chromium for as long as the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def somebody(
    browser: Browser,
    url: str,
    device: dict[str, Any],
    *,
    locale: str = "fi-FI",
    elsewhere: tuple[str, ...] = (),
    **more: Any,
) -> Iterator[Somebody]:
    """A person with an empty browser of her own. Errors: AssertionError at the end when something went wrong in it."""
    context = browser.new_context(**device, locale=locale, reduced_motion="reduce", **more)
    context.set_default_timeout(15_000)
    try:
        page = context.new_page()
        person = Somebody(url=url, context=context, page=page, elsewhere=elsewhere)
        person.watch(page)
        context.on("page", person.watch)
        yield person
        assert not person.trouble, person.trouble
        assert not person.leaks(), person.leaks()
    finally:
        context.close()


def breaches(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds against WCAG 2.1 AA on the page as it is now: rule, why, and the elements.

    With `rules` only those of them are looked at.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    which = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": RULES}
    found = page.evaluate(
        "which => axe.run(document, {runOnly: which, resultTypes: ['violations']})",
        which,
    )
    return [
        f"{breach['id']}: {breach['help']}: {[node['html'] for node in breach['nodes'][:3]]}"
        for breach in found["violations"]
    ]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window; 0 when nobody must scroll sideways.

    Not `innerWidth`: a phone zooms out of a page that is too wide, and then calls itself as wide as the page.
    """
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(0, wider)
