"""The SQL of the customer record's route, and that it does not grow with what the record holds."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from inline_snapshot import snapshot
from rest_framework.test import APIClient

from config.kernel.rest.authentication import issue_api_key
from tests.sql import statements

pytestmark = pytest.mark.django_db


def test_an_integration_reads_a_record(buy: Callable[..., UUID]) -> None:
    key = issue_api_key(name="CRM", scopes=["customers:read"])
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {key}")

    def read(customer: UUID) -> list[Any]:
        with statements() as sent:
            assert client.get(f"/system/v1/customers/{customer}").status_code == 200
        return sent

    customer = buy()
    read(customer)  # the first request of a day notes that the key was used
    sent = read(customer)
    for number in range(10):
        buy(phone=f"+358 40 {number}")

    assert sent == snapshot(
        [
            "SELECT ... FROM kernel_apikey WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SELECT ... FROM customers_customer WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM customers_contactpoint WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM customers_customeraddress WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM customers_timelineentry WHERE ...",
        ]
    )
    assert read(customer) == sent
