"""Statements of the shop window are planned once by each connection; where that is off, they run all the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.prepared import fetch_all

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
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    before = plans()

    assert [code for code, _ in ask("x", "y")] == ["x", "y"]

    assert plans() == before
