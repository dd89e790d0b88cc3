"""Our ranges of postcodes against every postcode there is."""

import csv
from datetime import date
from itertools import pairwise

import pytest

from orders.delivery.rules import is_working_day
from orders.delivery.zones import _RANGES, ALAND, MIDDLE, NORTH, SOUTH, zone_of
from tests.conftest import SHARED_DATA

# Every region of Finland, as Posti names it, and where its parcels go.
REGIONS = {
    "Helsinki-Uusimaa": SOUTH,
    "Varsinais-Suomi": SOUTH,
    "Satakunta": SOUTH,
    "Kanta-Häme": SOUTH,
    "Pirkanmaa": SOUTH,
    "Päijät-Häme": SOUTH,
    "Kymenlaakso": SOUTH,
    "Keski-Suomi": SOUTH,
    "Etelä-Karjala": MIDDLE,
    "Etelä-Savo": MIDDLE,
    "Pohjois-Savo": MIDDLE,
    "Pohjois-Karjala": MIDDLE,
    "Etelä-Pohjanmaa": MIDDLE,
    "Pohjanmaa": MIDDLE,
    "Keski-Pohjanmaa": MIDDLE,
    "Kainuu": MIDDLE,
    "Pohjois-Pohjanmaa": NORTH,
    "Lappi": NORTH,
    "Ahvenanmaa": ALAND,
}
# Postcodes that lie in one region and begin like those of the next.
ACROSS_THE_BORDER = {
    ("Kymenlaakso", "544"): MIDDLE,  # Miehikkälä, by Lappeenranta
    ("Etelä-Karjala", "465"): SOUTH,  # Luumäki, by Kouvola
    ("Etelä-Savo", "194"): SOUTH,  # Pertunmaa, by Heinola
    # South of Oulu: Ylivieska, Kalajoki, Pyhäjärvi and their neighbours.
    **{("Pohjois-Pohjanmaa", prefix): MIDDLE for prefix in ("68", "84", "85", "86", "88")},
}
# Posti files them under Helsinki; they are letters' addresses all over the country.
LARGE_CUSTOMERS = frozenset(
    {
        *("53006", "53086", "60006", "65086", "70006", "70032", "70086", "88086"),
        *("90006", "90032", "90086", "96086"),
    }
)


def test_the_ranges_are_without_gaps_and_without_overlaps() -> None:
    assert (_RANGES[0][0], _RANGES[-1][1]) == ("00000", "99999")
    assert all(int(ends) + 1 == int(begins) for (_, ends, _), (begins, _, _) in pairwise(_RANGES))


@pytest.mark.shared_data
def test_every_finnish_postcode_lies_in_the_zone_of_its_region() -> None:
    with (SHARED_DATA / "fi_postcodes" / "fi_postcodes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    astray = {
        (row["ad_area_fi"], row["postcode"]): zone
        for row in rows
        if (zone := zone_of(country="FI", postcode=row["postcode"])) != expected_zone(row)
    }

    assert astray == {}
    assert {row["ad_area_fi"] for row in rows} == set(REGIONS)
    used = {row["postcode"] for row in rows}
    assert used >= LARGE_CUSTOMERS
    assert all(any(code.startswith(prefix) for code in used) for _, prefix in ACROSS_THE_BORDER)


def expected_zone(row: dict[str, str]) -> str:
    """The zone of a row of Posti's list: its region's, or that of the neighbour whose mail it comes with."""
    postcode, region = row["postcode"], row["ad_area_fi"]
    if postcode in LARGE_CUSTOMERS:
        return next(zone for first, zone in ((90000, NORTH), (50000, MIDDLE)) if int(postcode) >= first)
    exceptions = [
        zone
        for (of, prefix), zone in ACROSS_THE_BORDER.items()
        if of == region and postcode.startswith(prefix)
    ]
    return exceptions[0] if exceptions else REGIONS[region]


@pytest.mark.shared_data
def test_no_finnish_holiday_is_a_working_day() -> None:
    path = SHARED_DATA / "fi_holidays" / "fi_holidays_2024_2030.csv"
    with path.open(encoding="utf-8") as rows:
        holidays = [date.fromisoformat(row["date"]) for row in csv.DictReader(rows)]

    assert len(holidays) > 90
    assert not any(is_working_day(day=day, country="FI") for day in holidays)
