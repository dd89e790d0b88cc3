"""/system/v1/customers: one record, for integrations that may read it."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from config.kernel.rest.authentication import issue_api_key

pytestmark = pytest.mark.django_db


def integration(*scopes: str) -> APIClient:
    key = issue_api_key(name="CRM", scopes=scopes)
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {key}")


def test_an_integration_reads_a_customers_record(buy: Callable[..., UUID]) -> None:
    customer = buy()

    response = integration("customers:read").get(f"/system/v1/customers/{customer}")

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert (body["id"], body["name"], body["locale"]) == (str(customer), "Aino Virtanen", "fi")
    assert body["contact_points"] == [
        {"kind": "email", "value": "Aino@example.fi", "verified": False},
        {"kind": "phone", "value": "+358 40 123 4567", "verified": False},
    ]
    assert body["addresses"][0]["city"] == "Helsinki"
    (step,) = body["timeline"]
    assert (step["kind"], step["by"]) == ("order_placed", {"kind": "guest", "label": "", "store": ""})


def test_a_record_that_does_not_exist_is_not_found() -> None:
    assert integration("customers:read").get(f"/system/v1/customers/{uuid4()}").status_code == 404


def test_a_record_is_read_by_scope_only(buy: Callable[..., UUID]) -> None:
    here = f"/system/v1/customers/{buy()}"

    assert APIClient().get(here).status_code == 401
    refused = integration("events:read").get(here)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
