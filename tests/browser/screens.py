"""The pictures of the README: `make screens` lets the browser tests keep what they see under `docs/screens/`."""

import os
import re
from pathlib import Path

from playwright.sync_api import Page

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the window in the folder that `POLKU_SCREENS` names; nothing without one.

    `name` may be a path and a width; numbers of orders are left out.
    """
    if folder := os.environ.get("POLKU_SCREENS"):
        name = re.sub(r"[^a-z0-9]+", "-", _ID.sub("order", name)).strip("-")
        page.screenshot(path=Path(folder) / f"{name}.jpg", type="jpeg", quality=60, scale="css")
