"""What operators ask: does it live, can it work, how much, and what is behind."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from config.kernel import health, worker_beats
from config.kernel.models import WorkerBeat

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.probes")]


def test_a_process_that_answers_is_alive_without_asking_the_database(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert client.get("/health/live").json() == {"status": "ok"}


def test_without_a_worker_it_is_ready_and_says_what_is_missing(client: Client) -> None:
    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["warnings"] == ["no worker has ever reported: events are kept but not delivered"]


def test_a_worker_that_fell_silent_is_told(client: Client, now: Any) -> None:
    WorkerBeat.objects.create(worker="a", beat_at=now - timedelta(seconds=90))

    (warning,) = client.get("/health/ready").json()["warnings"]

    assert warning.startswith("no worker has reported for 9")


def test_with_a_worker_all_is_well(client: Client) -> None:
    worker_beats.beat(worker="a")

    assert client.get("/health/ready").json() == {"status": "ok", "warnings": []}


def test_a_database_older_than_the_code_takes_no_requests(client: Client) -> None:
    health._migrations_are_applied.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'kernel'")

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert "migrations are missing" in response.json()["problems"][0]


def test_the_database_is_asked_once_when_nothing_is_missing(
    client: Client, django_assert_num_queries: Any
) -> None:
    client.get("/health/ready")

    with django_assert_num_queries(1):
        client.get("/health/ready")


def test_metrics_count_requests_by_route_and_status(client: Client) -> None:
    client.get("/store/v1/products/0194f0c1-a2b3-7c3d-8e4f-5a6b7c8d9e0f")
    client.get("/store/v1/products/nonsense")

    text = client.get("/metrics").content.decode()

    assert (
        'polku_request_seconds_count{method="GET",route="store/v1/products/<uuid:product_id>",status="200"}'
        in text
    )
    assert 'route="(none)",status="404"' in text
    assert "0194f0c1" not in text


def test_metrics_tell_what_is_undelivered_and_how_long_workers_are_silent(client: Client) -> None:
    worker_beats.beat(worker="a")

    text = client.get("/metrics").content.decode()

    assert "polku_undelivered_events 0.0" in text
    assert "polku_worker_silent_seconds" in text


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "10.0.0.1"}])
def test_metrics_are_there_for_named_networks_only(client: Client, headers: dict[str, str]) -> None:
    response = client.get("/metrics", headers=headers)

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
