"""Statements as a snapshot keeps them: what is asked of which table, without columns and values."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from inline_snapshot_django import snapshot_queries

# Said shorter: what the fingerprints' parser does not know (`FOR NO KEY UPDATE`), and the kernel's longest statements.
_SHORTER = (
    (
        re.compile(r'^\s*SELECT .* FROM "?(\w+)"?\s.* FOR NO KEY UPDATE(?: OF "\w+")?$', re.DOTALL),
        r"SELECT ... FROM \1 ... FOR NO KEY UPDATE",
    ),
    (
        re.compile(r"^WITH entry AS \(INSERT INTO kernel_auditentry .*$"),
        "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
    ),
    (re.compile(r"^WITH event AS \(INSERT INTO kernel_storedevent.*$"), "INSERT INTO kernel_storedevent ..."),
    (re.compile(r"^INSERT INTO kernel_ratecount.*$"), "INSERT INTO kernel_ratecount ... ON CONFLICT ..."),
)


@contextmanager
def statements() -> Iterator[list[Any]]:
    """The fingerprints of what the block sends to the database, filled in when it ends."""
    told: list[Any] = []
    with snapshot_queries() as recorded:
        yield told
    told.extend(_shortened(statement) for statement in recorded)


def _shortened(statement: Any) -> Any:
    for long, short in _SHORTER:
        if isinstance(statement, str) and long.match(statement):
            return long.sub(short, statement)
    return statement
