"""What values are, and which are allowed.

A row's own values are `{attribute: {channel or "*": {locale or "*": value}}}`. What holds for one channel is
`{attribute: {locale or "*": value}}`: the channel's own word where there is one, else the word for all channels.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from config.kernel.errors import FieldError
from pim.structure.rules import (
    Limits,
    OverLimit,
    check_amount,
    check_day,
    check_file,
    check_text,
    is_gtin,
)

ANY: Final = "*"
_CHOSEN: Final = frozenset({"select", "multiselect"})
MAX_TEXT: Final = 255
MAX_TEXTAREA: Final = 65_536
MAX_PATH: Final = 500

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]
ChannelValues = dict[str, dict[str, Any]]

_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_UNWANTED: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]"
)  # all control characters but tab and newline


@dataclass(frozen=True, kw_only=True)
class Definition:
    """An attribute, as much of it as values are judged by; `options` and `units` are codes by their lower-case form."""

    code: str
    type: str
    localisable: bool
    scopable: bool
    unique: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    default_unit: str = ""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Values with every code in the case of its definition, and what is wrong with the rest."""

    values: dict[str, dict[str, dict[str, Any]]]
    errors: tuple[FieldError, ...]


class _Wrong(Exception):
    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail


def check_values(
    *,
    values: Values,
    definitions: Mapping[str, Definition],
    channels: Mapping[str, Sequence[str]],
    pointer: str = "/values",
) -> Checked:
    """Judge every value by its attribute's definition (by lower-case code) and the channels' locales (by code)."""
    known_locales = {locale for locales in channels.values() for locale in locales}
    kept: dict[str, dict[str, dict[str, Any]]] = {}
    errors: list[FieldError] = []
    for attribute, by_channel in values.items():
        definition = definitions.get(attribute.lower())
        for channel, by_locale in by_channel.items():
            locales = channels.get(channel, known_locales)
            held = {}
            for locale, value in by_locale.items():
                try:
                    if definition is None:
                        raise _Wrong("unknown_attribute", f"There is no attribute {attribute}.")
                    if channel != ANY:
                        _check_scope(definition, channel, channels)
                    if locale != ANY or definition.localisable:
                        _check_locale(definition, locale, locales)
                    held[locale] = _CHECKS[definition.type](definition, value)
                except (_Wrong, OverLimit) as wrong:
                    at = f"{pointer}/{attribute}/{channel}/{locale}"
                    errors.append(FieldError(pointer=at, code=wrong.code, detail=wrong.detail))
            if held and definition is not None:
                kept.setdefault(definition.code, {}).setdefault(channel, {}).update(held)
    return Checked(values=kept, errors=tuple(errors))


def _each(values: Values) -> Iterator[tuple[str, str, str, Any]]:
    for attribute, by_channel in values.items():
        for channel, by_locale in by_channel.items():
            for locale, value in by_locale.items():
                yield attribute, channel, locale, value


def _check_scope(definition: Definition, channel: str, channels: Mapping[str, Sequence[str]]) -> None:
    if not definition.scopable:
        raise _Wrong("not_scopable", f"{definition.code} is the same in every channel.")
    if channel not in channels:
        raise _Wrong("unknown_channel", f"There is no channel {channel}.")


def _check_locale(definition: Definition, locale: str, locales: Sequence[str] | set[str]) -> None:
    if definition.localisable and locale == ANY:
        raise _Wrong("locale_missing", f"{definition.code} needs a language.")
    if locale != ANY and not definition.localisable:
        raise _Wrong("not_localisable", f"{definition.code} is the same in every language.")
    if locale != ANY and locale not in locales:
        raise _Wrong("unknown_locale", f"Nobody reads {locale} here.")
    if locale != ANY and locale not in definition.limits.get("locales", (locale,)):
        raise _Wrong("unknown_locale", f"{definition.code} is not said in {locale}.")


