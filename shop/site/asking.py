"""What the API tells whoever asks for a page: a page has no rights and no knowledge of its own.

A page that shows somebody's cart or order asks the route of /store/v1 that her own script would ask, within the
process, with the cookies that her browser sent. So what a page shows, to whom and how often, is decided in one place.
"""

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import Http404, HttpRequest, QueryDict
from django.template.response import SimpleTemplateResponse
from django.urls import resolve

_NOT_SENT = ("HTTP_AUTHORIZATION", "HTTP_X_API_KEY", "HTTP_X_CART_SECRET", "HTTP_X_ORDER_SECRET")


class Refused(Exception):
    """The API would not tell: its status and code, and in how many seconds to come again, if it says so."""

    def __init__(self, *, status: int, code: str, retry_after: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.retry_after = status, code, retry_after


def ask(request: HttpRequest, path: str, **parameters: str) -> dict[str, Any]:
    """What `GET path` answers to whoever asked for the page.

    Errors: Http404 for what is not there, or not hers; Refused for everything else.
    """
    match = resolve(path)
    response = match.func(_asked(request, path, parameters), *match.args, **match.kwargs)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    told: dict[str, Any] = orjson.loads(response.content)
    if response.status_code == 404:
        raise Http404
    if response.status_code != 200:
        raise Refused(
            status=response.status_code,
            code=told["code"],
            retry_after=response.headers.get("Retry-After", ""),
        )
    return told


def _asked(request: HttpRequest, path: str, parameters: Mapping[str, str]) -> HttpRequest:
    """The request as her browser would have sent it to the API."""
    query = urlencode(parameters)
    asked = copy.copy(request)
    asked.method, asked.path, asked.path_info = "GET", path, path
    asked.META = {name: value for name, value in request.META.items() if name not in _NOT_SENT} | {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
    }
    asked.__dict__.pop("headers", None)
    asked.GET = QueryDict(query)
    return asked
