"""/store/v1/orders: the buyer's own order and its returns, over HTTP."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from config.kernel.ids import new_id
from config.kernel.models import User
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits
from orders.parcels.services import DispatchedParcel
from orders.placing.services import PlacedOrder
from orders.returns.models import Return
from tests.factories.orders import line, placed
from tests.orders.conftest import post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]


def here(order: PlacedOrder) -> str:
    return f"/store/v1/orders/{order.order_id}"


def secret(order: PlacedOrder) -> dict[str, str]:
    return {"X-Order-Secret": order_secret(order_id=order.order_id)}


def test_a_guest_reads_her_order_with_its_secret(order: PlacedOrder, client: APIClient) -> None:
    response = client.get(here(order), headers=secret(order))

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert (body["id"], body["number"], body["state"]) == (str(order.order_id), order.number, "confirmed")
    assert body["contact"]["email"] == "Aino.Virtanen@example.fi"
    sofa, cushions = body["lines"]
    assert sofa["options"] == [{"label": "Kangas", "value": "Buklee"}]
    assert sofa["unit_price"] == {"amount": "99.90", "currency": "EUR"}
    assert (cushions["quantity"], cushions["gross"]["amount"], cushions["tax_rate"]) == (3, "119.70", "0.255")
    assert (cushions["shipped"], cushions["returnable"]) == (0, 0)
    (delivery,) = body["deliveries"]
    assert delivery["promise"] == {"earliest_on": "2026-11-25", "latest_on": "2026-11-26"}
    assert delivery["address"]["city"] == "Helsinki"
    totals = body["totals"]
    assert (totals["goods"]["amount"], totals["delivery"]["amount"]) == ("219.60", "14.90")
    assert (totals["total"]["amount"], totals["tax"]["amount"]) == ("234.50", "47.65")
    assert totals["taxes"] == [
        {
            "rate": "0.255",
            "gross": totals["total"],
            "net": {"amount": "186.85", "currency": "EUR"},
            "tax": totals["tax"],
        }
    ]
    assert body["payment"] == {
        "attempt_id": body["payment"]["attempt_id"],
        "method": "invoice",
        "status": "secured",
        "next_action": {"type": "none"},
    }
    assert [invoice["number"] for invoice in body["invoices"]] == [f"{order.number}-1"]
    assert [step["state"] for step in body["history"]] == ["pending_payment", "confirmed"]
    assert (body["parcels"], body["returns"]) == ([], [])


def test_a_shopper_reads_her_order_by_her_account(
    goods: None, now: datetime, shopper: User, shopper_client: Callable[[User], APIClient]
) -> None:
    order = placed(line("SOFA"), now=now, buyer_ref=shopper.public_id)

    assert shopper_client(shopper).get(here(order)).status_code == 200


def test_a_foreign_order_looks_like_one_that_does_not_exist(
    order: PlacedOrder,
    client: APIClient,
    shopper: User,
    shopper_client: Callable[[User], APIClient],
    now: datetime,
) -> None:
    other = placed(line("SOFA"), now=now, buyer_ref=new_id())
    stranger = shopper_client(shopper)
    refused = [
        client.get(here(order)),
        client.get(here(order), headers=secret(other)),
        client.get(here(order), headers={"X-Order-Secret": "é" * 64}),
        stranger.get(here(other)),
        client.get(f"/store/v1/orders/{uuid4()}"),
        client.get(f"/store/v1/orders/{uuid4()}", headers=secret(order)),
    ]

    assert {response.status_code for response in refused} == {404}
    traces = {"instance", "request_id"}
    bodies = [
        {name: value for name, value in response.json().items() if name not in traces} for response in refused
    ]
    assert all(body["code"] == "not_found" for body in bodies)
    assert len({str(sorted(body.items())) for body in bodies}) == 1


def test_staff_and_integrations_do_not_read_the_buyers_side(
    order: PlacedOrder, lahti: object, staff_client: Callable[..., APIClient]
) -> None:
    assert staff_client(lahti).get(here(order)).status_code == 401


def test_a_buyer_announces_a_return(
    order: PlacedOrder, arrived: DispatchedParcel, client: APIClient, units: Callable[..., list[LineUnits]]
) -> None:
    (cushions,) = units(CUSHION=2)
    body = {"lines": [{"line_id": str(cushions.line_id), "quantity": 2}], "reason": "Too blue.\nSorry."}

    response = post(client, f"{here(order)}/returns", body, **secret(order))

    assert response.status_code == 201
    announced = response.json()
    assert (announced["state"], announced["credit"], announced["order_id"]) == (
        "announced",
        None,
        str(order.order_id),
    )
    assert [(row["line_id"], row["quantity"]) for row in announced["lines"]] == [(str(cushions.line_id), 2)]
    assert announced["label_code"].startswith("PR-")
    assert announced["send_to"]["city"] == "Lahti"
    after = client.get(here(order), headers=secret(order)).json()
    assert after["returns"] == [announced]
    assert [row["returnable"] for row in after["lines"]] == [1, 1]
    assert after["parcels"][0]["id"] == str(arrived.parcel_id)


def test_an_announcement_that_is_repeated_is_made_once(
    order: PlacedOrder, arrived: DispatchedParcel, client: APIClient, units: Callable[..., list[LineUnits]]
) -> None:
    (sofa,) = units(SOFA=1)
    body = {"lines": [{"line_id": str(sofa.line_id), "quantity": 1}]}
    key = uuid4()

    first, again = (post(client, f"{here(order)}/returns", body, key=key, **secret(order)) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Return.objects.count() == 1
    other = post(client, f"{here(order)}/returns", {**body, "reason": "x"}, key=key, **secret(order))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reuse")


def test_a_return_of_more_than_left_names_the_line(
    order: PlacedOrder, arrived: DispatchedParcel, client: APIClient, units: Callable[..., list[LineUnits]]
) -> None:
    (sofa,) = units(SOFA=1)
    body = {"lines": [{"line_id": str(sofa.line_id), "quantity": 2}]}

    response = post(client, f"{here(order)}/returns", body, **secret(order))

    assert response.status_code == 422
    problem = response.json()
    assert problem["code"] == "more_than_returnable"
    assert problem["lines"] == [{"line_id": str(sofa.line_id), "wanted": 2, "delivered": 1, "returnable": 1}]
    assert not Return.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"lines": []}, "too_few"),
        ({"lines": [{"line_id": "sofa", "quantity": 1}]}, "invalid_id"),
        ({"lines": [{"line_id": str(uuid4()), "quantity": 0}]}, "invalid_quantity"),
        ({"lines": [{"line_id": str(uuid4()), "quantity": True}]}, "invalid_quantity"),
        ({"lines": [{"line_id": str(uuid4()), "quantity": 1, "refund": "9.99"}]}, "unknown_field"),
        ({"lines": [{"line_id": str(uuid4()), "quantity": 1}], "reason": "x" * 1001}, "too_long"),
    ],
)
def test_a_return_that_says_nothing_sensible_is_refused(
    order: PlacedOrder, client: APIClient, body: object, code: str
) -> None:
    response = post(client, f"{here(order)}/returns", body, **secret(order))

    assert (response.status_code, response.json()["code"]) == (400, code)


def test_a_return_without_a_key_is_refused(order: PlacedOrder, client: APIClient) -> None:
    body = {"lines": [{"line_id": str(uuid4()), "quantity": 1}]}

    response = client.post(f"{here(order)}/returns", body, format="json", headers=secret(order))

    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_required")


def test_a_return_of_somebody_elses_order_is_not_found(
    order: PlacedOrder, arrived: DispatchedParcel, client: APIClient, units: Callable[..., list[LineUnits]]
) -> None:
    (sofa,) = units(SOFA=1)
    body = {"lines": [{"line_id": str(sofa.line_id), "quantity": 1}]}

    assert post(client, f"{here(order)}/returns", body).status_code == 404
    assert not Return.objects.exists()


def test_parameters_are_refused_where_there_are_none(order: PlacedOrder, client: APIClient) -> None:
    response = client.get(f"{here(order)}?expand=all", headers=secret(order))

    assert (response.status_code, response.json()["code"]) == (400, "unknown_filter")