def _check_boolean(definition: Definition, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("wrong_type", "It is true or false.")
    return value


def _check_day(definition: Definition, value: Any) -> str:
    day = _day(value)
    check_day(day=day, limits=definition.limits)
    return day


def _check_options(definition: Definition, value: Any) -> list[str]:
    return list(dict.fromkeys(_option(definition, each) for each in _list(value, "options")))


def _check_gallery(definition: Definition, value: Any) -> list[str]:
    return list(dict.fromkeys(_path(each, definition.limits) for each in _list(value, "paths")))


def _check_gtin(definition: Definition, value: Any) -> str:
    if not isinstance(value, str) or not is_gtin(value):
        raise _Wrong("wrong_gtin", "A GTIN has 8, 12, 13 or 14 digits, and the last one checks the others.")
    return value


def _list(value: Any, of: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _Wrong("wrong_type", f"It is a list of {of}.")
    return value


def _limited_text(value: Any, longest: int, limits: Limits) -> str:
    text = _text(value, longest)
    if limits:
        check_text(text=text, limits=limits)
    return text


def _amount(value: Any, limits: Limits) -> str:
    text = _matching(value, _NUMBER, "wrong_type", 'A number is written as text, "44.5".')
    if limits:
        check_amount(amount=text, limits=limits)
    return text


def _measure(definition: Definition, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) != {"amount", "unit"}:
        raise _Wrong("wrong_type", "A measure is an amount and a unit.")
    unit = value["unit"]
    if not isinstance(unit, str) or unit.lower() not in definition.units:
        raise _Wrong("unknown_unit", f"{definition.code} is not measured in {unit}.")
    return {"amount": _amount(value["amount"], definition.limits), "unit": definition.units[unit.lower()]}


def _prices(value: Any, limits: Limits) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise _Wrong("wrong_type", "Prices are amounts by currency.")
    if unknown := [each for each in value if not _CURRENCY.fullmatch(str(each))]:
        raise _Wrong("unknown_currency", f"{unknown[0]} is no currency's code.")
    return {currency: _amount(value[currency], limits) for currency in sorted(value)}


def _path(value: Any, limits: Limits) -> str:
    """A path below the media root: it may not lead out of it."""
    path = _text(value, MAX_PATH)
    if path.startswith("/") or "\\" in path or ".." in path.split("/"):
        raise _Wrong("unsafe_path", "The path leads out of the media.")
    check_file(path=path, limits=limits)
    return path


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("wrong_type", "It is a text, and not an empty one.")
    if len(value) > longest:
        raise _Wrong("too_long", f"It has at most {longest} characters.")
    if _UNWANTED.search(value):
        raise _Wrong("invalid_character", "It has a character that is no text.")
    return value.strip()


def _matching(value: Any, pattern: re.Pattern[str], code: str, detail: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _Wrong(code, detail)
    return value


def _day(value: Any) -> str:
    text = _matching(value, _DAY, "wrong_type", 'A day is written "2026-11-22".')
    try:
        date.fromisoformat(text)
    except ValueError:
        raise _Wrong("wrong_type", f"There is no day {text}.") from None
    return text


def _option(definition: Definition, value: Any) -> str:
    if not isinstance(value, str) or value.lower() not in definition.options:
        raise _Wrong("unknown_option", f"{definition.code} has no such option.")
    return definition.options[value.lower()]


_CHECKS: Final[Mapping[str, Callable[[Definition, Any], Any]]] = {
    "identifier": lambda definition, value: _limited_text(value, MAX_TEXT, definition.limits),
    "text": lambda definition, value: _limited_text(value, MAX_TEXT, definition.limits),
    "textarea": lambda definition, value: _limited_text(value, MAX_TEXTAREA, definition.limits),
    "number": lambda definition, value: _amount(value, definition.limits),
    "metric": _measure,
    "price": lambda definition, value: _prices(value, definition.limits),
    "boolean": _check_boolean,
    "date": _check_day,
    "select": _option,
    "multiselect": _check_options,
    "image": lambda definition, value: _path(value, definition.limits),
    "gallery": _check_gallery,
    "file": lambda definition, value: _path(value, definition.limits),
    "gtin": _check_gtin,
}


def find_fault(*, text: Any, longest: int) -> tuple[str, str] | None:
    """Why this is no text of at most that length, as code and sentence; None when it is one."""
    try:
        _text(text, longest)
    except _Wrong as wrong:
        return wrong.code, wrong.detail
    return None


def options_in(*, values: Values, definitions: Mapping[str, Definition]) -> set[tuple[str, str]]:
    """Every (attribute, option) that checked values name."""
    named: set[tuple[str, str]] = set()
    for attribute, by_channel in values.items():
        if definitions[attribute.lower()].type in _CHOSEN:
            for _, _, _, value in _each({attribute: by_channel}):
                named.update((attribute, option) for option in ([value] if isinstance(value, str) else value))
    return named


def identifiers_in(*, values: Values, definitions: Mapping[str, Definition]) -> set[tuple[str, str]]:
    """Every (attribute, value) of checked values that nobody else may say."""
    unique = {code: said for code, said in values.items() if definitions[code.lower()].unique}
    return {(attribute, str(value)) for attribute, _, _, value in _each(unique)}


def axis_key(*, axes: Sequence[str], values: Values) -> str:
    """What tells a variant from its siblings: `fabric=hiekka|legs=oak`, empty without axes.

    Errors: KeyError with the code of the axis that the values say nothing of.
    """
    return "|".join(f"{axis}={_axis_word(values[axis][ANY][ANY])}" for axis in axes)


def _axis_word(value: Any) -> str:
    """A measure tells variants apart by what it says: `24 INCH`."""
    return f"{value['amount']} {value['unit']}" if isinstance(value, dict) else str(value)


def inherited(*layers: Values) -> dict[str, dict[str, dict[str, Any]]]:
    """What the last layer says with all that it inherits: a lower layer's word for a channel and locale wins."""
    held: dict[str, dict[str, dict[str, Any]]] = {}
    for values in layers:
        for attribute, by_channel in values.items():
            into = held.setdefault(attribute, {})
            for channel, by_locale in by_channel.items():
                into[channel] = {**into.get(channel, {}), **by_locale}
    return held


def told_apart(*, shared: Values, layers: Sequence[Values]) -> dict[str, dict[str, dict[str, Any]]]:
    """Of every attribute that one of the lower layers speaks of, what holds there, the shared word included."""
    spoken_of = {attribute for values in layers for attribute in values}
    return inherited({code: said for code, said in shared.items() if code in spoken_of}, *layers)


def for_channel(*, values: Values, channel: str) -> ChannelValues:
    """What the values say in `channel`."""
    held: ChannelValues = {}
    for attribute, by_channel in values.items():
        common, own = by_channel.get(ANY), by_channel.get(channel)
        said = {**common, **own} if common and own else common or own
        if said:
            held[attribute] = dict(said)
    return held


def fallback_chain(*, locale: str, locales: Sequence[str]) -> tuple[str, ...]:
    """The locales in which a text is looked for when `locale` is asked for.

    Its own first, then those of the same language, then the channel's others in their order.
    """
    language = locale.partition("-")[0]
    return tuple(sorted(locales, key=lambda each: (each != locale, each.partition("-")[0] != language)))


def spoken(*, by_locale: Mapping[str, Any], chain: Sequence[str]) -> tuple[Any, str] | None:
    """The value for a reader and the locale it comes from; None when nobody said anything."""
    for locale in (*chain, ANY):
        if locale in by_locale:
            return by_locale[locale], locale
    return None
