"""The `Idempotency-Key` of a request, and the answer that says whether it was a repetition."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.errors import Refusal
from config.kernel.idempotency import Once
from config.kernel.rest.authentication import Caller

_MAX_LENGTH: Final = 255
_SECRETS: Final = ("HTTP_X_CART_SECRET", "HTTP_X_ORDER_SECRET")


class KeyRequired(Refusal):
    """This write makes a promise, so its caller must be able to repeat it safely."""

    code = "idempotency_key_required"
    status = 400
    title = "This request needs an Idempotency-Key header."


class KeyInvalid(Refusal):
    """The key is empty, longer than 255 characters, or not printable ASCII."""

    code = "invalid_idempotency_key"
    status = 400
    title = "The Idempotency-Key must be 1 to 255 printable ASCII characters."


def once_from(request: Request, *, status: int = 201, principal: str = "") -> Once:
    """The caller's key, for a use case's `.once(…)`; `status` is what the view answers when the use case succeeds.

    A key belongs to `principal`: by default the signed-in caller, else whoever holds the guest's secret, else the
    address the request came from. Call it before or after reading the body.
    Errors: KeyRequired, KeyInvalid.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        raise KeyRequired
    if not 0 < len(key) <= _MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise KeyInvalid
    fingerprint = hashlib.sha256(f"{request.method} {request.path}\0".encode())
    fingerprint.update(request._request.body)
    return Once(
        principal=principal or principal_of(request), key=key, fingerprint=fingerprint.digest(), status=status
    )


def principal_of(request: Request) -> str:
    """Whom keys and counters belong to, as a string that holds no secret."""
    if isinstance(request.auth, Caller) and request.auth.ref:
        return f"{request.auth.kind}:{request.auth.ref}"
    for name in _SECRETS:
        if secret := request.META.get(name):
            return guest_of(secret)
    return f"address:{getattr(request, 'client_address', '')}"


def guest_of(secret: str) -> str:
    """Whoever holds a guest's secret, as a string that holds none."""
    return f"guest:{hashlib.sha256(secret.encode()).hexdigest()}"


def answered(once: Once, data: Any, *, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request with a key: its recorded status, and `Idempotent-Replayed` when it had one."""
    response = Response(data, once.status, headers=dict(headers or {}))
    if once.replayed:
        response["Idempotent-Replayed"] = "true"
    return response
