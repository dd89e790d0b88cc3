"""Jobs in this process: what is promised, and what is not."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from config.kernel import tasks
from config.kernel.db import TransactionMisuse, open_transaction
from config.kernel.jobs import (
    MAIL_QUEUE,
    enqueue,
    enqueue_in,
    forget_finished_jobs,
    queues,
    recover_stalled_jobs,
    scheduled,
)
from config.kernel.models import IdempotencyRecord, StreamTicket, WorkerBeat
from customers.tasks import send_code_letter
from orders.tasks import send_notices
from tests.kernel_events.sample import noted, polish

pytestmark = pytest.mark.django_db


def test_a_job_is_promised_by_the_transaction_that_enqueues_it(bell: UUID) -> None:
    with open_transaction():
        enqueue(polish, bell_id=str(bell))

    row = ProcrastinateJob.objects.get()
    assert (row.task_name, row.queue_name, row.status) == (
        "tests.kernel_events.sample.polish",
        "default",
        "todo",
    )
    assert row.args == {"bell_id": str(bell)}


def test_a_code_that_somebody_waits_for_is_sent_before_other_mail() -> None:
    with open_transaction():
        enqueue(send_notices, notice_ids=["1"])
        enqueue(send_code_letter, letter_id="2")

    rows = ProcrastinateJob.objects.order_by("-priority").values_list("queue_name", "task_name")
    assert [tuple(row) for row in rows] == [
        ("mail", "customers.tasks.send_code_letter"),
        ("mail", "orders.tasks.send_notices"),
    ]
    assert MAIL_QUEUE in queues()


def test_a_job_can_be_promised_for_later(bell: UUID) -> None:
    with open_transaction():
        enqueue_in(30, polish, bell_id=str(bell))

    row = ProcrastinateJob.objects.get()
    assert row.scheduled_at is not None
    assert timedelta(seconds=20) < row.scheduled_at - timezone.now() <= timedelta(seconds=30)
    assert row.args == {"bell_id": str(bell)}


def test_a_job_for_later_cannot_be_promised_outside_a_transaction(bell: UUID) -> None:
    with pytest.raises(TransactionMisuse):
        enqueue_in(30, polish, bell_id=str(bell))


def test_a_job_vanishes_with_the_transaction_that_enqueued_it(bell: UUID) -> None:
    with suppress(ZeroDivisionError), open_transaction():
        enqueue(polish, bell_id=str(bell))
        raise ZeroDivisionError

    assert not ProcrastinateJob.objects.exists()


def test_a_job_cannot_be_enqueued_outside_a_transaction(bell: UUID) -> None:
    with pytest.raises(TransactionMisuse):
        enqueue(polish, bell_id=str(bell))


def test_a_job_called_as_a_function_runs_here_and_now(bell: UUID) -> None:
    polish(bell_id=str(bell))

    assert noted("polished", bell) == 1


def test_the_kernel_keeps_its_house_by_the_clock() -> None:
    names = {schedule.name.rpartition(".")[2] for schedule in scheduled()}

    assert names >= {
        "recover_stalled_jobs",
        "forget_finished_jobs",
        "forget_old_keys",
        "forget_old_receipts",
        "forget_old_counts",
        "forget_old_tickets",
        "forget_old_beats",
    }


def test_what_has_run_out_is_forgotten_and_the_rest_is_kept(now: datetime) -> None:
    for age_h in (23, 25):
        past = now - timedelta(hours=age_h)
        IdempotencyRecord.objects.create(
            principal="p", key=str(age_h), fingerprint=b"", status=201, result={}, created_at=past
        )
        StreamTicket.objects.create(
            digest=bytes([age_h]), topic="t", after_position=0, expires_at=past + timedelta(hours=24)
        )
        WorkerBeat.objects.create(worker=str(age_h), beat_at=past)

    tasks.forget_old_keys(now=now)
    tasks.forget_old_receipts(now=now)
    tasks.forget_old_tickets(now=now)
    tasks.forget_old_beats(now=now)

    assert IdempotencyRecord.objects.get().key == "23"
    assert bytes(StreamTicket.objects.get().digest) == bytes([23])
    assert WorkerBeat.objects.get().worker == "23"


@pytest.mark.usefixtures("no_jobs")
class TestRows:
    """What happens to the rows of jobs, seen from another connection: the library's own commits."""

    @pytest.fixture
    def doing(self, bell: UUID) -> ProcrastinateJob:
        """A job in the hands of a worker whose last heartbeat is a minute old."""
        with open_transaction():
            enqueue(polish, bell_id=str(bell))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id"
            )
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", cursor.fetchone()
            )
        return ProcrastinateJob.objects.get()

    def test_a_job_is_taken_from_a_worker_whose_heart_stopped(self, doing: ProcrastinateJob) -> None:
        assert async_to_sync(recover_stalled_jobs)(silent_for_s=90) == 0
        assert async_to_sync(recover_stalled_jobs)(silent_for_s=30) == 1

        doing.refresh_from_db()
        assert (doing.status, doing.attempts) == ("todo", 1)

    def test_a_job_that_keeps_killing_its_workers_is_given_up(self, doing: ProcrastinateJob) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET attempts = 20")

        assert async_to_sync(recover_stalled_jobs)(silent_for_s=30) == 0

        doing.refresh_from_db()
        assert doing.status == "failed"

    @pytest.mark.parametrize(("age", "kept"), [("6 days", True), ("8 days", False)])
    def test_a_finished_job_is_kept_for_a_week(self, doing: ProcrastinateJob, age: str, kept: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded', worker_id = NULL")
            cursor.execute("UPDATE procrastinate_events SET at = now() - %s::interval", [age])

        async_to_sync(forget_finished_jobs)(older_than=timedelta(days=7))

        assert ProcrastinateJob.objects.exists() is kept


def test_arguments_that_json_cannot_write_are_refused_at_once(bell: UUID) -> None:
    unfit: Any = bell

    with pytest.raises(TypeError), open_transaction():
        enqueue(polish, bell_id=unfit)
