"""Run several functions at once, each on a database connection of its own, from behind one barrier."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def together(*functions: Callable[[], Any]) -> list[Any]:
    """Start all at one moment; what each returned or raised, in the order of the functions."""
    barrier = threading.Barrier(len(functions), timeout=20)

    def run(function: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return function()
        except Exception as error:  # noqa: BLE001 - what a rival met is part of the result
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


def kinds(results: Sequence[Any]) -> list[str]:
    """Results as names, sorted: `done` for a value, the class's name for an error."""
    return sorted(type(result).__name__ if isinstance(result, Exception) else "done" for result in results)
