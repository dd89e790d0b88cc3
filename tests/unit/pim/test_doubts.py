"""Cells that can be read in two ways, or that a spreadsheet has spoiled."""

from typing import Any

import pytest

from pim.intake.readers.doubts import find_doubt


@pytest.mark.parametrize(
    ("of_type", "value", "reason"),
    [
        ("number", "12,50", "ambiguous_number"),
        ("number", "1.234,00", "ambiguous_number"),
        ("number", "1,234.00", "ambiguous_number"),
        ("number", "1 234", "ambiguous_number"),
        ("number", "1'234.50", "ambiguous_number"),
        ("number", "-12,50", "ambiguous_number"),
        ("metric", {"amount": "12,50", "unit": "GRAM"}, "ambiguous_number"),
        ("price", {"EUR": "12.50", "USD": "12,50"}, "ambiguous_number"),
        ("date", "03/04/26", "ambiguous_date"),
        ("date", "3.4.2026", "ambiguous_date"),
        ("gtin", "6.41E+12", "lossy_cell"),
        ("gtin", "1E+12", "lossy_cell"),
        ("text", "6,41438E+12", "lossy_cell"),
        ("number", "1E5", "lossy_cell"),
        ("gtin", "123457", "lossy_cell"),  # 00123457
        ("text", "#N/A", "lossy_cell"),
        ("select", "#REF!", "lossy_cell"),
        ("multiselect", ["red", "#NAME?"], "lossy_cell"),
        ("date", "########", "lossy_cell"),
        ("text", "=SUM(A1:A9)", "lossy_cell"),
        ("textarea", "=A1&B1", "lossy_cell"),
        ("number", "=1+1", "lossy_cell"),
        ("identifier", "1E10", "lossy_cell"),
    ],
)
def test_nobody_guesses(of_type: str, value: Any, reason: str) -> None:
    doubt = find_doubt(of_type=of_type, value=value)

    assert doubt is not None
    assert doubt.reason == reason


@pytest.mark.parametrize(
    ("of_type", "value"),
    [
        ("number", "12.50"),
        ("number", "-3"),
        ("number", "much"),  # wrong, and judged elsewhere
        ("metric", {"amount": "0.5", "unit": "KILOGRAM"}),
        ("price", {"EUR": "1099.00"}),
        ("date", "2026-04-03"),
        ("date", "someday"),
        ("gtin", "6414383600018"),
        ("gtin", "12345"),
        ("text", "12,50 metres"),
        ("text", "5E10"),
        ("text", "= equal"),
        ("text", "#1 in Finland"),
        ("text", "-10 % this week"),
        ("boolean", True),
        ("multiselect", ["red", "blue"]),
        ("identifier", "00123"),
    ],
)
def test_what_can_be_read_in_one_way_is_read(of_type: str, value: Any) -> None:
    assert find_doubt(of_type=of_type, value=value) is None
