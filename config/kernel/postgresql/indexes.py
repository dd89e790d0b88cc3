"""Indexes that go while the shop is open."""

from django.db import migrations


def drop_index(name: str, *, table: str, column: str) -> migrations.RunSQL:
    """Drop an index without holding up who reads or writes its table, for a migration that is not atomic.

    Django would drop a foreign key's index by making the key anew, for which both tables stand still while each of
    their rows is checked.
    """
    return migrations.RunSQL(
        f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"',
        f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{name}" ON "{table}" ("{column}")',
    )
