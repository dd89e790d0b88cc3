"""What must be true of the data at every moment, as queries that find the rows for which it is not.

Each app registers its own beside the slice they speak of (`reliability.md`, I1-I18). `manage.py check_invariants`
runs them all; tests run them after every kill and every race.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from django.db import connection
from django.db.models import Model, QuerySet

# Rows that must not exist: a queryset, or SQL in which %(now)s is the present moment and a literal % is %%.
Offenders: TypeAlias = QuerySet[Any, Any] | str

ROWS_SHOWN: Final = 20

_invariants: dict[str, "Invariant"] = {}


@dataclass(frozen=True, kw_only=True)
class Invariant:
    """A rule: `says` describes the rows that break it."""

    code: str
    says: str
    offenders: Callable[[], Offenders]


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A broken rule with its first rows."""

    code: str
    says: str
    rows: tuple[Mapping[str, Any], ...]


def invariant(code: str, says: str) -> Callable[[Callable[[], Offenders]], Callable[[], Offenders]]:
    """Register a rule: the function returns the rows that must not exist.

    Several functions may share a code (`I12`); code and sentence together are unique.
    """

    def register(offenders: Callable[[], Offenders]) -> Callable[[], Offenders]:
        name = f"{offenders.__module__}.{offenders.__qualname__}"
        _invariants[name] = Invariant(code=code, says=says, offenders=offenders)
        return offenders

    return register


def registered_invariants() -> tuple[Invariant, ...]:
    """Every rule that was imported, by code."""
    return tuple(sorted(_invariants.values(), key=lambda rule: (len(rule.code), rule.code, rule.says)))


def check(*, now: datetime) -> list[Violation]:
    """Run every rule; those that are broken, with at most 20 of their rows each."""
    return [
        Violation(code=rule.code, says=rule.says, rows=rows)
        for rule in registered_invariants()
        if (rows := _rows(rule.offenders(), now=now))
    ]


def _rows(offenders: Offenders, *, now: datetime) -> tuple[Mapping[str, Any], ...]:
    if isinstance(offenders, QuerySet):
        return tuple(row if isinstance(row, dict) else _columns(row) for row in offenders[:ROWS_SHOWN])
    with connection.cursor() as cursor:
        cursor.execute(offenders, {"now": now})
        names = [column.name for column in cursor.description]
        return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchmany(ROWS_SHOWN))


def _columns(row: Model) -> Mapping[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@invariant("I12", "deliveries that were due for more than 15 minutes and are not handled")
def undelivered() -> Offenders:
    """`due_at` moves with each failed attempt, so the age is that of the event."""
    return """
        SELECT delivery.id, delivery.handler, delivery.attempts, delivery.last_error, event.name, event.occurred_at
        FROM kernel_delivery AS delivery JOIN kernel_storedevent AS event ON event.id = delivery.event_id
        WHERE delivery.handled_at IS NULL AND event.occurred_at < %(now)s - interval '15 minutes'
        ORDER BY delivery.id
    """


@invariant("I12", "events that have had no position for more than 15 minutes")
def unsequenced() -> Offenders:
    """No worker is running, or the sequencer fails."""
    return """
        SELECT event.id, event.name, event.occurred_at
        FROM kernel_unsequencedevent AS waiting JOIN kernel_storedevent AS event ON event.id = waiting.event_id
        WHERE event.occurred_at < %(now)s - interval '15 minutes'
        ORDER BY event.id
    """


@invariant("I12", "events that are neither in the log nor on their way into it")
def lost() -> Offenders:
    """An event has a position, or waits for one."""
    return """
        SELECT event.id, event.name, event.occurred_at
        FROM kernel_storedevent AS event
        WHERE NOT EXISTS (SELECT FROM kernel_eventposition AS place WHERE place.event_id = event.id)
            AND NOT EXISTS (SELECT FROM kernel_unsequencedevent AS waiting WHERE waiting.event_id = event.id)
        ORDER BY event.id
    """


@invariant("I12", "positions of the log that are missing")
def gaps() -> Offenders:
    """Positions count 1, 2, 3 … without a gap."""
    return """
        SELECT count(*) AS events, max(position) AS newest FROM kernel_eventposition
        HAVING count(*) <> coalesce(max(position), 0)
    """
