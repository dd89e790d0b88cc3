"""Defining, emitting and registering events."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import connection

from config.kernel import worker_beats
from config.kernel.context import request_id
from config.kernel.db import TransactionMisuse, open_transaction
from config.kernel.events import Event, emit, handles, read_event, registered_events
from config.kernel.models import StoredEvent, UnsequencedEvent
from tests.kernel_events.sample import TESTER, BellRang, EchoHeard, ring

Committed = Callable[..., AbstractContextManager[Any]]
pytestmark = pytest.mark.django_db


def test_emit_stores_the_event_and_queues_it_for_its_position(bell: UUID, now: datetime) -> None:
    token = request_id.set("request-1")
    event_id = ring(bell, times=3, now=now)
    request_id.reset(token)

    stored = StoredEvent.objects.get()
    assert (stored.event_id, stored.name, stored.about) == (event_id, "tests.bell_rang", bell)
    assert (stored.topic, stored.occurred_at, stored.request_id) == (f"bell:{bell}", now, "request-1")
    assert stored.data == {"bell_id": str(bell), "times": 3, "secret": "of the founder"}
    assert stored.actor["ref"] == "tester"
    assert UnsequencedEvent.objects.get().event == stored


def test_emit_refuses_to_run_outside_a_transaction(bell: UUID, now: datetime) -> None:
    with pytest.raises(TransactionMisuse):
        emit(BellRang(bell_id=bell), by=TESTER, now=now)

    assert not StoredEvent.objects.exists()


def test_emit_vanishes_with_the_transaction_that_it_belongs_to(bell: UUID, now: datetime) -> None:
    with suppress(ZeroDivisionError), open_transaction():
        emit(BellRang(bell_id=bell), by=TESTER, now=now)
        raise ZeroDivisionError

    assert not StoredEvent.objects.exists()
    assert not UnsequencedEvent.objects.exists()


def test_emit_takes_one_round_trip(bell: UUID, now: datetime, django_assert_num_queries: Any) -> None:
    with open_transaction(), django_assert_num_queries(1):
        emit(BellRang(bell_id=bell), by=TESTER, now=now)


def test_an_event_survives_its_way_through_json(bell: UUID) -> None:
    event = BellRang(bell_id=bell, times=2)

    assert read_event(event.name, event.to_data()) == event


def test_an_event_that_is_known_by_a_code_has_a_topic_but_is_about_no_id(bell: UUID) -> None:
    event = EchoHeard(wall="north", bell_id=bell)

    assert (event.topic, event.about) == ("wall:north", None)


def test_two_events_cannot_share_a_name() -> None:
    with pytest.raises(TypeError, match="bell_rang"):

        @dataclass(frozen=True, kw_only=True)
        class Impostor(Event):
            name: ClassVar[str] = "tests.bell_rang"
            subject: ClassVar[str] = "bell_id"

    assert BellRang in registered_events()


def test_a_handler_cannot_ask_for_what_it_is_not_offered() -> None:
    with pytest.raises(TypeError, match="may take"):

        @handles(BellRang)
        def curious(event: BellRang, *, password: str) -> None: ...


def test_the_app_role_can_neither_change_nor_remove_an_event(bell: UUID, now: datetime) -> None:
    ring(bell, now=now)

    for statement in ("UPDATE kernel_storedevent SET name = 'x'", "DELETE FROM kernel_storedevent"):
        with (
            pytest.raises(Exception, match="permission denied"),
            open_transaction(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert StoredEvent.objects.get().name == "tests.bell_rang"


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """This process expects a worker; what it warns of is collected."""
    warnings: list[dict[str, Any]] = []
    monkeypatch.setattr(worker_beats._Watch, "expected", True)
    monkeypatch.setattr(worker_beats._Watch, "warned_at", float("-inf"))
    monkeypatch.setattr(
        worker_beats.logger, "warning", lambda text, **data: warnings.append({"text": text, **data})
    )
    return warnings


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Committed) -> Committed:
    """What follows a commit is done, although the test's own transaction never commits."""
    return django_capture_on_commit_callbacks


def test_emit_warns_once_a_minute_when_no_worker_runs(
    bell: UUID, now: datetime, watching: list[dict[str, Any]], committed: Committed
) -> None:
    for _ in range(2):
        with committed(execute=True):
            ring(bell, now=now)

    assert [warning["silent_for_s"] for warning in watching] == [None]


def test_emit_does_not_warn_while_a_worker_beats(
    bell: UUID, now: datetime, watching: list[dict[str, Any]], committed: Committed
) -> None:
    worker_beats.beat(worker="one")

    with committed(execute=True):
        ring(bell, now=now)

    assert watching == []


def test_emit_warns_when_the_last_beat_is_old(
    bell: UUID, now: datetime, watching: list[dict[str, Any]], committed: Committed
) -> None:
    worker_beats.beat(worker="one")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_workerbeat SET beat_at = beat_at - interval '31 seconds'")

    with committed(execute=True):
        ring(bell, now=now)

    assert [warning["silent_for_s"] for warning in watching] == [31]
