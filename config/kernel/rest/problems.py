"""The one translator of errors to problem+json (RFC 9457).

A refusal keeps its code, status, data and headers. What nobody anticipated is a 500 that says nothing but the
request's id, under which the log has the trace. `docs/problems.md` lists the codes, written by `manage.py
problem_codes`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.views import defaults
from rest_framework import exceptions

from config.kernel.context import request_id
from config.kernel.errors import FieldError, InvalidInput, NotFound, Refusal
from config.kernel.rest.authentication import NotSignedIn
from config.kernel.rest.codes import FIELD_CODES, stable_code
from config.kernel.rest.parsing import BodyTooLarge, UnsupportedMediaType
from config.kernel.rest.permission import NotAllowed
from config.kernel.rest.rendering import dumps
from config.kernel.rest.throttling import TooManyRequests

MEDIA_TYPE = "application/problem+json"
_MAX_ERRORS = (
    100  # a body of a megabyte may be wrong in a hundred thousand places; nobody reads more than these
)


class MalformedRequest(Refusal):
    """The request is not HTTP as we understand it: its path, parameters, host or headers."""

    code = "malformed_request"
    status = 400
    title = "The request cannot be understood."


class MethodNotAllowed(Refusal):
    """The resource is there, but not for this method; `Allow` lists those it knows."""

    code = "method_not_allowed"
    status = 405
    title = "This resource does not know that method."

    def __init__(self, allowed: str) -> None:
        self._allowed = allowed
        super().__init__()

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Allow": self._allowed}


class Unavailable(Refusal):
    """The database cannot be reached. Whether a write was done is not known: repeat it with the same key."""

    code = "unavailable"
    status = 503
    title = "The service is not available for a moment."

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "5"}


class Unexpected(Refusal):
    """Something went wrong on our side; the log has it under the request's id. Repeat a write with the same key."""

    code = "internal_error"
    status = 500
    title = "Something went wrong on our side."


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's `EXCEPTION_HANDLER`: the problem, or None for what was not anticipated and must rise."""
    refusal = translate(
        error, allowed=", ".join(context["view"].allowed_methods) if "view" in context else ""
    )
    return None if refusal is None else problem_response(refusal)


def translate(error: Exception, *, allowed: str = "") -> Refusal | None:
    """The refusal that an exception of ours or of a framework's amounts to; None when it is none."""
    match error:
        case Refusal():
            return error
        case exceptions.ValidationError():
            return InvalidInput(flatten(error.detail, ""))
        case Http404() | exceptions.NotFound():
            return NotFound()
        case exceptions.MethodNotAllowed():
            return MethodNotAllowed(allowed)
        case exceptions.UnsupportedMediaType():
            return UnsupportedMediaType()
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return NotSignedIn()
        case PermissionDenied() | exceptions.PermissionDenied():
            return NotAllowed()
        case exceptions.Throttled():
            return TooManyRequests(wait_s=int(getattr(error, "wait", None) or 1))
        case RequestDataTooBig():
            return BodyTooLarge()
        case (
            SuspiciousOperation()
            | BadRequest()
            | UnreadablePostError()
            | RawPostDataException()
            | exceptions.ParseError()
        ):
            return MalformedRequest()
        case OperationalError() | InterfaceError() if _connection_is_lost(error):
            return Unavailable()
    return None


def _connection_is_lost(error: Exception) -> bool:
    """SQLSTATE classes 08 and 57P (shutting down, starting up), or none at all: the server did not even answer."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def flatten(detail: Any, pointer: str) -> Iterator[FieldError]:
    """DRF's nested lists and dicts of errors as a flat list with JSON pointers."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = pointer if name == "non_field_errors" else f"{pointer}/{_escaped(str(name))}"
            yield from flatten(inner, own)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from flatten(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        code = stable_code(getattr(detail, "code", None))
        yield FieldError(pointer=pointer, code=code, detail=str(detail))


def _escaped(name: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def body_of(refusal: Refusal) -> dict[str, Any]:
    """The members of the problem."""
    code, title = refusal.code, refusal.title
    errors: tuple[FieldError, ...] = ()
    if isinstance(refusal, InvalidInput):
        errors = refusal.errors
        if code == InvalidInput.code and len({error.code for error in errors}) == 1:
            code = errors[0].code
            title = FIELD_CODES.get(code, title)
    identity = request_id.get()
    body = dict(refusal.data) | {
        "type": f"{settings.PUBLIC_URL}/api/problems/{code}",
        "title": title,
        "status": refusal.status,
        "detail": " ".join(error.detail for error in errors[:5]) or refusal.detail,
        "code": code,
        "instance": f"urn:request:{identity}",
        "request_id": identity,
    }
    if errors:
        body["errors"] = [
            {
                "pointer": one.pointer.removeprefix("#"),
                "code": one.code,
                "detail": one.detail,
                "params": dict(one.params),
            }
            for one in errors[:_MAX_ERRORS]
        ]
        if len({error.pointer for error in errors}) == 1 and errors[0].name:
            body["field"] = errors[0].name
    return body


def problem_response(refusal: Refusal) -> HttpResponse:
    """The refusal as a response, which nobody may keep."""
    response = HttpResponse(dumps(body_of(refusal)), status=refusal.status, content_type=MEDIA_TYPE)
    for name, value in refusal.headers.items():
        response[name] = value
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# What Django answers by itself, outside of every view (`handler400` and so on in `config.urls`). Operators' pages keep
# Django's own.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for a body that is too large."""
    if _is_page(request):
        return defaults.bad_request(request, exception)
    return problem_response(translate(exception) or MalformedRequest())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for a path that no route knows."""
    if _is_page(request):
        return defaults.page_not_found(request, exception)
    return problem_response(NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """500 without a trace; Django has logged it."""
    if _is_page(request):
        return defaults.server_error(request)
    return problem_response(Unexpected())


def _is_page(request: HttpRequest) -> bool:
    return request.path.startswith(settings.PAGES_PREFIXES)
