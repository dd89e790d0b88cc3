"""Goods come back: the buyer announces them, a location receives and inspects them, the buyer is credited.

All three hold the lock of the order's row, so that what one of them counted stays true until it commits.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction, transaction_required
from config.kernel.errors import NotFound, Refusal
from config.kernel.events import emit
from config.kernel.money import Money
from orders.agreement.models import Order, OrderLine, step_actor
from orders.agreement.queries import list_orders_of_buyer
from orders.agreement.rules import sum_by_sku
from orders.agreement.services import choose_lines
from orders.events import ReturnAnnounced, ReturnCredited, ReturnReceived
from orders.locations.queries import list_workplaces
from orders.parcels.queries import count_delivered
from orders.payment.services import request_refund
from orders.returns.models import RETURN_LIFE, Return, ReturnLine, ReturnState, ReturnStep
from orders.returns.queries import (
    ReturnCard,
    count_coming_back,
    get_return,
    get_terms,
    get_worth,
    list_returns_of_staff,
)
from orders.returns.rules import (
    POLICY_DAYS,
    AnnouncedLine,
    FoundLine,
    ReturnRight,
    last_day_on,
    merge_announced,
    new_label_code,
)
from orders.stock.services import take_back


class MoreThanReturnable(Refusal):
    """More units were to come back than the buyer has; `lines` says of which, `rule` which rule it is."""

    code = "more_than_returnable"
    status = 422
    title = "Only what was delivered, and is in no other return, can come back."


class ReturnTermOver(Refusal):
    """The goods can no longer come back; `rule` names the term and `ended_on` its last day."""

    code = "return_term_over"
    status = 422
    title = "The term for sending these goods back is over."


class ReturnExcluded(Refusal):
    """Some goods cannot come back by law; `lines` says which, each with its `reason`, and `rule` names the law."""

    code = "return_excluded"
    status = 422
    title = "Some of these goods cannot be sent back."


class MoreThanAnnounced(Refusal):
    """More units were found than the return announced; `lines` says of which."""

    code = "more_than_announced"
    status = 422
    title = "More units were found than were announced."


class NothingReceived(Refusal):
    """Not one unit was found, so nothing was received."""

    code = "nothing_received"
    status = 422
    title = "A return is received with at least one unit."


class DeductionExceedsGoods(Refusal):
    """More was to be deducted for lost value than the goods are worth; `goods` is what they are."""

    code = "deduction_exceeds_goods"
    status = 422
    title = "More would be deducted than the goods are worth."


@transaction
def announce_return(
    *,
    order_id: UUID,
    secret: str,
    lines: Sequence[AnnouncedLine],
    reason: str,
    by: Actor,
    now: datetime,
) -> ReturnCard:
    """The buyer (by her account, or by the order's `secret`) sends these units back.

    What can come back is what was delivered, less what is in other returns. Locks the order. Emits ReturnAnnounced.
    Errors: NotFound; UnknownLine, ReturnExcluded, ReturnTermOver, MoreThanReturnable; Busy.
    """
    order = next(iter(lock(list_orders_of_buyer(order_id=order_id, secret=secret, by=by))), None)
    if order is None:
        raise NotFound
    wanted = merge_announced(lines=lines)
    units = {line_id: line.quantity for line_id, line in wanted.items()}
    chosen = choose_lines(lines=list(order.lines.select_related("delivery")), wanted=units)
    _require_not_excluded(chosen)
    right = _require_right(order, now)
    _require_delivered(order, chosen)
    announced = {line: wanted[line.public_id] for line in chosen}
    goods_return = open_return(order=order, lines=announced, by_right=right, reason=reason, by=by, now=now)
    return get_return(return_id=goods_return.public_id)


@transaction_required
def open_return(
    *,
    order: Order,
    lines: Mapping[OrderLine, AnnouncedLine],
    by_right: ReturnRight,
    reason: str,
    by: Actor,
    now: datetime,
) -> Return:
    """Units of the order are on their way back, to where the first of them came from.

    The caller holds the order's lock, and has counted. Emits ReturnAnnounced.
    """
    goods_return = Return.objects.create(
        order=order,
        location_id=next(iter(lines)).delivery.location_id,
        label_code=new_label_code(),
        by_right=by_right,
        reason=reason,
        announced_at=now,
    )
    ReturnStep.objects.create(
        goods_return=goods_return, state=goods_return.state, moved_at=now, **step_actor(by)
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(
            goods_return=goods_return,
            order_line=line,
            quantity=said.quantity,
            reason=said.reason,
            comment=said.comment,
        )
        for line, said in lines.items()
    )
    told = ReturnAnnounced(order_id=order.public_id, number=order.number, return_id=goods_return.public_id)
    emit(told, by=by, now=now)
    return goods_return


@transaction
def receive_return(
    *,
    return_id: UUID,
    by: Actor,
    now: datetime,
    label_code: str = "",
    found: Sequence[FoundLine] | None = None,
) -> ReturnCard:
    """The box is where `by` works and was looked into; what can be sold again is in stock there, the rest written off.

    It may come to another location than the one it was meant for: then `label_code`, which stands on it, shows that
    it did. `found` names every line of which something came (None: all as announced, and sellable). What did not come
    can be announced again. Locks the order, then the levels of the goods. Emits ReturnReceived, StockChanged per SKU.
    Errors: NotFound; IllegalMove when it was received before; UnknownLine, MoreThanAnnounced, NothingReceived; Busy.
    """
    order, goods_return = _lock_return(return_id, by, label_code)
    goods_return.receive(location=list_workplaces(by=by).get(), by=by, now=now)
    lines = list(goods_return.lines.select_related("order_line"))
    _inspect(lines, found)
    ReturnLine.objects.bulk_update(lines, ["sellable", "damaged", "note"])
    take_back(
        location=goods_return.location,
        units=sum_by_sku(lines=((row.order_line.sku, row.sellable or 0) for row in lines)),
        damaged=sum_by_sku(lines=((row.order_line.sku, row.damaged or 0) for row in lines)),
        about_ref=goods_return.public_id,
        by=by,
        now=now,
    )
    told = ReturnReceived(order_id=order.public_id, number=order.number, return_id=goods_return.public_id)
    emit(told, by=by, now=now)
    return get_return(return_id=goods_return.public_id)


@transaction
def credit_return(
    *, return_id: UUID, by: Actor, now: datetime, deducted_minor: int = 0, deduction_reason: str = ""
) -> ReturnCard:
    """Give the buyer back what the received goods are worth, as `orders.returns.rules` says.

    For goods that lost value because they were used more than trying them out needs, the clerk may deduct
    `deducted_minor`, and says why (directive 2011/83/EU, article 14 paragraph 2). Locks the order.
    Emits ReturnCredited.
    Errors: NotFound; IllegalMove before the goods are here or when they were credited; DeductionExceedsGoods,
    RefundExceedsCaptured; Busy.
    """
    order, goods_return = _lock_return(return_id, by, "")
    RETURN_LIFE.require(now_in=goods_return.state, to=ReturnState.CREDITED)
    whole = get_worth(order=order, goods_return=goods_return, deducted_minor=0)
    goods_minor = whole.gross_minor - whole.delivery_minor
    if deducted_minor > goods_minor:
        raise DeductionExceedsGoods(goods=Money(goods_minor, order.currency).wire())
    credit = get_worth(order=order, goods_return=goods_return, deducted_minor=deducted_minor)
    goods_return.credit(
        gross_minor=credit.gross_minor,
        delivery_minor=credit.delivery_minor,
        deducted_minor=deducted_minor,
        deduction_reason=deduction_reason,
        by=by,
        now=now,
    )
    request_refund(
        order=order,
        gross_minor=credit.gross_minor,
        tax_minor=credit.tax_minor,
        about_ref=goods_return.public_id,
        by=by,
        now=now,
    )
    told = ReturnCredited(
        order_id=order.public_id,
        number=order.number,
        return_id=goods_return.public_id,
        amount_minor=credit.gross_minor,
        currency=order.currency,
    )
    emit(told, by=by, now=now)
    return get_return(return_id=goods_return.public_id)


@transaction_required
def mark_refunded(*, return_id: UUID, now: datetime) -> None:
    """The money for the return is on its way; a second call changes nothing."""
    Return.objects.filter(public_id=return_id, refunded_at__isnull=True).update(refunded_at=now)


def _require_not_excluded(chosen: Mapping[OrderLine, int]) -> None:
    excluded = [
        {"line_id": str(line.public_id), "reason": line.withdrawal_excluded}
        for line in chosen
        if line.withdrawal_excluded
    ]
    if excluded:
        raise ReturnExcluded(rule="directive_2011_83_article_16", lines=excluded)


def _require_right(order: Order, now: datetime) -> ReturnRight:
    terms = get_terms(order=order)
    right = terms.right_at(now=now)
    if right is None:
        assert terms.policy_ends_at is not None
        ended_on = last_day_on(ends_at=terms.policy_ends_at, country=order.country)
        raise ReturnTermOver(rule=f"within_{POLICY_DAYS}_days", ended_on=ended_on.isoformat())
    return right


def _require_delivered(order: Order, chosen: Mapping[OrderLine, int]) -> None:
    delivered, back = count_delivered(order=order), count_coming_back(order=order)
    returnable = {line: delivered.get(line.pk, 0) - back.get(line.pk, 0) for line in chosen}
    too_many = [
        {
            "line_id": str(line.public_id),
            "wanted": units,
            "delivered": delivered.get(line.pk, 0),
            "returnable": returnable[line],
        }
        for line, units in chosen.items()
        if units > returnable[line]
    ]
    if too_many:
        raise MoreThanReturnable(rule="no_more_than_delivered", lines=too_many)


def _inspect(lines: Sequence[ReturnLine], found: Sequence[FoundLine] | None) -> None:
    """Write on the lines what was found. Errors: UnknownLine, MoreThanAnnounced, NothingReceived."""
    if found is None:
        for row in lines:
            row.sellable, row.damaged = row.quantity, 0
        return
    seen = {line.line_id: line for line in found}
    choose_lines(lines=[row.order_line for row in lines], wanted=dict.fromkeys(seen, 1))
    for row in lines:
        line = seen.get(row.order_line.public_id)
        row.sellable, row.damaged = (line.sellable, line.damaged) if line else (0, 0)
        row.note = line.note if line else ""
    too_many = [
        {"line_id": str(row.order_line.public_id), "found": row.accepted, "announced": row.quantity}
        for row in lines
        if row.accepted > row.quantity
    ]
    if too_many:
        raise MoreThanAnnounced(lines=too_many)
    if not any(row.accepted for row in lines):
        raise NothingReceived


def _lock_return(return_id: UUID, by: Actor, label_code: str) -> tuple[Order, Return]:
    """The order's row, locked, and the return as it is under that lock. Errors: NotFound."""
    returns = list_returns_of_staff(return_id=return_id, label_code=label_code, by=by)
    order = next(iter(lock(Order.objects.filter(pk__in=returns.values("order")))), None)
    if order is None:
        raise NotFound
    return order, Return.objects.select_related("location").get(public_id=return_id)
