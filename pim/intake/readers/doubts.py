"""Cells that can be read in two ways, or that a spreadsheet has spoiled: nobody guesses, the row is refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pim.intake.ports import Columns, KnownAttribute, Refused, Row
from pim.structure.rules import is_gtin

_AMOUNTS: Final = {"number", "metric", "price"}
_ERRORS: Final = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|#+)", re.IGNORECASE)
_FORMULA: Final = re.compile(r"=([A-Za-z][A-Za-z0-9.]*\(|\$?[A-Za-z]{1,3}\$?[0-9]|[0-9+\-('\"@])")
# A spreadsheet writes the plus; without it, `5E10` may be somebody's name for a thing.
_SHORTENED: Final = re.compile(r"[+-]?[0-9]([.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
_EXPONENT: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?E[+-]?[0-9]{1,3}", re.IGNORECASE)
_PLAIN: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_SEPARATED: Final = re.compile(r"[+-]?[0-9][0-9.,'’\u00a0\u202f ]*", re.ASCII)
_SHORT_DATE: Final = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-]([0-9]{2}|[0-9]{4})", re.ASCII)
_SUSPECTS: Final = frozenset("#=+-0123456789")
_LENGTHS: Final = (8, 12, 13, 14)  # of GTINs


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Why a cell is not read."""

    reason: str
    detail: str


def find_doubt(*, of_type: str, value: Any) -> Doubt | None:
    """What is doubtful in a value of this type, as a reader found it."""
    match value:
        case str():
            return _doubt(of_type, value.strip())
        case dict():
            parts = [value.get("amount")] if of_type == "metric" else list(value.values())
        case list():
            parts = value
        case _:
            return None
    doubts = (_doubt(of_type, part.strip()) for part in parts if isinstance(part, str))
    return next((doubt for doubt in doubts if doubt), None)


def _doubt(type_: str, text: str) -> Doubt | None:
    if text[:1] not in _SUSPECTS:
        return None
    spoiled = _EXPONENT if type_ in _AMOUNTS | {"gtin", "identifier"} else _SHORTENED
    if _ERRORS.fullmatch(text) or _FORMULA.match(text) or spoiled.fullmatch(text):
        return Doubt(
            reason="lossy_cell", detail=f"A spreadsheet wrote {text[:40]}: format the column as text."
        )
    if type_ == "gtin" and _lost_zeros(text):
        return Doubt(
            reason="lossy_cell", detail=f"{text} has lost the zeros it began with: format the column as text."
        )
    if type_ in _AMOUNTS and not _PLAIN.fullmatch(text) and _SEPARATED.fullmatch(text):
        return Doubt(
            reason="ambiguous_number", detail=f"{text} can be read in two ways; write it as in 1234.50."
        )
    if type_ == "date" and _SHORT_DATE.fullmatch(text):
        return Doubt(
            reason="ambiguous_date", detail=f"{text} can be read in two ways; write it as 2026-11-22."
        )
    return None


def _lost_zeros(text: str) -> bool:
    """Whether this is no GTIN, and would be one with zeros before it."""
    if not (text.isascii() and text.isdigit()) or len(text) in _LENGTHS:
        return False
    return any(is_gtin(text.zfill(length)) for length in _LENGTHS if length > len(text))


def refuse_doubtful(
    *, row: Row, key: str, attributes: Mapping[str, KnownAttribute], columns: Columns
) -> Iterator[Row | Refused]:
    """The row, or a refusal for each of its doubtful cells; `key` is the column of its code."""
    found = []
    if doubt := find_doubt(of_type="identifier", value=row.code):
        found.append((key, doubt))
    for attribute, by_channel in row.data["values"].items():
        of_type = attributes[attribute.lower()].type
        for channel, by_locale in by_channel.items():
            for locale, value in by_locale.items():
                if isinstance(value, str) and value[:1].isalpha():
                    continue  # nearly all texts
                if doubt := find_doubt(of_type=of_type, value=value):
                    found.append((columns.get((attribute, channel, locale), attribute), doubt))
    if not found:
        yield row
    for column, doubt in found:
        yield Refused(
            file=row.file,
            line=row.line,
            column=column,
            reason=doubt.reason,
            detail=doubt.detail,
            code=row.code,
        )
