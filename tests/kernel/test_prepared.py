"""Statements of the shop window are planned once by each connection; where that is off, they run all the same."""

import os
import socket

import psycopg
import pytest
from django.db import DataError, IntegrityError, InternalError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from config.kernel import prepared
from config.kernel.listening import connection_arguments
from config.kernel.prepared import Prepared, fetch_all
from config.kernel.rest.problems import Unavailable, translate

pytestmark = pytest.mark.django_db

ASKED = "SELECT code, decode('00ff', 'hex') FROM (VALUES (%(one)s), (%(other)s)) said (code) ORDER BY code"


def ask(one: str, other: str) -> list[tuple[object, ...]]:
    return fetch_all(statement=ASKED, parameters={"one": one, "other": other, "unused": 1})


def plans() -> list[tuple[int, int]]:
    """(plans for all values, plans for some) of every use of the statement on this connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%said (code) ORDER BY code%"],
        )
        return cursor.fetchall()


def test_a_statement_is_planned_once_for_all_values() -> None:
    answers = [ask("b", "a"), ask("c", "d"), ask("'", "%s")]

    assert answers == [
        [("a", b"\x00\xff"), ("b", b"\x00\xff")],
        [("c", b"\x00\xff"), ("d", b"\x00\xff")],
        [("%s", b"\x00\xff"), ("'", b"\x00\xff")],
    ]
    assert plans() == [(3, 0)]


def test_it_is_logged_with_its_text_each_time() -> None:
    with CaptureQueriesContext(connection) as captured:
        ask("a", "b")
        ask("a", "b")

    assert [query["sql"].partition(" (VALUES")[0] for query in captured.captured_queries] == [
        "SELECT code, decode('00ff', 'hex') FROM"
    ] * 2


def test_behind_a_simple_pooler_nothing_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "_KEEPS_PLANS", False)
    before = plans()

    assert [code for code, _ in ask("x", "y")] == ["x", "y"]

    assert plans() == before


EACH = Prepared("SELECT %(a)s::text, %(b)s::int, %(a)s::text || '%%'")


def test_a_name_may_stand_in_several_places() -> None:
    assert EACH.fetch_one({"b": 2, "a": "x", "unused": None}) == ("x", 2, "x%")


def test_a_rollback_leaves_what_was_planned() -> None:
    EACH.fetch_all({"a": "x", "b": 1})
    with pytest.raises(DataError), transaction.atomic():
        EACH.fetch_all({"a": "x", "b": "no number"})

    assert EACH.fetch_one({"a": "y", "b": 1}) == ("y", 1, "y%")


def test_after_a_mistake_the_transaction_is_over_as_with_any_cursor() -> None:
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():  # a savepoint
            Prepared("INSERT INTO kernel_workerbeat (worker, beat_at) VALUES (%s, NULL)").run(["me"])
        with pytest.raises(DataError):
            EACH.fetch_all({"a": "x", "b": "no number"})
        with pytest.raises(InternalError, match="aborted"):
            EACH.fetch_all({"a": "x", "b": 1})
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_replaced_unasked() -> None:
    EACH.fetch_all({"a": "x", "b": 1})
    ((pid,),) = Prepared("SELECT pg_backend_pid()").fetch_all()
    with psycopg.connect(**connection_arguments() | {"options": ""}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.health_check_enabled, connection.health_check_done = True, False

    assert EACH.fetch_one({"a": "x", "b": 1}) == ("x", 1, "x%")
    assert Prepared("SELECT pg_backend_pid()").fetch_one() != (pid,)


@pytest.mark.django_db(transaction=True)
def test_a_server_that_said_why_it_goes_and_hung_up_is_lost_though_nobody_noticed_yet() -> None:
    """So it is between the farewell and the end of what was sent: libpq tells of the failed write, and no code."""
    EACH.fetch_all({"a": "x", "b": 1})
    farewell = b"SWARNING\0VWARNING\0C57P02\0Mterminating connection\0\0"
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(b"N" + (len(farewell) + 4).to_bytes(4) + farewell)
        theirs.close()
        os.dup2(ours.fileno(), connection.connection.pgconn.socket)

    with pytest.raises(OperationalError) as caught:
        EACH.fetch_all({"a": "x", "b": 1})

    assert isinstance(translate(caught.value), Unavailable)
    connection.close()
    assert EACH.fetch_one({"a": "x", "b": 1}) == ("x", 1, "x%")


def test_what_was_not_used_for_long_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "_KEPT", 3)
    for number in range(20):
        assert Prepared(f"SELECT {number}").fetch_one() == (number,)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement ~ '^SELECT [0-9]+$'")
        assert cursor.fetchone()[0] <= 3
