"""On a refusal nothing happened: the whole database reads as before."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connection

# What a refused request may leave: that it was counted, and that a credential was used today.
_MAY_CHANGE = {"kernel_ratecount", "kernel_accesstoken", "kernel_apikey"}


@contextmanager
def nothing_happens() -> Iterator[None]:
    """The block leaves every row of ours as it was. Errors: AssertionError naming the tables that differ."""
    before = _readings()
    yield
    after = _readings()
    assert {table for table in before if before[table] != after[table]} == set()


def _readings() -> dict[str, tuple[int, int]]:
    """Rows and their checksum, by table."""
    tables = sorted(
        model._meta.db_table
        for label in ("kernel", "pim", "customers", "orders", "shop")
        for model in apps.get_app_config(label).get_models()
        if model._meta.db_table not in _MAY_CHANGE
    )
    readings = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(readings)
        return {table: (rows, checksum) for table, rows, checksum in cursor.fetchall()}
