"""From the log of events to their handlers: numbered by one sequencer, delivered at least once.

Numbering happens after commit and by one process at a time, so that a reader who asks for everything after a position
never misses what committed late. It also writes one `Delivery` per handler. A delivery is one transaction: the
handler's effect and its receipt are kept together or not at all; a handler that takes events together has one for many.
Any number of workers may deliver at once, oldest first; a handler that fails is told again later, with growing
distance, for as long as it takes.
"""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from config.kernel.actors import Actor
from config.kernel.context import request_id
from config.kernel.crashpoints import crashpoint
from config.kernel.db import open_transaction
from config.kernel.errors import Busy
from config.kernel.events import (
    CALLED_FOR_S,
    EVENTS_CHANNEL,
    Handler,
    find_handler,
    read_event,
    registered_handlers,
)
from config.kernel.listening import connection_arguments
from config.kernel.models import Delivery
from config.kernel.prepared import Prepared
from config.kernel.values import from_json

STREAM_CHANNEL: Final = "polku_stream"  # NOTIFY: events up to this position can be read

_POLL_S: Final = 1.0  # notifications can be lost; a second is the longest that this may cost
_BATCH: Final = 1000
# While there is something to deliver: one pass for many costs no more than for one. Longer than a call holds.
_NUMBERS_EVERY_S: Final = CALLED_FOR_S + 0.02
_TOGETHER: Final = 100  # so many events are told at once, to handlers that take them so
_LONGEST_WAIT_S: Final = 3600.0
_ERROR_AFTER_ATTEMPTS: Final = 10
_SEQUENCER_LOCK: Final = 0x706F6C6B75_01  # any constant that no other advisory lock uses

logger = structlog.get_logger(__name__)

# Each event is looked up, whatever PostgreSQL believes of these tables: before it has statistics, and of a queue that
# is mostly empty, it would sooner go through the whole log.
_SEQUENCE: Final = Prepared(
    """
    WITH waiting AS (
        DELETE FROM kernel_unsequencedevent
        WHERE event_id = ANY(
            ARRAY(SELECT event_id FROM kernel_unsequencedevent ORDER BY event_id LIMIT %(batch)s)
        )
        RETURNING event_id
    ), placed AS (
        INSERT INTO kernel_eventposition (position, event_id)
        SELECT
            (SELECT coalesce(max(position), 0) FROM kernel_eventposition) + row_number() OVER (ORDER BY event_id),
            event_id
        FROM waiting
        RETURNING position, event_id
    ), due AS (
        INSERT INTO kernel_delivery (event_id, handler, attempts, due_at, last_error)
        SELECT placed.event_id, subscription.handler, 0, %(now)s::timestamptz, ''
        FROM placed
        CROSS JOIN LATERAL (
            SELECT name FROM kernel_storedevent WHERE id = placed.event_id LIMIT 1
        ) AS event
        JOIN unnest(%(events)s::text[], %(handlers)s::text[]) AS subscription (event, handler)
            ON subscription.event = event.name
        ORDER BY placed.position
        ON CONFLICT (event_id, handler) DO NOTHING
    )
    SELECT count(*), max(position), pg_notify(%(channel)s, coalesce(max(position), 0)::text)
    FROM placed
    HAVING count(*) > 0
    """
)
_ONE_AT_A_TIME: Final = Prepared("SELECT pg_advisory_xact_lock(%s)")

# Only what this process knows how to handle: during a deployment another worker may know more.
# The commit need not wait for the disk: what a crash takes back it takes with its receipt, and it is done again.
_CLAIM: Final = Prepared(
    """
    SELECT
        delivery.id, delivery.handler, event.event_id, event.name, event.data, event.actor, event.request_id,
        event.occurred_at, set_config('synchronous_commit', 'off', true)
    FROM kernel_delivery AS delivery
    JOIN kernel_storedevent AS event ON event.id = delivery.event_id
    WHERE delivery.handled_at IS NULL AND delivery.due_at <= %(now)s AND delivery.handler = ANY(%(handlers)s)
    ORDER BY delivery.due_at, delivery.id
    LIMIT %(limit)s
    FOR UPDATE OF delivery SKIP LOCKED
    """
)
_HANDLED: Final = Prepared("UPDATE kernel_delivery SET handled_at = %s WHERE id = ANY(%s)")


