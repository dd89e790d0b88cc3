"""When a location is open."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

# (from, until) of each weekday, Monday first; nothing at all where nobody ever comes in.
WeekHours: TypeAlias = tuple[tuple[tuple[time, time], ...], ...]


def read_hours(*, said: Sequence[Sequence[Sequence[str]]]) -> WeekHours:
    """Opening hours as they are kept, `[["10:00", "19:00"]]` per weekday, as times."""
    return tuple(
        tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in day)
        for day in said
    )


def can_be_ready(*, hours: WeekHours, on: date, from_moment: datetime, takes: timedelta) -> bool:
    """Whether something begun at `from_moment` (local), or when it opens, is ready before it closes on that day.

    Public holidays are the caller's business.
    """
    if len(hours) != 7:
        return False
    return any(
        max(datetime.combine(on, opens), from_moment) + takes <= datetime.combine(on, closes)
        for opens, closes in hours[on.weekday()]
    )
