"""Reading what a client sent: every field is declared, and what is not declared is refused.

A value must already be of its JSON type; `"2"` is no quantity and `1` no flag. Codes are those of
`config.kernel.rest.codes`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, Final
from uuid import UUID

from babel.core import get_global
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import EmailValidator
from rest_framework import serializers
from rest_framework.request import Request

from config.kernel.errors import FieldError, InvalidInput
from config.kernel.rest.codes import stable_code

_MAX_INTEGER: Final = 2**63 - 1

# Control characters, and those that set or override the writing direction: they make one text look like another. Marks
# (RLM, LRM) and joiners stay, for names and emoji need them. Written so that the OpenAPI description can say it too.
_UNWRITTEN: Final = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069"
_LINE_BREAKS: Final = r"\u0009\u000a\u2028\u2029"
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_POSTCODE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 -]{0,10}[A-Za-z0-9])?")
_DIGITS: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_EMAIL: Final = EmailValidator(allowlist=[])

# Territories of CLDR that are no country of ISO 3166-1, or no longer.
_NO_COUNTRY: Final = re.compile("AC|AN|BU|CP|CS|DD|DG|EA|EU|IC|SU|TA|TP|XK|YD|YU|ZR|ZZ")
COUNTRIES: Final = frozenset(
    code for code in get_global("territory_currencies") if len(code) == 2 and not _NO_COUNTRY.fullmatch(code)
)

# Other APIs' words for pages, so that their users are told what is wrong.
_PAGING_WORDS: Final = frozenset(
    {"offset", "page_size", "per_page", "page_number", "cursor", "before", "start"}
)


class Input(serializers.Serializer[Any]):
    """The body of a request: subclasses declare its fields. Unknown fields are refused by name."""

    unknown_code = "unknown_field"
    pointer_prefix = ""

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """The validated fields of the request's body. Errors: InvalidInput with everything that is wrong."""
        return cls._read(request.data)

    @classmethod
    def _read(cls, data: Any) -> dict[str, Any]:
        reader = _reader_of(cls)
        try:
            return dict(reader.run_validation(data))
        except serializers.ValidationError as error:
            raise InvalidInput(_field_errors(error.detail, reader, cls.pointer_prefix))

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(name for name, field in self.fields.items() if not field.read_only)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("This must be a JSON object.", code="not_an_object")
        declared = self._declared
        errors: dict[str, Any] = {
            name[:100]: [serializers.ErrorDetail(self._unknown(name[:100]), self.code_of_unknown(name))]
            for name in data
            if name not in declared
        }
        value = None
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            assert isinstance(error.detail, dict)
            errors |= error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return value

    def code_of_unknown(self, name: str) -> str:
        """Which code a name gets that is not declared."""
        return self.unknown_code

    def _unknown(self, name: str) -> str:
        return f"{name!r} is not known here."


@cache
def _reader_of(kind: type[Input]) -> Input:
    """One reader for all requests: fields keep nothing of what they read, and making them takes longer than reading."""
    return kind()


class NoInput(Input):
    """For routes that take no body: an absent or empty one."""


class Query(Input):
    """The parameters after the `?`. Each is one string; unknown and repeated ones are refused."""

    unknown_code = "unknown_filter"
    pointer_prefix = "?"

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """The validated parameters. Errors: InvalidInput with everything that is wrong."""
        given = request.query_params
        if not given:
            return dict(_nothing_given(cls))
        if repeated := [name for name in given if len(given.getlist(name)) > 1]:
            raise InvalidInput(
                FieldError(
                    pointer=f"?{name[:100]}", code="unknown_filter", detail=f"{name[:100]!r} is repeated."
                )
                for name in repeated
            )
        return cls._read({name: given[name] for name in given})

    @classmethod
    def of_words(cls, words: Mapping[str, str]) -> dict[str, Any]:
        """The same for parameters that a page has read. Errors: InvalidInput with everything that is wrong."""
        return cls._read(dict(words))

    def code_of_unknown(self, name: str) -> str:
        """Another API's word for a page is an invalid page."""
        return "invalid_page" if name in _PAGING_WORDS else self.unknown_code


