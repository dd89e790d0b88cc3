"""When a location is open; what devices are registered and unlocked with."""

import re
import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, TypeAlias

DEVICE_CODE_LIVES: Final = timedelta(minutes=10)
SHIFT_LASTS: Final = timedelta(hours=8)
LOCKS_AFTER: Final = timedelta(minutes=10)
DEVICE_LIVES: Final = timedelta(days=400)

# Crockford's base 32 without letters that are read as digits: eight of them are 40 bits, some minutes long.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_PIN: Final = re.compile(r"[0-9]{4,8}")

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


def new_device_code() -> str:
    """A registration code as it is shown, `7KQ4-M2XD`."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"


def read_device_code(typed: str) -> str:
    """The code that was meant: case, blanks and look-alike letters do not matter."""
    return typed.upper().translate(_READ_AS)


def is_pin(*, pin: str) -> bool:
    """Four to eight digits that are not tried first: neither one digit again and again, nor a run of them."""
    if _PIN.fullmatch(pin) is None:
        return False
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return steps not in ({0}, {1}, {-1})


def new_pin() -> str:
    """A PIN for a demonstration."""
    while not is_pin(pin=(pin := f"{secrets.randbelow(10_000):04}")):
        pass
    return pin
