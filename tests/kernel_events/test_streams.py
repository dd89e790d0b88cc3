"""Streams, read by real clients from a real server."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import psycopg
import pytest
from django.db import connection

from config.kernel.db import TransactionMisuse, open_transaction
from config.kernel.dispatcher import sequence
from config.kernel.events import emit, topic_of
from config.kernel.ids import new_id
from config.kernel.listening import connection_arguments
from config.kernel.streams import TicketNotValid, issue_ticket, read_topic, use_ticket
from tests.kernel_events.processes import eventually, running_streams
from tests.kernel_events.sample import TESTER, EchoHeard, ring
from tests.streams import Reader, opened


def ticket_for(bell: UUID, *, now: datetime) -> str:
    """As a use case would issue it."""
    with open_transaction():
        return issue_ticket(topic=topic_of("bell_id", bell), now=now)


@pytest.mark.django_db
class TestTickets:
    """Who may open a stream."""

    def test_a_ticket_opens_one_stream_once(self, bell: UUID, now: datetime) -> None:
        ring(bell, now=now)
        sequence(now=now)
        ticket = ticket_for(bell, now=now)

        assert use_ticket(ticket=ticket, topic=f"bell:{bell}", now=now) == 1
        with pytest.raises(TicketNotValid):
            use_ticket(ticket=ticket, topic=f"bell:{bell}", now=now)

    def test_a_ticket_is_good_for_a_minute(self, bell: UUID, now: datetime) -> None:
        ticket = ticket_for(bell, now=now)

        with pytest.raises(TicketNotValid):
            use_ticket(ticket=ticket, topic=f"bell:{bell}", now=now + timedelta(seconds=60))
        assert use_ticket(ticket=ticket, topic=f"bell:{bell}", now=now + timedelta(seconds=59)) == 0

    def test_a_ticket_does_not_open_another_stream(self, bell: UUID, now: datetime) -> None:
        ticket = ticket_for(bell, now=now)

        with pytest.raises(TicketNotValid):
            use_ticket(ticket=ticket, topic=f"bell:{new_id()}", now=now)

    def test_a_ticket_belongs_to_a_transaction(self, bell: UUID, now: datetime) -> None:
        with pytest.raises(TransactionMisuse):
            issue_ticket(topic=f"bell:{bell}", now=now)


@pytest.mark.django_db
def test_a_stream_shows_only_the_events_and_fields_that_are_declared_for_it(
    bell: UUID, now: datetime
) -> None:
    ring(bell, times=2, now=now)
    with open_transaction():
        emit(EchoHeard(wall="north", bell_id=bell), by=TESTER, now=now)
    sequence(now=now)

    (message,) = read_topic(topic=f"bell:{bell}", after=0)
    assert (message.name, message.about, message.data) == ("tests.bell_rang", bell, {"times": 2})
    assert read_topic(topic="wall:north", after=0) == []
    assert read_topic(topic=f"bell:{bell}", after=message.position) == []


@contextmanager
def listening(url: str, bell: UUID, *, now: datetime, **headers: str) -> Iterator[Reader]:
    """Open a stream with a fresh ticket."""
    ticket = ticket_for(bell, now=now)
    address = f"{url}/bells/{bell}/stream?ticket={ticket}"
    with opened(address, **headers) as reader:
        yield reader


def ring_and_sequence(bell: UUID, *, times: int, now: datetime) -> None:
    """As a use case and then the worker would."""
    ring(bell, times=times, now=now)
    sequence(now=now)


@pytest.mark.django_db(transaction=True)
class TestServer:
    """The ASGI process."""

    @pytest.fixture
    def url(self) -> Iterator[str]:
        with running_streams() as url:
            yield url

    def test_everybody_who_watches_a_thing_hears_of_it_at_once_and_of_nothing_else(
        self, url: str, bell: UUID, now: datetime
    ) -> None:
        with listening(url, bell, now=now) as phone, listening(url, bell, now=now) as tablet:
            with listening(url, new_id(), now=now) as stranger:
                assert phone.response.headers["content-type"] == "text/event-stream"
                assert phone.response.headers["cache-control"] == "no-store"
                rang_at = time.monotonic()
                ring_and_sequence(bell, times=3, now=now)

                position, body = phone.message()
                assert time.monotonic() - rang_at < 1
                assert position == 1
                assert body["name"] == "tests.bell_rang"
                assert body["about"] == str(bell)
                assert body["data"] == {"times": 3}
                assert set(body) == {"event_id", "name", "about", "data"}
                assert tablet.message() == (position, body)
                assert stranger.is_silent()

        eventually(lambda: httpx.get(f"{url}/subscriptions").json() == {"open": 0}, within_s=3)

    def test_a_reader_that_was_away_hears_what_it_missed_and_nothing_twice(
        self, url: str, bell: UUID, now: datetime
    ) -> None:
        for times in (1, 2, 3):
            ring_and_sequence(bell, times=times, now=now)

        with listening(url, bell, now=now, **{"Last-Event-ID": "1"}) as back:
            assert [back.message()[1]["data"]["times"] for _ in range(2)] == [2, 3]
            ring_and_sequence(bell, times=4, now=now)
            assert back.message()[0] == 4
            assert back.is_silent()

    def test_what_happens_between_the_ticket_and_the_stream_is_told(
        self, url: str, bell: UUID, now: datetime
    ) -> None:
        ring_and_sequence(bell, times=1, now=now)
        ticket = ticket_for(bell, now=now)
        ring_and_sequence(bell, times=2, now=now)

        with httpx.stream("GET", f"{url}/bells/{bell}/stream?ticket={ticket}") as response:
            reader = Reader(response)
            reader.line()
            assert reader.message()[1]["data"] == {"times": 2}
            reader.hang_up()

    def test_an_id_of_another_life_of_the_database_does_not_silence_the_stream(
        self, url: str, bell: UUID, now: datetime
    ) -> None:
        with listening(url, bell, now=now, **{"Last-Event-ID": "999999"}) as reader:
            ring_and_sequence(bell, times=1, now=now)

            assert reader.message()[0] == 1

    def test_streams_go_on_after_the_listening_connection_was_terminated(
        self, url: str, bell: UUID, now: datetime
    ) -> None:
        with listening(url, bell, now=now) as reader:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")
                cursor.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "AND query LIKE '%kernel_eventposition%'"
                )
                assert cursor.fetchone()[0] >= 1
            connection.close()
            ring_and_sequence(bell, times=1, now=now)
            assert reader.message()[0] == 1

            time.sleep(0.5)
            rang_at = time.monotonic()
            ring_and_sequence(bell, times=2, now=now)
            assert reader.message()[0] == 2
            assert time.monotonic() - rang_at < 1, "it does not listen again: this was the poll"

    def test_a_stream_that_loses_its_connection_while_it_reads_what_was_missed_reads_it_again(
        self, url: str, bell: UUID, now: datetime
    ) -> None:
        with psycopg.connect(**connection_arguments()) as blocker:
            blocker.execute("SET ROLE NONE")
            blocker.execute("LOCK TABLE kernel_storedevent IN ACCESS EXCLUSIVE MODE")
            with listening(url, bell, now=now) as reader:
                while not blocker.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND wait_event_type = 'Lock' AND query LIKE '%kernel_storedevent%'"
                ).fetchall():
                    time.sleep(0.02)
                blocker.rollback()
                ring_and_sequence(bell, times=1, now=now)

                assert reader.message()[0] == 1

    def test_a_used_missing_or_foreign_ticket_and_a_broken_id_are_problems(
        self, url: str, bell: UUID, now: datetime
    ) -> None:
        stream = f"{url}/bells/{bell}/stream"
        used = ticket_for(bell, now=now)
        use_ticket(ticket=used, topic=f"bell:{bell}", now=now)
        fresh = ticket_for(bell, now=now)

        answers = [
            httpx.get(stream),
            httpx.get(stream, params={"ticket": used}),
            httpx.get(f"{url}/bells/{new_id()}/stream", params={"ticket": fresh}),
            httpx.get(stream, params={"ticket": fresh}, headers={"Last-Event-ID": "x"}),
            httpx.post(stream),
        ]

        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
            (401, "invalid_stream_ticket"),
            (401, "invalid_stream_ticket"),
            (401, "invalid_stream_ticket"),
            (400, "invalid_last_event_id"),
            (405, "method_not_allowed"),
        ]
        assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}

    def test_open_streams_keep_no_connections_of_the_database(
        self, url: str, bell: UUID, now: datetime
    ) -> None:
        def connections() -> int:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
                return int(cursor.fetchone()[0])

        with httpx.Client(timeout=30, limits=httpx.Limits(max_connections=None)) as client:
            readers = []
            for _ in range(40):
                ticket = ticket_for(bell, now=now)
                response = client.send(
                    client.build_request("GET", f"{url}/bells/{bell}/stream?ticket={ticket}"), stream=True
                )
                assert response.status_code == 200
                readers.append(Reader(response))

            assert connections() <= 12  # ours, the hub's, and the pool's eight at most
            ring_and_sequence(bell, times=1, now=now)
            for reader in readers:
                reader.line()
                assert reader.message()[0] == 1
                reader.hang_up()

        eventually(lambda: httpx.get(f"{url}/subscriptions").json() == {"open": 0}, within_s=3)


@pytest.mark.django_db(transaction=True)
def test_the_server_stops_within_seconds_though_streams_are_open(bell: UUID, now: datetime) -> None:
    with ExitStack() as still_reading:
        with running_streams() as url:
            still_reading.enter_context(listening(url, bell, now=now))
            asked_at = time.monotonic()

        assert time.monotonic() - asked_at < 5
