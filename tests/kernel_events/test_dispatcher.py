"""Numbering events and telling handlers."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from structlog.testing import capture_logs

from config.kernel import dispatcher
from config.kernel.db import open_transaction
from config.kernel.dispatcher import deliver_next, run_pending, sequence, wait_before_attempt
from config.kernel.errors import Busy
from config.kernel.events import EVENTS_CHANNEL, emit, emit_all
from config.kernel.ids import new_id
from config.kernel.invariants import check
from config.kernel.listening import connection_arguments
from config.kernel.models import AuditEntry, Delivery, EventPosition, StoredEvent
from tests.kernel_events.sample import TESTER, BellRang, HandlerMisbehaves, Painter, WallSoiled, noted, ring

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db
def test_run_pending_tells_every_handler_and_those_of_what_they_emit(bell: UUID, now: datetime) -> None:
    ring(bell, now=now)

    handled = run_pending(now=now)

    assert handled == 3
    assert [noted(action, bell) for action in ("heard", "echoed", "heard_echo")] == [1, 1, 1]
    assert list(EventPosition.objects.values_list("position", "event__name")) == [
        (1, "tests.bell_rang"),
        (2, "tests.echo_heard"),
    ]
    assert run_pending(now=now) == 0


@pytest.mark.django_db
def test_however_long_numbering_takes_something_is_delivered_each_time(
    bell: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else events that keep coming would only be numbered, and nobody told."""
    monkeypatch.setattr(dispatcher, "_NUMBERS_EVERY_S", -1.0)
    ring(bell, now=now)

    assert dispatcher.deliver_some(stop=threading.Event())

    assert Delivery.objects.exclude(handled_at=None).count() == 1


def soil(*walls: str, now: datetime) -> None:
    with open_transaction():
        emit_all([WallSoiled(wall=wall) for wall in walls], by=TESTER, now=now)


@pytest.mark.django_db
def test_a_handler_that_takes_events_together_is_told_of_all_at_once(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Painter, "told", [])
    soil("north", "south", "east", now=now)

    assert run_pending(now=now) == 3

    assert Painter.told == [["north", "south", "east"]]
    assert [noted("painted", wall) for wall in ("north", "south", "east")] == [1, 1, 1]
    assert not Delivery.objects.filter(handled_at=None).exists()


@pytest.mark.django_db
def test_one_that_cannot_be_handled_holds_up_none_of_those_it_came_with(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Painter, "told", [])
    monkeypatch.setattr(Painter, "refuses", "south")
    soil("north", "south", "east", now=now)

    assert run_pending(now=now) == 2

    due = Delivery.objects.get(handled_at=None)
    assert (due.event.data["wall"], due.attempts) == ("south", 1)
    assert [noted("painted", wall) for wall in ("north", "south", "east")] == [1, 0, 1]
    assert Painter.told == [["north", "south", "east"], ["north"], ["south", "east"], ["south"], ["east"]]


@pytest.mark.django_db
def test_a_handler_is_told_when_and_by_whom_it_happened(bell: UUID, now: datetime) -> None:
    ring(bell, now=now - timedelta(days=1))

    run_pending(now=now)

    heard = AuditEntry.objects.get(action="heard")
    assert (heard.done_at, heard.actor_ref) == (now - timedelta(days=1), TESTER.ref)


