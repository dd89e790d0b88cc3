"""Whether a worker is alive: workers say so every few seconds, and who depends on them warns when they do not.

Without a worker nothing is lost, but nothing follows: no event reaches its handlers, no mail leaves. That must be
seen, in the log of the web processes as in `/health/ready`.
"""

import time
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import connection

from config.kernel.models import WorkerBeat

BEAT_EVERY_S: Final = 5.0
SILENT_AFTER_S: Final = 30.0
_WARN_EVERY_S: Final = 60.0
_KEPT_FOR: Final = timedelta(days=1)

logger = structlog.get_logger(__name__)


class _Watch:
    """What this process knows: whether it expects a worker, and when it last complained."""

    expected = False
    warned_at = float("-inf")


def expect_a_worker() -> None:
    """From now on this process warns when it emits events that no worker will deliver. For web processes."""
    _Watch.expected = True


def warn_if_silent(silent_for_s: float | None) -> None:
    """Log a warning when the newest beat is too old, or there is none; once a minute at most."""
    if not _Watch.expected or (silent_for_s is not None and silent_for_s <= SILENT_AFTER_S):
        return
    if time.monotonic() - _Watch.warned_at < _WARN_EVERY_S:
        return
    _Watch.warned_at = time.monotonic()
    logger.warning(
        "no worker is running: events are kept but not delivered",
        silent_for_s=None if silent_for_s is None else round(silent_for_s),
    )


def beat(*, worker: str) -> None:
    """Say that this worker is alive, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_workerbeat (worker, beat_at) VALUES (%s, clock_timestamp()) "
            "ON CONFLICT (worker) DO UPDATE SET beat_at = clock_timestamp()",
            [worker],
        )


def say_goodbye(*, worker: str) -> None:
    """This worker stops on purpose."""
    WorkerBeat.objects.filter(worker=worker).delete()


def forget_old_beats(*, now: datetime) -> int:
    """Remove the workers that were killed more than a day ago; how many."""
    removed, _ = WorkerBeat.objects.filter(beat_at__lt=now - _KEPT_FOR).delete()
    return removed


def silent_for_s() -> float | None:
    """Seconds since any worker's last beat, by the database's clock; None when there never was one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - max(beat_at))::float8 FROM kernel_workerbeat"
        )
        (seconds,) = cursor.fetchone()
    return None if seconds is None else float(seconds)
