"""`GET /system/v1/events`: the pull log."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from config.kernel.dispatcher import sequence
from config.kernel.rest.authentication import issue_api_key
from tests.kernel_events.sample import ring

pytestmark = pytest.mark.django_db

EVENTS = "/system/v1/events"


@pytest.fixture
def integration() -> Client:
    """A system with a key that may read events."""
    key = issue_api_key(name="erp", scopes=["events:read"])
    return Client(headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def three_rings(bell: UUID, now: datetime) -> list[UUID]:
    """Three events of one bell, with positions 1 to 3; their ids."""
    ids = [ring(bell, times=times, now=now) for times in (1, 2, 3)]
    sequence(now=now)
    return ids


def test_the_log_is_read_in_stretches_without_loss(integration: Client, three_rings: list[UUID]) -> None:
    first = integration.get(EVENTS, {"limit": 2}).json()
    second = integration.get(EVENTS, {"limit": 2, "after": first["next_after"]}).json()
    third = integration.get(EVENTS, {"after": second["next_after"]}).json()

    told = [event["event_id"] for event in first["items"] + second["items"]]
    assert told == [str(event_id) for event_id in three_rings]
    assert [first["next_after"], second["next_after"]] == [2, 3]
    assert third == {"items": [], "next_after": 3}


def test_an_event_says_what_when_where_and_about_whom(
    integration: Client, three_rings: list[UUID], bell: UUID, now: datetime
) -> None:
    (event,) = integration.get(EVENTS, {"after": 2}).json()["items"]

    assert datetime.fromisoformat(event.pop("occurred_at")) == now
    assert event == {
        "event_id": str(three_rings[2]),
        "type": "tests.bell_rang",
        "position": 3,
        "about": str(bell),
        "data": {"bell_id": str(bell), "times": 3, "secret": "of the founder"},
    }


def test_an_event_without_a_position_is_not_told_yet(integration: Client, bell: UUID, now: datetime) -> None:
    ring(bell, now=now)

    assert integration.get(EVENTS).json() == {"items": [], "next_after": 0}


@pytest.mark.parametrize("limit", [1, 3])
def test_the_log_takes_the_same_queries_for_one_event_and_for_many(
    integration: Client, three_rings: list[UUID], limit: int, django_assert_num_queries: Any
) -> None:
    integration.get(EVENTS)  # notes the key's use of today

    with django_assert_num_queries(3):  # the key, the rate, the events
        assert len(integration.get(EVENTS, {"limit": limit}).json()["items"]) == limit


@pytest.mark.parametrize(
    "parameters",
    [
        {"after": "-1"},
        {"after": "x"},
        {"after": "1e3"},
        {"limit": "0"},
        {"limit": "501"},
        {"after": str(2**63)},
    ],
)
def test_a_position_that_is_none_is_refused(integration: Client, parameters: dict[str, str]) -> None:
    answer = integration.get(EVENTS, parameters)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_page")


def test_a_key_without_the_scope_reads_nothing(three_rings: list[UUID]) -> None:
    key = issue_api_key(name="screen", scopes=["customers:read"])

    answer = Client(headers={"Authorization": f"Bearer {key}"}).get(EVENTS)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert Client().get(EVENTS).status_code == 401
