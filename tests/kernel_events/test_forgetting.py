"""What had its time is removed, a little at once, and nothing happens again because of it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import tasks
from config.kernel.dispatcher import run_pending
from config.kernel.forgetting import forget, forget_old_receipts
from config.kernel.invariants import check
from config.kernel.models import Delivery, IdempotencyRecord, StoredEvent
from tests.kernel_events.sample import HandlerMisbehaves, noted, ring

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def handled(times: int, bell: UUID, *, at: datetime) -> None:
    """The bell rang so often, and all that follows of it was handled then: three receipts each."""
    before = Delivery.objects.count()
    for _ in range(times):
        ring(bell, now=at)
    run_pending(now=at)
    Delivery.objects.order_by("pk").filter(handled_at__gte=at).update(handled_at=at)
    assert Delivery.objects.count() == before + 3 * times


def test_receipts_are_kept_for_a_week_and_nothing_is_told_again(bell: UUID, now: datetime) -> None:
    handled(2, bell, at=now - WEEK - timedelta(seconds=1))
    handled(1, bell, at=now - WEEK)
    events, heard = StoredEvent.objects.count(), noted("heard", bell)

    tasks.forget_old_receipts(now=now)

    assert Delivery.objects.count() == 3
    assert run_pending(now=now) == 0
    assert (StoredEvent.objects.count(), noted("heard", bell)) == (events, heard)
    assert check(now=now) == []


def test_what_is_still_due_stays_however_old_and_holds_nothing_up(
    bell: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HandlerMisbehaves, "error", ValueError("no echo"))
    for _ in range(4):
        ring(bell, now=now - 3 * WEEK)
    run_pending(now=now - 3 * WEEK)
    monkeypatch.undo()
    Delivery.objects.filter(handled_at=None).update(due_at=now)
    stuck = set(Delivery.objects.filter(handled_at=None).values_list("pk", flat=True))
    assert len(stuck) == 4
    Delivery.objects.exclude(handled_at=None).update(handled_at=now - 3 * WEEK)
    handled(3, bell, at=now - 2 * WEEK)

    forget_old_receipts(handled_before=now - WEEK, at_once=2)

    assert set(Delivery.objects.values_list("pk", flat=True)) == stuck
    assert run_pending(now=now) > 0, "they are told at last"


@pytest.mark.parametrize("at_once", [1, 2, 5, 1000])
def test_they_are_removed_in_small_batches_and_the_walk_ends_at_what_is_new(
    at_once: int, bell: UUID, now: datetime
) -> None:
    handled(4, bell, at=now - 2 * WEEK)
    handled(4, bell, at=now)

    with CaptureQueriesContext(connection) as asked:
        removed = forget_old_receipts(handled_before=now - WEEK, at_once=at_once)

    assert (removed, Delivery.objects.count()) == (12, 12)
    walks = [query for query in asked.captured_queries if query["sql"].startswith("SELECT")]
    assert len(walks) <= 12 // at_once + 2


def test_what_was_renewed_meanwhile_stays(now: datetime) -> None:
    """Keys are read first; what they name is removed only where it is still old."""
    for key in ("old", "renewed"):
        IdempotencyRecord.objects.create(
            principal="p", key=key, fingerprint=b"", status=201, result={}, created_at=now - WEEK
        )

    class Reading:
        """Somebody renews a record when the keys have been read."""

        done = False

        def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            if sql.startswith("DELETE") and not self.done:
                self.done = True
                IdempotencyRecord.objects.filter(key="renewed").update(created_at=now)
            return execute(sql, params, many, context)

    with connection.execute_wrapper(Reading()):
        forget(IdempotencyRecord.objects.filter(created_at__lt=now).order_by("created_at"), at_once=10)

    assert IdempotencyRecord.objects.get().key == "renewed"
