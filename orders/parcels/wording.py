"""What people read about where a parcel is, in their language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from orders.parcels.rules import ParcelState

LANGUAGES: Final = ("fi", "sv", "en")
_FALLBACK: Final = "en"


def language_of(*, locale: str) -> str:
    """The language we speak that a BCP 47 tag asks for; English for those we do not speak."""
    language = locale.lower().partition("-")[0]
    return language if language in LANGUAGES else _FALLBACK


def text_of(*, state: ParcelState, language: str) -> str:
    """One sentence about a parcel in this state."""
    return _texts()[state.value][language]


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((Path(__file__).parent / "texts.toml").read_text())
