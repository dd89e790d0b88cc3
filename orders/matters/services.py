"""Lay before a person what no machine can end, and take her word that it is done."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from config.kernel.actors import Actor
from config.kernel.db import lock, transaction, transaction_required
from config.kernel.errors import NotFound, Refusal
from orders.agreement.models import Order, OrderDelivery
from orders.locations.models import Location
from orders.matters.models import Matter
from orders.matters.queries import MatterCard, cards_of, list_matters_of_staff
from orders.matters.rules import MatterKind
from orders.withdrawal.models import Withdrawal, WithdrawalEffect

logger = structlog.get_logger(__name__)

_BY_A_PERSON = (WithdrawalEffect.BOTH, WithdrawalEffect.BY_HAND)


class MatterSettled(Refusal):
    """Somebody has settled it before; `note` is what was done."""

    code = "matter_settled"
    status = 409
    title = "This matter has been settled."


@transaction_required
def open_matter(
    *,
    kind: MatterKind,
    order_id: UUID | None,
    about_ref: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """Show it to those who work where the order leaves from, or at the house's first location where none is known.

    A matter that is there already stays as it is, and takes over newer `facts` while it is open.
    """
    order = Order.objects.get(public_id=order_id) if order_id else None
    location = _in_charge(order)
    if location is None:
        logger.error("nobody is there to look at a matter", kind=kind, about=about_ref)
        return
    matter = Matter(
        kind=kind,
        location=location,
        order=order,
        about_ref=about_ref,
        facts=facts or {},
        opened_at=now,
    )
    Matter.objects.bulk_create([matter], ignore_conflicts=True)
    Matter.objects.filter(kind=kind, about_ref=about_ref, settled_at=None).update(facts=matter.facts)


@transaction_required
def end_matter(*, kind: MatterKind, about_ref: str, note: str, by: Actor, now: datetime) -> None:
    """It came to its end without a person, and `note` says which; what was settled before stays as it was."""
    waiting = Matter.objects.filter(kind=kind, about_ref=about_ref, settled_at=None)
    waiting.update(settled_at=now, settled_by=by.ref, note=note)


@transaction_required
def open_matter_of_withdrawal(*, withdrawal_id: UUID, now: datetime) -> None:
    """A statement of which a person has to carry out a part, or all; of every other one nothing is opened."""
    withdrawal = Withdrawal.objects.select_related("order").get(public_id=withdrawal_id)
    if withdrawal.effect not in _BY_A_PERSON:
        return
    open_matter(
        kind=MatterKind.WITHDRAWAL,
        order_id=withdrawal.order.public_id if withdrawal.order else None,
        about_ref=str(withdrawal.public_id),
        facts={"effect": withdrawal.effect, "order_number": withdrawal.order_number},
        now=now,
    )


@transaction
def settle_matter(*, matter_id: UUID, note: str, by: Actor, now: datetime) -> MatterCard:
    """It is done; `note` says what was done. Locks the matter.

    Errors: NotFound, also where another location is in charge; MatterSettled; Busy.
    """
    matter = next(iter(lock(list_matters_of_staff(by=by).filter(public_id=matter_id))), None)
    if matter is None:
        raise NotFound
    if matter.settled_at is not None:
        raise MatterSettled(note=matter.note)
    matter.settled_at, matter.settled_by, matter.note = now, by.ref, note
    matter.save(update_fields=["settled_at", "settled_by", "note"])
    return cards_of(matters=[matter])[0]


def _in_charge(order: Order | None) -> Location | None:
    if order is None:
        return Location.objects.order_by("-ships", "priority", "code").first()
    return OrderDelivery.objects.select_related("location").filter(order=order)[0].location
