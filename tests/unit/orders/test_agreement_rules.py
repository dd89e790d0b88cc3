"""Tax inside gross sums, sums per SKU, and order numbers."""

from collections import defaultdict
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.money import tax_within
from orders.agreement.rules import LineUnits, new_number, split_taxes, sum_by_line, sum_by_sku

STANDARD, REDUCED, NONE = Decimal("0.255"), Decimal("0.135"), Decimal(0)
rates = st.sampled_from([STANDARD, Decimal("0.14"), REDUCED, Decimal("0.10"), NONE])
components = st.lists(
    st.tuples(st.integers(min_value=0, max_value=50_000_000), rates), min_size=1, max_size=30
)


@given(gross_by_line=components)
def test_taxes_add_up_per_rate_to_what_the_rate_says_of_the_sum(
    gross_by_line: list[tuple[int, Decimal]],
) -> None:
    split = split_taxes(gross_by_line=gross_by_line)

    gross, tax = defaultdict(int), defaultdict(int)
    for part in split.parts:
        gross[part.rate] += part.gross_minor
        tax[part.rate] += part.tax_minor
    assert {group.rate: group.tax_minor for group in split.groups} == dict(tax)
    assert all(tax[rate] == tax_within(gross_minor=gross[rate], rate=rate) for rate in gross)
    assert split.tax_minor == sum(tax.values())


@given(gross_by_line=components)
def test_every_part_is_its_net_and_its_tax_and_neither_is_negative(
    gross_by_line: list[tuple[int, Decimal]],
) -> None:
    split = split_taxes(gross_by_line=gross_by_line)

    assert [(part.gross_minor, part.rate) for part in split.parts] == gross_by_line
    for part in split.parts:
        assert part.net_minor + part.tax_minor == part.gross_minor
        assert part.net_minor >= 0
        assert part.tax_minor >= 0


@given(gross_by_line=components)
def test_no_part_is_more_than_a_cent_away_from_its_own_tax(gross_by_line: list[tuple[int, Decimal]]) -> None:
    for part in split_taxes(gross_by_line=gross_by_line).parts:
        alone = Decimal(part.gross_minor) * part.rate / (1 + part.rate)
        # The group's sum is rounded by half a cent, spread over its parts; each part then by less than one.
        assert abs(part.tax_minor - alone) < Decimal("1.5")


def test_the_tax_of_a_group_is_spread_by_largest_remainder() -> None:
    split = split_taxes(gross_by_line=[(333, STANDARD), (333, STANDARD), (334, STANDARD), (1000, REDUCED)])

    assert [part.tax_minor for part in split.parts] == [68, 67, 68, 119]
    assert [(group.rate, group.gross_minor, group.tax_minor) for group in split.groups] == [
        (STANDARD, 1000, 203),
        (REDUCED, 1000, 119),
    ]


def test_nothing_has_no_tax() -> None:
    split = split_taxes(gross_by_line=[])

    assert (split.parts, split.groups, split.gross_minor, split.tax_minor) == ((), (), 0, 0)


def test_units_of_one_sku_on_two_lines_are_both_counted() -> None:
    assert sum_by_sku(lines=[("SOFA", 1), ("CUSHION", 2), ("SOFA", 3)]) == {"SOFA": 4, "CUSHION": 2}


def test_a_line_named_twice_counts_twice() -> None:
    line = uuid4()

    assert sum_by_line(lines=[LineUnits(line_id=line, quantity=1), LineUnits(line_id=line, quantity=2)]) == {
        line: 3
    }


@pytest.mark.parametrize("_", range(50))
def test_a_number_can_be_read_out_on_the_telephone(_: int) -> None:
    number = new_number()

    assert len(number) == 11
    assert number[5] == "-"
    assert not set("ILOU") & set(number)


def test_numbers_do_not_repeat() -> None:
    assert len({new_number() for _ in range(5000)}) == 5000
