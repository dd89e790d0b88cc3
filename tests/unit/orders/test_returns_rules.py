"""What goods that come back are worth."""

from hypothesis import given
from hypothesis import strategies as st

from orders.returns.rules import ReturnedLine, credit_for, share


def returned(now: int, *, quantity: int, before: int = 0, gross: int = 0, tax: int = 0) -> ReturnedLine:
    return ReturnedLine(gross_minor=gross, tax_minor=tax, quantity=quantity, before=before, now=now)


def credit(*lines: ReturnedLine) -> tuple[int, int, int]:
    worth = credit_for(lines=lines, delivery_gross_minor=1490, delivery_tax_minor=303)
    return worth.gross_minor, worth.tax_minor, worth.delivery_minor


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
