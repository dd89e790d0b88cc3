"""Django's PostgreSQL backend, with less between a use case and libpq where every request passes.

It looks at a kept connection instead of asking over it whether it is alive, and begins and ends transactions itself.
psycopg would change its mode for each one, and wait for each answer in a loop of Python's: five times the work.
"""

import select

from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from psycopg import pq

from config.kernel.postgresql.libpq import checked


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's. A server that ends says farewell and hangs up, and both can be seen without a round trip."""

    def is_usable(self) -> bool:
        """Whether the server still holds the connection; asked only when something came that nobody asked for."""
        if self.connection is None or self.connection.pgconn.status != pq.ConnStatus.OK:
            return False
        came = select.poll()
        came.register(self.connection.pgconn.socket, select.POLLIN | select.POLLHUP)
        return not came.poll(0) or super().is_usable()

    def _set_autocommit(self, autocommit: bool) -> None:
        """Begin a transaction, or be outside of one; psycopg itself never begins any."""
        with self.wrap_database_errors:
            if not self.connection.autocommit:  # it is a new connection
                self.connection.autocommit = True
        if not autocommit:
            self._say(b"BEGIN")

    def _commit(self) -> None:
        if self.connection is not None:
            with debug_transaction(self, "COMMIT"):
                self._say(b"COMMIT")

    def _rollback(self) -> None:
        if self.connection is not None:
            with debug_transaction(self, "ROLLBACK"):
                self._say(b"ROLLBACK")

    def _say(self, command: bytes) -> None:
        with self.wrap_database_errors:
            server = self.connection.pgconn
            checked(server, server.exec_(command))
