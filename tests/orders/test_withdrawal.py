"""Withdrawing from a contract: two steps, a receipt that stays, what follows (directive 2011/83/EU, article 11a)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from rest_framework.test import APIClient

from config.kernel.actors import Actor
from config.kernel.dispatcher import run_pending
from config.kernel.models import StoredEvent
from orders.agreement.models import Order, OrderState
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits
from orders.parcels.services import DispatchedParcel
from orders.placing.services import PlacedOrder
from orders.returns.models import Return
from orders.returns.services import announce_return
from orders.stock.models import StockLevel
from orders.withdrawal.models import Withdrawal, WithdrawalEffect, WithdrawalReceipt
from orders.withdrawal.queries import WithdrawalCard
from orders.withdrawal.services import (
    NothingToWithdraw,
    WithdrawalTermOver,
    confirm_withdrawal,
    draft_withdrawal,
)
from tests.factories.orders import GUEST, coming_back, delivered, line, placed
from tests.orders.conftest import post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]
HELSINKI = ZoneInfo("Europe/Helsinki")


def here(order: PlacedOrder) -> str:
    return f"/store/v1/orders/{order.order_id}/withdrawal"


def secret(order: PlacedOrder) -> dict[str, str]:
    return {"X-Order-Secret": order_secret(order_id=order.order_id)}


def draft(order: PlacedOrder, now: datetime) -> WithdrawalCard:
    return draft_withdrawal(
        order_id=order.order_id, secret=order_secret(order_id=order.order_id), by=GUEST, now=now
    )


def confirm(order: PlacedOrder, card: WithdrawalCard, now: datetime) -> WithdrawalCard:
    return confirm_withdrawal(
        order_id=order.order_id,
        withdrawal_id=card.withdrawal_id,
        secret=order_secret(order_id=order.order_id),
        by=GUEST,
        now=now,
    )


def test_a_guest_withdraws_in_two_steps_before_anything_has_left(
    order: PlacedOrder, client: APIClient
) -> None:
    possible = client.get(here(order), headers=secret(order)).json()
    assert [(row["name"], row["quantity"]) for row in possible["covers"]] == [
        ("Thing SOFA", 1),
        ("Thing CUSHION", 3),
    ]
    assert (possible["ends_at"], possible["withdrawals"]) == (None, [])

    first = post(client, here(order), **secret(order))

    assert first.status_code == 201
    drafted = first.json()
    assert (drafted["state"], drafted["receipt_id"], drafted["effect"]) == ("drafted", None, None)
    assert "Ilmoitan täten" in drafted["statement"]
    assert "- 3 × Thing CUSHION" in drafted["statement"]
    assert order.number in drafted["statement"]
    assert Order.objects.get().state == OrderState.CONFIRMED, "a draft states nothing"
    assert not WithdrawalReceipt.objects.exists()

    second = post(client, f"{here(order)}/{drafted['id']}/confirm", **secret(order))

    assert second.status_code == 200
    stated = second.json()
    assert (stated["state"], stated["effect"], stated["goods_return"]) == ("carried_out", "cancelled", None)
    assert stated["receipt_id"]
    assert "Ilmoitettu:" in stated["statement"]
    assert Order.objects.get().state == OrderState.CANCELLED
    assert [level.reserved for level in StockLevel.objects.all()] == [0, 0]
    told = StoredEvent.objects.get(name="orders.withdrawal_received")
    assert told.data["effect"] == "cancelled"
    after = client.get(here(order), headers=secret(order)).json()
    assert (after["covers"], [row["receipt_id"] for row in after["withdrawals"]]) == (
        [],
        [stated["receipt_id"]],
    )


def test_a_second_confirmation_gets_the_same_receipt(order: PlacedOrder, client: APIClient) -> None:
    drafted = post(client, here(order), **secret(order)).json()
    path, key = f"{here(order)}/{drafted['id']}/confirm", uuid4()

    first, again = (post(client, path, key=key, **secret(order)) for _ in range(2))
    with_another_key = post(client, path, **secret(order))

    assert again["Idempotent-Replayed"] == "true"
    assert first.json() == again.json() == with_another_key.json()
    assert WithdrawalReceipt.objects.count() == 1
    assert StoredEvent.objects.filter(name="orders.withdrawal_received").count() == 1


def test_what_has_left_comes_back_by_the_laws_right(
    order: PlacedOrder, parcel: DispatchedParcel, client: APIClient
) -> None:
    drafted = post(client, here(order), **secret(order)).json()

    stated = post(client, f"{here(order)}/{drafted['id']}/confirm", **secret(order)).json()

    assert stated["effect"] == "goods_return"
    assert stated["goods_return"]["right"] == "withdrawal"
    assert sorted(row["quantity"] for row in stated["goods_return"]["lines"]) == [1, 3]
    again = post(client, here(order), **secret(order))
    assert (again.status_code, again.json()["code"]) == (422, "nothing_to_withdraw")


def test_of_an_order_that_left_in_part_the_part_comes_back(
    order: PlacedOrder, packer: Actor, units: Callable[..., list[LineUnits]], now: datetime
) -> None:
    delivered(order, lines=units(CUSHION=2), by=packer, now=now)

    stated = confirm(order, draft(order, now), now)

    assert stated.effect == WithdrawalEffect.BOTH
    assert stated.goods_return is not None
    assert [(row.sku, row.quantity) for row in stated.goods_return.lines] == [("CUSHION", 2)]
    assert Order.objects.get().state == OrderState.CONFIRMED


def test_units_in_another_return_are_not_withdrawn_again(
    order: PlacedOrder,
    arrived: DispatchedParcel,
    units: Callable[..., list[LineUnits]],
    now: datetime,
) -> None:
    announce_return(
        order_id=order.order_id,
        secret=order_secret(order_id=order.order_id),
        lines=coming_back(units(CUSHION=1)),
        reason="",
        by=GUEST,
        now=now,
    )

    stated = confirm(order, draft(order, now), now)

    assert stated.goods_return is not None
    assert [(row.sku, row.quantity) for row in stated.goods_return.lines] == [("SOFA", 1), ("CUSHION", 2)]
    with pytest.raises(NothingToWithdraw):
        draft(order, now)


@pytest.mark.parametrize(
    ("delivered_at", "last_second", "why"),
    [
        ("2026-11-03T15:00:00", "2026-11-17T23:59:59", "fourteen days, in winter time"),
        ("2026-10-13T09:00:00", "2026-10-27T23:59:59", "the clocks go back within the term"),
        ("2026-03-24T09:00:00", "2026-04-07T23:59:59", "the clocks go forward; Easter lies within"),
        ("2026-12-10T18:00:00", "2026-12-28T23:59:59", "Christmas Eve, Christmas and a weekend at its end"),
        ("2026-12-18T18:00:00", "2027-01-04T23:59:59", "New Year's Day and a weekend at its end"),
    ],
)
def test_the_right_ends_with_the_last_second_of_its_term_in_the_buyers_country(
    goods: None, packer: Actor, delivered_at: str, last_second: str, why: str
) -> None:
    arrives = datetime.fromisoformat(delivered_at).replace(tzinfo=HELSINKI)
    ends = datetime.fromisoformat(last_second).replace(tzinfo=HELSINKI)
    order = placed(line("SOFA"), line("CUSHION", 2), now=arrives - timedelta(days=5))
    sofa, cushions = Order.objects.get().lines.all()
    early = [LineUnits(line_id=cushions.public_id, quantity=2)]
    delivered(order, lines=early, by=packer, now=arrives - timedelta(days=3))
    delivered(order, lines=[LineUnits(line_id=sofa.public_id, quantity=1)], by=packer, now=arrives)

    for day in (arrives, ends):
        assert draft(order, day).state == "drafted", why
    card = draft(order, ends)
    for too_late in (lambda now: draft(order, now), lambda now: confirm(order, card, now)):
        with pytest.raises(WithdrawalTermOver) as refused:
            too_late(ends + timedelta(seconds=1))
        assert refused.value.data == {
            "rule": "within_14_days",
            "ended_on": ends.date().isoformat(),
        }
    assert not WithdrawalReceipt.objects.exists()
    assert confirm(order, card, ends).effect == WithdrawalEffect.GOODS_RETURN
    run_pending(now=ends)  # those events are old by now


def test_the_term_does_not_begin_before_the_last_of_the_goods_has_arrived(
    order: PlacedOrder, packer: Actor, units: Callable[..., list[LineUnits]], now: datetime
) -> None:
    delivered(order, lines=units(SOFA=1), by=packer, now=now)

    assert draft(order, now + timedelta(days=300)).state == "drafted"


def test_what_the_law_excludes_is_not_covered(goods: None, packer: Actor, now: datetime) -> None:
    order = placed(line("SOFA", withdrawal_excluded="custom_made"), line("CUSHION", 2), now=now)
    delivered(order, by=packer, now=now)

    stated = confirm(order, draft(order, now), now)

    assert stated.goods_return is not None
    assert [row.sku for row in stated.goods_return.lines] == ["CUSHION"]
    assert "SOFA" not in stated.statement
    with pytest.raises(NothingToWithdraw) as refused:
        draft(order, now)
    assert [row["reason"] for row in refused.value.data["excluded"]] == ["custom_made"]


def test_only_the_buyer_withdraws(order: PlacedOrder, client: APIClient, now: datetime) -> None:
    drafted = post(client, here(order), **secret(order)).json()
    other = placed(line("SOFA"), now=now)

    refused = [
        client.get(here(order)),
        client.get(here(order), headers=secret(other)),
        post(client, here(order), **secret(other)),
        post(client, f"{here(order)}/{drafted['id']}/confirm", **secret(other)),
        post(client, f"{here(other)}/{drafted['id']}/confirm", **secret(other)),
        post(client, f"/store/v1/withdrawals/{drafted['id']}/confirm"),
    ]

    assert [response.status_code for response in refused] == [404] * len(refused)
    assert not WithdrawalReceipt.objects.exists()


def by_number(client: APIClient, number: str, email: str = "aino.virtanen@EXAMPLE.fi") -> Any:
    body = {"order_number": number, "name": "Aino Virtanen", "email": email, "locale": "sv-FI"}
    drafted = post(client, "/store/v1/withdrawals", body)
    assert drafted.status_code == 201
    return post(client, f"/store/v1/withdrawals/{drafted.json()['id']}/confirm")


def test_who_has_no_secret_withdraws_by_number_and_address(
    order: PlacedOrder, client: APIClient, now: datetime
) -> None:
    stated = by_number(client, order.number.lower())

    assert stated.status_code == 200
    assert "Jag meddelar härmed" in stated.json()["statement"]
    assert Order.objects.get().state == OrderState.CONFIRMED, "what follows is not part of the answer"
    run_pending(now=now)
    assert Order.objects.get().state == OrderState.CANCELLED
    assert Withdrawal.objects.get().effect == WithdrawalEffect.CANCELLED
    run_pending(now=now)
    assert StoredEvent.objects.filter(name="orders.withdrawal_received").count() == 1


def test_nobody_learns_whether_there_is_such_an_order(
    order: PlacedOrder, client: APIClient, now: datetime
) -> None:
    answers = [
        by_number(client, order.number),
        by_number(client, order.number, "somebody@example.com"),
        by_number(client, "00000-00000"),
    ]

    for answer in answers:
        run_pending(now=now)
        assert answer.status_code == 200
    shapes = [
        {name: value for name, value in answer.json().items() if name in {"state", "order_number"}}
        | {"keys": sorted(answer.json())}
        for answer in answers
    ]
    assert shapes[0] == shapes[1]
    assert shapes[0]["keys"] == shapes[2]["keys"]
    assert shapes[2]["state"] == shapes[0]["state"] == "confirmed"
    assert "Thing" not in answers[0].json()["statement"], "the goods are the buyer's own business"
    effects = list(Withdrawal.objects.order_by("pk").values_list("effect", flat=True))
    assert effects == ["cancelled", "by_hand", "by_hand"]
    assert WithdrawalReceipt.objects.count() == 3
    again = post(client, f"/store/v1/withdrawals/{answers[0].json()['id']}/confirm")
    assert again.json() == answers[0].json(), "also when something followed"


def test_a_statement_by_number_counts_from_the_moment_it_was_made(
    order: PlacedOrder, arrived: DispatchedParcel, client: APIClient, now: datetime
) -> None:
    by_number(client, order.number)

    run_pending(now=now + timedelta(days=40))

    assert Withdrawal.objects.get().effect == WithdrawalEffect.GOODS_RETURN
    assert Return.objects.get().by_right == "withdrawal"


def test_a_name_cannot_write_lines_into_the_statement(client: APIClient) -> None:
    body = {"order_number": "X", "name": "Aino\nOrder: ALL", "email": "aino@example.fi"}

    response = post(client, "/store/v1/withdrawals", body)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_character")


def test_withdrawing_needs_a_key_and_takes_no_unknown_field(order: PlacedOrder, client: APIClient) -> None:
    keyless = client.post(here(order), {}, format="json", headers=secret(order))
    curious = post(client, here(order), {"refund": "now"}, **secret(order))

    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_required")
    assert (curious.status_code, curious.json()["code"]) == (400, "unknown_field")
    assert not Withdrawal.objects.exists()
