"""Transactions that overlap for certain: the others begin while the first has written and not yet committed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, models

from config.kernel.db import open_transaction


def overlapping(first: Callable[[], Any], *rivals: Callable[[], Any]) -> list[Any]:
    """Do `first`, begin `rivals` on connections of their own, and commit `first` when each of them waits or is done.

    What each of them returned or raised.
    """

    def run(rival: Callable[[], Any]) -> Any:
        try:
            return rival()
        except Exception as error:  # noqa: BLE001 - what a rival met is the result
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(rivals)) as pool:
        with open_transaction():
            first()
            begun = [pool.submit(run, rival) for rival in rivals]
            deadline = time.monotonic() + 20
            while sum(not rival.done() for rival in begun) > _count_waiting():
                assert time.monotonic() < deadline, "the rivals neither wait nor end"
                time.sleep(0.01)
        return [rival.result(timeout=20) for rival in begun]


def reading_before_writing(table: type[models.Model], *rivals: Callable[[], Any]) -> list[Any]:
    """Let all rivals read what they like before any of them writes to the table; what each returned or raised."""
    return overlapping(lambda: _hold(table, "SHARE"), *rivals)


def writing_before_committing(table: type[models.Model], *rivals: Callable[[], Any]) -> list[Any]:
    """Let all rivals write before any of them commits: each waits there, for a foreign key to the table is checked.

    What each returned or raised.
    """
    return overlapping(lambda: _hold(table, "EXCLUSIVE"), *rivals)


def _hold(table: type[models.Model], mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table._meta.db_table} IN {mode} MODE")


def _count_waiting() -> int:
    """Connections to this database that wait for a lock: for ours, or in the queue behind one that does."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(DISTINCT waiting.pid)
            FROM pg_locks AS waiting JOIN pg_stat_activity AS client USING (pid)
            WHERE NOT waiting.granted AND client.datname = current_database()
            """
        )
        return int(cursor.fetchone()[0])
