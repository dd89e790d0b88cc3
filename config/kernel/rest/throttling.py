"""How often one caller may ask: counted in PostgreSQL, so that all workers count together.

A view names a limit of `settings.RATE_LIMITS` for every request (`rate`) or for writes only (`write_rate`). One
statement counts and reads; it commits by itself, before and outside of the use case's transaction, so a refused or
failed request counts too. Windows begin with a caller's first request.
"""

import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.kernel.errors import Refusal
from config.kernel.forgetting import forget
from config.kernel.models import RateCount
from config.kernel.prepared import Prepared
from config.kernel.rest.authentication import Caller
from config.kernel.rest.once import guest_of

# Counted by the guest's own cart: those who share a telephone company's address, or a store's, are many.
_BY_SECRET: Final = frozenset({"store.write"})

# A count that ran out begins anew in the same row, so a caller costs one row per limit, however often she comes.
_COUNT: Final = Prepared(
    """
    INSERT INTO kernel_ratecount AS count (bucket, hits, ends_at) VALUES (%(bucket)s, 1, %(ends_at)s)
    ON CONFLICT (bucket) DO UPDATE SET
        hits = CASE WHEN count.ends_at <= %(now)s THEN 1 ELSE count.hits + 1 END,
        ends_at = CASE WHEN count.ends_at <= %(now)s THEN excluded.ends_at ELSE count.ends_at END
    RETURNING hits, ends_at
    """,
    binary=True,
)


class TooManyRequests(Refusal):
    """The caller asked more often than its limit allows; `Retry-After` says in how many seconds to come back."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests."

    def __init__(self, *, wait_s: int) -> None:
        self._wait_s = wait_s
        super().__init__(f"Try again in {wait_s} s.", retry_after_s=wait_s)

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self._wait_s)}


class DeclaredThrottle(BaseThrottle):
    """Count the request against what its view declares; nothing is counted where it declares nothing.

    Every counted answer carries `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Always true. Errors: TooManyRequests."""
        names = [getattr(view, "rate", "")]
        if request.method not in SAFE_METHODS:
            names.append(getattr(view, "write_rate", ""))
        for name in filter(None, names):
            self._count(name, request, view)
        return True

    def _count(self, name: str, request: Request, view: Any) -> None:
        limit, window = settings.RATE_LIMITS[name]
        now = timezone.now()
        who = _guest_of(request) if name in _BY_SECRET else ""
        hits, ends_at = count_hit(bucket=f"{name}:{who or principal_of(request)}", window=window, now=now)
        seconds = max(1, ceil((ends_at - now).total_seconds()))
        view.headers["RateLimit-Policy"] = f'"{name}";q={limit};w={int(window.total_seconds())}'
        view.headers["RateLimit"] = f'"{name}";r={max(0, limit - hits)};t={seconds}'
        if hits > limit:
            raise TooManyRequests(wait_s=seconds)


def count_try(*, name: str, who: str, now: datetime) -> None:
    """Count a try against a limit of `settings.RATE_LIMITS` that is not the caller's alone: an account's, a device's.

    Outside of every transaction, so that it counts whatever follows. Errors: TooManyRequests.
    """
    limit, window = settings.RATE_LIMITS[name]
    hits, ends_at = count_hit(bucket=f"{name}:{who}", window=window, now=now)
    if hits > limit:
        raise TooManyRequests(wait_s=max(1, ceil((ends_at - now).total_seconds())))


def forget_tries(*, name: str, who: str) -> None:
    """The last try was a good one: what was tried before it counts no more."""
    RateCount.objects.filter(bucket=f"{name}:{who}").delete()


def principal_of(request: Request) -> str:
    """Who is counted: the signed-in caller, else the address; of IPv6 the network, for a host has 2^64 addresses."""
    if isinstance(request.auth, Caller) and request.auth.ref:
        return request.auth.ref
    return principal_of_address(request)


def _guest_of(request: Request) -> str:
    """Whoever holds the secret of a cart, by its digest; nobody where somebody is signed in or shows none."""
    secret = request.META.get("HTTP_X_CART_SECRET", "")
    if not secret or (isinstance(request.auth, Caller) and request.auth.ref):
        return ""
    return guest_of(secret)


def principal_of_address(request: Request | HttpRequest) -> str:
    """Where a request comes from, as it is counted."""
    address = getattr(request, "client_address", "") or request.META.get("REMOTE_ADDR", "")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def count_hit(*, bucket: str, window: timedelta, now: datetime) -> tuple[int, datetime]:
    """Count one request; how many there were in the present window, and when that ends."""
    ((hits, ends_at),) = _COUNT.fetch_all({"bucket": bucket, "ends_at": now + window, "now": now})
    return hits, ends_at


def forget_old_counts(*, now: datetime) -> int:
    """Remove the counts whose window is over; how many."""
    return forget(RateCount.objects.filter(ends_at__lte=now).order_by("ends_at"))
