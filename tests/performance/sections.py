"""`docs/performance.md` is written by several commands: each replaces its own section and leaves the others'."""

import re
from pathlib import Path
from typing import Final

from config.servers import ROOT

PAGE: Final = ROOT / "docs" / "performance.md"
CHECKOUT: Final = "## A guest's whole checkout on invoice (W4)"
CHECKOUT_BY_CARD: Final = "## A guest's whole checkout by card (W4)"
IMPORTING: Final = "## How fast a catalogue comes in (W6)"
VISIBLE: Final = "## From publishing to being seen"
PEOPLE: Final = "## How soon people see a page"  # of `make bench-pages`
# In the order in which they stand behind what `bench` itself writes.
OF_OTHERS: Final = (CHECKOUT, CHECKOUT_BY_CARD, IMPORTING, VISIBLE, PEOPLE)


def section_of(page: Path, heading: str) -> str:
    """The section with its heading, up to the next one of its level; empty where there is none yet."""
    found = _pattern(heading).search(page.read_text()) if page.exists() else None
    return found[0].strip() + "\n" if found else ""


def put_section(page: Path, heading: str, text: str) -> None:
    """Replace the section by `text`, which begins with its heading; at the end where there is none yet."""
    before = page.read_text()
    text = text.strip() + "\n"
    if _pattern(heading).search(before):
        after = _pattern(heading).sub(lambda _: f"{text}\n", before)
    else:
        after = f"{before.rstrip()}\n\n{text}"
    page.write_text(after.rstrip() + "\n")


def _pattern(heading: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(heading)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
