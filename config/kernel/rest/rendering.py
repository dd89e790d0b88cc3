"""JSON out, by orjson and strictly: a value that JSON does not know is a mistake and not silently a string.

`Accept` is not negotiated: the API speaks JSON only, and RFC 9110 section 12.5.1 lets a server answer so rather than
with 406. `?format=` means nothing.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.functional import Promise
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from config.kernel.money import Money

# Dataclasses come to `_default`, so that a value is not written out because it happens to be one.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_UTC_Z


def _default(value: Any) -> Any:
    if isinstance(value, Money):
        return value.wire()
    if isinstance(value, Decimal | Promise):
        return str(value)
    raise TypeError(f"{type(value).__qualname__} is not JSON")


def dumps(value: Any) -> bytes:
    """JSON as it goes out: sums as `Money.wire`, decimals as strings, moments in UTC with `Z`.

    Stored JSON is spliced in as `orjson.Fragment`. Errors: TypeError for anything JSON does not know.
    """
    return orjson.dumps(value, default=_default, option=_OPTIONS)


class JSONRenderer(BaseRenderer):
    """`application/json`, always UTF-8 (RFC 8259 section 8.1), so without a charset."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The body; empty for None, which is what 204 and 304 carry."""
        return b"" if data is None else dumps(data)


class JSONOnly(DefaultContentNegotiation):
    """The first renderer whatever the client accepts; of parsers the one for the body's media type, or none."""

    def select_renderer(
        self,
        request: Request | HttpRequest,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        assert renderer.media_type is not None
        return renderer, renderer.media_type

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        announced = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == announced), None)
