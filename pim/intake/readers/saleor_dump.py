"""Saleor's dumps: the records of a file, and how their words become ours."""

import html
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from pim.intake.readers.tables import refusal, require_inside

LOCALE: Final = "en"  # of texts that are no translations

_UNITS: Final = {"g": "GRAM", "kg": "KILOGRAM", "lb": "POUND", "oz": "OUNCE", "tonne": "TON"}
_TAG: Final = re.compile(r"<[^>]*>")
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)


Values = dict[str, dict[str, dict[str, Any]]]  # as the port has them


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record of the dump, and the line it begins at."""

    line: int
    pk: Any
    fields: Mapping[str, Any]


@dataclass(kw_only=True)
class Dump:
    """The whole dump, by model; small, since it has neither orders nor customers."""

    file: str
    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[tuple[str, str], dict[Any, list[Record]]] = field(default_factory=dict)

    def by_key(self, model: str) -> dict[Any, Record]:
        """The records of a model by their keys."""
        return {record.pk: record for record in self.records[model]}

    def grouped(self, model: str, name: str) -> dict[Any, list[Record]]:
        """The records of a model by what they say in field `name`, in their own order."""
        if (model, name) not in self.groups:
            groups = self.groups[model, name] = defaultdict(list)
            for record in sorted(self.records[model], key=_order):
                groups[record.fields.get(name)].append(record)
        return self.groups[model, name]


def find_dump(place: Path) -> Path | None:
    """The first file that begins as dumps do."""
    for path in [place] if place.is_file() else sorted(place.glob("*.json")):
        with path.open("rb") as opened:
            start = opened.read(4096)
        if start.lstrip()[:1] == b"[" and b'"model"' in start and b'"fields"' in start:
            return path
    return None


def load_dump(path: Path) -> Dump:
    """Every record of the file. Errors: BadSource when it is no UTF-8, or no list of records."""
    require_inside(path=path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise refusal(path.name, "wrong_encoding", "It is not UTF-8.") from None
    if "\\u0000" in text:
        raise refusal(path.name, "bad_json", "It has a character that is no text.")
    dump, decoder = Dump(file=path.name), json.JSONDecoder()
    place, line = text.index("[") + 1, 1
    while (begins := _skip(text, place)) < len(text) and text[begins] != "]":
        line += text.count("\n", place, begins)
        try:
            told, place = decoder.raw_decode(text, begins)
            record = Record(line=line, pk=told["pk"], fields=told["fields"])
            dump.records[told["model"]].append(record)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise refusal(path.name, "bad_json", f"Line {line} begins no record of a dump.") from None
        line += text.count("\n", begins, place)
    return dump


def _skip(text: str, place: int) -> int:
    """Where the next record begins, or the list ends."""
    while place < len(text) and text[place] in " \t\r\n,":
        place += 1
    return place


def _order(record: Record) -> tuple[int, int]:
    order = record.fields.get("sort_order")
    return (order if order is not None else 1 << 30, record.pk)


def labels(text: str) -> dict[str, str]:
    """The text in the language of texts that are no translations."""
    return {LOCALE: text}


def value_of(type_: str, values: Sequence[Mapping[str, Any]]) -> Any:
    """What the records of one attribute's values say together."""
    first = values[0]
    match type_:
        case "select":
            return first["slug"]
        case "multiselect":
            return [value["slug"] for value in values]
        case "boolean":
            return first["boolean"]
        case "date":
            return str(first["date_time"])[:10] if first["date_time"] else None
        case "file":
            return first["file_url"] or None
        case "textarea":
            return text_of(first["rich_text"]) or first.get("plain_text") or None
        case _:
            return first["name"] or None


def weight(text: str | None) -> Values:
    """What `1000.0:g` says; a weight of nothing is none."""
    amount, _, unit = (text or "").partition(":")
    try:
        number = Decimal(amount)
    except InvalidOperation:
        return {}
    if not number:
        return {}
    # a whole number without its `.0`, and never as 1E+3
    stated = {"amount": format(number.normalize(), "f"), "unit": _UNITS.get(unit, unit)}
    return {"weight": {"*": {"*": stated}}}


def text_of(told: Any) -> str:
    """The text of an editor's blocks, without its marks."""
    blocks = told.get("blocks", []) if isinstance(told, dict) else []
    parts = []
    for block in blocks:
        data = block.get("data", {})
        if isinstance(items := data.get("items"), list):
            parts.append("\n".join(f"- {_plain(str(item))}" for item in items))
        elif text := data.get("text"):
            parts.append(_plain(text))
    return "\n\n".join(part for part in parts if part)


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", text))).replace("\xa0", " ").strip()
