"""One statement has one receipt and one consequence, and a parcel either leaves or does not."""

from datetime import datetime
from uuid import UUID

import pytest

from config.kernel.actors import Actor
from config.kernel.invariants import check
from orders.agreement.models import Order, OrderState
from orders.agreement.queries import order_secret
from orders.locations.models import Location
from orders.parcels.services import dispatch_parcel
from orders.placing.services import PlacedOrder
from orders.returns.models import Return
from orders.stock.models import StockLevel
from orders.withdrawal.models import Withdrawal, WithdrawalReceipt
from orders.withdrawal.queries import WithdrawalCard
from orders.withdrawal.services import confirm_withdrawal, draft_withdrawal
from tests.concurrency.controls import unlocked
from tests.concurrency.together import kinds, together
from tests.factories.orders import GUEST, StockLevelFactory, delivered, line, packer_at, placed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(transactional_db: None, now: datetime) -> PlacedOrder:
    """Ten cushions at 39.90."""
    StockLevelFactory(sku="CUSHION", on_hand=20)
    return placed(line("CUSHION", 10, unit_gross_minor=3990), now=now)


@pytest.fixture
def packer(order: PlacedOrder) -> Actor:
    """Somebody in the warehouse."""
    return packer_at(Location.objects.get())


def draft(order: PlacedOrder, now: datetime) -> UUID:
    secret = order_secret(order_id=order.order_id)
    return draft_withdrawal(order_id=order.order_id, secret=secret, by=GUEST, now=now).withdrawal_id


def confirm(order: PlacedOrder, withdrawal_id: UUID, now: datetime) -> WithdrawalCard:
    return confirm_withdrawal(
        order_id=order.order_id,
        withdrawal_id=withdrawal_id,
        secret=order_secret(order_id=order.order_id),
        by=GUEST,
        now=now,
    )


def test_without_the_lock_one_statement_is_made_by_two_and_a_constraint_stops_one(
    order: PlacedOrder, packer: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered(order, by=packer, now=now)
    drafted = draft(order, now)
    # Both rows are read by all before anybody goes on: the order's, then the statement's.
    monkeypatch.setattr("orders.withdrawal.services.lock", unlocked(2))

    results = together(*[lambda: confirm(order, drafted, now)] * 2)

    assert kinds(results) == ["IntegrityError", "done"], "both had seen a draft"


def test_one_statement_has_one_receipt_however_often_it_is_confirmed(
    order: PlacedOrder, packer: Actor, now: datetime
) -> None:
    delivered(order, by=packer, now=now)
    drafted = draft(order, now)

    results = together(*[lambda: confirm(order, drafted, now)] * 20)

    assert kinds(results) == ["done"] * 20
    assert len({card.receipt_id for card in results}) == 1
    assert WithdrawalReceipt.objects.count() == Return.objects.count() == 1
    assert check(now=now) == []


def test_of_two_statements_about_the_same_goods_one_is_made(
    order: PlacedOrder, packer: Actor, now: datetime
) -> None:
    delivered(order, by=packer, now=now)
    drafts = [draft(order, now) for _ in range(4)]

    results = together(*(lambda drafted=drafted: confirm(order, drafted, now) for drafted in drafts))

    assert kinds(results) == ["NothingToWithdraw"] * 3 + ["done"]
    assert Return.objects.count() == 1
    assert check(now=now) == []


def test_goods_that_are_withdrawn_from_while_they_are_sent_stay_or_come_back(
    order: PlacedOrder, packer: Actor, now: datetime
) -> None:
    drafted = draft(order, now)

    stated, sent = together(
        lambda: confirm(order, drafted, now),
        lambda: dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now),
    )

    effect = Withdrawal.objects.get().effect
    assert not isinstance(stated, Exception)
    if effect == "cancelled":
        assert type(sent).__name__ in {"OrderNotConfirmed", "NothingToDispatch"}
        assert Order.objects.get().state == OrderState.CANCELLED
        assert StockLevel.objects.get().on_hand == 20
    else:
        assert effect == "goods_return"
        assert Return.objects.get().lines.get().quantity == 10
    assert StockLevel.objects.get().reserved == 0
    assert check(now=now) == []
