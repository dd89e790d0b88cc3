"""Facts: what some transaction made true, written in that transaction and told to handlers afterwards.

An event class is a frozen dataclass of primitives, ids and moments with a `name` for ever (`app.fact`). `emit` writes
it into the log of the current transaction, so that there is no fact without its event and no event without its fact.
`config.kernel.dispatcher` then tells every handler, at least once.

Handlers are idempotent, indifferent to order, short, and touch only the database. An event is handed to the handlers
that the worker knows which sequences it: a handler that is added later does not hear of older events, so a release
replaces its workers before the web processes that emit for new handlers.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

import orjson
from django.db import connection, transaction

from config.kernel import worker_beats
from config.kernel.actors import Actor
from config.kernel.context import request_id
from config.kernel.db import transaction_required
from config.kernel.ids import new_id
from config.kernel.prepared import Prepared
from config.kernel.values import from_json, to_json

EVENTS_CHANNEL: Final = "polku_events"  # NOTIFY: a transaction with events has committed

# What a handler may ask for beside the event, by naming it as a keyword argument.
_HANDLER_EXTRAS: Final = frozenset({"event_id", "now", "by"})

E = TypeVar("E", bound="Event")
_HandlerFunction = TypeVar("_HandlerFunction", bound=Callable[..., None])

_events: dict[str, type["Event"]] = {}
_handlers: dict[str, "Handler"] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of all events. Subclasses are frozen, keyword-only dataclasses and set:

    `name`     `app.fact`, for ever: stored events are read back by it;
    `subject`  the field that says what the event concerns; `cart_id` makes the topic `cart:<value>`;
    `streamed` the fields that a live stream of that topic may show, or None when streams do not tell of it at all.
    """

    name: ClassVar[str]
    subject: ClassVar[str]
    streamed: ClassVar[tuple[str, ...] | None] = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        known = _events.setdefault(cls.name, cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"two events are named {cls.name}: {known.__qualname__} and {cls.__qualname__}")
        _events[cls.name] = cls

    @property
    def about(self) -> UUID | None:
        """The public id of what it concerns; None when that is known by a code or SKU."""
        value = getattr(self, self.subject)
        return value if isinstance(value, UUID) else None

    @property
    def topic(self) -> str:
        """What it concerns, as `kind:value`. Streams subscribe to topics."""
        return topic_of(self.subject, getattr(self, self.subject))

    def to_data(self) -> dict[str, Any]:
        """The fields, JSON-safe."""
        data = to_json(self)
        assert isinstance(data, dict)
        return data


def topic_of(subject: str, value: UUID | str) -> str:
    """The topic of the events whose `subject` field holds `value`: `topic_of("cart_id", …)` is `cart:…`."""
    kind = subject.removesuffix("_id").removesuffix("_ref")
    return f"{kind}:{value}"


def read_event(name: str, data: Mapping[str, Any]) -> Event:
    """A stored event. Errors: KeyError for an unknown name, what cattrs raises for data that does not fit."""
    return from_json(_events[name], data)


def find_event(name: str) -> type[Event] | None:
    """The class of that name, or None: its code may have been removed while its events remain."""
    return _events.get(name)


def registered_events() -> tuple[type[Event], ...]:
    """Every event class that was imported, by name."""
    return tuple(_events[name] for name in sorted(_events))


@dataclass(frozen=True, kw_only=True)
class Handler:
    """A function that is told of one kind of event, known to the receipts by `name`.

    With `together` it is told of several at once.
    """

    name: str
    event: type[Event]
    function: Callable[..., None]
    extras: frozenset[str]
    together: bool = False

    def handle(self, event: Event, *, event_id: UUID, now: datetime, by: Actor) -> None:
        """Tell the handler; `now` is when the event occurred, so that a repetition writes the same."""
        if self.together:
            self.function([event])
            return
        offered = {"event_id": event_id, "now": now, "by": by}
        self.function(event, **{name: value for name, value in offered.items() if name in self.extras})


def handles(event: type[Event]) -> Callable[[_HandlerFunction], _HandlerFunction]:
    """Register a function for an event: `def on_x(event: X, *, now: datetime, by: Actor) -> None`.

    It names the keyword arguments it needs: `event_id` (to recognise a repetition), `now` (when the event occurred),
    `by` (who made it happen). Its receipts are kept as `app.function`, so renaming the function within an app would
    leave what is due to the old name undelivered.
    """

    def register(function: _HandlerFunction) -> _HandlerFunction:
        parameters = list(inspect.signature(function).parameters.values())
        extras = frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
        if extras - _HANDLER_EXTRAS or len(parameters) != len(extras) + 1:
            raise TypeError(
                f"{function.__qualname__} must take an event and may take {sorted(_HANDLER_EXTRAS)} by keyword"
            )
        return _register(function, event=event, extras=extras)

    return register