@cache
def _nothing_given(kind: type[Query]) -> dict[str, Any]:
    """What is read of no parameters at all: the defaults, which are values."""
    return kind._read({})


class NoQuery(Query):
    """For routes that take no parameters."""


def _field_errors(
    detail: Any, field: serializers.BaseSerializer[Any] | Any, pointer: str
) -> Iterator[FieldError]:
    """DRF's errors beside the fields they are about, which know the limits that were broken."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            if name == "non_field_errors":
                yield from _field_errors(inner, field, pointer)
            else:
                yield from _field_errors(inner, _child(field, name), _below(pointer, str(name)))
        return
    many = isinstance(field, serializers.ListSerializer | serializers.ListField)
    for one in detail if isinstance(detail, Sequence) and not isinstance(detail, str) else [detail]:
        code = stable_code(getattr(one, "code", None))
        if many:
            code = {"too_long": "too_many", "too_short": "too_few"}.get(code, code)
        yield FieldError(
            pointer=pointer, code=code, detail=_sentence(pointer, str(one)), params=_limits(field, code)
        )


def _child(field: Any, name: Any) -> Any:
    if isinstance(field, serializers.Serializer):
        return field.fields.get(name)
    return getattr(field, "child", None)


def _below(pointer: str, name: str) -> str:
    """The pointer of a member: `?page` for a parameter, `/lines/0` in a body (RFC 6901)."""
    name = name.replace("~", "~0").replace("/", "~1")
    return f"{pointer}{name}" if pointer == "?" else f"{pointer}/{name}"


def _sentence(pointer: str, text: str) -> str:
    return f"{pointer.lstrip('?/')}: {text}" if pointer.strip("?/") else text


def _limits(field: Any, code: str) -> dict[str, Any]:
    names = {
        "too_long": ("max_length",),
        "too_many": ("max_length",),
        "too_short": ("min_length",),
        "too_few": ("min_length",),
        "too_large": ("max_value",),
        "too_small": ("min_value",),
        "invalid_quantity": ("min_value", "max_value"),
        "invalid_page": ("min_value", "max_value"),
    }.get(code, ())
    limits: dict[str, Any] = {
        name: value for name in names if (value := getattr(field, name, None)) is not None
    }
    if code in {"invalid_choice", "unknown_filter"} and isinstance(field, serializers.ChoiceField):
        limits["choices"] = [str(choice) for choice in field.choices]
    return limits


class TextField(serializers.CharField):
    """A JSON string without control characters, trimmed; a line break only where `multiline`."""

    default_error_messages = {
        "not_a_text": "This must be a string.",
        "invalid_character": "This holds a character that is not allowed.",
    }

    def __init__(self, *, multiline: bool = False, **options: Any) -> None:
        self.multiline = multiline
        super().__init__(**options)
        self._forbidden = re.compile(f"[{_UNWRITTEN if multiline else _LINE_BREAKS + _UNWRITTEN}]")
        clean = "[^" + self._forbidden.pattern[1:]
        some = clean[:-1] + r"\s]"
        self.wire = {"pattern": f"^{clean}*$" if self.allow_blank else f"^{clean}*{some}{clean}*$"}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_a_text")
        text = data.replace("\r\n", "\n") if self.multiline else data
        text = text.strip() if self.trim_whitespace else text
        if self._forbidden.search(text):
            self.fail("invalid_character")
        return text


class CodeField(TextField):
    """A code that people and machines name things by: a SKU, an option, a location."""

    def __init__(self, *, max_length: int = 64, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)


class PatternField(TextField):
    """A text of one form; whatever is wrong with it has one code."""

    wrong: str
    absent: frozenset[str] = frozenset({"required", "null", "blank"})  # codes for there being none at all
    described: Mapping[str, Any] = {}  # as JSON Schema

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.wire = dict(self.described)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        try:
            return super().run_validation(data)
        except serializers.ValidationError as error:
            codes = error.get_codes()
            if isinstance(codes, list) and codes[0] in self.absent:
                raise
            self.fail(self.wrong)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail(self.wrong)
        value = data.strip(" ")
        if not self.matches(value):
            self.fail(self.wrong)
        return value

    def matches(self, value: str) -> bool:
        """Whether the text has the form."""
        raise NotImplementedError


class EmailField(PatternField):
    """An e-mail address; its domain may be an internationalised one. Line breaks would be a second header."""

    wrong = "invalid_email"
    described = {"format": "email", "maxLength": 254}
    default_error_messages = {"invalid_email": "This is not an e-mail address."}

    def matches(self, value: str) -> bool:
        try:
            _EMAIL(value)
        except DjangoValidationError:
            return False
        return len(value) <= 254 and value.isprintable()


class CountryField(PatternField):
    """A country as ISO 3166-1 alpha-2, in capitals."""

    wrong = "invalid_country"
    described = {"pattern": "^[A-Z]{2}$"}
    default_error_messages = {"invalid_country": "This is not an ISO 3166-1 alpha-2 code."}

    def matches(self, value: str) -> bool:
        return value in COUNTRIES


class PostcodeField(PatternField):
    """A postcode as any country writes it; whether the country has it is the use case's question."""

    wrong = "invalid_postcode"
    described = {"pattern": f"^{_POSTCODE.pattern}$"}
    default_error_messages = {"invalid_postcode": "This is not a postcode."}

    def matches(self, value: str) -> bool:
        return _POSTCODE.fullmatch(value) is not None


