"""A PostgreSQL that a test may kill: on a data directory of its own, as safe on disk as its default settings are."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from config import embedded_postgres
from config.embedded_postgres import DATABASE, OWNER, Server


@dataclass
class OwnPostgres:
    """The server as it runs now. `address` is a link to wherever it listens, so that the URL outlives every restart."""

    data_dir: Path
    address: Path
    server: Server

    @property
    def url(self) -> str:
        """What `DATABASE_URL` says."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self.address))}&port=5432"

    def kill(self, number: signal.Signals) -> None:
        """End the server by a signal, and wait until all of its processes are gone.

        SIGQUIT is its own immediate shutdown: nothing is finished, nothing is written. SIGKILL takes its first
        process away, and the others leave when they notice.
        """
        pid = int((self.server.data_dir / "postmaster.pid").read_text().split()[0])
        os.kill(pid, number)
        assert self.server.child is not None
        deadline = time.monotonic() + 30
        while self.server.child.exit_status() is None:
            assert time.monotonic() < deadline, "PostgreSQL outlived its end"
            time.sleep(0.02)
        self.server.child.stop(grace_s=1)  # its pipe to us

    def start_again(self) -> None:
        """Start it on the same data; it recovers what was committed."""
        self.server = embedded_postgres.start(data_dir=self.data_dir, settings={})
        _point(self.address, self.server.socket_dir)

    def setting(self, name: str) -> str:
        """The value of a setting of the server."""
        with psycopg.connect(self.url) as connection:
            return str(connection.execute("SELECT current_setting(%s)", [name]).fetchone()[0])  # type: ignore[index]


@contextmanager
def own_postgres(place: Path) -> Iterator[OwnPostgres]:
    """A fresh cluster below `place`, gone when the block ends."""
    data_dir, address = place / "postgres", place / "address"
    server = embedded_postgres.start(data_dir=data_dir, settings={})
    _point(address, server.socket_dir)
    own = OwnPostgres(data_dir=data_dir, address=address, server=server)
    try:
        yield own
    finally:
        own.server.stop()
        embedded_postgres.remove(data_dir=data_dir)


def _point(address: Path, target: str) -> None:
    beside = address.with_name(f"{address.name}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(address)
