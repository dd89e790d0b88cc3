"""/staff/v1: what the staff of a location does with its orders and returns, over HTTP."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from config.kernel.models import AuditEntry
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits
from orders.locations.models import Location
from orders.parcels.models import Parcel
from orders.parcels.services import DispatchedParcel
from orders.payment.models import PaymentEntry
from orders.placing.services import PlacedOrder
from orders.returns.queries import ReturnCard
from orders.returns.services import announce_return
from orders.stock.models import StockLevel
from tests.factories.orders import GUEST, coming_back
from tests.orders.conftest import post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]
StaffClient = Callable[..., APIClient]


def here(order: PlacedOrder) -> str:
    return f"/staff/v1/orders/{order.order_id}"


@pytest.fixture
def coming(
    order: PlacedOrder, arrived: DispatchedParcel, units: Callable[..., list[LineUnits]], now: datetime
) -> ReturnCard:
    """Two cushions are on their way back."""
    secret = order_secret(order_id=order.order_id)
    return announce_return(
        order_id=order.order_id,
        secret=secret,
        lines=coming_back(units(CUSHION=2)),
        reason="Blue.",
        by=GUEST,
        now=now,
    )


def test_the_packer_reads_what_she_packs_and_not_what_it_cost(
    order: PlacedOrder, lahti: Location, staff_client: StaffClient
) -> None:
    response = staff_client(lahti).get(here(order))

    assert response.status_code == 200
    body = response.json()
    assert set(body) == {
        *("id", "number", "state", "placed_at"),
        *("lines", "deliveries", "parcels", "returns", "disputes"),
    }
    assert [(row["sku"], row["quantity"], row["open"]) for row in body["lines"]] == [
        ("SOFA", 1, 1),
        ("CUSHION", 3, 3),
    ]
    assert body["deliveries"][0]["location"] == "LAHTI"
    assert body["deliveries"][0]["address"]["street"] == "Mannerheimintie 1 A 2"
    assert "Aino.Virtanen@example.fi" not in response.text
    assert "99.90" not in response.text


def test_other_staff_is_told_that_there_is_no_such_order(
    order: PlacedOrder, coming: ReturnCard, lahti: Location, helsinki: Location, staff_client: StaffClient
) -> None:
    for stranger in (staff_client(helsinki), staff_client(lahti, assigned=False)):
        refused = [
            stranger.get(here(order)),
            stranger.get(f"/staff/v1/orders/{uuid4()}"),
            post(stranger, f"{here(order)}/parcels"),
            post(stranger, f"/staff/v1/returns/{coming.return_id}/receive"),
            post(stranger, f"/staff/v1/returns/{coming.return_id}/credit"),
            post(stranger, f"/staff/v1/returns/{uuid4()}/receive"),
        ]
        assert [response.status_code for response in refused] == [404] * len(refused)
        assert {response.json()["code"] for response in refused} == {"not_found"}


def test_the_packer_ships_everything(order: PlacedOrder, lahti: Location, staff_client: StaffClient) -> None:
    packer = staff_client(lahti)

    response = post(packer, f"{here(order)}/parcels")

    assert response.status_code == 201
    assert response.json()["state"] == "dispatched"
    assert sorted(units["quantity"] for units in response.json()["lines"]) == [1, 3]
    after = packer.get(here(order)).json()
    assert (after["state"], [row["open"] for row in after["lines"]]) == ("completed", [0, 0])
    audited = AuditEntry.objects.get(action="orders.parcels.pack_parcel")
    assert (audited.actor_kind, audited.actor_store, audited.actor_device) == ("clerk", "LAHTI", "scanner-1")
    assert audited.subject == {"order_id": str(order.order_id)}


def test_the_packer_ships_a_part(
    order: PlacedOrder, lahti: Location, staff_client: StaffClient, units: Callable[..., list[LineUnits]]
) -> None:
    (cushions,) = units(CUSHION=2)
    body = {"lines": [{"line_id": str(cushions.line_id), "quantity": 2}]}

    response = post(staff_client(lahti), f"{here(order)}/parcels", body)

    assert (response.status_code, response.json()["lines"]) == (201, body["lines"])


def test_a_parcel_that_is_reported_twice_leaves_once(
    order: PlacedOrder, lahti: Location, staff_client: StaffClient
) -> None:
    packer, key = staff_client(lahti), uuid4()

    first, again = (post(packer, f"{here(order)}/parcels", key=key) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Parcel.objects.count() == 1
    once_more = post(packer, f"{here(order)}/parcels")
    assert (once_more.status_code, once_more.json()["code"]) == (409, "nothing_to_dispatch")


def test_too_large_a_parcel_names_the_line(
    order: PlacedOrder, lahti: Location, staff_client: StaffClient, units: Callable[..., list[LineUnits]]
) -> None:
    (sofa,) = units(SOFA=1)
    body = {"lines": [{"line_id": str(sofa.line_id), "quantity": 2}]}

    response = post(staff_client(lahti), f"{here(order)}/parcels", body)

    assert (response.status_code, response.json()["code"]) == (422, "more_than_open")
    assert response.json()["lines"] == [{"line_id": str(sofa.line_id), "wanted": 2, "open": 1}]


def test_a_return_is_received_and_credited(
    coming: ReturnCard, lahti: Location, staff_client: StaffClient
) -> None:
    packer = staff_client(lahti)

    received = post(packer, f"/staff/v1/returns/{coming.return_id}/receive")
    credited = post(packer, f"/staff/v1/returns/{coming.return_id}/credit")

    assert (received.status_code, received.json()["state"]) == (200, "received")
    assert StockLevel.objects.get(sku="CUSHION").on_hand == 9
    assert (credited.status_code, credited.json()["state"]) == (200, "credited")
    assert credited.json()["credit"] == {"amount": "79.80", "currency": "EUR"}


def test_a_credit_that_is_asked_for_twice_is_given_once(
    coming: ReturnCard, lahti: Location, staff_client: StaffClient
) -> None:
    packer, key = staff_client(lahti), uuid4()
    post(packer, f"/staff/v1/returns/{coming.return_id}/receive")

    first, again = (post(packer, f"/staff/v1/returns/{coming.return_id}/credit", key=key) for _ in range(2))
    other = post(packer, f"/staff/v1/returns/{coming.return_id}/credit")

    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "illegal_state")
    assert PaymentEntry.objects.filter(kind="credited").count() == 1


def test_nothing_is_credited_before_it_is_here(
    coming: ReturnCard, lahti: Location, staff_client: StaffClient
) -> None:
    response = post(staff_client(lahti), f"/staff/v1/returns/{coming.return_id}/credit")

    assert (response.status_code, response.json()["code"]) == (409, "illegal_state")
    assert (response.json()["state"], response.json()["wanted"]) == ("announced", "credited")


@pytest.mark.parametrize(
    "path", ["orders/{order}/parcels", "returns/{coming}/receive", "returns/{coming}/credit"]
)
def test_staffs_writes_need_a_key_and_take_no_unknown_field(
    order: PlacedOrder, coming: ReturnCard, lahti: Location, staff_client: StaffClient, path: str
) -> None:
    packer = staff_client(lahti)
    url = f"/staff/v1/{path.format(order=order.order_id, coming=coming.return_id)}"

    keyless = packer.post(url, {}, format="json")
    curious = post(packer, url, {"amount": "1.00"})

    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_required")
    assert (curious.status_code, curious.json()["code"]) == (400, "unknown_field")


def test_without_a_token_there_is_no_staff_side(
    order: PlacedOrder, coming: ReturnCard, client: APIClient
) -> None:
    refused = [
        client.get(here(order)),
        post(client, f"{here(order)}/parcels"),
        post(client, f"/staff/v1/returns/{coming.return_id}/receive"),
        post(client, f"/staff/v1/returns/{coming.return_id}/credit"),
    ]

    assert [response.status_code for response in refused] == [401] * 4
