"""Fixtures for events and jobs."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connection

from config.kernel.ids import new_id
from tests.kernel_events.sample import HandlerMisbehaves


@pytest.fixture
def bell() -> UUID:
    """Something that events can be about."""
    return new_id()


@pytest.fixture(autouse=True)
def _handlers_behave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HandlerMisbehaves, "error", None)
    monkeypatch.setattr(HandlerMisbehaves, "break_at_commit", False)


@pytest.fixture
def no_jobs(transactional_db: None) -> Iterator[None]:
    """The job library's tables are not among those that tests flush."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_periodic_defers")
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")
