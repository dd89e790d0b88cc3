"""What no machine can end lies before a person until she says what she did about it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from config.kernel.actors import Actor
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from customers.models import Customer
from customers.record.queries import get_customer
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits
from orders.locations.models import Location
from orders.matters.models import Matter
from orders.parcels.models import Parcel
from orders.parcels.ports import Label, News
from orders.parcels.rules import ParcelState
from orders.parcels.services import dispatch_parcel
from orders.parcels.tracking import record_news
from orders.payment.models import PaymentAttempt
from orders.placing.services import PlacedOrder
from tests.callers import Caller
from tests.factories.orders import MACHINERY, delivered
from tests.factories.world import World, ready_cart
from tests.orders.conftest import post
from tests.orders.paying import Till, buyer_of, secured

pytestmark = pytest.mark.django_db
StaffClient = Callable[..., APIClient]
LIST = "/staff/v1/open-matters"


def matters(client: APIClient) -> list[dict[str, Any]]:
    response = client.get(LIST)
    assert response.status_code == 200, response.content
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def withdraws(client: APIClient, order: PlacedOrder) -> None:
    path, secret = f"/store/v1/orders/{order.order_id}/withdrawal", order_secret(order_id=order.order_id)
    drafted = post(client, path, **{"X-Order-Secret": secret})
    stated = post(client, f"{path}/{drafted.json()['id']}/confirm", **{"X-Order-Secret": secret})
    assert stated.status_code == 200, stated.content


@pytest.fixture
def left_in_part(
    order: PlacedOrder, packer: Actor, units: Callable[..., list[LineUnits]], now: datetime
) -> PlacedOrder:
    """The sofa has left; the cushions have not."""
    delivered(order, by=packer, now=now, lines=units(SOFA=1))
    return order


# --- The list


def test_a_withdrawal_of_which_a_part_has_not_left_waits_for_a_person(
    *, left_in_part: PlacedOrder, lahti: Location, staff_client: StaffClient, client: APIClient, now: datetime
) -> None:
    withdraws(client, left_in_part)
    run_pending(now=now)

    (matter,) = matters(staff_client(lahti))

    assert (matter["kind"], matter["number"]) == ("withdrawal", left_in_part.number)
    assert matter["order_id"] == str(left_in_part.order_id)
    assert matter["facts"] == {"effect": "both", "order_number": left_in_part.number}
    assert "- 3 × Thing CUSHION" in matter["statement"]


def test_a_withdrawal_that_a_machine_carried_out_waits_for_nobody(
    *, order: PlacedOrder, lahti: Location, staff_client: StaffClient, client: APIClient, now: datetime
) -> None:
    withdraws(client, order)
    run_pending(now=now)

    assert matters(staff_client(lahti)) == []


def test_a_statement_about_an_order_that_nobody_knows_waits_where_goods_are_asked_for_first(
    *, lahti: Location, helsinki: Location, staff_client: StaffClient, client: APIClient, now: datetime
) -> None:
    wish = {"order_number": "00000-00000", "name": "Aino Virtanen", "email": "aino@example.fi"}
    drafted = post(client, "/store/v1/withdrawals", wish).json()
    assert post(client, f"/store/v1/withdrawals/{drafted['id']}/confirm").status_code == 200
    run_pending(now=now)

    (matter,) = matters(staff_client(lahti))

    assert (matter["kind"], matter["order_id"], matter["number"]) == ("withdrawal", None, None)
    assert matter["facts"] == {"effect": "by_hand", "order_number": "00000-00000"}
    assert "aino@example.fi" in matter["statement"]
    assert matters(staff_client(helsinki)) == []


def test_a_parcel_that_came_back_waits_once_however_often_that_is_told(
    *, order: PlacedOrder, packer: Actor, lahti: Location, staff_client: StaffClient, now: datetime
) -> None:
    label = Label(carrier="easypost", tracking_code="EZ1")
    dispatch_parcel(order_id=order.order_id, lines=None, label=label, by=packer, now=now)
    for minute, state in enumerate((ParcelState.FAILED, ParcelState.RETURNING, ParcelState.RETURNED), 1):
        told = News(
            tracking_code="EZ1", code=state.value, state=state, happened_at=now + timedelta(minutes=minute)
        )
        with open_transaction():
            record_news(carrier="easypost", news=[told] * 2, told_at=now, by=MACHINERY, now=now)
        run_pending(now=now)

    (matter,) = matters(staff_client(lahti))

    assert (matter["kind"], matter["about"]) == ("parcel_returned", str(Parcel.objects.get().public_id))


# --- Money


@pytest.fixture
def clerk(world: World) -> Caller:
    """He works where the world's orders leave from."""
    return world.person("clerk_x")


