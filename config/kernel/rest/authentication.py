"""Who calls: a bearer token of a person, or the key of an integration, becomes a `Caller`.

Secrets are 256 random bits, so their SHA-256 is enough to keep. A token is good for one audience; shown to another it
is no token at all. Guests have no token: their cart's or order's secret is checked by the use case that needs it.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from config.kernel.actors import Actor, ActorKind
from config.kernel.errors import Refusal
from config.kernel.models import AccessToken, ApiKey, Audience, User

_KINDS: Final = {
    Audience.STORE: ActorKind.SHOPPER,
    Audience.STAFF: ActorKind.CLERK,
    Audience.PIM: ActorKind.MERCHANDISER,
}


_WORTH_A_WRITE: Final = timedelta(seconds=15)


class NotSignedIn(Refusal):
    """There is no credential, or it is unknown, expired, revoked or of another audience."""

    code = "not_authenticated"
    status = 401
    title = "A valid credential is needed."

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who a request comes from: `kind` is None for somebody without a credential."""

    kind: ActorKind | None = None
    user_ref: UUID | None = None
    label: str = ""
    store: str = ""
    device: str = ""
    scopes: frozenset[str] = frozenset()
    ref: str = field(default="")
    locks_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """The caller as what stands beside a write; a caller without credential acts as a guest."""
        return Actor(
            kind=self.kind or ActorKind.GUEST,
            ref=self.ref,
            label=self.label,
            store=self.store,
            device=self.device,
        )


NOBODY: Final = Caller()


def digest_of(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def new_secret(prefix: str) -> str:
    """256 random bits behind a prefix that secret scanners and people can recognise."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def issue_token(
    *,
    user: User,
    audience: Audience,
    now: datetime,
    lasts: timedelta,
    scopes: Iterable[str] = (),
    store: str = "",
    device: str = "",
    idle: timedelta | None = None,
) -> str:
    """A new token for `user`; returned once, only its digest is kept. A staff token needs store and device.

    With `idle` it ends sooner when it has not been used for so long.
    """
    token = new_secret(f"polku_{audience.value}")
    AccessToken.objects.create(
        user=user,
        audience=audience,
        digest=digest_of(token),
        scopes=list(scopes),
        store=store,
        device=device,
        expires_at=now + lasts,
        idle_s=None if idle is None else int(idle.total_seconds()),
        locks_at=None if idle is None else now + idle,
    )
    return token


def end_tokens(*, now: datetime, **which: Any) -> int:
    """Take back the tokens of which these columns say this; how many. They open nothing from the next request on."""
    return AccessToken.objects.filter(revoked_at=None, **which).update(revoked_at=now)


def issue_api_key(*, name: str, scopes: Iterable[str], expires_at: datetime | None = None) -> str:
    """A new key for an integration; returned once, only its digest is kept."""
    key = new_secret("polku_sk")
    ApiKey.objects.create(
        name=name, prefix=key[:14], digest=digest_of(key), scopes=sorted(scopes), expires_at=expires_at
    )
    return key


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` for the audience that the view declares; `request.auth` is always a `Caller`."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Caller]:
        # Not from `request.headers`, which copies every header first; most requests have no such one.
        header: str = request.META.get("HTTP_AUTHORIZATION", "")
        parts = header.encode("latin-1", "replace").split()
        if not parts:
            return AnonymousUser(), NOBODY
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            raise NotSignedIn("The Authorization header must be `Bearer` and a token.")
        digest = hashlib.sha256(parts[1]).digest()
        audience = getattr((request.parser_context or {}).get("view"), "audience", None)
        if audience == Audience.SYSTEM:
            return AnonymousUser(), _caller_of_key(digest, timezone.now())
        return _caller_of_digest(digest, audience, timezone.now())

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _caller_of_key(digest: bytes, now: datetime) -> Caller:
    key = ApiKey.objects.filter(digest=digest, revoked_at=None).first()
    if key is None or (key.expires_at and key.expires_at <= now):
        raise NotSignedIn
    _note_use(key, now)
    return Caller(kind=ActorKind.SYSTEM, ref=str(key.public_id), label=key.name, scopes=frozenset(key.scopes))


def caller_of_token(
    *, token: str, audience: Audience, now: datetime, in_use: bool = True
) -> tuple[User, Caller]:
    """Who holds this token of that part of the API. Whoever only looks whether it is still good leaves it unused.

    Errors: NotSignedIn.
    """
    return _caller_of_digest(digest_of(token), audience, now, in_use=in_use)


def caller_of_session(user: User) -> Caller:
    """A shopper whose browser holds the session that she opened."""
    return Caller(kind=ActorKind.SHOPPER, ref=str(user.public_id), user_ref=user.public_id, label=user.name)


def _caller_of_digest(
    digest: bytes, audience: Any, now: datetime, *, in_use: bool = True
) -> tuple[User, Caller]:
    token = (
        AccessToken.objects.select_related("user")
        .filter(digest=digest, audience=audience, revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None or (token.locks_at is not None and token.locks_at <= now):
        raise NotSignedIn
    if in_use:
        _note_use(token, now)
        _keep_unlocked(token, now)
    user = token.user
    caller = Caller(
        kind=_KINDS[Audience(token.audience)],
        ref=str(user.public_id),
        user_ref=user.public_id,
        label=user.name,
        store=token.store,
        device=token.device,
        scopes=frozenset(token.scopes),
        locks_at=token.locks_at,
    )
    return user, caller


def _note_use(credential: AccessToken | ApiKey, now: datetime) -> None:
    """Keep the day of the last use, so that forgotten credentials can be found; one write a day at most."""
    if credential.last_used_on != now.date():
        type(credential)._default_manager.filter(pk=credential.pk).update(last_used_on=now.date())


def _keep_unlocked(token: AccessToken, now: datetime) -> None:
    """Move the moment at which an unused token ends; a write for each quarter of a minute at most."""
    if token.idle_s is None or token.locks_at is None:
        return
    locks_at = now + timedelta(seconds=token.idle_s)
    if locks_at - token.locks_at >= _WORTH_A_WRITE:
        token.locks_at = locks_at
        AccessToken.objects.filter(pk=token.pk, locks_at__lt=locks_at).update(locks_at=locks_at)
