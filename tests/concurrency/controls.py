"""What the controls put in the place of `lock`: the one allowed patch of our own code (`decisions.md`, "Stock")."""

import threading
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from config.kernel.db import Chosen
from tests.concurrency.together import together


def unlocked(readers: int, *, patience_s: float = 10) -> Callable[[QuerySet[Any] | Chosen[Any]], list[Any]]:
    """A `lock` that locks nothing, and lets all rivals read before any of them goes on."""
    all_have_read = threading.Barrier(readers, timeout=patience_s)

    def read(rows: QuerySet[Any] | Chosen[Any]) -> list[Any]:
        found = list(rows.order_by("pk") if isinstance(rows, QuerySet) else rows)
        all_have_read.wait()
        return found

    return read


def outrun_by(rival: Callable[[], Any]) -> Callable[[QuerySet[Any]], list[Any]]:
    """A `lock` that locks nothing, and is slow: when it has read, `rival` begins, does all it has to do and commits."""

    def read(rows: QuerySet[Any]) -> list[Any]:
        found = list(rows)
        (result,) = together(rival)
        assert not isinstance(result, Exception), result
        return found

    return read
