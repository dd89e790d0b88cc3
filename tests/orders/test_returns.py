"""Goods come back: announced, received, credited, each once and never more than left."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings

from config.kernel.actors import Actor, ActorKind
from config.kernel.dispatcher import run_pending
from config.kernel.errors import NotFound
from config.kernel.events import topic_of
from config.kernel.ids import new_id
from config.kernel.models import StoredEvent
from config.kernel.states import IllegalMove
from config.kernel.streams import newest_position, read_topic
from orders.agreement.models import Order
from orders.agreement.queries import is_order_secret, order_secret
from orders.agreement.rules import LineUnits
from orders.agreement.services import UnknownLine
from orders.locations.models import Location
from orders.parcels.services import DispatchedParcel
from orders.payment.models import Invoice, InvoiceKind, PaymentEntry
from orders.placing.services import PlacedOrder
from orders.returns.models import Return, ReturnState
from orders.returns.queries import ReturnCard
from orders.returns.services import (
    MoreThanReturnable,
    announce_return,
    credit_return,
    receive_return,
)
from orders.stock.models import StockLevel, StockMovement
from tests.factories.orders import GUEST, coming_back, delivered, line, packer_at, placed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]
Units = Callable[..., list[LineUnits]]


def announce(order: PlacedOrder, lines: list[LineUnits], now: datetime, by: Actor = GUEST) -> ReturnCard:
    return announce_return(
        order_id=order.order_id,
        secret=order_secret(order_id=order.order_id) if by == GUEST else "",
        lines=coming_back(lines),
        reason="Too blue.",
        by=by,
        now=now,
    )


def send_back(order: PlacedOrder, lines: list[LineUnits], packer: Actor, now: datetime) -> ReturnCard:
    announced = announce(order, lines, now)
    receive_return(return_id=announced.return_id, by=packer, now=now)
    return credit_return(return_id=announced.return_id, by=packer, now=now)


def on_hand(sku: str) -> int:
    return StockLevel.objects.get(sku=sku).on_hand


def test_a_return_is_announced_received_and_credited(
    order: PlacedOrder,
    arrived: DispatchedParcel,
    packer: Actor,
    units: Units,
    now: datetime,
) -> None:
    announced = announce(order, units(CUSHION=2), now)

    assert (announced.state, announced.credited_minor) == ("announced", None)
    assert [(back.quantity) for back in announced.lines] == [2]
    assert Return.objects.get().location.code == "LAHTI"
    assert on_hand("CUSHION") == 7, "an announcement brings nothing"

    received = receive_return(return_id=announced.return_id, by=packer, now=now)

    assert received.state == "received"
    assert on_hand("CUSHION") == 9
    movement = StockMovement.objects.get(about_ref=announced.return_id)
    assert (movement.kind, movement.delta) == ("returned", 2)

    credited = credit_return(return_id=announced.return_id, by=packer, now=now)

    assert (credited.state, credited.credited_minor) == ("credited", 2 * 3990)
    assert PaymentEntry.objects.get(kind="credited").amount_minor == -2 * 3990
    note = Invoice.objects.get(kind=InvoiceKind.CREDIT_NOTE)
    assert (note.number, note.gross_minor, note.due_on) == (f"{order.number}-2", -2 * 3990, None)
    assert list(Return.objects.get().steps.order_by("id").values_list("state", "actor_store")) == [
        ("announced", ""),
        ("received", "LAHTI"),
        ("credited", "LAHTI"),
    ]
    told = StoredEvent.objects.filter(name__startswith="orders.return_").order_by("id")
    assert [event.name for event in told] == [
        "orders.return_announced",
        "orders.return_received",
        "orders.return_credited",
    ]
    assert told[2].data["amount_minor"] == 2 * 3990


def test_who_sends_everything_back_gets_the_outbound_delivery_back_too(
    order: PlacedOrder, arrived: DispatchedParcel, packer: Actor, units: Units, now: datetime
) -> None:
    credited = send_back(order, units(SOFA=1, CUSHION=3), packer, now)

    row = Order.objects.get()
    assert credited.credited_minor == order.total_minor
    assert Return.objects.get().credited_delivery_minor == 1490
    assert Invoice.objects.get(kind=InvoiceKind.CREDIT_NOTE).tax_minor == -row.total_tax_minor


def test_an_order_that_comes_back_in_parts_is_credited_to_the_last_cent(
    goods: None, packer: Actor, now: datetime
) -> None:
    order = placed(line("CUSHION", 7, unit_gross_minor=333), line("SOFA", 1, unit_gross_minor=1), now=now)
    delivered(order, by=packer, now=now)
    cushions, sofa = Order.objects.get().lines.all()
    parts = [(cushions, 1), (cushions, 3), (sofa, 1), (cushions, 3)]

    given_back = [
        send_back(order, [LineUnits(line_id=row.public_id, quantity=units)], packer, now).credited_minor
        for row, units in parts
    ]

    assert given_back == [333, 999, 1, 999 + 1490]
    assert sum(PaymentEntry.objects.values_list("amount_minor", flat=True)) == 0
    assert sum(Invoice.objects.values_list("tax_minor", flat=True)) == 0


def test_no_more_comes_back_than_left(order: PlacedOrder, packer: Actor, units: Units, now: datetime) -> None:
    with pytest.raises(MoreThanReturnable) as refused:
        announce(order, units(CUSHION=1), now)
    assert refused.value.data["lines"][0]["returnable"] == 0

    delivered(order, lines=units(CUSHION=2), by=packer, now=now)
    announce(order, units(CUSHION=1), now)
    with pytest.raises(MoreThanReturnable) as refused:
        announce(order, units(CUSHION=2), now)

    assert refused.value.data["lines"][0]["returnable"] == 1
    assert Return.objects.count() == 1


def test_units_that_came_back_do_not_come_back_again(
    order: PlacedOrder, arrived: DispatchedParcel, packer: Actor, units: Units, now: datetime
) -> None:
    send_back(order, units(CUSHION=3), packer, now)

    with pytest.raises(MoreThanReturnable):
        announce(order, units(CUSHION=1), now)


def test_each_step_happens_once_and_in_order(
    order: PlacedOrder, arrived: DispatchedParcel, packer: Actor, units: Units, now: datetime
) -> None:
    return_id = announce(order, units(CUSHION=1), now).return_id

    with pytest.raises(IllegalMove):
        credit_return(return_id=return_id, by=packer, now=now)
    receive_return(return_id=return_id, by=packer, now=now)
    with pytest.raises(IllegalMove):
        receive_return(return_id=return_id, by=packer, now=now)
    credit_return(return_id=return_id, by=packer, now=now)
    with pytest.raises(IllegalMove) as refused:
        credit_return(return_id=return_id, by=packer, now=now)

    assert refused.value.data == {"state": "credited", "wanted": "credited"}
    assert on_hand("CUSHION") == 8
    assert PaymentEntry.objects.filter(kind="credited").count() == 1


def test_goods_that_were_free_come_back_for_nothing(goods: None, packer: Actor, now: datetime) -> None:
    order = placed(line("SOFA"), line("CUSHION", unit_gross_minor=0), now=now)
    delivered(order, by=packer, now=now)
    gift = Order.objects.get().lines.get(sku="CUSHION")

    credited = send_back(order, [LineUnits(line_id=gift.public_id, quantity=1)], packer, now)

    assert (credited.state, credited.credited_minor) == ("credited", 0)


def test_a_line_of_another_order_is_unknown(
    order: PlacedOrder, arrived: DispatchedParcel, now: datetime
) -> None:
    with pytest.raises(UnknownLine):
        announce(order, [LineUnits(line_id=uuid4(), quantity=1)], now)


def test_only_the_buyer_announces(
    arrived: DispatchedParcel, order: PlacedOrder, packer: Actor, units: Units, now: datetime
) -> None:
    stranger = Actor(kind=ActorKind.SHOPPER, ref=str(new_id()))
    other_order = placed(line("SOFA"), now=now)
    for by, secret in (
        (GUEST, ""),
        (GUEST, "0" * 64),
        (GUEST, "ä"),
        (GUEST, order_secret(order_id=other_order.order_id)),
        (stranger, ""),
        (packer, ""),
    ):
        with pytest.raises(NotFound):
            announce_return(
                order_id=order.order_id,
                secret=secret,
                lines=coming_back(units(SOFA=1)),
                reason="",
                by=by,
                now=now,
            )

    assert not Return.objects.exists()


def test_a_shopper_announces_by_her_account(goods: None, packer: Actor, now: datetime) -> None:
    aino = new_id()
    order = placed(line("SOFA"), now=now, buyer_ref=aino)
    delivered(order, by=packer, now=now)
    sofa = LineUnits(line_id=Order.objects.get().lines.get().public_id, quantity=1)

    announced = announce(order, [sofa], now, by=Actor(kind=ActorKind.SHOPPER, ref=str(aino)))

    assert announced.state == ReturnState.ANNOUNCED


def test_a_return_to_another_location_does_not_exist_here(
    order: PlacedOrder, arrived: DispatchedParcel, helsinki: Location, units: Units, now: datetime
) -> None:
    return_id = announce(order, units(SOFA=1), now).return_id

    for use_case in (receive_return, credit_return):
        with pytest.raises(NotFound):
            use_case(return_id=return_id, by=packer_at(helsinki), now=now)
        with pytest.raises(NotFound):
            use_case(return_id=UUID(int=1), by=packer_at(helsinki), now=now)


def test_an_orders_secret_is_good_for_that_order_and_survives_a_change_of_keys(
    settings: Settings,
) -> None:
    order_id = new_id()
    secret = order_secret(order_id=order_id)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" * 8

    assert is_order_secret(order_id=order_id, secret=secret)
    assert not is_order_secret(order_id=new_id(), secret=secret)
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_order_secret(order_id=order_id, secret=secret)


def test_the_orders_live_stream_tells_each_step_of_a_return(
    order: PlacedOrder, arrived: DispatchedParcel, packer: Actor, units: Units, now: datetime
) -> None:
    run_pending(now=now)
    begins = newest_position()

    came_back = send_back(order, units(SOFA=1), packer, now)
    run_pending(now=now)

    told = read_topic(topic=topic_of("order_id", order.order_id), after=begins)
    steps = [each.name for each in told if each.data == {"return_id": str(came_back.return_id)}]
    assert steps == ["orders.return_announced", "orders.return_received", "orders.return_credited"]
    assert [each.name for each in told if "refund_id" in each.data] == ["orders.refund_made"]
