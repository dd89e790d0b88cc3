"""Two transactions that overlap for certain: the second begins while the first has written and not yet committed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from config.kernel.db import open_transaction


def overlapping(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do `first`, begin `second` on another connection, and commit `first` when `second` is waiting for it or done.

    What `second` returned or raised.
    """

    def run() -> Any:
        try:
            return second()
        except Exception as error:  # noqa: BLE001 - what a rival met is the result
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        with open_transaction():
            first()
            rival = pool.submit(run)
            deadline = time.monotonic() + 20
            while not rival.done() and not _somebody_waits():
                assert time.monotonic() < deadline, "the rival neither waits nor ends"
                time.sleep(0.01)
        return rival.result(timeout=20)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks waiting
                WHERE NOT waiting.granted AND pg_backend_pid() = ANY(pg_blocking_pids(waiting.pid))
            )
            """
        )
        return bool(cursor.fetchone()[0])
