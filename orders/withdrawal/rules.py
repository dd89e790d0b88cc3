"""What a withdrawal covers, and how it is worded.

The statement follows the model form of directive 2011/83/EU (annex I part B) in the buyer's language. Which goods it
covers: all that are not in a return yet, but those which the law excludes (article 16).
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

TEXTS: Final = Path(__file__).resolve().parent / "texts"
LANGUAGES: Final = ("fi", "sv", "en")
_OTHERWISE: Final = "en"


@dataclass(frozen=True, kw_only=True)
class OrderedLine:
    """A line of the order: units ordered, units that left, units in returns; `excluded` is why none can come back."""

    line_id: UUID
    name: str
    quantity: int
    left: int
    back: int
    excluded: str


@dataclass(frozen=True, kw_only=True)
class CoveredLine:
    """Units of a line that the withdrawal covers: `left` of them come back, the others need not leave."""

    line_id: UUID
    name: str
    quantity: int
    left: int


def covered(*, lines: Iterable[OrderedLine]) -> tuple[CoveredLine, ...]:
    """What a withdrawal covers now; nothing when all of it is excluded or in returns."""
    return tuple(
        CoveredLine(
            line_id=line.line_id,
            name=line.name,
            quantity=line.quantity - line.back,
            left=line.left - line.back,
        )
        for line in lines
        if not line.excluded and line.quantity > line.back
    )


@dataclass(frozen=True, kw_only=True)
class Stating:
    """Who states what when. `ordered_at` is empty and `covers` too where no order is known."""

    order_number: str
    name: str
    email: str
    locale: str
    covers: Sequence[CoveredLine]
    ordered_at: datetime | None
    stated_at: datetime | None
    zone: ZoneInfo


def statement(*, stating: Stating) -> str:
    """The statement's text; without its moment while it is a draft."""
    words = _words(stating.locale)
    language = _language(stating.locale)
    lines = [words["statement"], ""]
    lines += [f"- {line.quantity} × {_one_line(line.name)}" for line in stating.covers] or [
        f"- {words['everything']}"
    ]
    lines += ["", words["order"].format(number=_one_line(stating.order_number))]
    if stating.ordered_at is not None:
        day = format_date(stating.ordered_at.astimezone(stating.zone).date(), "long", locale=language)
        lines.append(words["ordered"].format(day=day))
    lines.append(words["name"].format(name=_one_line(stating.name)))
    lines.append(words["email"].format(email=_one_line(stating.email)))
    if stating.stated_at is not None:
        moment = format_datetime(stating.stated_at, "long", tzinfo=stating.zone, locale=language)
        lines.append(words["stated"].format(moment=moment))
    return "\n".join(lines)


def _one_line(text: str) -> str:
    """What somebody typed, so that it cannot look like a line of the statement."""
    return " ".join(text.split())


def _language(locale: str) -> str:
    language = locale.split("-", maxsplit=1)[0].lower()
    return language if language in LANGUAGES else _OTHERWISE


def _words(locale: str) -> Mapping[str, str]:
    return _read(_language(locale))


@cache
def _read(language: str) -> Mapping[str, str]:
    return tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))
