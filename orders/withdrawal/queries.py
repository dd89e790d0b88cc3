"""What can be withdrawn from, until when, and what was stated."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.errors import NotFound
from orders.agreement.models import Order, OrderState
from orders.agreement.queries import find_order_of_buyer
from orders.parcels.queries import count_shipped
from orders.returns.queries import ReturnCard, count_coming_back, get_return, get_terms
from orders.returns.rules import Terms
from orders.withdrawal.models import Withdrawal, WithdrawalState
from orders.withdrawal.rules import CoveredLine, OrderedLine, covered


@dataclass(frozen=True, kw_only=True)
class ExcludedLine:
    """A line that no withdrawal covers, and why."""

    line_id: UUID
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Withdrawable:
    """What a withdrawal from the order would cover now; nothing for an order that was cancelled."""

    order_number: str
    country: str
    terms: Terms
    covers: tuple[CoveredLine, ...]
    excluded: tuple[ExcludedLine, ...]


@dataclass(frozen=True, kw_only=True)
class WithdrawalCard:
    """A statement as it stands. What was stated, when, and what follows from it is empty in a draft."""

    withdrawal_id: UUID
    order_number: str
    state: str
    statement: str
    receipt_id: UUID | None
    stated_at: datetime | None
    effect: str
    goods_return: ReturnCard | None


def get_withdrawable(*, order: Order) -> Withdrawable:
    """What a withdrawal from that order would cover."""
    shipped, back = count_shipped(order=order), count_coming_back(order=order)
    rows = list(order.lines.all())
    lines = [
        OrderedLine(
            line_id=row.public_id,
            name=row.name,
            quantity=row.quantity,
            left=shipped.get(row.pk, 0),
            back=back.get(row.pk, 0),
            excluded=row.withdrawal_excluded,
        )
        for row in rows
    ]
    return Withdrawable(
        order_number=order.number,
        country=order.country,
        terms=get_terms(order=order),
        covers=() if order.state == OrderState.CANCELLED else covered(lines=lines),
        excluded=tuple(
            ExcludedLine(line_id=line.line_id, name=line.name, reason=line.excluded)
            for line in lines
            if line.excluded
        ),
    )


def get_withdrawable_of_buyer(
    *, order_id: UUID, secret: str, by: Actor
) -> tuple[Withdrawable, tuple[WithdrawalCard, ...]]:
    """What the buyer can withdraw from, and what she has stated. Errors: NotFound, also when it is somebody else's."""
    order = find_order_of_buyer(order_id=order_id, secret=secret, by=by)
    if order is None:
        raise NotFound
    stated = order.withdrawals.filter(receipt__isnull=False).select_related("receipt", "goods_return")
    return get_withdrawable(order=order), tuple(card_of(withdrawal=row) for row in stated)


def card_of(*, withdrawal: Withdrawal, statement: str = "", for_stranger: bool = False) -> WithdrawalCard:
    """The withdrawal as a value; `statement` is a draft's text, since only what was stated is kept.

    A stranger is not told what followed, since that would tell whether there is such an order.
    """
    receipt = getattr(withdrawal, "receipt", None)
    back = None if for_stranger else withdrawal.goods_return
    return WithdrawalCard(
        withdrawal_id=withdrawal.public_id,
        order_number=withdrawal.order_number,
        state=str(WithdrawalState.CONFIRMED if for_stranger and receipt else withdrawal.state),
        statement=receipt.content if receipt else statement,
        receipt_id=receipt.public_id if receipt else None,
        stated_at=receipt.stated_at if receipt else None,
        effect="" if for_stranger else withdrawal.effect,
        goods_return=get_return(return_id=back.public_id) if back else None,
    )


def find_order_by_contact(*, number: str, email: str) -> Order | None:
    """The order of that number whose buyer has that e-mail address, whatever the case of either."""
    return Order.objects.filter(number__iexact=number.strip(), email__iexact=email.strip()).first()
