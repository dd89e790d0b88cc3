"""Looking at a page as it is: barriers (WCAG 2.1 AA, by axe), sideways scrolling, and targets too small for a thumb."""

from collections.abc import Sequence
from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.browser.people import breaches, overflow
from tests.browser.screens import shoot

# What docs/design.md promises of the tablet, in CSS pixels: how high each target is, and how wide at least.
TARGET_HIGH: Final = 56
KEY_HIGH: Final = 72
TARGET_WIDE: Final = 44

# What can be pressed or typed into, and is seen. The visible part of a label is what is pressed of its hidden box.
_TARGETS: Final = """
([high, key, wide]) => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((each) => each.checkVisibility({visibilityProperty: true}) && !each.closest(".unseen"))
  .map((each) => [each, each.getBoundingClientRect(), each.closest(".pad") ? key : high])
  .filter(([, box, least]) => box.height < least - 0.5 || box.width < wide - 0.5)
  .map(([each, box]) => `${each.outerHTML.slice(0, 90)} is ${Math.round(box.width)} x ${Math.round(box.height)}`)
"""


class Audit:
    """Looks at pages and notes what is wrong with them. `count` is how many looks there were."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self.count = 0

    def see(self, page: Page, name: str, *, screens: Sequence[dict[str, Any]]) -> None:
        """Look at the page on screens of each size; it is left on the first."""
        for screen in (*screens[1:], screens[0]):
            page.set_viewport_size(screen["viewport"])
            self.look(page, f"{name} {screen['viewport']['width']}")

    def look(self, page: Page, name: str) -> None:
        """One look in the light and, in Finnish, one in the dark, where only colours differ; of each a picture.

        The dark scheme changes colours alone (`test_the_dark_changes_nothing_but_colours`), and those know no language.
        """
        self.count += 1
        shoot(page, name)
        if overflow(page):
            self.found[f"{name} is too wide by"] = overflow(page)
        if broken := breaches(page):
            self.found[name] = broken
        if "/tablet/" in page.url and (small := small_targets(page)):
            self.found[f"{name} has small targets"] = small
        if not name.startswith("fi "):
            return
        page.emulate_media(color_scheme="dark")
        if not name.endswith(" 320"):
            shoot(page, f"dark {name}")
        if broken := breaches(page, rules=("color-contrast",)):
            self.found[f"{name}, in the dark"] = broken
        page.emulate_media(color_scheme="light")


def small_targets(page: Page) -> list[str]:
    """What can be pressed on this screen of the tablet and is smaller than `docs/design.md` says, with its size."""
    found: list[str] = page.evaluate(_TARGETS, [TARGET_HIGH, KEY_HIGH, TARGET_WIDE])
    return found


def wait_until_filled(page: Page) -> None:
    """Until what is busy has got its answer, and the clerk's screen is open."""
    expect(page.locator("h1").first).to_be_attached()
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