def test_a_payment_that_the_buyers_bank_takes_back_waits_for_a_person(
    world: World, till: Till, clerk: Caller
) -> None:
    cart = ready_cart(world.guest())
    receipt = secured(cart, till)
    clerk.says("POST", f"/staff/v1/orders/{receipt['id']}/parcels", {})
    till.works()
    dispute = till.stripe.control.dispute(intent=till.intent_of(receipt["id"])["id"])
    till.tells_everything()

    (matter,) = clerk.says("GET", LIST)["items"]

    assert (matter["kind"], matter["about"], matter["number"]) == (
        "dispute",
        dispute["id"],
        receipt["number"],
    )
    assert matter["facts"]["state"] == "needs_response"


def test_money_that_was_lost_and_could_not_be_taken_waits_for_a_person(
    world: World, till: Till, clerk: Caller
) -> None:
    cart = ready_cart(world.guest())
    receipt = secured(cart, till)
    till.stripe.control.let_authorisation_end(intent=till.intent_of(receipt["id"])["id"])
    till.tells_everything()
    clerk.says("POST", f"/staff/v1/orders/{receipt['id']}/parcels", {})
    till.works()

    lost, refused = clerk.says("GET", LIST)["items"]

    attempt = PaymentAttempt.objects.get()
    assert (lost["kind"], lost["about"]) == ("authorisation_lost", str(attempt.public_id))
    assert (refused["kind"], refused["facts"]["operation"]) == ("payment_refused", "capture")
    assert refused["facts"]["amount"] == receipt["total"]
    assert refused["facts"]["reason"]


def test_the_customers_timeline_tells_of_failed_payments_and_of_the_end(world: World, till: Till) -> None:
    cart = ready_cart(world.guest())
    receipt = till.places(cart)
    till.pays(receipt["id"], "pm_card_chargeDeclined")
    till.tells_everything()
    buyer_of(cart, receipt).says("POST", f"/store/v1/orders/{receipt['id']}/cancel", {})
    till.works()

    steps = get_customer(customer_ref=Customer.objects.get().public_id).timeline

    reasons = {step.kind: step.data.get("reason") for step in steps}
    assert reasons == {
        "order_placed": None,
        "payment_failed": "generic_decline",
        "order_cancelled": "by_buyer",
    }


# --- Settled


@pytest.fixture
def matter_id(left_in_part: PlacedOrder, client: APIClient, now: datetime) -> UUID:
    """A matter of the warehouse."""
    withdraws(client, left_in_part)
    run_pending(now=now)
    return Matter.objects.get().public_id


def test_what_is_settled_leaves_the_list_and_says_what_was_done(
    matter_id: UUID, lahti: Location, staff_client: StaffClient, now: datetime
) -> None:
    clerk, key, done = staff_client(lahti), uuid4(), {"note": "Kept the cushions back, refunded 119.70."}

    settled, again = (post(clerk, f"{LIST}/{matter_id}/settle", done, key=key) for _ in range(2))
    once_more = post(clerk, f"{LIST}/{matter_id}/settle", done)

    assert (settled.status_code, settled.json()["note"]) == (200, done["note"])
    assert settled.json()["settled_at"]
    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    assert (once_more.status_code, once_more.json()["code"]) == (409, "matter_settled")
    assert matters(clerk) == []
    run_pending(now=now)
    assert Matter.objects.get().settled_at is not None


def test_another_location_neither_sees_nor_settles_it(
    matter_id: UUID, lahti: Location, helsinki: Location, staff_client: StaffClient
) -> None:
    for stranger in (staff_client(helsinki), staff_client(lahti, assigned=False)):
        assert matters(stranger) == []
        refused = post(stranger, f"{LIST}/{matter_id}/settle", {"note": "done"})
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("body", [{}, {"note": ""}, {"note": "x" * 1001}, {"note": "done", "state": "open"}])
def test_settling_says_what_was_done(
    body: dict[str, str], matter_id: UUID, lahti: Location, staff_client: StaffClient
) -> None:
    assert post(staff_client(lahti), f"{LIST}/{matter_id}/settle", body).status_code == 400
    assert Matter.objects.get().settled_at is None
