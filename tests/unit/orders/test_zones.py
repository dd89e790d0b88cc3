"""Our ranges of postcodes against every postcode there is."""

import csv
from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest

from orders.delivery.rules import is_working_day
from orders.delivery.zones import _RANGES, ALAND, MIDDLE, NORTH, SOUTH, zone_of
from tests.conftest import SHARED_DATA


def test_the_ranges_are_without_gaps_and_without_overlaps() -> None:
    assert (_RANGES[0][0], _RANGES[-1][1]) == ("00000", "99999")
    assert all(int(ends) + 1 == int(begins) for (_, ends, _), (begins, _, _) in pairwise(_RANGES))


@pytest.mark.shared_data
def test_every_finnish_postcode_lies_in_the_zone_of_its_region() -> None:
    zones: dict[str, set[str | None]] = defaultdict(set)
    with (SHARED_DATA / "fi_postcodes" / "fi_postcodes.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            zone = zone_of(country="FI", postcode=row["postcode"])
            # Large customers have postcodes of their own all over the country; Posti files them under Helsinki.
            if row["municipal_name_fi"] != "Helsinki" or row["postcode"] < "01000":
                zones[row["ad_area_fi"]].add(zone)
            assert (zone == ALAND) == (row["ad_area_fi"] == "Ahvenanmaa"), row["postcode"]

    assert None not in set().union(*zones.values())
    assert zones["Lappi"] == {NORTH}
    assert zones["Ahvenanmaa"] == {ALAND}
    for region in ("Varsinais-Suomi", "Satakunta", "Pirkanmaa", "Kanta-Häme", "Kymenlaakso"):
        assert SOUTH in zones[region]
        assert not zones[region] & {NORTH, ALAND}
    for region in ("Pohjois-Savo", "Pohjois-Karjala", "Kainuu", "Etelä-Pohjanmaa"):
        assert MIDDLE in zones[region]
        assert ALAND not in zones[region]


@pytest.mark.shared_data
def test_no_finnish_holiday_is_a_working_day() -> None:
    path = SHARED_DATA / "fi_holidays" / "fi_holidays_2024_2030.csv"
    with path.open(encoding="utf-8") as rows:
        holidays = [date.fromisoformat(row["date"]) for row in csv.DictReader(rows)]

    assert len(holidays) > 90
    assert not any(is_working_day(day=day, country="FI") for day in holidays)
