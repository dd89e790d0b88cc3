"""One ear per process: a connection that listens to PostgreSQL and tells many streams what happened.

A notification only says that the log has grown; what happened is read from the log, from where the hub stopped. So a
notification that gets lost, or a connection that is terminated, delays messages and loses none.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final
from weakref import WeakKeyDictionary

import psycopg
import structlog

from config.kernel.dispatcher import STREAM_CHANNEL
from config.kernel.errors import Refusal
from config.kernel.listening import connection_arguments
from config.kernel.streams import Message, shown

MAX_SUBSCRIPTIONS: Final = 8000  # per process; granian is started with room for 10,000 connections
_WAITING_MESSAGES: Final = 100  # a reader that is further behind is cut off, and replays when it returns
_POLL_S: Final = 5.0
_LONGEST_PAUSE_S: Final = 5.0
_BATCH: Final = 1000

logger = structlog.get_logger(__name__)

_NEWEST: Final = "SELECT coalesce(max(position), 0) FROM kernel_eventposition"
_READ_ON: Final = """
    SELECT place.position, event.event_id, event.topic, event.name, event.about, event.data
    FROM kernel_eventposition AS place
    JOIN kernel_storedevent AS event ON event.id = place.event_id
    WHERE place.position > %s
    ORDER BY place.position
    LIMIT %s
"""


class StreamsBusy(Refusal):
    """This process cannot take another stream, or cannot reach the database just now."""

    code = "streams_busy"
    status = 503
    title = "No stream can be opened just now."

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "5"}


class Subscription:
    """One stream's messages, in the order of the log."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(_WAITING_MESSAGES)
        self.fell_behind = False

    def tell(self, message: Message) -> None:
        """Add a message, or remember that it did not fit."""
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.fell_behind = True

    async def next(self, *, within_s: float) -> Message | None:
        """The next message, or None when none came in time."""
        try:
            async with asyncio.timeout(within_s):
                return await self._waiting.get()
        except TimeoutError:
            return None


class Hub:
    """The subscriptions of one event loop, and the task that reads the log for them."""

    def __init__(self) -> None:
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._position: int | None = None  # how far the log was read; None until the first connection
        self._reading = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """How many streams are open."""
        return sum(map(len, self._subscriptions.values()))

    async def start(self, *, within_s: float) -> None:
        """Make sure that the log is being read. Errors: StreamsBusy when the database cannot be reached in time, or
        when there are too many streams.
        """
        if self.size >= MAX_SUBSCRIPTIONS:
            raise StreamsBusy
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_for_ever(), name="stream hub")
        try:
            async with asyncio.timeout(within_s):
                await self._reading.wait()
        except TimeoutError as error:
            raise StreamsBusy from error

    @contextmanager
    def subscribe(self, topic: str) -> Iterator[Subscription]:
        """Hear of a topic until the block ends, however it ends."""
        subscription = Subscription()
        self._subscriptions[topic].add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions[topic].discard(subscription)
            if not self._subscriptions[topic]:
                del self._subscriptions[topic]

    async def _read_for_ever(self) -> None:
        pause_s = 0.1
        while True:
            try:
                async with self._listening() as connection:
                    pause_s = 0.1
                    while True:
                        await self._read_on(connection)
                        async for _ in connection.notifies(timeout=_POLL_S, stop_after=1):
                            pass
            except (psycopg.Error, OSError) as error:
                logger.warning("the stream hub lost its database and tries again", error=str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[psycopg.AsyncConnection]:
        connection = await psycopg.AsyncConnection.connect(**connection_arguments(), autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {STREAM_CHANNEL}")
            if self._position is None:
                row = await (await connection.execute(_NEWEST)).fetchone()
                assert row is not None
                self._position = row[0]
            self._reading.set()
            yield connection

    async def _read_on(self, connection: psycopg.AsyncConnection) -> None:
        """Tell the subscribers of everything since the last time."""
        while True:
            rows = await (await connection.execute(_READ_ON, [self._position, _BATCH])).fetchall()
            for row in rows:
                self._position, _, topic, *_ = row
                if topic in self._subscriptions:
                    self._tell(shown(row=row))
            if len(rows) < _BATCH:
                return

    def _tell(self, message: Message | None) -> None:
        if message is not None:
            for subscription in self._subscriptions[message.topic]:
                subscription.tell(message)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop; a server process has one."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
