"""Which ways to pay are open to a sum."""

import pytest

from orders.payment.rules import payment_methods

IN_FINLAND = {
    "country": "FI",
    "total_minor": 129_900,
    "currency": "EUR",
    "has_address": True,
    "provider_ready": True,
}


@pytest.mark.parametrize(
    ("given", "card", "mobilepay", "invoice"),
    [
        ({}, "", "", ""),
        ({"country": "DK", "currency": "DKK"}, "", "", "country_not_served"),
        ({"country": "SE"}, "", "country_not_served", "country_not_served"),
        ({"currency": "SEK"}, "", "", "currency_not_served"),
        ({"currency": "USD"}, "", "currency_not_served", "currency_not_served"),
        ({"total_minor": 0}, "nothing_to_pay", "nothing_to_pay", "nothing_to_pay"),
        ({"total_minor": 49}, "sum_too_small", "sum_too_small", ""),
        ({"total_minor": 299, "currency": "SEK"}, "sum_too_small", "sum_too_small", "currency_not_served"),
        ({"has_address": False}, "", "", "address_missing"),
        ({"provider_ready": False}, "not_set_up", "not_set_up", ""),
    ],
)
def test_a_method_is_offered_where_it_can_succeed_with_the_reason_otherwise(
    given: dict[str, object], card: str, mobilepay: str, invoice: str
) -> None:
    methods = payment_methods(**(IN_FINLAND | given))  # type: ignore[arg-type]

    reasons = {"card": card, "mobilepay": mobilepay, "invoice": invoice}
    assert {method.code: method.reason for method in methods} == reasons
    assert all(method.available == (not method.reason) for method in methods)
