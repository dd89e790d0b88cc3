"""Withdraw from a contract, in two steps as directive 2011/83/EU asks in article 11a (directive (EU) 2023/2673).

First a draft: who withdraws from what, and until when that is possible. Then the confirmation, by which it is stated:
its content, date and time are kept for ever and sent to the buyer. What follows (the order is cancelled, the goods come
back) follows at once where the order's secret or account opened the door. Who came with an order's number and an e-mail
address is told the same whatever there is behind them, so there it follows a moment later, by an event.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction, transaction_required
from config.kernel.errors import NotFound, Refusal
from config.kernel.events import emit
from orders.agreement.models import CancelReason, Order
from orders.agreement.queries import find_order_of_buyer, list_orders_of_buyer
from orders.events import WithdrawalReceived, WithdrawalStated
from orders.placing.services import GoodsHaveLeft, cancel_order
from orders.returns.models import Return
from orders.returns.rules import WITHDRAWAL_DAYS, AnnouncedLine, ReturnRight, last_day_on, zone_of
from orders.returns.services import open_return
from orders.withdrawal.models import (
    Withdrawal,
    WithdrawalEffect,
    WithdrawalReceipt,
    WithdrawalState,
    actor_columns,
)
from orders.withdrawal.queries import (
    Withdrawable,
    WithdrawalCard,
    card_of,
    find_order_by_contact,
    get_withdrawable,
)
from orders.withdrawal.rules import CoveredLine, Stating, statement


class WithdrawalTermOver(Refusal):
    """The right of withdrawal is over; `rule` names its term and `ended_on` the last day."""

    code = "withdrawal_term_over"
    status = 422
    title = "The term of withdrawal is over."


class NothingToWithdraw(Refusal):
    """The order was cancelled, or all of it is in returns or excluded by law; `excluded` says which lines are."""

    code = "nothing_to_withdraw"
    status = 422
    title = "There is nothing left to withdraw from in this order."


@transaction
def draft_withdrawal(*, order_id: UUID, secret: str, by: Actor, now: datetime) -> WithdrawalCard:
    """The first step: what the buyer (by her account, or by the order's `secret`) would state. Nothing is stated.

    Errors: NotFound; WithdrawalTermOver, NothingToWithdraw.
    """
    order = find_order_of_buyer(order_id=order_id, secret=secret, by=by)
    if order is None:
        raise NotFound
    covers = _require_withdrawable(order, now)
    withdrawal = Withdrawal.objects.create(
        order=order,
        by_number=False,
        order_number=order.number,
        name=order.name,
        email=order.email,
        locale=order.locale,
        drafted_at=now,
    )
    return card_of(withdrawal=withdrawal, statement=_text(withdrawal, covers, stated_at=None))


@transaction
def draft_withdrawal_by_number(
    *, order_number: str, name: str, email: str, locale: str, by: Actor, now: datetime
) -> WithdrawalCard:
    """The first step for somebody who has no secret at hand: name, contract and e-mail are all that the law asks for.

    Whether there is such an order is not told, here nor when it is confirmed.
    """
    withdrawal = Withdrawal.objects.create(
        order=find_order_by_contact(number=order_number, email=email),
        by_number=True,
        order_number=order_number,
        name=name,
        email=email,
        locale=locale,
        drafted_at=now,
    )
    text = _text(withdrawal, (), stated_at=None)
    return card_of(withdrawal=withdrawal, statement=text, for_stranger=True)


@transaction
def confirm_withdrawal(
    *, order_id: UUID, withdrawal_id: UUID, secret: str, by: Actor, now: datetime
) -> WithdrawalCard:
    """The second step: it is stated, receipted and carried out. A repetition gets the same receipt.

    Nothing of the order has left: it is cancelled. Else what left comes back by the law's right. Locks the order, then
    the statement, then the levels of the goods. Emits WithdrawalReceived, and what cancelling or returning emits.
    Errors: NotFound; WithdrawalTermOver, NothingToWithdraw; Busy.
    """
    order = next(iter(lock(list_orders_of_buyer(order_id=order_id, secret=secret, by=by))), None)
    if order is None:
        raise NotFound
    withdrawal = _lock_withdrawal(withdrawal_id, order=order)
    if withdrawal.state == WithdrawalState.DRAFTED:
        _state(withdrawal, _require_withdrawable(order, now), by=by, now=now)
        _carry_out(withdrawal, order, by=by, now=now)
    return card_of(withdrawal=withdrawal)


@transaction
def confirm_withdrawal_by_number(*, withdrawal_id: UUID, by: Actor, now: datetime) -> WithdrawalCard:
    """The second step for somebody who has no secret: it is stated and receipted. What follows is not told here.

    Locks the statement. Emits WithdrawalStated. A repetition gets the same receipt. Errors: NotFound; Busy.
    """
    withdrawal = _lock_withdrawal(withdrawal_id, order=None)
    if withdrawal.state == WithdrawalState.DRAFTED:
        _state(withdrawal, (), by=by, now=now)
        emit(WithdrawalStated(withdrawal_id=withdrawal.public_id), by=by, now=now)
    return card_of(withdrawal=withdrawal, for_stranger=True)


@transaction_required
def carry_out_withdrawal(*, withdrawal_id: UUID, by: Actor, now: datetime) -> None:
    """Let follow what a statement means; a second call changes nothing. It counts from the moment it was stated.

    Locks the order, then the statement, then the levels of the goods. Emits WithdrawalReceived where the order is
    known. Errors: Busy.
    """
    order = next(iter(lock(Order.objects.filter(withdrawals__public_id=withdrawal_id))), None)
    (withdrawal,) = lock(Withdrawal.objects.filter(public_id=withdrawal_id))
    if withdrawal.state != WithdrawalState.CONFIRMED:
        return
    if order is None:
        withdrawal.carry_out(effect=WithdrawalEffect.BY_HAND, goods_return=None, now=now)
        return
    _carry_out(withdrawal, order, by=by, now=now)


def _state(withdrawal: Withdrawal, covers: Sequence[CoveredLine], *, by: Actor, now: datetime) -> None:
    """Confirm the statement and write its receipt."""
    withdrawal.confirm(now=now)
    WithdrawalReceipt.objects.create(
        withdrawal=withdrawal,
        content=_text(withdrawal, covers, stated_at=now),
        covers=[{"name": line.name, "quantity": line.quantity} for line in covers],
        stated_at=now,
        **actor_columns(by),
    )


def _text(withdrawal: Withdrawal, covers: Sequence[CoveredLine], *, stated_at: datetime | None) -> str:
    """The statement. What somebody without the order's secret states says of the order only what she said herself."""
    order = None if withdrawal.by_number else withdrawal.order
    stating = Stating(
        order_number=withdrawal.order_number,
        name=withdrawal.name,
        email=withdrawal.email,
        locale=withdrawal.locale,
        covers=covers,
        ordered_at=order.placed_at if order else None,
        stated_at=stated_at,
        zone=zone_of(country=order.country if order else ""),
    )
    return statement(stating=stating)


def _carry_out(withdrawal: Withdrawal, order: Order, *, by: Actor, now: datetime) -> None:
    """What follows from the statement, under the order's lock."""
    effect, goods_return = _follow(withdrawal, order, by=by, now=now)
    withdrawal.carry_out(effect=effect, goods_return=goods_return, now=now)
    told = WithdrawalReceived(
        order_id=order.public_id,
        number=order.number,
        withdrawal_id=withdrawal.public_id,
        effect=str(effect),
    )
    emit(told, by=by, now=now)


def _follow(
    withdrawal: Withdrawal, order: Order, *, by: Actor, now: datetime
) -> tuple[WithdrawalEffect, Return | None]:
    withdrawable = get_withdrawable(order=order)
    stated_at = withdrawal.confirmed_at or now
    if withdrawable.terms.right_at(now=stated_at) is not ReturnRight.WITHDRAWAL or not withdrawable.covers:
        return WithdrawalEffect.NOTHING, None
    if not any(line.left for line in withdrawable.covers):
        return _cancel(order, withdrawable, by=by, now=now), None
    rows = {row.public_id: row for row in order.lines.select_related("delivery")}
    back = {
        rows[line.line_id]: AnnouncedLine(line_id=line.line_id, quantity=line.left)
        for line in withdrawable.covers
        if line.left
    }
    goods_return = open_return(
        order=order, lines=back, by_right=ReturnRight.WITHDRAWAL, reason="", by=by, now=now
    )
    whole = all(line.left == line.quantity for line in withdrawable.covers)
    return (WithdrawalEffect.GOODS_RETURN if whole else WithdrawalEffect.BOTH), goods_return


def _cancel(order: Order, withdrawable: Withdrawable, *, by: Actor, now: datetime) -> WithdrawalEffect:
    """Nothing that is covered has left. An order of which a part must stand cannot be cancelled by a machine."""
    if withdrawable.excluded:
        return WithdrawalEffect.BY_HAND
    try:
        cancel_order(order=order, reason=CancelReason.BY_BUYER, by=by, now=now)
    except GoodsHaveLeft:  # all that left is in returns; the rest waits
        return WithdrawalEffect.BY_HAND
    return WithdrawalEffect.CANCELLED


def _require_withdrawable(order: Order, now: datetime) -> Sequence[CoveredLine]:
    """What a withdrawal now would cover. Errors: WithdrawalTermOver, NothingToWithdraw."""
    withdrawable = get_withdrawable(order=order)
    terms = withdrawable.terms
    if terms.right_at(now=now) is not ReturnRight.WITHDRAWAL:
        assert terms.withdrawal_ends_at is not None
        ended_on = last_day_on(ends_at=terms.withdrawal_ends_at, country=order.country)
        raise WithdrawalTermOver(rule=f"within_{WITHDRAWAL_DAYS}_days", ended_on=ended_on.isoformat())
    if not withdrawable.covers:
        excluded = [{"line_id": str(line.line_id), "reason": line.reason} for line in withdrawable.excluded]
        raise NothingToWithdraw(rule="directive_2011_83_article_16", excluded=excluded)
    return withdrawable.covers


def _lock_withdrawal(withdrawal_id: UUID, *, order: Order | None) -> Withdrawal:
    """The statement, locked: the order's own, or one that was drafted by a number. Errors: NotFound."""
    rows = Withdrawal.objects.filter(public_id=withdrawal_id)
    rows = rows.filter(by_number=True) if order is None else rows.filter(order=order, by_number=False)
    withdrawal = next(iter(lock(rows)), None)
    if withdrawal is None:
        raise NotFound
    return withdrawal
