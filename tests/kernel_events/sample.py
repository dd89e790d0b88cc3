"""Facts, handlers and jobs that only the tests know. What they did is found in the audit trail."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import connection
from django.utils import timezone

from config.kernel import actors, audit
from config.kernel.actors import Actor
from config.kernel.db import open_transaction, transaction_required
from config.kernel.events import Event, emit, handles, handles_together
from config.kernel.jobs import enqueue, every, job
from config.kernel.models import AuditEntry

TESTER = actors.system("tester")


@dataclass(frozen=True, kw_only=True)
class BellRang(Event):
    """A bell rang; everybody may hear how often."""

    name: ClassVar[str] = "tests.bell_rang"
    subject: ClassVar[str] = "bell_id"
    streamed: ClassVar[tuple[str, ...] | None] = ("times",)

    bell_id: UUID
    times: int = 1
    secret: str = ""


@dataclass(frozen=True, kw_only=True)
class EchoHeard(Event):
    """A bell was heard; streams do not tell of it."""

    name: ClassVar[str] = "tests.echo_heard"
    subject: ClassVar[str] = "wall"

    wall: str
    bell_id: UUID


@dataclass(frozen=True, kw_only=True)
class WallSoiled(Event):
    """A wall has to be painted; of several painted together each needs one coat."""

    name: ClassVar[str] = "tests.wall_soiled"
    subject: ClassVar[str] = "wall"

    wall: str


class HandlerMisbehaves:
    """What the next deliveries of the `echo` handler do."""

    error: ClassVar[Exception | None] = None
    break_at_commit: ClassVar[bool] = False


@transaction_required
def note(*, action: str, bell_id: UUID | str, now: datetime, by: Actor = TESTER) -> None:
    """Leave a trace that a test can count."""
    audit.record(action=action, by=by, arguments={"bell_id": str(bell_id)}, now=now)


def noted(action: str, bell_id: UUID | str) -> int:
    """How many traces there are."""
    return AuditEntry.objects.filter(action=action, subject__bell_id=str(bell_id)).count()


@handles(BellRang)
def hear(event: BellRang, *, now: datetime, by: Actor) -> None:
    """The well-behaved handler."""
    note(action="heard", bell_id=event.bell_id, now=now, by=by)


class Painter:
    """What the handler that takes walls together was told at once, and which of them cannot be painted."""

    told: ClassVar[list[list[str]]] = []
    refuses: ClassVar[str] = ""


@handles_together(WallSoiled)
def paint(events: Sequence[WallSoiled]) -> None:
    """The handler that takes many events at once."""
    walls = [event.wall for event in events]
    Painter.told.append(walls)
    for wall in walls:
        note(action="painted", bell_id=wall, now=timezone.now())
    if Painter.refuses in walls:
        raise ValueError(f"not {Painter.refuses}")


@handles(BellRang)
def echo(event: BellRang, *, event_id: UUID, now: datetime, by: Actor) -> None:
    """The handler that says something itself, and can be told to fail."""
    note(action="echoed", bell_id=event.bell_id, now=now)
    if HandlerMisbehaves.error is not None:
        raise HandlerMisbehaves.error
    if HandlerMisbehaves.break_at_commit:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO kernel_unsequencedevent (event_id) VALUES (-1)")
    emit(EchoHeard(wall="north", bell_id=event.bell_id), by=by, now=now)


@handles(EchoHeard)
def hear_echo(event: EchoHeard) -> None:
    """A handler of an event that a handler emitted."""
    note(action="heard_echo", bell_id=event.bell_id, now=timezone.now())


def ring(bell_id: UUID, *, times: int = 1, now: datetime) -> UUID:
    """Emit in a transaction of its own."""
    with open_transaction():
        return emit(BellRang(bell_id=bell_id, times=times, secret="of the founder"), by=TESTER, now=now)


@job()
def polish(*, bell_id: str) -> None:
    """A job that leaves a trace."""
    with open_transaction():
        note(action="polished", bell_id=bell_id, now=timezone.now())


@job()
def polish_and_promise_in_vain(*, bell_id: str) -> None:
    """A job whose transaction enqueues another job and is rolled back."""
    try:
        with open_transaction():
            enqueue(polish, bell_id=bell_id)
            raise ZeroDivisionError
    except ZeroDivisionError:
        with open_transaction():
            note(action="gave_up", bell_id=bell_id, now=timezone.now())


@job(attempts=3)
def cast(*, bell_id: str) -> None:
    """A job that takes its first worker down with it."""
    with open_transaction():
        note(action="cast_begun", bell_id=bell_id, now=timezone.now())
    if noted("cast_begun", bell_id) == 1:
        os.kill(os.getpid(), 9)
    with open_transaction():
        note(action="cast_done", bell_id=bell_id, now=timezone.now())


@job()
def dream(*, bell_id: str) -> None:
    """A job that takes longer than anybody waits."""
    with open_transaction():
        note(action="dreaming", bell_id=bell_id, now=timezone.now())
    time.sleep(60)


@job(attempts=2)
def fail(*, bell_id: str) -> None:
    """A job that cannot succeed."""
    with open_transaction():
        note(action="failed", bell_id=bell_id, now=timezone.now())
    raise ValueError("a crack in the bell")


@every("* * * * *")
def toll(*, now: datetime) -> None:
    """By the clock."""
    with open_transaction():
        note(action="tolled", bell_id="tower", now=now)
