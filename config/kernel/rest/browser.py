"""What a browser keeps for us: cookies that no script can read, and the CSRF token that a page shows with its writes.

A page asks the same routes as everybody. It sends `X-CSRFToken` with the value of the cookie `csrf`, which
`GET /store/v1/session` and `GET /staff/v1/session` set, and no credential of its own making. Its secrets then go into
cookies rather than into bodies, and are read from there: before a view runs, what a cookie holds for the very cart or
order that the path names stands where an API client's header would (docs/adr/0026-a-browsers-cookies.md).

A cookie comes by itself, so a write that only a cookie allows, or that claims to be a page's, needs the token.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.utils import timezone
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from config.kernel.errors import Refusal
from config.kernel.models import Audience, User
from config.kernel.rest.authentication import (
    NOBODY,
    BearerAuthentication,
    Caller,
    NotSignedIn,
    caller_of_session,
    caller_of_token,
)

CART_LIVES: Final = timedelta(days=180)
ORDERS_LIVE: Final = timedelta(days=180)
MOST_ORDERS: Final = 10
# What a session was opened for stands in it under this name, so that no session acts where it was not opened.
AUDIENCE: Final = "audience"
_BETWEEN_ORDERS: Final = "~"


class CsrfFailed(Refusal):
    """The write relies on a cookie, or says that it is a page's, without the page's CSRF token: get a fresh one."""

    code = "csrf_failed"
    status = 403
    title = "This page has to ask for a fresh token before it writes."


class Jar(StrEnum):
    """The cookies there are, by the name that follows `settings.COOKIE_PREFIX`."""

    CSRF = "csrf"  # readable by the page's scripts
    SESSION = "session"  # a signed-in shopper
    CART = "cart"  # `<cart id>.<secret>` of a guest
    ORDERS = "orders"  # a guest's orders, each `<order id>.<secret>`, the newest first
    DEVICE = "device"  # a registered tablet
    STAFF = "staff"  # the token of the clerk who unlocked it

    @property
    def cookie(self) -> str:
        """Its whole name, by which the browser knows it."""
        return f"{settings.COOKIE_PREFIX}{self.value}"


class CallerAuthentication(BearerAuthentication):
    """Who calls: by the `Authorization` header, else by the cookies of the audience that the view declares."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Caller]:
        meta = request.META
        if "HTTP_COOKIE" not in meta and "HTTP_X_CSRFTOKEN" not in meta:
            return super().authenticate(request)
        if meta.get("HTTP_AUTHORIZATION"):
            return super().authenticate(request)
        view = (request.parser_context or {}).get("view")
        match getattr(view, "audience", None):
            case Audience.STORE:
                return _shopper(request)
            case Audience.STAFF:
                return _clerk(request)
        return super().authenticate(request)


def is_page(request: Request | HttpRequest) -> bool:
    """Whether a page of ours asks, so that secrets go into its cookies and not into the answer."""
    return getattr(plain(request), "_is_page", False)


def require_csrf(request: Request | HttpRequest) -> None:
    """Let a write pass that a page of ours sends, and every read. Errors: CsrfFailed."""
    asked = plain(request)
    if asked.method not in SAFE_METHODS and not _shows_token(asked):
        raise CsrfFailed


def csrf_token(request: Request | HttpRequest) -> str:
    """The token that the page sends as `X-CSRFToken`; `keep_csrf` sends the cookie that belongs to it."""
    asked = plain(request)
    _check.process_request(asked)
    return get_token(asked)


def keep_csrf(request: Request | HttpRequest, response: HttpResponseBase) -> None:
    """Send the cookie of the token that was given out."""
    _check.process_response(plain(request), response)


