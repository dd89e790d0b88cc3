"""What was paid by card goes back to the card: once, and the return says when it is on its way."""

from datetime import datetime
from typing import Any

import pytest

from config.kernel.invariants import check
from orders.notices.models import Notice
from orders.returns.models import Return
from orders.withdrawal.models import Withdrawal
from tests.callers import Caller
from tests.factories.goods import CUSHION, SAND
from tests.factories.world import Basket, World, ready_cart
from tests.orders.paying import Till, buyer_of, entries, order_of, secured

pytestmark = pytest.mark.django_db


@pytest.fixture
def cart(world: World) -> Basket:
    return ready_cart(world.guest(), **{SAND.replace("-", "_"): 1, CUSHION: 2})


@pytest.fixture
def clerk(world: World) -> Caller:
    return world.person("clerk_x")


def deliver(receipt: dict[str, Any], clerk: Caller, till: Till) -> None:
    here = f"/staff/v1/orders/{receipt['id']}"
    clerk.says("POST", f"{here}/parcels", {})
    till.works()
    for parcel in clerk.says("GET", here)["parcels"]:
        clerk.says("POST", f"/staff/v1/parcels/{parcel['id']}/hand-out", {})


def send_back(buyer: Caller, receipt: dict[str, Any], clerk: Caller) -> dict[str, Any]:
    """Both cushions come back and are credited."""
    here = f"/store/v1/orders/{receipt['id']}"
    cushions = next(line for line in buyer.says("GET", here)["lines"] if line["sku"] == CUSHION)
    lines = [{"line_id": cushions["id"], "quantity": 2}]
    announced = buyer.says("POST", f"{here}/returns", {"lines": lines})
    clerk.says("POST", f"/staff/v1/returns/{announced['id']}/receive", {})
    credited: dict[str, Any] = clerk.says("POST", f"/staff/v1/returns/{announced['id']}/credit", {})
    return credited


def test_a_credit_is_a_refund_of_the_card_once(
    cart: Basket, clerk: Caller, till: Till, now: datetime
) -> None:
    receipt = secured(cart, till)
    deliver(receipt, clerk, till)
    total = order_of(receipt).total_gross_minor
    buyer = buyer_of(cart, receipt)

    credited = send_back(buyer, receipt, clerk)

    assert (credited["credit"]["amount"], credited["refunded"]) == ("79.80", False), "asked for, not made yet"
    assert entries(receipt) == [("captured", total)]
    assert check(now=now) == []

    till.works()
    till.tells_everything()

    body = buyer.says("GET", f"/store/v1/orders/{receipt['id']}")
    assert body["returns"][0]["refunded"]
    assert entries(receipt) == [("captured", total), ("refunded", -7980)]
    intent = till.intent_of(receipt["id"])["id"]
    made = [each for each in till.stripe.control.refunds() if each["payment_intent"] == intent]
    assert [each["amount"] for each in made] == [7980]
    assert Notice.objects.filter(kind="refunded").count() == 1
    assert Return.objects.get().refunded_at is not None
    assert check(now=now) == []


def test_who_withdraws_before_anything_has_left_pays_nothing(cart: Basket, till: Till, now: datetime) -> None:
    receipt = secured(cart, till)
    buyer = buyer_of(cart, receipt)
    here = f"/store/v1/orders/{receipt['id']}/withdrawal"
    drafted = buyer.says("POST", here, {})

    stated = buyer.says("POST", f"{here}/{drafted['id']}/confirm", {})
    till.works()
    till.tells_everything()

    assert stated["effect"] == "cancelled"
    assert order_of(receipt).state == "cancelled"
    assert till.intent_of(receipt["id"])["status"] == "canceled", "the authorisation is released"
    assert sum(amount for _, amount in entries(receipt)) == 0
    assert Withdrawal.objects.get().state == "carried_out"
    assert set(Notice.objects.values_list("kind", flat=True)) >= {"withdrawal_received", "cancelled"}
    assert check(now=now) == []


def test_the_whole_order_comes_back_with_its_delivery(
    cart: Basket, clerk: Caller, till: Till, now: datetime
) -> None:
    receipt = secured(cart, till)
    deliver(receipt, clerk, till)
    buyer = buyer_of(cart, receipt)
    here = f"/store/v1/orders/{receipt['id']}/withdrawal"
    drafted = buyer.says("POST", here, {})
    stated = buyer.says("POST", f"{here}/{drafted['id']}/confirm", {})
    back = stated["goods_return"]["id"]

    clerk.says(
        "POST", f"/staff/v1/returns/{back}/receive", {"label_code": stated["goods_return"]["label_code"]}
    )
    clerk.says("POST", f"/staff/v1/returns/{back}/credit", {})
    till.works()
    till.tells_everything()

    order = order_of(receipt)
    standard = sum(delivery.standard_gross_minor for delivery in order.deliveries.all())
    paid_for_delivery = sum(delivery.gross_minor for delivery in order.deliveries.all())
    assert sum(amount for _, amount in entries(receipt)) == paid_for_delivery - standard
    assert check(now=now) == []
