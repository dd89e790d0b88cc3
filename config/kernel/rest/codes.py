"""Every stable code of a problem, in one place: those of refusals, and those of single fields.

Clients branch on codes, so a code is never renamed. `docs/problems.md` is written from here, and a test finds a code
that is missing there.
"""

import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from django.apps import apps
from django.conf import settings

from config.kernel.errors import InvalidInput, NotFound, Refusal

FIELD_CODES: Final[dict[str, str]] = {
    "bad_header": "A table's header lacks a column, has one twice, or one that is not known.",
    "bad_table": "A file is no table of cells between delimiters.",
    "blank": "A text is empty.",
    "empty_file": "A file has not even a header.",
    "invalid": "The value is not of the kind that is asked for.",
    "invalid_amount": "The value is no sum, such as 10.00.",
    "invalid_character": "A text holds a control character or one that turns the writing direction.",
    "invalid_choice": "The value is none of those that are known.",
    "invalid_country": "The country is no code of ISO 3166-1 alpha-2, in capitals.",
    "invalid_email": "The value is no e-mail address.",
    "invalid_id": "The id is no UUID in its usual form.",
    "invalid_last_event_id": "The event a stream should go on from is no position.",
    "invalid_page": "`limit`, `page` or `after` does not name a page of this list.",
    "invalid_phone": "Nobody can be called under this telephone number.",
    "invalid_postcode": "The postcode is not one.",
    "invalid_quantity": "A quantity is a JSON integer from 1 to 999.",
    "invalid_swatch": "A swatch is neither a colour nor the path of a picture.",
    "locale_missing": "The attribute differs by language, and the value names none.",
    "missing": "Something is missing that cannot be done without.",
    "negative": "A number is below zero, and the attribute's may not be.",
    "not_a_boolean": "The value must be true or false.",
    "not_a_list": "The value must be a JSON array.",
    "not_a_text": "The value must be a JSON string.",
    "not_an_integer": "The value must be a JSON integer.",
    "not_an_object": "The value must be a JSON object.",
    "not_localisable": "The attribute is the same in every language.",
    "not_scopable": "The attribute is the same in every channel.",
    "not_unique": "Two things that must differ are alike.",
    "not_whole": "A number has decimals, and the attribute's may not.",
    "null": "The value may not be null.",
    "out_of_range": "A day is outside the attribute's range.",
    "required": "A field is missing.",
    "too_few": "A list has too few items.",
    "too_large": "A number is above its limit.",
    "too_long": "A text is too long.",
    "too_many": "A list has too many items.",
    "too_many_lines": "A cart has more lines than it can hold.",
    "too_short": "A text is too short.",
    "too_small": "A number is below its limit.",
    "unknown_attribute": "There is no attribute of that code.",
    "unknown_category": "There is no category of that code.",
    "unknown_channel": "There is no channel of that code.",
    "unknown_currency": "The value is no code of ISO 4217.",
    "unknown_field": "The request has a field that this route does not know.",
    "unknown_filter": "The request has a parameter, or a value of `sort`, that this list does not know.",
    "unknown_format": "No reader knows this kind of set.",
    "unknown_locale": "The language is none of this market's.",
    "unknown_market": "Neither the key nor the host names a market.",
    "unknown_option": "The attribute has no such option.",
    "unknown_set": "There is no set of that name among the imports.",
    "unknown_unit": "The attribute is not measured in that unit.",
    "unsafe_path": "A path leads out of its place.",
    "wrong_delimiter": "A table's cells stand between other delimiters than the format's.",
    "wrong_encoding": "A file is not in the encoding that it seems to be in.",
    "wrong_extension": "The file is of none of the kinds that the attribute takes.",
    "wrong_gtin": "A GTIN has the wrong number of digits, or the wrong check digit.",
    "wrong_type": "The value is not of the attribute's type.",
}

# What DRF calls them.
_RENAMED: Final = {
    "does_not_exist": "invalid_choice",
    "empty": "too_few",
    "max_length": "too_long",
    "max_string_length": "too_large",
    "max_value": "too_large",
    "min_length": "too_short",
    "min_value": "too_small",
    "null_characters_not_allowed": "invalid_character",
    "surrogate_characters_not_allowed": "invalid_character",
}


def stable_code(code: str | None) -> str:
    """Our name of a field's error, given DRF's; `invalid` for one that has no name in the list."""
    code = _RENAMED.get(code or "", code or "")
    return code if code in FIELD_CODES else "invalid"


@cache
def refusals() -> tuple[type[Refusal], ...]:
    """Every refusal that a request may meet, by code. Imports every module of the house to know them all."""
    _import_every_module()
    found = {kind for kind in _subclasses(Refusal) if kind.__module__.split(".")[0] in _rooms()}
    return tuple(sorted(found, key=lambda kind: (kind.code, kind.__name__)))


def _subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


def _rooms() -> set[str]:
    """The top-level packages of the house."""
    return {app.name.split(".")[0] for app in apps.get_app_configs() if _is_ours(app.path)}


def _is_ours(path: str) -> bool:
    home = Path(settings.BASE_DIR)
    return home in Path(path).parents and "site-packages" not in Path(path).parts


def _import_every_module() -> None:
    for app in apps.get_app_configs():
        if _is_ours(app.path):
            for module in pkgutil.walk_packages([app.path], f"{app.name}."):
                if ".migrations" not in module.name:
                    import_module(module.name)


def meaning(kind: type[Refusal]) -> str:
    """The refusal's docstring as one paragraph."""
    return " ".join((inspect.getdoc(kind) or kind.title).split())


def markdown() -> str:
    """`docs/problems.md`: every code with its status and meaning."""
    lines = [
        "# Problems",
        "",
        "An error is `application/problem+json` (RFC 9457). `code` is stable: branch on it. `detail` is for people,",
        "`request_id` for our log. What is wrong with single fields stands in `errors[]`, each with a JSON pointer",
        "(`?name` for a parameter); when all of them agree, their code is the problem's, else `invalid_input`.",
        "",
        "## What a request may be refused with",
        "",
        "| code | status | when |",
        "|---|---|---|",
        *(f"| `{kind.code}` | {kind.status} | {meaning(kind)} |" for kind in refusals()),
        "",
        "## What may be wrong with a field (status 400, unless the refusal says otherwise)",
        "",
        "| code | when |",
        "|---|---|",
        *(f"| `{code}` | {title} |" for code, title in sorted(FIELD_CODES.items())),
    ]
    return "\n".join(lines) + "\n"


def describe(code: str) -> str:
    """One code in words: what a problem's `type` points to. Errors: NotFound."""
    for kind in refusals():
        if kind.code == code:
            return f"{kind.title}\n\nstatus {kind.status}, code {code}\n\n{meaning(kind)}\n"
    if code in FIELD_CODES:
        return f"{FIELD_CODES[code]}\n\nstatus {InvalidInput.status}, code {code}\n"
    raise NotFound
