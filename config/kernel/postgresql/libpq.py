"""What libpq answers, in psycopg's errors."""

from typing import Final

import psycopg
from psycopg import errors, pq
from psycopg.pq.abc import PGconn, PGresult

_GOOD: Final = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})


def checked(server: PGconn, answer: PGresult) -> PGresult:
    """The answer, if it is a good one. Errors: psycopg's."""
    if answer.status in _GOOD:
        return answer
    # Every error of the server's has a code. What has none libpq says itself: it has lost the server, and may say so
    # before it calls the connection bad.
    if server.status != pq.ConnStatus.OK or not answer.error_field(pq.DiagnosticField.SQLSTATE):
        raise psycopg.OperationalError(answer.get_error_message())
    raise errors.error_from_result(answer)
