"""Statements that every shopper's request sends: planned once by each connection, and their answers not spelled out.

Django puts values into the text of a statement, so PostgreSQL parses and plans it anew each time; for the shop window
that takes longer than finding the rows. Here values travel beside the text, which PostgreSQL keeps, and answers are
binary, so that stored bytes come as they are. Only for statements of fixed text: each connection remembers a hundred.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


class _PreparedCursor(psycopg.Cursor[tuple[Any, ...]]):
    """As psycopg's, but it prepares what it is given, and takes answers as they are stored."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> "_PreparedCursor":
        super().execute(query, params, prepare=True, binary=True)
        if self._query is None and connection.queries_logged:
            # psycopg forgets the text of what was prepared before; who logs statements, as tests do, wants to see it.
            self._query = self._convert_query(query, params)
        return self


def fetch_all(*, statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement that reads. It is timed, counted and wrapped as every other of the connection's."""
    with connection.cursor() as cursor:
        cursor.cursor = _PreparedCursor(connection.connection)
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