@dataclass(frozen=True, kw_only=True)
class _Claimed:
    """A due delivery that this transaction holds, with its event as it was stored."""

    delivery: int
    handler: str
    event_id: UUID
    name: str
    data: dict[str, object]
    actor: dict[str, object]
    request_id: str
    occurred_at: datetime


def sequence(*, now: datetime) -> int:
    """Give committed events their positions, and make their deliveries due; how many events.

    One worker at a time, in one transaction. Errors: Busy when another one holds the sequencer for too long.
    """
    subscriptions = [(handler.event.name, handler.name) for handler in registered_handlers()]
    with open_transaction():
        # A statement of its own: the next one must see what the previous holder of the lock committed.
        _ONE_AT_A_TIME.fetch_all([_SEQUENCER_LOCK])
        row = _SEQUENCE.fetch_one(
            {
                "batch": _BATCH,
                "now": now,
                "events": [event for event, _ in subscriptions],
                "handlers": [handler for _, handler in subscriptions],
                "channel": STREAM_CHANNEL,
            }
        )
        crashpoint("dispatcher.sequenced")
    return int(row[0]) if row else 0


def deliver_next(*, now: datetime, at_once: int = _TOGETHER) -> int | None:
    """Deliver the oldest due event, and others `at_once` where its handler takes several.

    How many were handled: 0 when the handler failed, None when nothing is due.
    """
    claimed: list[_Claimed] = []
    try:
        with open_transaction():
            claimed = _claim(now=now, at_once=at_once)
            if not claimed:
                return None
            _handle(claimed)
            crashpoint("dispatcher.after_handler")
            _HANDLED.run([timezone.now(), [each.delivery for each in claimed]])
    except Exception as error:
        if not claimed:
            raise
        if len(claimed) > 1:
            return deliver_next(now=now, at_once=1)
        _note_failure(claimed[0], error=error, now=now)
        return 0
    crashpoint("dispatcher.after_commit")
    return len(claimed)


def _claim(*, now: datetime, at_once: int) -> list[_Claimed]:
    names = [handler.name for handler in registered_handlers()]
    claimed = _claim_of(names, limit=1, now=now)
    if claimed and at_once > 1 and _handler_of(claimed[0]).together:
        claimed += _claim_of([claimed[0].handler], limit=at_once, now=now)
    # The first is found once more: its row is ours already.
    return list({each.delivery: each for each in claimed}.values())


def _claim_of(handlers: Sequence[str], *, limit: int, now: datetime) -> list[_Claimed]:
    rows = _CLAIM.fetch_all({"now": now, "handlers": list(handlers), "limit": limit})
    return [
        _Claimed(
            delivery=delivery,
            handler=handler,
            event_id=event_id,
            name=name,
            data=_json(data),
            actor=_json(actor),
            request_id=request,
            occurred_at=occurred_at,
        )
        for delivery, handler, event_id, name, data, actor, request, occurred_at, _ in rows
    ]


def _json(value: object) -> dict[str, object]:
    """A jsonb column, which Django's cursors hand over as text."""
    parsed = orjson.loads(value) if isinstance(value, str | bytes) else value
    assert isinstance(parsed, dict)
    return parsed


def _handler_of(claimed: _Claimed) -> Handler:
    handler = find_handler(claimed.handler)
    assert handler is not None
    return handler


def _handle(claimed: Sequence[_Claimed]) -> None:
    """Tell their handler, in the name of the oldest one's request."""
    first, handler = claimed[0], _handler_of(claimed[0])
    token = request_id.set(first.request_id)
    try:
        crashpoint("dispatcher.before_handler")
        if handler.together:
            handler.function([read_event(each.name, each.data) for each in claimed])
            return
        handler.handle(
            read_event(first.name, first.data),
            event_id=first.event_id,
            now=first.occurred_at,
            by=from_json(Actor, first.actor),
        )
    finally:
        request_id.reset(token)


