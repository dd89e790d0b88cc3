"""One worker process: events to handlers, jobs from the queue, the clock's schedules, and a sign of life.

Any number of them may run, on any number of machines. Losing the database stops none of them; losing one of its own
parts ends the process, so that whoever supervises it starts another instead of keeping half a worker.
"""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

import psycopg
import structlog
from django.db import DatabaseError, InterfaceError, connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from config.kernel import dispatcher, jobs, worker_beats
from config.kernel.events import registered_handlers
from config.kernel.listening import connection_arguments

CONCURRENT_JOBS: Final = 4
CONCURRENT_MAILS: Final = 2  # beside the others: a mail server that hangs holds up mail alone
_JOBS_MAY_FINISH_S: Final = 2.0
_STOPS_WITHIN_S: Final = 2.8  # then what still runs is cut off: another worker repeats it
_PAUSE_S: Final = 1.0
_POLL_S: Final = 2.0  # for jobs that become due; new ones are notified

logger = structlog.get_logger(__name__)


class Worker:
    """The parts of one process, and how they are stopped together."""

    def __init__(self, *, concurrent_jobs: int) -> None:
        self.name: Final = f"{socket.gethostname()}:{os.getpid()}"[-100:]
        self.failed = False
        self._concurrent_jobs = concurrent_jobs
        self._stopping = threading.Event()
        self._jobs: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, or until a part fails (`failed` is true then)."""
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signal_number, self._stop)
        parts = [
            self._start(loop, "dispatcher", lambda: dispatcher.run_forever(stop=self._stopping)),
            self._start(loop, "beats", self._beat),
        ]
        self._jobs = asyncio.create_task(self._run_jobs())
        logger.info(
            "worker started",
            worker=self.name,
            handlers=len(list(registered_handlers())),
            schedules=len(jobs.scheduled()),
        )
        await asyncio.wait([self._jobs])
        if not self._stopping.is_set():
            self.failed = True
            logger.error("a part of the worker failed", part="jobs", exc_info=self._jobs.exception())
        self._stop()
        for part in parts:
            await asyncio.to_thread(part.join)
        logger.info("worker stopped", worker=self.name)

    def _start(
        self, loop: asyncio.AbstractEventLoop, name: str, function: Callable[[], None]
    ) -> threading.Thread:
        def run() -> None:
            try:
                function()
            except Exception:
                logger.exception("a part of the worker failed", part=name)
                self.failed = True
                loop.call_soon_threadsafe(self._stop)

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        return thread

    def _stop(self) -> None:
        if self._stopping.is_set():
            return
        self._stopping.set()
        cut_off = threading.Timer(_STOPS_WITHIN_S, self._cut_off)
        cut_off.daemon = True
        cut_off.start()
        if self._jobs is not None:
            self._jobs.cancel()

    def _cut_off(self) -> None:
        logger.warning("worker stopped with work in hand, which is repeated by the next", worker=self.name)
        os._exit(1 if self.failed else 0)

    def _beat(self) -> None:
        while not self._stopping.is_set():
            try:
                worker_beats.beat(worker=self.name)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("this worker could not say that it is alive", error=str(error))
                connection.close()
            self._stopping.wait(worker_beats.BEAT_EVERY_S)
        worker_beats.say_goodbye(worker=self.name)
        connection.close()

    async def _run_jobs(self) -> None:
        while True:
            connector = PsycopgConnector(
                kwargs=connection_arguments(),
                min_size=1,
                max_size=self._concurrent_jobs + CONCURRENT_MAILS + 4,
            )
            try:
                with app.replace_connector(connector):
                    async with app.open_async(), asyncio.TaskGroup() as parts:
                        others = [queue for queue in jobs.queues() if queue != jobs.MAIL_QUEUE]
                        parts.create_task(self._take_jobs(others, at_once=self._concurrent_jobs))
                        parts.create_task(self._take_jobs([jobs.MAIL_QUEUE], at_once=CONCURRENT_MAILS))
            except* (ConnectorException, psycopg.Error, OSError) as lost:
                error = str(lost.exceptions[0])
                logger.warning("the job worker lost its database and tries again", error=error)
            await asyncio.sleep(_PAUSE_S)

    async def _take_jobs(self, queues: Sequence[str], *, at_once: int) -> None:
        await app.run_worker_async(
            queues=queues,
            name=self.name,
            concurrency=at_once,
            fetch_job_polling_interval=_POLL_S,
            install_signal_handlers=False,
            shutdown_graceful_timeout=_JOBS_MAY_FINISH_S,
        )