@pytest.mark.django_db
def test_a_failing_handler_is_told_again_later_and_leaves_no_half_effect(
    bell: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(bell, now=now)
    monkeypatch.setattr(HandlerMisbehaves, "error", ValueError("no echo\0 today"))

    with capture_logs() as logs:
        run_pending(now=now)

    due = Delivery.objects.get(handled_at=None)
    assert (due.handler, due.attempts, due.last_error) == ("tests.echo", 1, "ValueError: no echo today")
    assert now < due.due_at <= now + timedelta(seconds=2)
    assert [noted(action, bell) for action in ("heard", "echoed", "heard_echo")] == [1, 0, 0]
    assert [(log["log_level"], log["handler"]) for log in logs if "handler failed" in log["event"]] == [
        ("warning", "tests.echo")
    ]

    monkeypatch.setattr(HandlerMisbehaves, "error", None)
    assert run_pending(now=now) == 0
    assert run_pending(now=now + MINUTE) == 2
    assert [noted(action, bell) for action in ("heard", "echoed", "heard_echo")] == [1, 1, 1]


@pytest.mark.django_db
def test_a_handler_that_failed_ten_times_is_an_error_and_is_still_told_again(
    bell: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(bell, now=now)
    monkeypatch.setattr(HandlerMisbehaves, "error", ValueError())

    with capture_logs() as logs:
        for hour in range(11):
            run_pending(now=now + timedelta(hours=hour))

    levels = [log["log_level"] for log in logs if "handler failed" in log["event"]]
    assert levels == ["warning"] * 9 + ["error"] * 2
    assert Delivery.objects.get(handled_at=None).attempts == 11


@pytest.mark.django_db
def test_a_handler_that_found_rows_locked_is_no_reason_to_warn(
    bell: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(bell, now=now)
    monkeypatch.setattr(HandlerMisbehaves, "error", Busy())

    with capture_logs() as logs:
        run_pending(now=now)

    assert [log["log_level"] for log in logs if "handler failed" in log["event"]] == ["info"]


def test_waits_double_up_to_an_hour() -> None:
    longest = [wait_before_attempt(attempts).total_seconds() for attempts in (1, 5, 11, 12, 1000)]

    assert all(
        limit / 2 <= wait <= limit for wait, limit in zip(longest, (2, 32, 2048, 3600, 3600), strict=True)
    )


@pytest.mark.django_db(transaction=True)
def test_an_effect_that_fails_at_commit_counts_as_a_failure(
    bell: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(bell, now=now)
    monkeypatch.setattr(HandlerMisbehaves, "break_at_commit", True)

    run_pending(now=now)

    due = Delivery.objects.get(handled_at=None)
    assert (due.handler, due.attempts) == ("tests.echo", 1)
    assert due.last_error.startswith("IntegrityError")
    assert noted("echoed", bell) == 0


@pytest.mark.django_db
def test_an_event_whose_code_was_removed_is_numbered_and_stops_nobody(bell: UUID, now: datetime) -> None:
    ring(bell, now=now)
    gone = StoredEvent.objects.get()
    gone.pk, gone.event_id, gone.name = None, new_id(), "tests.removed"
    with open_transaction():
        gone.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO kernel_unsequencedevent VALUES (%s)", [gone.pk])

    assert run_pending(now=now) == 3

    assert EventPosition.objects.filter(event__name="tests.removed").exists()


@pytest.mark.django_db
def test_a_delivery_to_a_handler_this_process_does_not_know_is_left_to_others(
    bell: UUID, now: datetime
) -> None:
    ring(bell, now=now)
    sequence(now=now)
    Delivery.objects.filter(handler="tests.hear").update(handler="tests.of_the_next_release")

    run_pending(now=now)

    left = Delivery.objects.get(handled_at=None)
    assert (left.handler, left.attempts) == ("tests.of_the_next_release", 0)


@pytest.mark.django_db
def test_an_event_is_not_handed_to_a_handler_twice_when_it_is_sequenced_again(
    bell: UUID, now: datetime
) -> None:
    ring(bell, now=now)

    assert [sequence(now=now), sequence(now=now)] == [1, 0]

    assert Delivery.objects.count() == 2


@contextmanager
def another_connection() -> Iterator[psycopg.Connection]:
    """A second client of the test's database, with the application's rights."""
    with psycopg.connect(**connection_arguments()) as other:
        yield other


@pytest.mark.django_db(transaction=True)
def test_a_reader_of_the_log_does_not_miss_what_commits_late(bell: UUID, now: datetime) -> None:
    began, may_commit = threading.Event(), threading.Event()
    late = new_id()

    def ring_slowly() -> None:
        try:
            with open_transaction():
                emit(BellRang(bell_id=late), by=TESTER, now=now)
                began.set()
                assert may_commit.wait(10)
        finally:
            connection.close()

    slow = threading.Thread(target=ring_slowly)
    slow.start()
    assert began.wait(10)
    ring(bell, now=now)
    sequence(now=now)
    read_so_far = EventPosition.objects.latest("position").position
    assert [place.event.about for place in EventPosition.objects.all()] == [bell]

    may_commit.set()
    slow.join()
    sequence(now=now)

    assert StoredEvent.objects.get(about=late).pk < StoredEvent.objects.get(about=bell).pk
    rest = EventPosition.objects.filter(position__gt=read_so_far)
    assert [(place.position, place.event.about) for place in rest] == [(2, late)]


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_number_without_gaps_and_deliver_once(now: datetime) -> None:
    bells = [new_id() for _ in range(60)]
    for each in bells:
        ring(each, now=now)

    def work(_: int) -> int:
        try:
            return run_pending(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        handled = sum(workers.map(work, range(4)))

    assert handled + run_pending(now=now) == 3 * 60
    assert list(EventPosition.objects.order_by("position").values_list("position", flat=True)) == [
        *range(1, 121)
    ]
    assert AuditEntry.objects.filter(action="heard").count() == 60
    assert AuditEntry.objects.filter(action="heard_echo").count() == 60
    assert check(now=now + timedelta(days=1)) == []


@pytest.mark.django_db(transaction=True)
def test_a_delivery_in_another_workers_hands_is_skipped(bell: UUID, now: datetime) -> None:
    ring(bell, now=now)
    sequence(now=now)
    with another_connection() as other:
        other.execute("SELECT FROM kernel_delivery WHERE handler = 'tests.hear' FOR UPDATE")

        delivered = [deliver_next(now=now), deliver_next(now=now)]

    assert delivered == [True, None]
    assert [noted("heard", bell), noted("echoed", bell)] == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_connections_beside_django_s_own_have_the_same_rights_and_limits() -> None:
    with another_connection() as other, connection.cursor() as cursor:
        for name in (
            "current_user",
            "current_setting('statement_timeout')",
            "current_setting('lock_timeout')",
        ):
            cursor.execute(f"SELECT {name}")
            assert other.execute(f"SELECT {name}").fetchone() == cursor.fetchone()


@pytest.mark.django_db
def test_undelivered_and_unnumbered_events_break_an_invariant_after_15_minutes(
    bell: UUID, now: datetime
) -> None:
    ring(bell, now=now)

    assert check(now=now + 14 * MINUTE) == []
    assert [found.says for found in check(now=now + 16 * MINUTE)] == [
        "events that have had no position for more than 15 minutes"
    ]
    sequence(now=now)
    assert [(found.code, len(found.rows)) for found in check(now=now + 16 * MINUTE)] == [("I12", 2)]
    run_pending(now=now)
    assert check(now=now + 16 * MINUTE) == []


@pytest.mark.django_db(transaction=True)
def test_who_has_just_called_the_workers_need_not_call_again(now: datetime) -> None:
    """The second of each pair comes while the first one's call holds, at another moment each time."""
    stop, pauses_s = threading.Event(), [n * 0.01 for n in range(8)]
    with (
        psycopg.connect(**connection_arguments(), autocommit=True) as listener,
        ThreadPoolExecutor(1) as pool,
    ):
        listener.execute(f"LISTEN {EVENTS_CHANNEL}")
        worker = pool.submit(dispatcher.run_forever, stop=stop)
        try:
            longest_s = max(seconds_until_told(pause_s, now=now) for pause_s in pauses_s)
        finally:
            stop.set()
            worker.result(timeout=20)
        calls = len(list(listener.notifies(timeout=0.1)))

    assert longest_s < 0.6, "nobody waited for the look that is made each second"
    assert calls < 3 * len(pauses_s), "of four events, for each is echoed, some did not call"


def seconds_until_told(pause_s: float, *, now: datetime) -> float:
    """Emit two events with a pause between them; how long until no handler waits for the second any more."""
    time.sleep(0.3)  # it is quiet
    ring(new_id(), now=now)
    time.sleep(pause_s)
    return seconds_until(ring(new_id(), now=now))


def seconds_until(event: UUID) -> float:
    """How long until no handler waits for the event any more."""
    told = Delivery.objects.filter(event__event_id=event)
    begun = time.monotonic()
    while not told.exists() or told.filter(handled_at=None).exists():
        assert time.monotonic() - begun < 10
        time.sleep(0.002)
    return time.monotonic() - begun


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_called_for_nothing_looks_once_more(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came before what its caller committed next, and that one does not call again."""
    stop = threading.Event()
    with (
        psycopg.connect(**connection_arguments(), autocommit=True) as caller,
        ThreadPoolExecutor(1) as pool,
    ):
        worker = pool.submit(dispatcher.run_forever, stop=stop)
        try:
            seconds_until_told(0, now=now)
            time.sleep(0.5)
            caller.execute(f"NOTIFY {EVENTS_CHANNEL}")
            time.sleep(0.03)
            monkeypatch.setattr("config.kernel.events._called_at", time.monotonic())
            waited_s = seconds_until(ring(new_id(), now=now))
        finally:
            stop.set()
            worker.result(timeout=20)

    assert waited_s < 0.6
