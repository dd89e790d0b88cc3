"""A PostgreSQL of the bench's own, with durable commits."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from config import embedded_postgres
from config.servers import ROOT


@contextmanager
def durable_postgres() -> Iterator[None]:
    """Named in `DATABASE_URL` while it lasts, unless that names one already."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    data_dir = ROOT / "var" / "bench-postgres"
    embedded_postgres.remove(data_dir=data_dir)
    server = embedded_postgres.start(data_dir=data_dir, settings={})
    os.environ["DATABASE_URL"] = server.url
    try:
        yield
    finally:
        del os.environ["DATABASE_URL"]
        server.stop()
        embedded_postgres.remove(data_dir=data_dir)
