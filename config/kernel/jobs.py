"""Slow, scheduled and repeated work, as rows of PostgreSQL: a thin port on procrastinate.

A job is promised by the transaction that enqueues it, and vanishes with it. It is run at least once, by any worker on
any machine, so it may be repeated and calls exactly one use case. The library's unique-job lock is not offered: inside
a business transaction a duplicate would abort that transaction. Enqueue a job that takes whatever is due instead.
"""

import functools
import inspect
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Generic, ParamSpec, cast

import structlog
from django.utils import timezone
from procrastinate import tasks
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job as _Row
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.types import JSONValue, TimeDeltaParams

from config.kernel.db import transaction_required

DEFAULT_QUEUE: Final = "default"
MAIL_QUEUE: Final = "mail"  # what may wait for a mail server, so that nothing else waits with it
_LONGEST_WAIT_S: Final = 3600.0
_ATTEMPTS_OF_STALLED: Final = 20  # a job that takes its worker down with it every time is given up then

P = ParamSpec("P")

logger = structlog.get_logger(__name__)

# Not the library's own: inside a worker that one writes through connections of its own, beside the transaction.
_enqueuer: Final = JobManager(DjangoConnector())


class _BackOff(BaseRetryStrategy):
    """Wait longer after each failure, up to an hour, and give up after so many attempts."""

    def __init__(self, *, attempts: int) -> None:
        self.attempts = attempts

    def get_retry_decision(self, *, exception: BaseException, job: _Row) -> RetryDecision | None:
        if job.attempts + 1 >= self.attempts:
            return None
        seconds = min(_LONGEST_WAIT_S, 2.0 ** (job.attempts + 1)) * random.uniform(0.5, 1.0)  # noqa: S311
        return RetryDecision(retry_at=timezone.now() + timedelta(seconds=seconds))


@dataclass(frozen=True, kw_only=True)
class Job(Generic[P]):
    """A function that workers can run. Calling it runs it here and now."""

    name: str
    queue: str
    priority: int
    function: Callable[P, None]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        self.function(*args, **kwargs)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A job that runs by the clock; `cron` is in UTC."""

    name: str
    cron: str
    function: Callable[..., Any] = field(compare=False)


_schedules: dict[str, Schedule] = {}
_queues = {DEFAULT_QUEUE}


def _name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def job(
    *, queue: str = DEFAULT_QUEUE, attempts: int = 10, priority: int = 0
) -> Callable[[Callable[P, None]], Job[P]]:
    """Declare a job: a function of keyword arguments that JSON can write (ids as text).

    A failure is repeated after a growing, jittered wait until it was attempted `attempts` times; then it is logged as
    an error and kept as failed. Of one queue the jobs of the highest `priority` are taken first.
    """

    def declare(function: Callable[P, None]) -> Job[P]:
        name = _name_of(function)
        app.task(name=name, queue=queue, priority=priority, retry=_BackOff(attempts=attempts))(function)
        _queues.add(queue)
        return Job(name=name, queue=queue, priority=priority, function=function)

    return declare


@transaction_required
def enqueue(what: Job[P], *args: P.args, **kwargs: P.kwargs) -> None:
    """Promise a job, as part of the caller's transaction.

    Errors: TransactionMisuse outside a transaction; TypeError for arguments that are positional or not JSON.
    """
    if args:
        raise TypeError(f"{what.name} takes keyword arguments only")
    _promise(what, {}, kwargs)


@transaction_required
def enqueue_in(seconds: int, what: Job[P], *args: P.args, **kwargs: P.kwargs) -> None:
    """`enqueue`, for a job that begins so many seconds from now at the earliest. Errors: as `enqueue`."""
    if args:
        raise TypeError(f"{what.name} takes keyword arguments only")
    _promise(what, {"seconds": seconds}, kwargs)


def _promise(what: Job[Any], after: TimeDeltaParams, arguments: Mapping[str, Any]) -> None:
    promised = tasks.configure_task(
        name=what.name,
        job_manager=_enqueuer,
        queue=what.queue,
        priority=what.priority,
        schedule_in=after or None,
    )
    promised.defer(**cast(dict[str, JSONValue], arguments))


def every(cron: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Run a function by the clock (UTC), once per tick however many workers there are: `def f(*, now: datetime)`.

    A tick that no worker saw is made up for up to ten minutes later. A failed run is not repeated before its next
    tick, so the function takes whatever is due.
    """

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        name = _name_of(function)
        _schedules[name] = Schedule(name=name, cron=cron, function=function)
        app.periodic(cron=cron)(app.task(name=name, queue=DEFAULT_QUEUE)(_by_the_clock(function)))
        return function

    return declare


def _by_the_clock(function: Callable[..., Any]) -> Callable[..., Any]:
    """What the library calls with the tick's `timestamp`; a late run works with the moment it runs at."""
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run_async(*, timestamp: int) -> None:
            await function(now=timezone.now())

        return run_async

    @functools.wraps(function)
    def run(*, timestamp: int) -> None:
        function(now=timezone.now())

    return run


def queues() -> tuple[str, ...]:
    """Every queue that some job is declared for."""
    return tuple(sorted(_queues))


def scheduled() -> tuple[Schedule, ...]:
    """Everything that runs by the clock."""
    return tuple(_schedules[name] for name in sorted(_schedules))


async def recover_stalled_jobs(*, silent_for_s: float) -> int:
    """Give back the jobs of workers that died: whose heartbeat is older than `silent_for_s`; how many.

    A job that was given back too often is failed instead, since it may be what kills the workers.
    """
    recovered = 0
    for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_for_s):
        assert stalled.id is not None
        if stalled.attempts >= _ATTEMPTS_OF_STALLED:
            await app.job_manager.finish_job(job=stalled, status=Status.FAILED, delete_job=False)
            logger.error("a job was given up: its workers keep dying", job=stalled.id, task=stalled.task_name)
            continue
        await app.job_manager.retry_job_by_id_async(job_id=stalled.id, retry_at=timezone.now())
        logger.warning("a job was taken from a dead worker", job=stalled.id, task=stalled.task_name)
        recovered += 1
    return recovered


async def forget_finished_jobs(*, older_than: timedelta) -> None:
    """Delete the jobs that ended before that, whatever their end."""
    await app.job_manager.delete_old_jobs(
        nb_hours=int(older_than.total_seconds() // 3600),
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )
