"""Strict JSON in: what is not exactly one JSON document in UTF-8 is refused, with the byte at which it went wrong.

The grammar is the standard library's; its hooks see duplicate keys and numbers that are no numbers. Everything else
is refused because something behind us could not keep it: PostgreSQL has no NUL, UTF-8 has no lone surrogate, and a
document that is nested ten thousand deep is an attack (`reliability.md` 3, cases 1-7).
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from config.kernel.errors import Refusal
from config.kernel.models import Audience
from config.kernel.rest.cards import refuse_cards

MAX_DEPTH: Final = 32
_MAX_DIGITS: Final = 300  # more does not fit in any number we keep, and int() becomes slow
_UNKEEPABLE: Final = re.compile("[\x00\ud800-\udfff]")


class MalformedJson(Refusal):
    """The body is not one JSON document in UTF-8; `byte` says where that shows."""

    code = "malformed_json"
    status = 400
    title = "The body is not valid JSON."


class BodyTooLarge(Refusal):
    """The body is larger than this route reads; `limit_bytes` says how much that is."""

    code = "body_too_large"
    status = 413
    title = "The body is too large."

    def __init__(self) -> None:
        limit = settings.MAX_BODY_BYTES
        super().__init__(f"The body may have {limit} bytes at most.", limit_bytes=limit)


class JsonTooDeep(Refusal):
    """Arrays and objects are nested deeper than anything we understand."""

    code = "json_too_deep"
    status = 400
    title = "The JSON is nested too deeply."

    def __init__(self) -> None:
        super().__init__(f"Arrays and objects may be nested {MAX_DEPTH} deep.", limit=MAX_DEPTH)


class DuplicateKey(Refusal):
    """One object names the same key twice; which one was meant nobody can tell."""

    code = "duplicate_key"
    status = 400
    title = "A key occurs twice in one object."


class NotAFiniteNumber(Refusal):
    """A number is NaN, infinite or too large to be kept."""

    code = "not_a_finite_number"
    status = 400
    title = "A number is not finite."


class InvalidCharacter(Refusal):
    """A string holds NUL or half of a character, or is not UTF-8."""

    code = "invalid_character"
    status = 400
    title = "A string holds a character that cannot be kept."


class NotAnObject(Refusal):
    """The body is JSON, but no object."""

    code = "not_an_object"
    status = 400
    title = "The body must be a JSON object."


class UnsupportedMediaType(Refusal):
    """The body is not announced as plain, uncompressed `application/json` in UTF-8."""

    code = "unsupported_media_type"
    status = 415
    title = "The body must be application/json, in UTF-8 and not compressed."


class StrictJSONParser(BaseParser):
    """`application/json` and nothing else; for every route, unless it says otherwise."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The document. Errors: every refusal of this module."""
        context = parser_context or {}
        request = context.get("request")
        if isinstance(request, Request | HttpRequest):
            _require_plain(request)
        value = loads(_raw(stream))
        if not isinstance(value, dict) and not getattr(context.get("view"), "takes_array", False):
            raise NotAnObject
        # Product data is full of long numbers, and no shopper writes it.
        view = context.get("view")
        if getattr(view, "audience", None) != Audience.PIM:
            refuse_cards(document=value, of_any_scheme=getattr(view, "is_about_paying", False))
        return value


def _require_plain(request: Request | HttpRequest) -> None:
    coding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if coding not in {"", "identity"}:
        raise UnsupportedMediaType
    _, _, parameters = request.META.get("CONTENT_TYPE", "").partition(";")
    if "charset" in parameters.lower():
        charset = re.search(r'charset\s*=\s*"?([^";\s]*)', parameters, re.IGNORECASE)
        if charset is None or charset[1].lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType


def _raw(stream: Any) -> bytes:
    """The body's bytes, kept on the request so that an idempotency key's fingerprint can be taken of them."""
    try:
        body: bytes = (
            stream.body if isinstance(stream, HttpRequest) else stream.read(settings.MAX_BODY_BYTES + 1)
        )
    except RequestDataTooBig:
        raise BodyTooLarge
    if len(body) > settings.MAX_BODY_BYTES:
        raise BodyTooLarge
    return body


def loads(raw: bytes) -> Any:
    """Read one strict JSON document.

    Errors: MalformedJson, JsonTooDeep, DuplicateKey, NotAFiniteNumber, InvalidCharacter.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedJson(f"The body is not UTF-8 at byte {error.start}.", byte=error.start)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        byte = len(text[: error.pos].encode())
        raise MalformedJson(f"The body is not JSON at byte {byte}.", byte=byte)
    except RecursionError:
        raise JsonTooDeep
    # Both walks are needed only where the bytes allow what they look for.
    may_be_deep = raw.count(b"[") + raw.count(b"{") > MAX_DEPTH
    if may_be_deep or b"\\u" in raw:
        _inspect(value)
    return value


def _inspect(document: Any) -> None:
    """Refuse what is too deep and strings that cannot be kept; without recursion, for it may be very deep."""
    level, depth = [document], 0
    while level:
        following: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _require_keepable(value)
            elif isinstance(value, dict):
                for key in value:
                    _require_keepable(key)
                following.extend(value.values())
            elif isinstance(value, list):
                following.extend(value)
        if any(isinstance(value, dict | list) for value in level):
            depth += 1
        if depth > MAX_DEPTH:
            raise JsonTooDeep
        level = following


def _require_keepable(text: str) -> None:
    if found := _UNKEEPABLE.search(text):
        raise InvalidCharacter(f"U+{ord(found[0]):04X} cannot be kept.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                name = _shown(key)
                raise DuplicateKey(f"The key {name!r} occurs twice in one object.", key=name)
            seen.add(key)
    return value


def _shown(key: str) -> str:
    """A client's own key as it may be repeated to it: short, and valid UTF-8."""
    return _UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", key[:100])


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise NotAFiniteNumber("A number is too large.")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NotAFiniteNumber("A number is too large.")
    return value


def _constant(name: str) -> NoReturn:
    raise NotAFiniteNumber(f"{name} is not a number that JSON knows.")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
