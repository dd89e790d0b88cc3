"""When something arrives: working days, counted from the day it leaves."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_SATURDAY: Final = 5
_FINNISH_POSTCODE: Final = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, kw_only=True)
class OfferedDelivery:
    """A way of delivery with its price and the days between which it is promised. `labels` is per locale."""

    code: str
    labels: dict[str, str]
    gross_minor: int
    currency: str
    tax_class: str
    earliest_on: date
    latest_on: date


def is_working_day(*, day: date) -> bool:
    """Monday to Friday: nothing is dispatched or delivered at weekends."""
    return day.weekday() < _SATURDAY


def add_working_days(*, day: date, count: int) -> date:
    """The working day that comes `count` working days after `day`; with 0, `day` itself or the next one."""
    while not is_working_day(day=day):
        day += timedelta(days=1)
    for _ in range(count):
        day += timedelta(days=1)
        while not is_working_day(day=day):
            day += timedelta(days=1)
    return day


def leaves_on(*, ordered_at: datetime, cut_off: time, time_zone: str) -> date:
    """The day the goods leave: the same working day when ordered before the cut-off, else the next working day."""
    local = ordered_at.astimezone(ZoneInfo(time_zone))
    today = local.date()
    if is_working_day(day=today) and local.time() >= cut_off:
        today += timedelta(days=1)
    return add_working_days(day=today, count=0)


def is_deliverable(*, country: str, postcode: str) -> bool:
    """Whether a carrier could read the address. An address that is not known yet may still become a good one."""
    return not postcode or country != "FI" or _FINNISH_POSTCODE.fullmatch(postcode) is not None