def keep(response: HttpResponse, jar: Jar, value: str, *, lives: timedelta) -> None:
    """Let the browser keep this, out of reach of every script."""
    response.set_cookie(
        jar.cookie,
        value,
        max_age=int(lives.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse, jar: Jar) -> None:
    """Let the browser forget it; as `delete_cookie`, which would leave a `__Host-` cookie where it is on plain HTTP."""
    keep(response, jar, "", lives=timedelta(0))


def keep_cart(response: HttpResponse, *, cart_id: UUID, secret: str) -> None:
    """Let the browser keep a guest's cart: the one it had before is forgotten."""
    keep(response, Jar.CART, f"{cart_id}.{secret}", lives=CART_LIVES)


def keep_order(
    request: Request | HttpRequest, response: HttpResponse, *, order_id: UUID, secret: str
) -> None:
    """Let the browser keep a guest's order beside the nine that were kept last."""
    others = {known: of for known, of in list_orders(request).items() if known != order_id}
    kept = [(order_id, secret), *others.items()][:MOST_ORDERS]
    together = _BETWEEN_ORDERS.join(f"{known}.{of}" for known, of in kept)
    keep(response, Jar.ORDERS, together, lives=ORDERS_LIVE)


def find_cart(request: Request | HttpRequest) -> tuple[UUID, str] | None:
    """The guest's cart that the browser keeps, and its secret; whether there is such a cart is another question."""
    return _read_pair(plain(request).COOKIES.get(Jar.CART.cookie, ""))


def list_orders(request: Request | HttpRequest) -> dict[UUID, str]:
    """The guest's orders that the browser keeps, the newest first, each with its secret."""
    kept = plain(request).COOKIES.get(Jar.ORDERS.cookie, "")
    pairs = (_read_pair(part) for part in kept.split(_BETWEEN_ORDERS)[:MOST_ORDERS])
    return dict(pair for pair in pairs if pair is not None)


def find_shopper(request: Request | HttpRequest) -> tuple[User | AnonymousUser, Caller]:
    """Who is signed in to the shop in this browser: for pages that only read; nobody where nobody is."""
    asked = plain(request)
    key = asked.COOKIES.get(Jar.SESSION.cookie)
    if not key:
        return AnonymousUser(), NOBODY
    if not hasattr(asked, "session"):
        asked.session = SessionStore(key)
    if asked.session.get(AUDIENCE) != Audience.STORE:
        return AnonymousUser(), NOBODY
    user = get_user(asked)
    if not isinstance(user, User):
        return AnonymousUser(), NOBODY
    return user, caller_of_session(user)


def find_clerk(request: Request | HttpRequest, *, in_use: bool = True) -> tuple[User | AnonymousUser, Caller]:
    """The clerk who unlocked this tablet: for pages that only read; nobody where it is locked.

    Whoever only asks whether it is locked does not keep it from locking.
    """
    token = plain(request).COOKIES.get(Jar.STAFF.cookie)
    if not token:
        return AnonymousUser(), NOBODY
    try:
        return caller_of_token(token=token, audience=Audience.STAFF, now=timezone.now(), in_use=in_use)
    except NotSignedIn:
        return AnonymousUser(), NOBODY


def plain(request: Request | HttpRequest) -> HttpRequest:
    """Django's request, also where DRF wraps it."""
    return request._request if isinstance(request, Request) else request


def _shopper(request: Request) -> tuple[User | AnonymousUser, Caller]:
    asked = plain(request)
    if "HTTP_X_CART_SECRET" not in asked.META and "HTTP_X_ORDER_SECRET" not in asked.META:
        if "HTTP_X_CSRFTOKEN" in asked.META:
            require_csrf(asked)
            asked._is_page = True  # type: ignore[attr-defined]
        _show_secrets(request)
    user, caller = find_shopper(asked)
    if caller is not NOBODY:
        require_csrf(asked)
    return user, caller


def _clerk(request: Request) -> tuple[User | AnonymousUser, Caller]:
    asked = plain(request)
    if "HTTP_X_CSRFTOKEN" in asked.META:
        require_csrf(asked)
        asked._is_page = True  # type: ignore[attr-defined]
    view = (request.parser_context or {}).get("view")
    user, caller = find_clerk(asked, in_use=getattr(view, "counts_as_use", True))
    if caller is not NOBODY:
        require_csrf(asked)
    return user, caller


def _show_secrets(request: Request) -> None:
    """Put what a cookie holds for the addressed cart or order where an API client's header stands."""
    asked = plain(request)
    addressed: dict[str, Any] = (request.parser_context or {}).get("kwargs") or {}
    if "cart_id" in addressed:
        cart = find_cart(asked)
        secret, header = (cart[1] if cart and cart[0] == addressed["cart_id"] else ""), "HTTP_X_CART_SECRET"
    elif "order_id" in addressed:
        secret, header = list_orders(asked).get(addressed["order_id"], ""), "HTTP_X_ORDER_SECRET"
    else:
        return
    if secret:
        require_csrf(asked)
        asked.META[header] = secret


def _read_pair(kept: str) -> tuple[UUID, str] | None:
    """`<id>.<secret>` as it was kept; None for what is none, since anybody can write a cookie."""
    identity, _, secret = kept.partition(".")
    try:
        return (UUID(identity), secret) if secret else None
    except ValueError:
        return None


class _Check(CsrfViewMiddleware):
    """Django's own check of the token and of the page's origin, which says what is wrong and answers nothing."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _page(request: HttpRequest) -> HttpResponse:
    """Stands for the view, which the check wants to see."""
    return HttpResponse()


_check: Final = _Check(_page)


def _shows_token(request: HttpRequest) -> bool:
    """Whether header and cookie hold one token, and the page that sends it is one of ours."""
    if "HTTP_X_CSRFTOKEN" not in request.META or Jar.CSRF.cookie not in request.COOKIES:
        return False
    _check.process_request(request)
    return _check.process_view(request, _page, (), {}) is None
