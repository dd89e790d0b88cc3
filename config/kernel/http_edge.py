"""The first and last that a request meets: its id, its client's address, its size; its line in the log.

Everything here is paid for by every request, so it is short, and one class for threads and for coroutines.
"""

import ipaddress
import re
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Token
from functools import lru_cache
from time import perf_counter
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from config.kernel.context import request_id
from config.kernel.errors import Refusal
from config.kernel.ids import new_id
from config.kernel.logs import access_log, masked_text
from config.kernel.metrics import observe_request
from config.kernel.rest.parsing import BodyTooLarge, InvalidCharacter
from config.kernel.rest.problems import MalformedRequest, problem_response

GetResponse = Callable[[HttpRequest], Any]

_SANE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BAD_PERCENT: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ANY_HOST: Final = ("/health/", "/metrics")  # asked by address, from inside


class RequestEdge:
    """Gives a request its id and client address, refuses what nobody could serve, and notes how it went.

    The id is the client's `X-Request-ID` when that is a sane one, else our own; it stands on the answer, in every log
    line, event and audit row. `request.client_address` is the right-most address of `X-Forwarded-For` that is no
    trusted proxy of ours.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._log = access_log()
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._answer_later(request)
        begun = perf_counter()
        token = _enter(request)
        try:
            response: HttpResponseBase = _refusal_of(request) or self.get_response(request)
            return self._leave(request, response, begun)
        finally:
            request_id.reset(token)

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        begun = perf_counter()
        _enter(request)  # for the whole task: a stream goes on after we have left
        response: HttpResponseBase = _refusal_of(request) or await self.get_response(request)
        return self._leave(request, response, begun)

    def _leave(self, request: HttpRequest, response: HttpResponseBase, begun: float) -> HttpResponseBase:
        seconds = perf_counter() - begun
        headers = response.headers
        headers["X-Request-ID"] = request_id.get()
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        # Django would write a line of its own for each 4xx and 503.
        response._has_been_logged = True  # type: ignore[attr-defined]
        match = request.resolver_match
        route = match.route if match else "(none)"
        method = request.method or ""
        observe_request(route=route, method=method, status=response.status_code, seconds=seconds)
        self._log.info(
            "request",
            method=method,
            path=masked_text(request.path[:300]),
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            client=request.client_address,  # type: ignore[attr-defined]
        )
        return response


def _enter(request: HttpRequest) -> Token[str]:
    request.client_address = client_address(request)  # type: ignore[attr-defined]
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return request_id.set(given if _SANE_ID.fullmatch(given) else str(new_id()))


def _refusal_of(request: HttpRequest) -> HttpResponseBase | None:
    """The answer to a request that no view should see; None for all others."""
    try:
        _require_readable(request)
        host = request.META.get("HTTP_HOST", request.META.get("SERVER_NAME", ""))
        if not _is_served(host, tuple(settings.ALLOWED_HOSTS)) and not request.path_info.startswith(
            _ANY_HOST
        ):
            raise MalformedRequest("This host is not served here.")
    except Refusal as refusal:
        return problem_response(refusal)
    return None


@lru_cache(maxsize=1024)
def _is_served(host: str, allowed: tuple[str, ...]) -> bool:
    """What `request.get_host` finds out anew each time."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)


def _require_readable(request: HttpRequest) -> None:
    """Errors: BodyTooLarge, InvalidCharacter, MalformedRequest."""
    if length := request.META.get("CONTENT_LENGTH"):
        if not (length.isascii() and length.isdigit()):
            raise MalformedRequest("Content-Length is not a number.")
        if int(length) > settings.MAX_BODY_BYTES:
            raise BodyTooLarge
    if "\0" in request.path_info:
        raise InvalidCharacter("U+0000 cannot be kept.")
    query = request.META.get("QUERY_STRING", "")
    if not query or query.isalnum():
        return
    try:
        raw = query.encode("latin-1")
        decoded = unquote_to_bytes(raw).decode()
    except UnicodeError:
        raise MalformedRequest("The parameters are not UTF-8.")
    if "\0" in decoded:
        raise InvalidCharacter("U+0000 cannot be kept.")
    if _BAD_PERCENT.search(raw):
        raise MalformedRequest("The parameters are not percent-encoded.")


def client_address(request: HttpRequest) -> str:
    """Whom the request came from; also takes away a forwarded protocol that no trusted proxy vouches for."""
    address: str = request.META.get("REMOTE_ADDR", "")
    trusted = tuple(settings.TRUSTED_PROXIES)
    if not _is_trusted(address, trusted):
        request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return address
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR")
    if not forwarded:
        return address
    for hop in map(str.strip, reversed(forwarded.split(","))):
        if not _is_address(hop):
            return address
        address = hop
        if not _is_trusted(hop, trusted):
            return address
    return address


@lru_cache(maxsize=4096)
def _is_trusted(address: str, networks: Sequence[str]) -> bool:
    if not _is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in _network(network) for network in networks)


_network: Final = lru_cache(maxsize=64)(ipaddress.ip_network)


@lru_cache(maxsize=4096)
def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class OnlyForPages:
    """`settings.PAGES_MIDDLEWARE` round `settings.SESSION_PREFIXES` alone; every other request passes by."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        self._layers: list[Any] = []
        handler = get_response
        for name in reversed(settings.PAGES_MIDDLEWARE):
            layer = import_string(name)(handler)
            self._layers.insert(0, layer)
            handler = convert_exception_to_response(layer)
        self._with_pages = handler

    def __call__(self, request: HttpRequest) -> Any:
        return self._with_pages(request) if _is_page(request) else self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> Any:
        """What the layers do when the view is known, CSRF for one; Django asks only the outermost class."""
        if _is_page(request):
            for layer in self._layers:
                if hasattr(layer, "process_view") and (
                    answer := layer.process_view(request, view, args, kwargs)
                ):
                    return answer
        return None


def _is_page(request: HttpRequest) -> bool:
    return request.path_info.startswith(settings.SESSION_PREFIXES)
