"""The columns of Akeneo's products: which cells together make one value, and how its words become ours."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pim.intake.ports import Columns as NamedColumns
from pim.intake.ports import Kind, KnownAttribute, Row
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
    """How a line of this header is read. `sources` are (attribute, channel, the sources of its values by locale).

    `group_places` are of links to groups of products, which a catalogue here does not have: they are only counted.
    """

    sources: Sequence[tuple[str, str, Sequence[tuple[str, _Source]]]]
    link_places: Sequence[tuple[int, str]]
    group_places: Sequence[int]
    columns: NamedColumns

    def values(self, cells: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
        """What the cells of a line say, as the port wants it."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for attribute, channel, sources in self.sources:
            said = {
                locale: value for locale, source in sources if (value := _value(source, cells)) is not None
            }
            if said:
                found.setdefault(attribute, {})[channel] = said
        return found

    def told(self, *, file: str) -> Row:
        """What the columns are called, as a row of their own."""
        called = [[*place, column] for place, column in self.columns.items() if column != place[0]]
        return Row(kind=Kind.COLUMNS, file=file, line=1, code=file, data={"columns": called})

    def links(self, cells: Sequence[str]) -> dict[str, list[str]]:
        """Whom the line leads to, by the type of link."""
        found: dict[str, list[str]] = {}
        for place, kind in self.link_places:
            if cells[place]:
                found.setdefault(kind, []).extend(code_list(cells[place]))
        return found

    def links_to_groups(self, cells: Sequence[str]) -> int:
        """How many groups the line leads to."""
        return sum(len(code_list(cells[place])) for place in self.group_places if cells[place])


def _value(source: _Source, cells: Sequence[str]) -> Any:
    text = cells[source.place].strip() if source.place >= 0 else ""
    if (read := _READ.get(source.attribute.type)) is not None:
        return read(source, cells, text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text or None


def _prices(source: _Source, cells: Sequence[str], text: str) -> Any:
    amounts = {currency: cells[place].strip() for currency, place in source.parts.items()}
    return {currency: amount for currency, amount in amounts.items() if amount} or None


def _measure(source: _Source, cells: Sequence[str], text: str) -> Any:
    if not text:
        return None
    amount, _, unit = text.partition(" ")
    stated = cells[source.parts["unit"]].strip() if "unit" in source.parts else unit
    return {"amount": amount, "unit": stated}


def _boolean(source: _Source, cells: Sequence[str], text: str) -> Any:
    return _FLAGS.get(text.lower(), text) if text else None


def _several(source: _Source, cells: Sequence[str], text: str) -> Any:
    return code_list(text) if text else None


# By type of attribute, where a cell is not simply a text.
_READ: Final[Mapping[str, Callable[[_Source, Sequence[str], str], Any]]] = {
    "price": _prices,
    "metric": _measure,
    "boolean": _boolean,
    "multiselect": _several,
    "gallery": _several,
}


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
        link_places, group_places, unknown = [], [], []
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
                elif link[2] == "groups":
                    group_places.append(place)
                else:
                    link_places.append((place, link[1]))
                continue
            if not self._add(sources, attribute, column, parts, place):
                unknown.append(column)
        if unknown:
            raise refusal(file, "bad_header", f"Unknown columns: {', '.join(sorted(unknown))}.")
        return Plan(
            sources=_grouped(sources),
            link_places=link_places,
            group_places=group_places,
            columns={place: source.column for place, source in sources.items()},
        )

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


def _grouped(
    sources: Mapping[tuple[str, str, str], _Source],
) -> list[tuple[str, str, Sequence[tuple[str, _Source]]]]:
    by_channel: dict[tuple[str, str], list[tuple[str, _Source]]] = {}
    for (attribute, channel, said_in), source in sources.items():
        by_channel.setdefault((attribute, channel), []).append((said_in, source))
    return [(attribute, channel, spoken) for (attribute, channel), spoken in by_channel.items()]


def whole(cell: Mapping[str, str], column: str, otherwise: int) -> int:
    """A whole number, or another where the cell is empty. Errors: ValueError."""
    try:
        return int(cell.get(column, "") or otherwise)
    except ValueError:
        raise ValueError(f"{column}: It is a whole number.") from None
