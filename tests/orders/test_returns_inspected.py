"""A return is refused by rule and date, looked into line by line, and given back for what was found."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from config.kernel.actors import Actor
from config.kernel.dispatcher import run_pending
from orders.agreement.models import Order
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits, WishedDelivery
from orders.locations.models import Location
from orders.parcels.services import DispatchedParcel
from orders.payment.models import PaymentEntry
from orders.placing.services import PlacedOrder
from orders.returns.models import Return
from orders.returns.rules import FoundLine
from orders.returns.services import (
    ReturnTermOver,
    announce_return,
    credit_return,
    receive_return,
)
from orders.stock.models import StockLevel, StockMovement
from tests.factories.orders import (
    GUEST,
    STANDARD_RATE,
    coming_back,
    delivered,
    line,
    packer_at,
    placed,
    wish,
)
from tests.orders.conftest import post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]
StaffClient = Callable[..., APIClient]
Units = Callable[..., list[LineUnits]]


def announce(order: PlacedOrder, lines: list[LineUnits], now: datetime) -> UUID:
    return announce_return(
        order_id=order.order_id,
        secret=order_secret(order_id=order.order_id),
        lines=coming_back(lines),
        reason="",
        by=GUEST,
        now=now,
    ).return_id


def all_of(order: PlacedOrder) -> list[LineUnits]:
    rows = Order.objects.get(public_id=order.order_id).lines.all()
    return [LineUnits(line_id=row.public_id, quantity=row.quantity) for row in rows]


def asks_for(client: APIClient, order: PlacedOrder, lines: list[dict[str, Any]]) -> Any:
    return post(
        client,
        f"/store/v1/orders/{order.order_id}/returns",
        {"lines": lines},
        **{"X-Order-Secret": order_secret(order_id=order.order_id)},
    )


def of(lines: list[LineUnits], **more: Any) -> list[dict[str, Any]]:
    return [{"line_id": str(row.line_id), "quantity": row.quantity, **more} for row in lines]


@pytest.fixture
def coming(order: PlacedOrder, arrived: DispatchedParcel, units: Units, now: datetime) -> UUID:
    """Three cushions and a sofa are on their way back."""
    return announce(order, units(SOFA=1, CUSHION=3), now)


# Case 38: 422, naming the rule and the date.


def test_what_was_not_delivered_cannot_come_back(
    order: PlacedOrder, parcel: DispatchedParcel, client: APIClient, units: Units
) -> None:
    response = asks_for(client, order, of(units(CUSHION=1)))

    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "more_than_returnable")
    assert problem["rule"] == "no_more_than_delivered"
    assert (problem["lines"][0]["delivered"], problem["lines"][0]["returnable"]) == (0, 0)


def test_a_line_of_another_order_cannot_come_back(
    order: PlacedOrder, arrived: DispatchedParcel, client: APIClient
) -> None:
    foreign = str(uuid4())

    response = asks_for(client, order, [{"line_id": foreign, "quantity": 1}])

    assert (response.status_code, response.json()["code"]) == (422, "unknown_line")
    assert response.json()["lines"] == [foreign]


def test_what_the_law_excludes_cannot_come_back(
    goods: None, packer: Actor, client: APIClient, now: datetime
) -> None:
    order = placed(line("SOFA", withdrawal_excluded="custom_made"), now=now)
    delivered(order, by=packer, now=now)

    response = asks_for(client, order, of(all_of(order)))

    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "return_excluded")
    assert problem["rule"] == "directive_2011_83_article_16"
    assert [row["reason"] for row in problem["lines"]] == ["custom_made"]
    body = client.get(
        f"/store/v1/orders/{order.order_id}",
        headers={"X-Order-Secret": order_secret(order_id=order.order_id)},
    ).json()
    (row,) = body["lines"]
    assert (row["delivered"], row["returnable"], row["withdrawal_excluded"]) == (1, 0, "custom_made")


def test_after_the_term_nothing_comes_back(
    goods: None, packer: Actor, client: APIClient, now: datetime
) -> None:
    bought = now - timedelta(days=60)
    order = placed(line("SOFA"), now=bought)
    delivered(order, by=packer, now=bought)

    response = asks_for(client, order, of(all_of(order)))

    problem = response.json()
    assert (response.status_code, problem["code"], problem["rule"]) == (
        422,
        "return_term_over",
        "within_30_days",
    )
    body = client.get(
        f"/store/v1/orders/{order.order_id}",
        headers={"X-Order-Secret": order_secret(order_id=order.order_id)},
    ).json()
    assert problem["ended_on"] == body["terms"]["return_last_day_on"]
    assert body["terms"]["withdrawal_ends_at"] < body["terms"]["return_ends_at"]
    assert not Return.objects.exists()
    run_pending(now=now)


def test_between_the_laws_term_and_ours_the_goods_come_back_without_the_delivery(
    goods: None, packer: Actor, now: datetime
) -> None:
    bought = now - timedelta(days=25)
    order = placed(line("SOFA"), now=bought)
    delivered(order, by=packer, now=bought)
    return_id = announce(order, all_of(order), now)

    receive_return(return_id=return_id, by=packer, now=now)
    card = credit_return(return_id=return_id, by=packer, now=now)

    assert (card.by_right, card.credited_minor) == ("policy", 9990)
    with pytest.raises(ReturnTermOver):
        announce(order, all_of(order), now + timedelta(days=20))
    run_pending(now=now)


def test_the_buyer_may_say_why_and_gets_a_code_for_the_box(
    order: PlacedOrder, arrived: DispatchedParcel, client: APIClient, units: Units
) -> None:
    response = asks_for(
        client, order, of(units(CUSHION=2), reason="not_as_described", comment="Blue,\nnot green.")
    )

    body = response.json()
    assert (response.status_code, body["state"], body["right"]) == (201, "announced", "withdrawal")
    assert body["lines"][0]["reason"] == "not_as_described"
    assert body["lines"][0]["comment"] == "Blue,\nnot green."
    assert body["label_code"].startswith("PR-")
    unknown = asks_for(client, order, of(units(CUSHION=1), reason="because"))
    assert (unknown.status_code, unknown.json()["code"]) == (400, "invalid_choice")


def receive(client: APIClient, return_id: UUID, **body: Any) -> Any:
    return post(client, f"/staff/v1/returns/{return_id}/receive", body)


def test_the_clerk_looks_into_the_box(
    coming: UUID, lahti: Location, staff_client: StaffClient, units: Units, order: PlacedOrder
) -> None:
    (sofa,), (cushions,) = units(SOFA=1), units(CUSHION=3)
    found = [
        {"line_id": str(sofa.line_id), "sellable": 0, "damaged": 1, "note": "Torn at the back."},
        {"line_id": str(cushions.line_id), "sellable": 1, "damaged": 1},
    ]

    response = receive(staff_client(lahti), coming, lines=found)

    assert response.status_code == 200
    body = response.json()
    assert [(row["sku"], row["sellable"], row["damaged"], row["note"]) for row in body["lines"]] == [
        ("SOFA", 0, 1, "Torn at the back."),
        ("CUSHION", 1, 1, ""),
    ]
    on_hand = dict(StockLevel.objects.values_list("sku", "on_hand"))
    assert on_hand == {"SOFA": 9, "CUSHION": 8}, "only what can be sold is in stock again"
    moved = StockMovement.objects.filter(about_ref=coming).order_by("kind", "level__sku")
    assert [(row.level.sku, row.kind, row.delta) for row in moved] == [
        ("CUSHION", "returned", 2),
        ("SOFA", "returned", 1),
        ("CUSHION", "written_off", -1),
        ("SOFA", "written_off", -1),
    ]


def cushions_of(return_id: UUID) -> str:
    return str(
        Return.objects.get(public_id=return_id).lines.get(order_line__sku="CUSHION").order_line.public_id
    )


def test_what_did_not_come_can_be_announced_again(
    coming: UUID, packer: Actor, units: Units, order: PlacedOrder, now: datetime
) -> None:
    one = [FoundLine(line_id=UUID(cushions_of(coming)), sellable=1, damaged=0)]
    receive_return(return_id=coming, found=one, by=packer, now=now)

    credited = credit_return(return_id=coming, by=packer, now=now)

    assert credited.credited_minor == 3990, "what came is what is given back"
    again = announce(order, units(SOFA=1, CUSHION=2), now)
    receive_return(return_id=again, by=packer, now=now)
    rest = credit_return(return_id=again, by=packer, now=now)
    assert rest.credited_minor == order.total_minor - 3990, "the rest, and with it the delivery"


@pytest.mark.parametrize(("sellable", "code"), [(4, "more_than_announced"), (0, "nothing_received")])
def test_a_look_into_the_box_that_cannot_be_is_refused(
    coming: UUID, lahti: Location, staff_client: StaffClient, sellable: int, code: str
) -> None:
    clerk = staff_client(lahti)

    response = receive(clerk, coming, lines=[{"line_id": cushions_of(coming), "sellable": sellable}])

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert Return.objects.get().state == "announced"
    unknown = receive(clerk, coming, lines=[{"line_id": str(uuid4()), "sellable": 1}])
    assert unknown.json()["code"] == "unknown_line"


def test_a_box_that_comes_to_another_store_is_received_there_by_its_code(
    coming: UUID, helsinki: Location, staff_client: StaffClient, now: datetime
) -> None:
    clerk, code = staff_client(helsinki), Return.objects.get().label_code
    sloppy = code.lower().replace("-", " ")

    assert receive(clerk, coming).status_code == 404, "the code is what opens it"
    seen = clerk.get(f"/staff/v1/return-labels/{sloppy}")
    assert (seen.status_code, seen.json()["id"]) == (200, str(coming))
    assert {row["sku"] for row in seen.json()["lines"]} == {"SOFA", "CUSHION"}

    received = receive(clerk, coming, label_code=sloppy)

    assert (received.status_code, received.json()["send_to"]["name"]) == (200, "Helsinki")
    levels = StockLevel.objects.filter(location=helsinki)
    assert dict(levels.values_list("sku", "on_hand")) == {"SOFA": 1, "CUSHION": 3}
    assert post(clerk, f"/staff/v1/returns/{coming}/credit").status_code == 200
    for nonsense in ("PR-00000-00000-1", "everything", code[:-1] + "!"):
        assert clerk.get(f"/staff/v1/return-labels/{nonsense}").status_code == 404
    stranger = staff_client(helsinki, assigned=False)
    assert stranger.get(f"/staff/v1/return-labels/{code}").status_code == 404


def credit(client: APIClient, return_id: UUID, **body: Any) -> Any:
    return post(client, f"/staff/v1/returns/{return_id}/credit", body)


def deduction(amount: str, reason: str = "Worn for weeks.", currency: str = "EUR") -> dict[str, Any]:
    return {"amount": {"amount": amount, "currency": currency}, "reason": reason}


def test_lost_value_is_deducted_with_a_reason_that_the_buyer_reads(
    coming: UUID, order: PlacedOrder, lahti: Location, staff_client: StaffClient, client: APIClient
) -> None:
    packer = staff_client(lahti)
    receive(packer, coming)

    credited = credit(packer, coming, deduction=deduction("50.00")).json()

    given = order.total_minor - 5000
    assert credited["credit"]["amount"] == f"{given / 100:.2f}"
    assert PaymentEntry.objects.get(kind="credited").amount_minor == -given
    body = client.get(
        f"/store/v1/orders/{order.order_id}",
        headers={"X-Order-Secret": order_secret(order_id=order.order_id)},
    ).json()
    assert body["returns"][0]["deduction"] == {
        "amount": {"amount": "50.00", "currency": "EUR"},
        "reason": "Worn for weeks.",
    }


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        (deduction("219.61"), (422, "deduction_exceeds_goods")),
        (deduction("1.005"), (422, "bad_minor_units")),
        (deduction("1.00", currency="SEK"), (422, "bad_minor_units")),
        (deduction("1.00", reason=""), (400, "blank")),
        (deduction("-1.00"), (400, "invalid_amount")),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, (400, "required")),
    ],
)
def test_a_deduction_that_cannot_be_is_refused(
    coming: UUID, lahti: Location, staff_client: StaffClient, asked: Any, refused: Any
) -> None:
    packer = staff_client(lahti)
    receive(packer, coming)

    response = credit(packer, coming, deduction=asked)

    assert (response.status_code, response.json()["code"]) == refused
    assert Return.objects.get().state == "received"


def test_who_chose_a_dearer_delivery_gets_the_price_of_the_standard_one(
    goods: None, packer: Actor, now: datetime
) -> None:
    standard = wish().delivery
    dear = WishedDelivery(
        option="tonight",
        label="Tänään illalla",
        gross_minor=2990,
        tax_rate=STANDARD_RATE,
        promised_from=standard.promised_from,
        promised_until=standard.promised_until,
        standard_gross_minor=490,
    )
    order = placed(line("SOFA"), now=now, delivery=dear)
    delivered(order, by=packer, now=now)
    return_id = announce(order, all_of(order), now)
    receive_return(return_id=return_id, by=packer, now=now)

    card = credit_return(return_id=return_id, by=packer, now=now)

    assert card.credited_minor == 9990 + 490
    assert Return.objects.get().credited_delivery_minor == 490


def test_the_return_says_when_its_money_is_on_its_way(coming: UUID, packer: Actor, now: datetime) -> None:
    receive_return(return_id=coming, by=packer, now=now)
    card = credit_return(return_id=coming, by=packer, now=now)

    assert not card.refunded
    run_pending(now=now)
    run_pending(now=now + timedelta(minutes=1))
    assert Return.objects.get().refunded_at == now


def test_a_clerk_of_another_place_does_not_credit(
    coming: UUID, packer: Actor, helsinki: Location, staff_client: StaffClient, now: datetime
) -> None:
    receive_return(return_id=coming, by=packer, now=now)

    assert credit(staff_client(helsinki), coming).status_code == 404
    assert packer_at(helsinki).store == "HELSINKI"
    assert not PaymentEntry.objects.filter(kind="credited").exists()