def _note_failure(claimed: _Claimed, *, error: BaseException, now: datetime) -> None:
    """Make the delivery due again later. The handler's transaction is gone, so this is one of its own."""
    with open_transaction():
        row = Delivery.objects.select_for_update().get(pk=claimed.delivery)
        if row.handled_at is not None:
            return  # another worker was luckier meanwhile
        row.attempts += 1
        row.due_at = now + wait_before_attempt(row.attempts)
        row.last_error = _text(error)
        row.save(update_fields=["attempts", "due_at", "last_error"])
    if isinstance(error, Busy):
        log = logger.info
    elif row.attempts < _ERROR_AFTER_ATTEMPTS:
        log = logger.warning
    else:
        log = logger.error
    log(
        "an event handler failed",
        handler=claimed.handler,
        event_name=claimed.name,
        event_id=str(claimed.event_id),
        attempts=row.attempts,
        due_at=row.due_at.isoformat(),
        request_id=claimed.request_id,
        exc_info=None if isinstance(error, Busy) else error,
    )


def _text(error: BaseException) -> str:
    """What went wrong, in characters that PostgreSQL can keep."""
    text = f"{type(error).__name__}: {error}".replace("\0", "")
    return text.encode("utf-8", "replace").decode()[:500]


def wait_before_attempt(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: doubled each time up to an hour, shortened at random by up to
    a half so that what failed together does not come back together.
    """
    seconds = min(_LONGEST_WAIT_S, 2.0 ** min(attempts, 20))
    return timedelta(seconds=seconds * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing


def run_pending(*, now: datetime) -> int:
    """Number and deliver everything that is due, also what handlers emit meanwhile; how many were handled.

    A failing handler does not raise: it is logged, and due again later.
    """
    handled = 0
    while True:
        sequenced = sequence(now=now)
        delivered = 0
        while (outcome := deliver_next(now=now)) is not None:
            delivered += outcome
        handled += delivered
        if not sequenced and not delivered:
            return handled


def run_forever(*, stop: threading.Event) -> None:
    """Deliver until told to stop, woken by NOTIFY and at least every second. Survives the loss of its connections.

    What comes after a quiet moment is told at once; what follows it, ten times a second.
    """
    while not stop.is_set():
        try:
            with psycopg.connect(**connection_arguments(), autocommit=True) as listener:
                listener.execute(f"LISTEN {EVENTS_CHANNEL}")
                was_called = False
                while not stop.is_set():
                    next_at = monotonic() + _NUMBERS_EVERY_S
                    if deliver_some(stop=stop) or was_called:
                        # Whoever has just called does not call again (`events.CALLED_FOR_S`), so look once more.
                        was_called = _calls(listener, for_s=max(0.0, next_at - monotonic()), at_most=None)
                    else:
                        was_called = _calls(listener, for_s=_POLL_S, at_most=1)
        except (psycopg.Error, DatabaseError, InterfaceError, Busy) as error:
            logger.warning("the dispatcher was interrupted and tries again", error=str(error))
            connection.close()
            stop.wait(_POLL_S)
    connection.close()


def _calls(listener: psycopg.Connection[Any], *, for_s: float, at_most: int | None) -> bool:
    """Wait so long, or for so many notifications; whether one came. Those that nobody reads the server has to keep."""
    return sum(1 for _ in listener.notifies(timeout=for_s, stop_after=at_most)) > 0


def deliver_some(*, stop: threading.Event) -> bool:
    """Number what is new, and deliver what is due until there may be something new; whether there was anything to do.

    Who watches a cart or an order hears of it once it is numbered, however much else is still to be delivered.
    """
    busy = sequence(now=timezone.now()) > 0
    until = monotonic() + _NUMBERS_EVERY_S  # however long numbering took: something is delivered each time
    while not stop.is_set():
        if deliver_next(now=timezone.now()) is None:
            break
        busy = True
        if monotonic() > until:
            break
    return busy
