"""The worker as a process: what it does, how it stops, and what is left when it is killed."""

import signal
import time
from datetime import datetime
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from config.kernel import worker_beats
from config.kernel.crashpoints import CRASH_POINTS
from config.kernel.db import open_transaction
from config.kernel.ids import new_id
from config.kernel.invariants import check
from config.kernel.jobs import Job, enqueue, recover_stalled_jobs
from config.kernel.models import Delivery, EventPosition, WorkerBeat
from tests.kernel_events.processes import eventually, running_worker
from tests.kernel_events.sample import cast, dream, fail, noted, polish, polish_and_promise_in_vain, ring

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_jobs")]


def promise(job: Job[...], bell: UUID) -> None:
    """Enqueue in a transaction of its own."""
    with open_transaction():
        enqueue(job, bell_id=str(bell))


def test_a_worker_delivers_events_runs_jobs_and_says_that_it_is_alive(bell: UUID, now: datetime) -> None:
    with running_worker() as worker:
        promise(polish, bell)
        ring(bell, now=now)

        eventually(lambda: noted("heard_echo", bell))
        eventually(lambda: noted("polished", bell))
        assert eventually(worker_beats.silent_for_s) < worker_beats.BEAT_EVERY_S + 1

        rang_at = time.monotonic()
        ring(bell, now=now)
        eventually(lambda: noted("heard", bell) == 2)
        assert time.monotonic() - rang_at < 0.9, "woken by the poll, not by NOTIFY"

        worker.ask_to_stop()
        asked_at = time.monotonic()
        assert eventually(lambda: worker.exit_status() is not None)
        assert worker.exit_status() == 0
        assert time.monotonic() - asked_at < 3
    assert not WorkerBeat.objects.exists()


def test_a_job_inside_a_worker_enqueues_within_its_own_transaction(bell: UUID) -> None:
    with running_worker():
        promise(polish_and_promise_in_vain, bell)

        eventually(lambda: noted("gave_up", bell))

    assert not ProcrastinateJob.objects.filter(task_name__endswith=".polish").exists()


def test_a_failing_job_is_repeated_and_kept_as_failed(bell: UUID) -> None:
    with running_worker():
        promise(fail, bell)

        eventually(lambda: ProcrastinateJob.objects.filter(status="failed").exists())

    assert noted("failed", bell) == 2


def test_a_job_whose_worker_was_killed_is_done_after_all(bell: UUID) -> None:
    promise(cast, bell)
    with running_worker() as first:
        assert eventually(first.exit_status) == 128 + signal.SIGKILL
    assert ProcrastinateJob.objects.get(task_name__endswith=".cast").status == "doing"

    # The clock does this every minute, for workers that were silent for 30 seconds.
    assert async_to_sync(recover_stalled_jobs)(silent_for_s=0) >= 1
    with running_worker():
        eventually(lambda: noted("cast_done", bell))
        eventually(lambda: ProcrastinateJob.objects.get(task_name__endswith=".cast").status == "succeeded")


def test_a_job_that_takes_too_long_does_not_hold_up_the_end(bell: UUID) -> None:
    promise(dream, bell)
    with running_worker() as worker:
        eventually(lambda: noted("dreaming", bell))

        worker.ask_to_stop()
        asked_at = time.monotonic()
        eventually(lambda: worker.exit_status() is not None)
        assert time.monotonic() - asked_at < 3.5


DISPATCHER_POINTS = [name for name in CRASH_POINTS if name.startswith("dispatcher.")]


def test_every_event_is_handled_exactly_once_though_a_worker_is_killed_at_every_step(now: datetime) -> None:
    bells = []
    for point in [*DISPATCHER_POINTS, "dispatcher.before_handler:2"]:
        bells.append(new_id())
        ring(bells[-1], now=now)
        with running_worker(CRASH_AT=point) as worker:
            assert eventually(worker.exit_status) == 128 + signal.SIGKILL, point

    with running_worker():
        eventually(lambda: EventPosition.objects.count() == 2 * len(bells))
        eventually(lambda: not Delivery.objects.filter(handled_at=None).exists())

    assert len(DISPATCHER_POINTS) == 4
    for bell in bells:
        assert [noted(action, bell) for action in ("heard", "echoed", "heard_echo")] == [1, 1, 1]
    positions = EventPosition.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == [*range(1, 2 * len(bells) + 1)]
    assert check(now=timezone.now()) == []


def test_a_worker_survives_the_loss_of_its_connections(bell: UUID, now: datetime) -> None:
    with running_worker() as worker:
        ring(bell, now=now)
        eventually(lambda: noted("heard_echo", bell))

        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            assert cursor.fetchone()[0] >= 3
        connection.close()
        ring(bell, now=now)
        promise(polish, bell)

        eventually(lambda: noted("heard_echo", bell) == 2)
        eventually(lambda: noted("polished", bell))
        assert worker.exit_status() is None


def test_two_workers_share_the_work_and_the_clock(now: datetime, bell: UUID) -> None:
    with running_worker(), running_worker():
        eventually(lambda: WorkerBeat.objects.count() == 2)
        for _ in range(20):
            ring(bell, now=now)

        eventually(lambda: noted("heard_echo", bell) == 20)
        eventually(lambda: noted("tolled", "tower"))

    assert noted("heard", bell) == 20
    ticks = ProcrastinateJob.objects.filter(task_name__endswith=".toll").values_list("args", flat=True)
    assert len(ticks) == len({tick["timestamp"] for tick in ticks})
