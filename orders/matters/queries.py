"""What waits for a person, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from config.kernel.actors import Actor
from orders.locations.queries import list_workplaces
from orders.matters.models import Matter
from orders.matters.rules import MatterKind
from orders.withdrawal.models import WithdrawalReceipt

_SHOWN: Final = 50


@dataclass(frozen=True, kw_only=True)
class MatterCard:
    """A matter for whoever looks at it. `statement` is what a buyer stated, where it is a withdrawal."""

    matter_id: UUID
    kind: str
    order_id: UUID | None
    number: str
    about: str
    facts: Mapping[str, Any]
    statement: str
    opened_at: datetime
    settled_at: datetime | None
    note: str


def list_open_matters(*, by: Actor) -> list[MatterCard]:
    """What waits at the location of `by`, the oldest first: fifty at most, and what is settled leaves the list."""
    waiting = list_matters_of_staff(by=by).filter(settled_at=None).select_related("order")
    return cards_of(matters=list(waiting.order_by("pk")[:_SHOWN]))


def list_matters_of_staff(*, by: Actor) -> QuerySet[Matter]:
    """The matters that the location of `by` is in charge of."""
    return Matter.objects.filter(location__in=list_workplaces(by=by))


def cards_of(*, matters: Sequence[Matter]) -> list[MatterCard]:
    """Matters as values; their orders come with them."""
    withdrawn = [matter.about_ref for matter in matters if matter.kind == MatterKind.WITHDRAWAL]
    receipts = WithdrawalReceipt.objects.filter(withdrawal__public_id__in=withdrawn)
    statements = {
        str(withdrawal_id): text
        for withdrawal_id, text in receipts.values_list("withdrawal__public_id", "content")
    }
    return [
        MatterCard(
            matter_id=matter.public_id,
            kind=matter.kind,
            order_id=matter.order.public_id if matter.order else None,
            number=matter.order.number if matter.order else "",
            about=matter.about_ref,
            facts=matter.facts,
            statement=statements.get(matter.about_ref, ""),
            opened_at=matter.opened_at,
            settled_at=matter.settled_at,
            note=matter.note,
        )
        for matter in matters
    ]
