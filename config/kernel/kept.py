"""What a process keeps of the configuration: markets, locations, ways of delivery.

It is never older than `settings.CONFIGURATION_LIVES_S`. Whoever changes it in this process forgets what was kept;
other processes see the change within that time.
"""

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.conf import settings

T = TypeVar("T")

_all: list["Kept[Any]"] = []


class Kept(Generic[T]):
    """A value that is read when it is asked for, and then kept. Threads may read it twice; none sees half of it."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._reading = read
        self._read: tuple[float, T] | None = None  # good until that moment
        _all.append(self)

    def get(self) -> T:
        """The value, at most `settings.CONFIGURATION_LIVES_S` old."""
        held, moment = self._read, time.monotonic()
        if held is None or moment > held[0]:
            held = self._read = (moment + settings.CONFIGURATION_LIVES_S, self._reading())
        return held[1]

    def forget(self) -> None:
        """Read it anew when it is asked for again."""
        self._read = None


def forget_all() -> None:
    """Forget everything that is kept: a test may not see another's."""
    for kept in _all:
        kept.forget()
