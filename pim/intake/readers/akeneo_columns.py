"""The columns of Akeneo's products: which cells together make one value, and how its words become ours."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pim.intake.ports import KnownAttribute
from pim.intake.readers.tables import refusal

_ANY: Final = "*"
_LINKS: Final = re.compile(r"(.+)-(products|product_models|groups)")
_FLAGS: Final = {"1": True, "0": False, "true": True, "false": False}


def locale(code: str) -> str:
    """BCP 47: `az_Cyrl_AZ` is `az-Cyrl-AZ`."""
    return code.strip().replace("_", "-")


def labels(cell: Mapping[str, str]) -> dict[str, str]:
    """The `label-…` columns that say something, by locale."""
    return {
        locale(name.removeprefix("label-")): said.strip()
        for name, said in cell.items()
        if name.startswith("label-") and said.strip()
    }


def flag(text: str) -> bool:
    """1 or 0; nothing is no."""
    return _FLAGS.get(text.strip().lower(), False)


def code_list(text: str) -> list[str]:
    """The codes between commas, each once."""
    return list(dict.fromkeys(code.strip() for code in text.split(",") if code.strip()))


def decimal_or_none(text: str) -> str | None:
    """A number as text, if there is one."""
    return text.strip() or None


@dataclass(frozen=True, kw_only=True)
class _Source:
    """The cells of one value: the place of the main one, and of those of its parts (unit, currencies)."""

    column: str
    attribute: KnownAttribute
    channel: str
    locale: str
    place: int = -1
    parts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a line of this header is read."""

    sources: Sequence[_Source]
    link_places: Sequence[tuple[int, str]]

    def values(self, cells: Sequence[str]) -> list[list[Any]]:
        """The cells of a line that say something, as the port wants them."""
        found = []
        for source in self.sources:
            value = _value(source, cells)
            if value is not None:
                found.append([source.column, source.attribute.code, source.channel, source.locale, value])
        return found

    def links(self, cells: Sequence[str]) -> dict[str, list[str]]:
        """Whom the line leads to, by the type of link."""
        found: dict[str, list[str]] = {}
        for place, kind in self.link_places:
            if cells[place]:
                found.setdefault(kind, []).extend(code_list(cells[place]))
        return found


def _value(source: _Source, cells: Sequence[str]) -> Any:
    text = cells[source.place].strip() if source.place >= 0 else ""
    match source.attribute.type:
        case "price":
            amounts = {currency: cells[place].strip() for currency, place in source.parts.items()}
            return {currency: amount for currency, amount in amounts.items() if amount} or None
        case _ if not text:
            return None
        case "metric":
            amount, _, unit = text.partition(" ")
            stated = cells[source.parts["unit"]].strip() if "unit" in source.parts else unit
            return {"amount": amount, "unit": stated}
        case "boolean":
            return _FLAGS.get(text.lower(), text)
        case "multiselect" | "gallery":
            return code_list(text)
        case _:
            return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What headers are understood by: the attributes and types of link by lower-case code, and the identifier.

    Columns of attributes whose definition was `refused` are passed over: that is said once, where they are defined.
    """

    attributes: Mapping[str, KnownAttribute]
    link_types: Collection[str]
    key: str
    refused: Collection[str] = ()

    def plan(self, *, file: str, header: Sequence[str], own: Collection[str]) -> Plan:
        """How to read lines of this header; `own` columns are the caller's. Errors: BadSource with the unknown ones."""
        sources: dict[tuple[str, str, str], _Source] = {}
        link_places, unknown = [], []
        for place, column in enumerate(header):
            if column in own:
                continue
            code, *parts = column.split("-")
            if code.lower() in self.refused:
                continue
            attribute = self.attributes.get(code.lower())
            if attribute is None:
                if (link := _LINKS.fullmatch(column)) is None:
                    unknown.append(column)
                elif link[2] != "groups":
                    link_places.append((place, link[1]))
                continue
            if not self._add(sources, attribute, column, parts, place):
                unknown.append(column)
        if unknown:
            raise refusal(file, "bad_header", f"Unknown columns: {', '.join(sorted(unknown))}.")
        return Plan(sources=list(sources.values()), link_places=link_places)

    def _add(
        self,
        sources: dict[tuple[str, str, str], _Source],
        attribute: KnownAttribute,
        column: str,
        parts: list[str],
        place: int,
    ) -> bool:
        """Note where a value is found; false when the column's name does not fit the attribute."""
        last = ""
        if attribute.type == "price" or (attribute.type == "metric" and parts[-1:] == ["unit"]):
            last = parts.pop() if parts else ""
        if len(parts) != attribute.localisable + attribute.scopable:
            return False
        said_in = locale(parts.pop(0)) if attribute.localisable else _ANY
        channel = parts.pop(0) if attribute.scopable else _ANY
        source = sources.get((attribute.code, channel, said_in))
        if source is None:
            source = _Source(column=column, attribute=attribute, channel=channel, locale=said_in)
        if last:
            source.parts[last] = place
        else:
            source = _Source(
                column=column,
                attribute=attribute,
                channel=channel,
                locale=said_in,
                place=place,
                parts=source.parts,
            )
        sources[attribute.code, channel, said_in] = source
        return True


def whole(cell: Mapping[str, str], column: str, otherwise: int) -> int:
    """A whole number, or another where the cell is empty. Errors: ValueError."""
    try:
        return int(cell.get(column, "") or otherwise)
    except ValueError:
        raise ValueError(f"{column}: It is a whole number.") from None
