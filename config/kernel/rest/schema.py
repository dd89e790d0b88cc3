"""How the OpenAPI 3.1 description is made of what views declare.

A view's author writes request, parameters and response; everything that is true because of a declaration (who may
call, headers, limits, refusals) is added here, so it cannot be forgotten or contradict the code.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction, OpenApiParameter
from rest_framework import serializers

from config.kernel.errors import Busy, InvalidInput, NotFound, Refusal
from config.kernel.idempotency import KeyInFlight, KeyReused
from config.kernel.models import Audience
from config.kernel.rest import parsing
from config.kernel.rest.access import PolkuView
from config.kernel.rest.authentication import NotSignedIn
from config.kernel.rest.browser import CsrfFailed
from config.kernel.rest.headers import IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH, RequestHeader
from config.kernel.rest.inputs import Input, Query
from config.kernel.rest.once import KeyInvalid, KeyRequired
from config.kernel.rest.permission import NotAllowed
from config.kernel.rest.problems import MEDIA_TYPE, MalformedRequest, Unavailable
from config.kernel.rest.throttling import TooManyRequests
from config.kernel.versions import VersionConflict, VersionNeeded

_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_BODY_REFUSALS: Final = tuple(
    kind
    for kind in vars(parsing).values()
    if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal
)

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Branch on `code`; refusals may add members of their own.",
    "required": ["type", "title", "status", "detail", "code", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Where the code is described."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people."},
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "instance": {"type": "string"},
        "request_id": {"type": "string", "description": "Under this id our log knows the request."},
        "field": {"type": "string", "description": "The field that is wrong, when it is only one."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail", "params"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "A JSON pointer into the body, or `?name` for a parameter.",
                    },
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "params": {"type": "object", "additionalProperties": True},
                },
            },
        },
    },
    "additionalProperties": True,
}

_CREDENTIALS: Final = {
    "store": ("storeToken", "A signed-in shopper's token."),
    "staff": ("staffToken", "A clerk's token, bound to a device and a store."),
    "pim": ("pimToken", "A merchandiser's token."),
    "b2b": ("b2bToken", "A buyer's token."),
    "system": ("systemKey", "An integration's key, with scopes."),
}


class PolkuSchema(AutoSchema):
    """drf-spectacular's reading of a view, with what a `PolkuView` declares beside it."""

    def get_operation_id(self) -> str:
        """`store_add_line_post`: audience, view and method, so it changes only when one of them does."""
        view = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__).lower()
        return f"{self._audience()}_{view}_{self.method.lower()}"

    def get_tags(self) -> list[str]:
        """One tag for each audience."""
        return [self._audience()]

    def get_auth(self) -> list[dict[str, Any]]:
        """The audience's credential; none at all is possible where the view lets in callers without one."""
        name, description = _CREDENTIALS[self._audience()]
        self._register(
            name,
            {"type": "http", "scheme": "bearer", "description": description},
            kind=ResolvedComponent.SECURITY_SCHEMA,
        )
        return [{name: []}, *([{}] if None in self._declared().callers else [])]

    def get_override_parameters(self) -> list[Any]:
        """The headers that the view says it reads, as far as they count for this method."""
        return [
            OpenApiParameter(
                name=header.name,
                location=OpenApiParameter.HEADER,
                description=header.description,
                required=header.required,
                type={"type": "string"} | ({"example": header.example} if header.example else {}),
            )
            for header in self._headers()
        ]

    def get_serializer_name(self, serializer: serializers.BaseSerializer[Any], direction: Direction) -> str:
        """A class nested in a view is named after both: `AddLine.Input` is `AddLineRequest`."""
        parts = type(serializer).__qualname__.rpartition("<locals>.")[2].split(".")
        if len(parts) > 1 and parts[-1] == "Input":
            parts.pop()
        return "".join(parts)

    def _map_serializer_field(self, field: Any, direction: Direction, *args: Any, **kwargs: Any) -> Any:
        described = super()._map_serializer_field(field, direction, *args, **kwargs)  # type: ignore[no-untyped-call]
        return described | field.wire if hasattr(field, "wire") and "$ref" not in described else described

    def _map_basic_serializer(self, serializer: Any, direction: Direction) -> Any:
        described = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, Input) and not isinstance(serializer, Query):
            described["additionalProperties"] = False
        return described

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if IF_NONE_MATCH in self._headers():
            bodies["304"] = {"description": "What you have is still current."}
        self._register("Problem", PROBLEM, kind=ResolvedComponent.SCHEMA)
        for status, codes in _by_status(self._refusals()).items():
            bodies.setdefault(
                str(status),
                {
                    "description": ", ".join(f"`{code}`" for code in codes),
                    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                },
            )
        return dict(sorted(bodies.items()))

    def _refusals(self) -> Iterator[type[Refusal]]:
        """Everything that a request to this route may be refused with."""
        view, writes, headers = self._declared(), self.method in _WRITES, self._headers()
        yield from (MalformedRequest, InvalidInput, parsing.InvalidCharacter, NotSignedIn, Unavailable)
        if None not in view.callers or view.scope:
            yield NotAllowed
        if "{" in self.path:
            yield NotFound
        if writes:
            yield from (*_BODY_REFUSALS, Busy)
            if view.audience in {Audience.STORE, Audience.STAFF}:
                yield CsrfFailed
        if view.rate or (writes and view.write_rate):
            yield TooManyRequests
        if IDEMPOTENCY_KEY in headers:
            yield from (KeyRequired, KeyInvalid, KeyInFlight, KeyReused)
        if any(header.name == IF_MATCH.name for header in headers):
            yield VersionConflict
        if IF_MATCH in headers:
            yield VersionNeeded
        yield from view.refusals

    def _headers(self) -> list[RequestHeader]:
        return [header for header in self._declared().request_headers if self.method in header.methods]

    def _declared(self) -> PolkuView:
        """The view, which has to be one that declares itself."""
        assert isinstance(self.view, PolkuView)
        return self.view

    def _audience(self) -> str:
        return str(self._declared().audience.value)

    def _register(self, name: str, schema: dict[str, Any], *, kind: str) -> None:
        component = ResolvedComponent(name=name, type=kind, object=name, schema=schema)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)


def _by_status(refusals: Iterable[type[Refusal]]) -> dict[int, list[str]]:
    codes: dict[int, set[str]] = {}
    for kind in refusals:
        codes.setdefault(kind.status, set()).add(kind.code)
    return {status: sorted(codes[status]) for status in sorted(codes)}
