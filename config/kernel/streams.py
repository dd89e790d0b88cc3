"""Live streams: what happens to one thing, sent to whoever watches it, as server-sent events.

`config.kernel.stream_hub` listens for one process and tells its subscribers of their topics; here is what a stream
may say, and who may open it. The `id:` of a message is its position in the event log, so a reader that was away says
where it stopped (`Last-Event-ID`) and gets the rest. Messages carry ids and the fields that an event declares as
`streamed`, nothing that would need a second look at who is watching.

A browser's EventSource sends no headers, so a stream is opened with a ticket that is good for one use and a minute.
Reconnecting to the same URL therefore answers 401, upon which the client asks for another ticket.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from config.kernel.db import open_transaction, transaction_required
from config.kernel.errors import Refusal
from config.kernel.events import find_event, registered_events
from config.kernel.models import EventPosition, StreamTicket

TICKET_LASTS: Final = timedelta(seconds=60)
REPLAY_BATCH: Final = 500

# Of the log: position, event_id, topic, name, about, data.
Row: TypeAlias = tuple[int, UUID, str, str, UUID | None, Mapping[str, Any]]


class TicketNotValid(Refusal):
    """The ticket is missing, unknown, used, too old, or for another stream."""

    code = "invalid_stream_ticket"
    status = 401
    title = "This stream needs a fresh ticket."

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "StreamTicket"}


@dataclass(frozen=True, kw_only=True)
class Message:
    """One event as a stream shows it."""

    position: int
    event_id: UUID
    topic: str
    name: str
    about: UUID | None
    data: Mapping[str, Any]


@transaction_required
def issue_ticket(*, topic: str, now: datetime) -> str:
    """A ticket for one stream of this topic; returned once, only its digest is kept.

    The stream will begin where the event log stands now, so a client asks for the ticket, then reads the thing's
    present state, and misses nothing in between.
    """
    ticket = secrets.token_urlsafe(32)
    StreamTicket.objects.create(
        digest=_digest(ticket),
        topic=topic,
        after_position=newest_position(),
        expires_at=now + TICKET_LASTS,
    )
    return ticket


def use_ticket(*, ticket: str, topic: str, now: datetime) -> int:
    """Consume a ticket; the position after which the stream begins.

    The update is the lock: of two that come at once, the second finds no unused ticket. Errors: TicketNotValid.
    """
    with open_transaction():
        mine = StreamTicket.objects.filter(digest=_digest(ticket), topic=topic)
        if not mine.filter(used_at=None, expires_at__gt=now).update(used_at=now):
            raise TicketNotValid
        return mine.values_list("after_position", flat=True).get()


def forget_old_tickets(*, now: datetime) -> int:
    """Remove tickets that can no longer be used; how many."""
    removed, _ = StreamTicket.objects.filter(expires_at__lt=now).delete()
    return removed


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()


def newest_position() -> int:
    """Where the event log stands; 0 while it is empty."""
    newest = EventPosition.objects.order_by("-position").values_list("position", flat=True).first()
    return newest or 0


def read_topic(*, topic: str, after: int) -> list[Message]:
    """What streams may tell of one thing after a position, oldest first: at most 500, so ask again from the last."""
    rows = (
        EventPosition.objects.filter(event__topic=topic, position__gt=after, event__name__in=streamed_names())
        .order_by("position")
        .values_list(
            "position", "event__event_id", "event__topic", "event__name", "event__about", "event__data"
        )
    )
    return [message for row in rows[:REPLAY_BATCH] if (message := shown(row=row)) is not None]


def streamed_names() -> list[str]:
    """The names of the events that streams tell of."""
    return [event.name for event in registered_events() if event.streamed is not None]


def shown(*, row: Row) -> Message | None:
    """An event as a stream may show it, or None when it may not: its class decides, and an unknown one says no."""
    position, event_id, topic, name, about, data = row
    event = find_event(name)
    if event is None or event.streamed is None:
        return None
    visible = {field: data[field] for field in event.streamed if field in data}
    return Message(position=position, event_id=event_id, topic=topic, name=name, about=about, data=visible)
