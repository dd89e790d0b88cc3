"""What there is to tell, in which language, and what a message about it is made of. Texts stand in `texts/`.

A message is composed once, from facts and the words of a language, and then written twice: as plain text and as HTML.
So both say the same. Whatever comes from people or carriers becomes one line before it is put into a sentence.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date, format_datetime

from config.kernel.money import Money

TEXTS: Final = Path(__file__).resolve().parent / "texts"
LANGUAGES: Final = ("fi", "sv", "en")
OTHERWISE: Final = "en"


class NoticeKind(StrEnum):
    """The steps at which the buyer is told something."""

    PLACED = "placed"
    PAID = "paid"
    PAYMENT_FAILED = "payment_failed"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    ESTIMATE_CHANGED = "estimate_changed"
    RETURN_ANNOUNCED = "return_announced"
    RETURN_RECEIVED = "return_received"
    REFUNDED = "refunded"
    WITHDRAWAL_RECEIVED = "withdrawal_received"


# What a parcel's state is to its buyer; the others are told on the tracking page alone.
OF_PARCEL: Final[Mapping[str, NoticeKind]] = {
    "dispatched": NoticeKind.SHIPPED,
    "out_for_delivery": NoticeKind.OUT_FOR_DELIVERY,
    "ready_for_pickup": NoticeKind.READY_FOR_PICKUP,
    "delivered": NoticeKind.DELIVERED,
    "failed": NoticeKind.DELIVERY_FAILED,
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a message is about. `variant` chooses between the texts of one kind: how it is paid, why it was cancelled.

    `rows` are facts by the name of their label in `[labels]`; a value is a text, a day, a moment or a sum. `quoted` is
    a text that is shown as it is, line by line.
    """

    kind: NoticeKind
    variant: str
    language: str
    time_zone: str
    number: str
    name: str
    items: tuple[tuple[int, str], ...]
    rows: tuple[tuple[str, str | date | datetime | Money], ...]
    link: str
    quoted: str = ""
    values: Mapping[str, str | date | datetime | Money] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message in one language, ready to be written as text or as HTML."""

    language: str
    subject: str
    heading: str
    greeting: str
    paragraphs: tuple[str, ...]
    items_label: str
    items: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    quoted: tuple[str, ...]
    next_label: str
    next_step: str
    link_label: str
    link: str
    footer: str


class MissingWords(LookupError):
    """A text is missing in a language: a mistake in `texts/`."""


def language_of(*, locale: str) -> str:
    """The language in which somebody with that locale (BCP 47) is written to; English where hers is not spoken."""
    language = locale.split("-", maxsplit=1)[0].lower()
    return language if language in LANGUAGES else OTHERWISE


def compose(*, facts: Facts) -> Message:
    """The message in the facts' language. Errors: MissingWords."""
    words = read_words(language=facts.language)
    common = _section(words, "common")
    labels = _section(words, "labels")
    said = _section(words, str(facts.kind))
    if facts.variant:
        said = {**said, **_section(said, facts.variant)}
    values = {
        "number": _one_line(facts.number),
        "name": _one_line(facts.name),
        **{name: _written(value, facts) for name, value in facts.values.items()},
    }

    def say(key: str) -> str:
        try:
            return str(said[key]).format_map(values)
        except KeyError as missing:
            raise MissingWords(
                f"{facts.language}: {facts.kind}.{facts.variant}.{key}: {missing}"
            ) from missing

    try:
        rows = tuple((str(labels[name]), _written(value, facts)) for name, value in facts.rows)
    except KeyError as missing:
        raise MissingWords(f"{facts.language}: labels: {missing}") from missing
    return Message(
        language=facts.language,
        subject=say("subject"),
        heading=say("heading"),
        greeting=str(common["greeting"]).format_map(values),
        paragraphs=(say("text"),),
        items_label=str(common["items"]),
        items=tuple(f"{quantity} × {_one_line(name)}" for quantity, name in facts.items),
        rows=rows,
        quoted=tuple(facts.quoted.splitlines()),
        next_label=str(common["next"]),
        next_step=say("next"),
        link_label=str(common["link"]),
        link=facts.link,
        footer=str(common["footer"]).format_map(values),
    )


def as_text(*, message: Message) -> str:
    """The message as plain text."""
    parts = [message.heading, message.greeting, *message.paragraphs]
    if message.quoted:
        parts.append("\n".join(f"> {line}" if line else ">" for line in message.quoted))
    if message.items:
        parts.append("\n".join([message.items_label, *(f"- {item}" for item in message.items)]))
    if message.rows:
        parts.append("\n".join(f"{label}: {value}" for label, value in message.rows))
    parts.append(f"{message.next_label}: {message.next_step}")
    parts.append(f"{message.link_label}:\n{message.link}")
    parts.append(message.footer)
    return "\n\n".join(parts) + "\n"


def read_words(*, language: str) -> Mapping[str, Any]:
    """All texts of a language."""
    return _read(language)


@cache
def _read(language: str) -> Mapping[str, Any]:
    return tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))


def _section(words: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = words.get(name)
    if not isinstance(section, Mapping):
        raise MissingWords(f"there is no [{name}]")
    return section


def _written(value: str | date | datetime | Money, facts: Facts) -> str:
    """A value as people of that language write it."""
    match value:
        case Money():
            return value.written(facts.language)
        case datetime():
            return format_datetime(value, "long", tzinfo=facts.time_zone, locale=facts.language)  # type: ignore[arg-type]
        case date():
            return format_date(value, "full", locale=facts.language)
    return _one_line(value)


def _one_line(text: str) -> str:
    """Without line breaks and control characters, which would begin a header or a line of our own."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
