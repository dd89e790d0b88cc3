"""The pictures of the README: `make screens` lets the browser tests keep what they see under `docs/screens/`."""

import os
from pathlib import Path

from playwright.sync_api import Page


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the window in the folder that `POLKU_SCREENS` names; nothing without one."""
    if folder := os.environ.get("POLKU_SCREENS"):
        page.screenshot(path=Path(folder) / f"{name}.jpg", type="jpeg", quality=70, scale="css")
