"""A topic's events as a stream of server-sent events, for the ASGI process (`decisions.md`, Streams).

A slice's route names the topic and hands the request over:

    async def cart_stream(request: HttpRequest, cart_id: UUID) -> HttpResponseBase:
        return await stream_events(request, topic=topic_of("cart_id", cart_id))
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final, ParamSpec, TypeVar

import orjson
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from config.kernel.errors import invalid
from config.kernel.rest.problems import MethodNotAllowed, problem_response, translate
from config.kernel.stream_hub import Hub, hub
from config.kernel.streams import REPLAY_BATCH, Message, newest_position, read_topic, use_ticket

HEARTBEAT_S: Final = 15.0  # proxies cut connections that are silent for longer
RETRY_MS: Final = 2000
STREAM_LASTS_S: Final = (
    1800.0  # then the client asks for another ticket, and its right to watch is looked at again
)
_HUB_WAITS_S: Final = 5.0
_READS: Final = 4
_READ_AGAIN_S: Final = 0.2

P = ParamSpec("P")
R = TypeVar("R")


async def stream_events(request: HttpRequest, *, topic: str) -> HttpResponseBase:
    """What happens to `topic` from now on, or from `Last-Event-ID` (header, or `?last_event_id=`), for half an hour.

    Needs `?ticket=`. The messages are JSON: `event_id`, `name`, `about`, `data`; their `id:` is the position.
    Refusals are answered as problems: TicketNotValid, StreamsBusy, a malformed last event id.
    """
    try:
        if request.method != "GET":
            raise MethodNotAllowed("GET")
        last_seen = _last_event_id(request)
        opened_at = await _in_database(
            use_ticket, ticket=request.GET.get("ticket", ""), topic=topic, now=timezone.now()
        )
        ear = hub()
        await ear.start(within_s=_HUB_WAITS_S)
        if last_seen is not None:
            # A position from another life of the database must not silence the stream.
            opened_at = min(last_seen, await _in_database(newest_position))
    except Exception as error:
        refusal = translate(error)
        if refusal is None:
            raise
        return problem_response(refusal)
    return StreamingHttpResponse(
        _messages(ear, topic=topic, after=opened_at),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _last_event_id(request: HttpRequest) -> int | None:
    given = request.headers.get("Last-Event-ID") or request.GET.get("last_event_id")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise invalid(
            "?last_event_id", "invalid_last_event_id", "The last event id is the `id:` of a message."
        )
    return int(given)


async def _messages(ear: Hub, *, topic: str, after: int) -> AsyncIterator[bytes]:
    """The replay, then the live messages; subscribed before the replay is read, so that nothing falls between."""
    ends_at = asyncio.get_running_loop().time() + STREAM_LASTS_S
    with ear.subscribe(topic) as subscription:
        yield f"retry: {RETRY_MS}\n\n".encode()
        replay = None
        while replay is None or len(replay) == REPLAY_BATCH:
            replay = await _read_missed(topic=topic, after=after)
            for missed in replay:
                after = missed.position
                yield _event(missed)
        while not subscription.fell_behind and asyncio.get_running_loop().time() < ends_at:
            message = await subscription.next(within_s=HEARTBEAT_S)
            if message is None:
                yield b": still here\n\n"
            elif message.position > after:
                after = message.position
                yield _event(message)


async def _read_missed(*, topic: str, after: int) -> list[Message]:
    """What was missed. It changes nothing, so it is read again when the database took its connection away meanwhile:
    the answer has begun, and no problem can be told any more.
    """
    for _ in range(_READS - 1):
        try:
            return await _in_database(read_topic, topic=topic, after=after)
        except OperationalError:
            await asyncio.sleep(_READ_AGAIN_S)
    return await _in_database(read_topic, topic=topic, after=after)


def _event(message: Message) -> bytes:
    body = {
        "event_id": message.event_id,
        "name": message.name,
        "about": message.about,
        "data": dict(message.data),
    }
    return b"id: %d\ndata: %s\n\n" % (message.position, orjson.dumps(body))


async def _in_database(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run database work in a thread and give its connection back at once.

    Not in Django's own thread for this request: that one lives as long as the stream, and would keep a connection of
    the pool for every reader.
    """

    def run() -> R:
        try:
            return function(*args, **kwargs)
        finally:
            connection.close()

    return await sync_to_async(run, thread_sensitive=False)()
