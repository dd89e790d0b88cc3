"""/staff/v1/open-matters: what a person has to bring to its end where the clerk works."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, caller_of
from config.kernel.rest.headers import IDEMPOTENCY_KEY
from config.kernel.rest.once import answered, once_from
from orders.matters.queries import MatterCard, list_open_matters
from orders.matters.rules import MatterKind
from orders.matters.services import MatterSettled, settle_matter


class MatterBody(serializers.Serializer[Any]):
    """Something that waits for a person. `order_id` is null where a buyer wrote a number that no order of hers has."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text=", ".join(MatterKind))
    order_id = serializers.UUIDField(allow_null=True)
    number = serializers.CharField(allow_null=True)
    about = serializers.CharField(
        help_text="The withdrawal, parcel, dispute (or inquiry), refund or payment that it is about."
    )
    facts = serializers.DictField(help_text="What is known of it: sums, reasons, states.")
    statement = serializers.CharField(allow_null=True, help_text="What a buyer stated who withdraws.")
    opened_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_null=True)


class MattersBody(serializers.Serializer[Any]):
    """What waits, the oldest first; fifty at most, and what is settled leaves the list."""

    items = MatterBody(many=True)


class OpenMatters(StaffView):
    """What to look at next."""

    @extend_schema(responses=MattersBody)
    def get(self, request: Request) -> Response:
        """Withdrawals that need a person, parcels that came back, disputes, and money that was refused."""
        inputs.NoQuery.of(request)
        return Response({"items": [_body(card) for card in list_open_matters(by=caller_of(request).actor)]})


class SettleMatter(StaffView):
    """Bring a matter to its end."""

    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (MatterSettled,)

    class Input(inputs.Input):
        """What was done about it."""

        note = inputs.TextField(max_length=1000)

    @extend_schema(request=Input, responses=MatterBody)
    def post(self, request: Request, matter_id: UUID) -> Response:
        """It is done, and leaves the list."""
        wish, once = self.Input.of(request), once_from(request, status=200)
        card = settle_matter.once(
            once, matter_id=matter_id, note=wish["note"], by=caller_of(request).actor, now=timezone.now()
        )
        return answered(once, _body(card))


def _body(card: MatterCard) -> dict[str, Any]:
    return {
        "id": card.matter_id,
        "kind": card.kind,
        "order_id": card.order_id,
        "number": card.number or None,
        "about": card.about,
        "facts": card.facts,
        "statement": card.statement or None,
        "opened_at": card.opened_at,
        "settled_at": card.settled_at,
        "note": card.note or None,
    }
