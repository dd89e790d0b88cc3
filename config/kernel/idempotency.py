"""A write that makes a promise is done once per key, however often it is asked for (`reliability.md` G3).

The key's lock is an advisory one, held until the effect commits; the record is written in the same transaction as the
effect. So nothing stale can remain, and a crash leaves either both or neither. Only successes are recorded: what was
refused is decided afresh.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from config.kernel.errors import Refusal
from config.kernel.forgetting import forget
from config.kernel.models import IdempotencyRecord
from config.kernel.prepared import Prepared

KEPT_FOR: Final = timedelta(hours=24)


class KeyInFlight(Refusal):
    """The first request with this key is still being worked on."""

    code = "idempotency_key_in_flight"
    status = 409
    title = "A request with this Idempotency-Key is being processed."

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "1"}


class KeyReused(Refusal):
    """The key was used before for another request."""

    code = "idempotency_key_reuse"
    status = 422
    title = "This Idempotency-Key was used for a different request."


@dataclass(kw_only=True)
class Once:
    """A caller's key. `fingerprint` tells whether it is the same request; `replayed` becomes true when it was one
    that had been answered, and `status` is then the status of that answer.
    """

    principal: str
    key: str
    fingerprint: bytes
    status: int = 201
    replayed: bool = field(default=False, init=False)


# Two statements: the second must see what the previous holder of the lock committed.
_LOCK: Final = Prepared("SELECT pg_try_advisory_xact_lock(%s)")
_FIND: Final = Prepared(
    "SELECT fingerprint, status, result FROM kernel_idempotencyrecord WHERE principal = %s AND key = %s"
)
# Its values are those of `values_of`.
INSERT: Final = Prepared(
    """
    INSERT INTO kernel_idempotencyrecord (principal, key, fingerprint, status, result, created_at)
    VALUES (%s, %s, %s, %s, %s, %s)
    """
)


def claim(once: Once) -> Any | None:
    """Take the key's lock until the transaction ends; the stored result when there is one, else None.

    Errors: KeyInFlight, KeyReused.
    """
    digest = hashlib.blake2b(f"{once.principal}\0{once.key}".encode(), digest_size=8).digest()
    if _LOCK.fetch_one([int.from_bytes(digest, signed=True)]) != (True,):
        raise KeyInFlight
    record = _FIND.fetch_one([once.principal, once.key])
    if record is None:
        return None
    fingerprint, status, result = record
    if bytes(fingerprint) != once.fingerprint:
        raise KeyReused
    once.replayed, once.status = True, status
    return orjson.loads(result)


def values_of(once: Once, *, result: Any, now: datetime) -> list[Any]:
    """What records the answer, in the transaction of the effect."""
    return [
        once.principal,
        once.key,
        once.fingerprint,
        once.status,
        orjson.dumps(result).decode(),
        now,
    ]


def forget_old_keys(*, now: datetime) -> int:
    """Remove the records whose promise has run out; how many."""
    return forget(IdempotencyRecord.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at"))
