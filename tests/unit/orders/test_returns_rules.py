"""Until when goods may come back, and what they are worth."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.returns.rules import (
    OutboundDelivery,
    ReturnedLine,
    ReturnRight,
    credit_for,
    is_rest_day,
    last_day_on,
    new_label_code,
    read_label_code,
    share,
    term_ends_at,
    terms_of,
)

HELSINKI = ZoneInfo("Europe/Helsinki")


def returned(now: int, *, quantity: int, before: int = 0, gross: int = 0, tax: int = 0) -> ReturnedLine:
    return ReturnedLine(gross_minor=gross, tax_minor=tax, quantity=quantity, before=before, now=now)


def credit(
    *lines: ReturnedLine, by_right: bool = True, standard: int = 1490, deducted: int = 0
) -> tuple[int, int, int]:
    worth = credit_for(
        lines=lines,
        delivery=OutboundDelivery(gross_minor=1490, tax_minor=303, standard_gross_minor=standard),
        by_right=by_right,
        deducted_minor=deducted,
    )
    return worth.gross_minor, worth.tax_minor, worth.delivery_minor


def at(text: str, zone: ZoneInfo = HELSINKI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def ends(arrived: datetime, *, days: int = 14, country: str = "FI") -> str:
    """When a term ends, by the clocks of Helsinki."""
    return str(term_ends_at(begun_at=arrived, days=days, country=country).astimezone(HELSINKI))


def test_a_part_of_the_order_is_worth_its_goods_alone() -> None:
    sofa = returned(0, quantity=1, gross=129_900, tax=26_394)
    cushions = returned(2, quantity=2, gross=7_980, tax=1_621)

    assert credit(sofa, cushions) == (7_980, 1_621, 0)


def test_the_whole_order_is_worth_its_goods_and_the_outbound_delivery() -> None:
    sofa = returned(1, quantity=1, gross=129_900, tax=26_394)
    cushions = returned(2, quantity=2, gross=7_980, tax=1_621)

    assert credit(sofa, cushions) == (129_900 + 7_980 + 1_490, 26_394 + 1_621 + 303, 1_490)


def test_the_return_that_completes_the_order_brings_the_delivery() -> None:
    sofa = returned(0, quantity=1, before=1, gross=129_900, tax=26_394)
    cushions = returned(1, quantity=2, before=1, gross=7_980, tax=1_621)

    assert credit(sofa, cushions) == (3_990 + 1_490, 1_621 - 811 + 303, 1_490)


def test_a_dearer_delivery_is_given_back_at_the_price_of_the_standard_one() -> None:
    sofa = returned(1, quantity=1, gross=129_900, tax=26_394)

    assert credit(sofa, standard=490) == (129_900 + 490, 26_394 + 100, 490)
    assert credit(sofa, standard=9_900) == (129_900 + 1_490, 26_394 + 303, 1_490)
    assert credit(sofa, standard=0) == (129_900, 26_394, 0)


def test_who_uses_our_promise_and_not_the_law_gets_the_goods_alone() -> None:
    sofa = returned(1, quantity=1, gross=129_900, tax=26_394)

    assert credit(sofa, by_right=False) == (129_900, 26_394, 0)


def test_lost_value_lessens_the_goods_and_their_tax_and_not_the_delivery() -> None:
    sofa = returned(1, quantity=1, gross=100_000, tax=20_319)

    assert credit(sofa, deducted=25_000) == (75_000 + 1_490, 15_239 + 303, 1_490)
    assert credit(sofa, deducted=100_000) == (1_490, 303, 1_490)
    for wrong in (-1, 100_001):
        with pytest.raises(ValueError, match="deducted"):
            credit(sofa, deducted=wrong)


@pytest.mark.parametrize(
    ("arrived", "end", "why"),
    [
        (
            "2026-11-03T00:00:00",
            "2026-11-18 00:00:00+02:00",
            "the day of arrival does not count: day 14 is a Tuesday",
        ),
        ("2026-11-03T23:59:59", "2026-11-18 00:00:00+02:00", "whatever the hour of arrival"),
        ("2026-11-07T12:00:00", "2026-11-24 00:00:00+02:00", "day 14 is a Saturday: until the end of Monday"),
        ("2026-11-08T12:00:00", "2026-11-24 00:00:00+02:00", "day 14 is a Sunday"),
        (
            "2026-12-10T12:00:00",
            "2026-12-29 00:00:00+02:00",
            "Christmas Eve, two holidays, a Sunday, then Monday",
        ),
        (
            "2026-12-18T12:00:00",
            "2027-01-05 00:00:00+02:00",
            "New Year's Day is a Friday: until Monday, next year",
        ),
        ("2026-12-17T12:00:00", "2027-01-01 00:00:00+02:00", "New Year's Eve is a working day"),
        (
            "2026-03-24T12:00:00",
            "2026-04-08 00:00:00+03:00",
            "summer time begins within the term; Tuesday after Easter",
        ),
        (
            "2026-03-20T12:00:00",
            "2026-04-08 00:00:00+03:00",
            "Good Friday, Easter and its Monday are skipped",
        ),
        ("2026-10-13T12:00:00", "2026-10-28 00:00:00+02:00", "winter time begins within the term"),
        ("2026-06-05T12:00:00", "2026-06-23 00:00:00+03:00", "Midsummer Eve"),
    ],
)
def test_a_term_ends_with_the_last_hour_of_its_last_working_day(arrived: str, end: str, why: str) -> None:
    assert ends(at(arrived)) == end, why


def test_the_last_second_is_within_the_term_and_the_next_is_not() -> None:
    terms = terms_of(arrived_at=at("2026-11-03T15:00:00"), country="FI")
    last_second = at("2026-11-17T23:59:59")

    assert terms.right_at(now=at("2026-11-03T15:00:00")) is ReturnRight.WITHDRAWAL
    assert terms.right_at(now=last_second) is ReturnRight.WITHDRAWAL
    assert terms.right_at(now=last_second + timedelta(seconds=1)) is ReturnRight.POLICY
    assert terms.right_at(now=at("2026-12-03T23:59:59")) is ReturnRight.POLICY
    assert terms.right_at(now=at("2026-12-04T00:00:00")) is None


def test_a_term_that_has_not_begun_does_not_end() -> None:
    terms = terms_of(arrived_at=None, country="FI")

    assert terms.right_at(now=at("2099-01-01T00:00:00")) is ReturnRight.WITHDRAWAL
    assert terms.withdrawal_ends_at is None


def test_the_clock_of_the_buyers_country_counts() -> None:
    arrived = datetime(
        2026, 11, 3, 22, 30, tzinfo=UTC
    )  # half past midnight in Helsinki, the day before in Stockholm

    assert ends(arrived, country="FI") == "2026-11-19 00:00:00+02:00"
    assert ends(arrived, country="SE") == "2026-11-18 01:00:00+02:00"
    assert ends(arrived, country="ES") == "2026-11-18 02:00:00+02:00", "on the Canaries the day ends last"
    assert ends(arrived, country="XX") == "2026-11-18 02:00:00+02:00", "a country nobody knows goes by UTC"


def test_a_holiday_is_that_of_the_buyers_country() -> None:
    independence_day_in_finland = date(2027, 12, 6)

    assert is_rest_day(day=independence_day_in_finland, country="FI")
    assert not is_rest_day(day=independence_day_in_finland, country="SE")
    assert is_rest_day(day=date(2026, 11, 22), country="XX")


def test_a_label_code_survives_a_felt_pen_and_a_wrong_character_is_noticed() -> None:
    for _ in range(50):
        code = new_label_code()
        sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")

        assert read_label_code(typed=code) == code
        assert read_label_code(typed=sloppy) == code
        place = len(code) - 3
        wrong = code[:place] + ("A" if code[place] != "A" else "B") + code[place + 1 :]
        assert read_label_code(typed=wrong) is None
    for nonsense in ("", "PR-", "PR-7Q2MX", "PR-7Q2MX-0K4TD-AA", "€" * 11, "PR-UUUUU-UUUUU-U"):
        assert read_label_code(typed=nonsense) is None


@given(
    minutes=st.integers(min_value=0, max_value=15 * 365 * 24 * 60),
    days=st.integers(min_value=1, max_value=40),
)
def test_a_term_is_never_shorter_than_it_is_said_to_be(minutes: int, days: int) -> None:
    arrived = (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)).astimezone(HELSINKI)
    end = term_ends_at(begun_at=arrived, days=days, country="FI")
    last = last_day_on(ends_at=end, country="FI")

    assert last >= arrived.date() + timedelta(days=days)
    assert last <= arrived.date() + timedelta(days=days + 7)
    assert not is_rest_day(day=last, country="FI")
    assert end.astimezone(HELSINKI).date() == last + timedelta(days=1)


@given(
    total=st.integers(min_value=0, max_value=10**9),
    pieces=st.lists(st.integers(min_value=1, max_value=20), min_size=1, max_size=8),
)
def test_units_that_come_back_in_any_pieces_add_up_to_the_line(total: int, pieces: list[int]) -> None:
    quantity, before, parts = sum(pieces), 0, []
    for units in pieces:
        line = returned(units, quantity=quantity, before=before)
        parts.append(share(total_minor=total, line=line))
        before += units

    assert sum(parts) == total
    assert all(part >= 0 for part in parts)


@given(
    total=st.integers(min_value=0, max_value=10**9),
    quantity=st.integers(min_value=1, max_value=999),
    data=st.data(),
)
def test_a_share_is_within_a_cent_of_its_proportion(total: int, quantity: int, data: st.DataObject) -> None:
    before = data.draw(st.integers(min_value=0, max_value=quantity))
    now = data.draw(st.integers(min_value=0, max_value=quantity - before))

    part = share(total_minor=total, line=returned(now, quantity=quantity, before=before))

    assert abs(part * quantity - total * now) <= quantity
