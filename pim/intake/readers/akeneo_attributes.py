"""Akeneo's definitions of attributes: their types in our words, their limits, and what of them has no use here."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from pim.intake.readers.akeneo_columns import code_list, decimal_or_none, flag, locale, whole

_TYPES: Final = {
    "pim_catalog_identifier": "identifier",
    "pim_catalog_text": "text",
    "pim_catalog_textarea": "textarea",
    "pim_catalog_number": "number",
    "pim_catalog_metric": "metric",
    "pim_catalog_price_collection": "price",
    "pim_catalog_boolean": "boolean",
    "pim_catalog_date": "date",
    "pim_catalog_simpleselect": "select",
    "pim_catalog_multiselect": "multiselect",
    "pim_catalog_image": "image",
    "pim_catalog_file": "file",
}
_FILTERABLE: Final = {"select", "multiselect", "boolean", "number", "metric"}
_TEXTS: Final = {"identifier", "text", "textarea"}
# How its own screens are laid out, and what they put in first: nothing here does as they say.
_UNUSED: Final = (
    "auto_option_sorting",
    "default_value",
    "is_read_only",
    "minimum_input_length",
    "reference_data_name",
    "wysiwyg_enabled",
)
_DELIMITED: Final = re.compile(r"([/#~@!])(.+)\1([a-zA-Z]*)", re.DOTALL)
_LONGEST_PATTERN: Final = 200
# A repeated group that repeats inside itself, or refers back: matching it may take for ever.
_SLOW: Final = re.compile(r"\([^)]*[+*}][^)]*\)\s*[+*{]|\\[1-9]")


def attribute(cell: Mapping[str, str], position: int) -> dict[str, Any]:
    """The attribute as the port wants it. Errors: ValueError, with the column before a colon."""
    kind = _TYPES.get(cell["type"])
    if kind is None:
        raise ValueError(f"type: There is no type {cell['type']} here.")
    return {
        "type": kind,
        "group": cell.get("group", "").strip() or None,
        "localisable": flag(cell["localizable"]),
        "scopable": flag(cell["scopable"]),
        "unique": flag(cell.get("unique", "")) and kind != "identifier",
        "measurement_family": cell.get("metric_family", "").strip() or None,
        "default_unit": cell.get("default_metric_unit", "").strip(),
        "filterable": flag(cell.get("useable_as_grid_filter", "")) and kind in _FILTERABLE,
        "public": True,
        "limits": _limits(cell, kind),
        "position": whole(cell, "sort_order", position),
    }


def _limits(cell: Mapping[str, str], kind: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "max_characters": whole(cell, "max_characters", 0) or None,
        "min": _number(cell, "number_min"),
        "max": _number(cell, "number_max"),
        "earliest": (cell.get("date_min") or "")[:10] or None,
        "latest": (cell.get("date_max") or "")[:10] or None,
        "max_megabytes": _number(cell, "max_file_size"),
        "extensions": code_list(cell.get("allowed_extensions", "").lower()) or None,
        "locales": [locale(each) for each in code_list(cell.get("available_locales", ""))] or None,
    }
    if kind in _TEXTS:
        said |= _form(cell)
    if kind in {"number", "metric", "price"}:
        for ours, theirs in (("decimals", "decimals_allowed"), ("negative", "negative_allowed")):
            if cell.get(theirs) == "0":
                said[ours] = False
    return {name: value for name, value in said.items() if value is not None}


def _number(cell: Mapping[str, str], column: str) -> str | None:
    said = decimal_or_none(cell.get(column, ""))
    try:
        return said and str(Decimal(said))
    except InvalidOperation:
        raise ValueError(f"{column}: It is a number.") from None


def _form(cell: Mapping[str, str]) -> dict[str, str]:
    """What `validation_rule` asks of texts, as far as it can be asked here."""
    match cell.get("validation_rule", "").strip():
        case "email" | "url" as form:
            return {"form": form}
        case "regexp" if pattern := _pattern(cell.get("validation_regexp", "").strip()):
            return {"pattern": pattern}
    return {}


def _pattern(written: str) -> str | None:
    """A regular expression between delimiters, in our words; None for one that cannot be matched, or not quickly."""
    delimited = _DELIMITED.fullmatch(written)
    if delimited is None or len(written) > _LONGEST_PATTERN or _SLOW.search(written):
        return None
    _, pattern, flags = delimited.groups()
    if set(flags) - set("iu"):
        return None
    # it says where it must begin and end; here the whole text is matched
    begins, ends = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    inner = pattern.removeprefix("^")
    inner = inner[:-1] if ends else inner
    said = f"{'(?i)' if 'i' in flags else ''}{'' if begins else '.*'}(?:{inner}){'' if ends else '.*'}"
    try:
        re.compile(said)
    except re.error:
        return None
    return said


def unused_in(cell: Mapping[str, str]) -> Iterator[str]:
    """The columns of a line that say something to which nothing here gives effect."""
    for column in _UNUSED:
        if cell.get(column, "").strip() not in {"", "0"}:
            yield column
    asked = cell.get("validation_rule", "").strip()
    if (asked or cell.get("validation_regexp", "").strip()) and not _form(cell):
        yield "validation_rule"


ATTRIBUTE_COLUMNS: Final = frozenset(
    {
        "allowed_extensions",
        "auto_option_sorting",
        "available_locales",
        "date_max",
        "date_min",
        "decimals_allowed",
        "default_metric_unit",
        "default_value",
        "group",
        "is_read_only",
        "localizable",
        "max_characters",
        "max_file_size",
        "metric_family",
        "minimum_input_length",
        "negative_allowed",
        "number_max",
        "number_min",
        "reference_data_name",
        "scopable",
        "sort_order",
        "type",
        "unique",
        "useable_as_grid_filter",
        "validation_regexp",
        "validation_rule",
        "wysiwyg_enabled",
    }
)