def handles_together(event: type[Event]) -> Callable[[_HandlerFunction], _HandlerFunction]:
    """Register a function for many events of one kind: `def on_x(events: Sequence[X]) -> None`.

    For a handler that makes something agree with what is true now, to which events only say where to look: a hundred
    of them cost it little more than one. When it fails, the oldest of them is told alone, so that one that cannot be
    handled holds up no others.
    """

    def register(function: _HandlerFunction) -> _HandlerFunction:
        if len(inspect.signature(function).parameters) != 1:
            raise TypeError(f"{function.__qualname__} must take events and nothing else")
        return _register(function, event=event, together=True)

    return register


def _register(
    function: _HandlerFunction,
    *,
    event: type[Event],
    extras: frozenset[str] = frozenset(),
    together: bool = False,
) -> _HandlerFunction:
    name = f"{function.__module__.partition('.')[0]}.{function.__name__}"
    known = _handlers.get(name)
    if known is not None and known.function.__module__ != function.__module__:
        raise TypeError(f"two handlers are named {name}")
    _handlers[name] = Handler(name=name, event=event, function=function, extras=extras, together=together)
    return function


def registered_handlers() -> Iterator[Handler]:
    """Every handler that was imported."""
    return iter(tuple(_handlers.values()))


def find_handler(name: str) -> Handler | None:
    """The handler of that name, or None when its code has gone."""
    return _handlers.get(name)


# One round trip: the event, and its place in the sequencer's queue.
_INSERT: Final = Prepared(
    """
    WITH event AS (
        INSERT INTO kernel_storedevent (event_id, name, about, topic, data, actor, request_id, occurred_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        RETURNING id
    )
    INSERT INTO kernel_unsequencedevent (event_id) SELECT id FROM event
    """
)
_INSERT_MANY: Final = Prepared(
    """
    WITH event AS (
        INSERT INTO kernel_storedevent
            (event_id, name, about, topic, data, actor, request_id, occurred_at)
        SELECT event_id, name, about, topic, data::jsonb, %s::jsonb, %s::text, %s::timestamptz
        FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::text[]) WITH ORDINALITY
            AS told(event_id, name, about, topic, data, place)
        ORDER BY place
        RETURNING id
    )
    INSERT INTO kernel_unsequencedevent (event_id) SELECT id FROM event
    """
)
# After the commit and not within it: PostgreSQL lets transactions that notify commit one at a time, each waiting for
# the disk. A call that is lost costs the second after which workers look by themselves.
_WAKE: Final = Prepared(
    """
    SELECT
        pg_notify(%s, ''),
        (SELECT extract(epoch FROM clock_timestamp() - max(beat_at))::float8 FROM kernel_workerbeat)
    """
)


CALLED_FOR_S: Final = 0.08
"""How long a call holds: a worker that was called looks once more after a tenth of a second (`dispatcher`), so what
this process commits meanwhile is seen then, and need not call. Where much is written most calls would be such."""

_called_at = 0.0


def _wake_workers() -> None:
    """Call the workers unless that was just done, and notice when there are none."""
    global _called_at  # noqa: PLW0603 - the process's; two threads at once may call twice
    now = monotonic()
    if now - _called_at < CALLED_FOR_S:
        return
    _called_at = now
    ((_, silent_for_s),) = _WAKE.fetch_all([EVENTS_CHANNEL])
    worker_beats.warn_if_silent(silent_for_s)


@transaction_required
def emit(event: Event, *, by: Actor, now: datetime) -> UUID:
    """Write the event into the log, as part of the caller's transaction; its id.

    Errors: TransactionMisuse outside a transaction.
    """
    event_id = new_id()
    told = [event_id, event.name, event.about, event.topic, _json(event.to_data())]
    _INSERT.run([*told, _json(to_json(by)), request_id.get(), now])
    _wake_after_commit()
    return event_id


@transaction_required
def emit_all(events: Sequence[Event], *, by: Actor, now: datetime) -> list[UUID]:
    """Write many events into the log at once, in this order; their ids. Errors: TransactionMisuse."""
    event_ids = [new_id() for _ in events]
    if not events:
        return event_ids
    _INSERT_MANY.run(
        [
            _json(to_json(by)),
            request_id.get(),
            now,
            event_ids,
            [event.name for event in events],
            [event.about for event in events],
            [event.topic for event in events],
            [_json(event.to_data()) for event in events],
        ]
    )
    _wake_after_commit()
    return event_ids


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _wake_after_commit() -> None:
    if not any(entry[1] is _wake_workers for entry in connection.run_on_commit):
        transaction.on_commit(_wake_workers, robust=True)