class IntegerField(serializers.IntegerField):
    """A JSON integer; within 64 bits where no limits are named."""

    default_error_messages = {"not_an_integer": "This must be an integer."}

    def __init__(
        self, *, min_value: int = -_MAX_INTEGER, max_value: int = _MAX_INTEGER, **options: Any
    ) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("not_an_integer")
        return data


class QuantityField(serializers.IntegerField):
    """How many units: a JSON integer from 1 to 999."""

    default_error_messages = {"invalid_quantity": "A quantity is an integer from 1 to 999."}

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=999, **options)
        self.validators = []

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int or not 1 <= data <= 999:
            self.fail("invalid_quantity")
        return data


class FlagField(serializers.BooleanField):
    """`true` or `false`, not something that resembles them."""

    default_error_messages = {"not_a_boolean": "This must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("not_a_boolean")
        return data


class IdField(serializers.UUIDField):
    """A public id: a UUID with its hyphens."""

    default_error_messages = {"invalid_id": "This is not an id."}

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or not _UUID.fullmatch(data):
            self.fail("invalid_id")
        return UUID(data)


class ChoiceField(serializers.ChoiceField):
    """One of some strings."""

    default_error_messages = {"invalid_choice": "This is none of the known values."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice")
        return super().to_internal_value(data)


class ListField(serializers.ListField):
    """A JSON array of at most `max_length` items; a longer one is refused before its items are looked at."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        items: list[Any] = super().to_internal_value(data)
        return items


class NumberField(serializers.IntegerField):
    """A number in a parameter, in plain digits; `code` is what a wrong one is called."""

    def __init__(self, *, min_value: int, max_value: int, code: str = "invalid_page", **options: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)
        self.code = code
        self.error_messages[code] = f"This is not a number from {min_value} to {max_value}."
        self.validators = []

    def to_internal_value(self, data: Any) -> int:
        assert self.min_value is not None
        assert self.max_value is not None
        if not _DIGITS.fullmatch(data) or not self.min_value <= int(data) <= self.max_value:
            self.fail(self.code)
        return int(data)
