"""Which ways to pay are open to a sum."""

import pytest

from orders.payment.rules import list_payment_methods


@pytest.mark.parametrize(
    ("country", "total_minor", "currency", "reason"),
    [
        ("FI", 129_900, "EUR", ""),
        ("SE", 129_900, "EUR", "country_not_served"),
        ("FI", 129_900, "SEK", "currency_not_served"),
        ("FI", 0, "EUR", "nothing_to_pay"),
    ],
)
def test_an_invoice_is_offered_where_it_can_be_paid_with_the_reason_otherwise(
    country: str, total_minor: int, currency: str, reason: str
) -> None:
    (invoice,) = list_payment_methods(country=country, total_minor=total_minor, currency=currency)

    assert (invoice.code, invoice.available, invoice.reason) == ("invoice", not reason, reason)
