"""Django's PostgreSQL backend, which looks at a kept connection instead of asking over it whether it is alive."""

import select

from django.db.backends.postgresql import base
from psycopg import pq


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's. A server that ends says farewell and hangs up, and both can be seen without a round trip."""

    def is_usable(self) -> bool:
        """Whether the server still holds the connection; asked only when something came that nobody asked for."""
        if self.connection is None or self.connection.pgconn.status != pq.ConnStatus.OK:
            return False
        came = select.poll()
        came.register(self.connection.pgconn.socket, select.POLLIN | select.POLLHUP)
        return not came.poll(0) or super().is_usable()
