"""Goods come back: `/store/v1` announces, `/staff/v1` receives, inspects and credits."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, StoreView, caller_of
from config.kernel.rest.headers import IDEMPOTENCY_KEY, ORDER_SECRET
from config.kernel.rest.once import answered, once_from
from config.kernel.states import IllegalMove
from orders.agreement.services import UnknownLine
from orders.payment.services import RefundExceedsCaptured
from orders.rest.money import BadMinorUnits, MoneyInput, minor_of
from orders.rest.returned import ReturnBody, StaffReturnBody, return_body, staff_return_body
from orders.rest.store import MAX_LINES, UnitsInput, secret_of
from orders.returns.queries import get_currency_of_return, get_return_of_staff
from orders.returns.rules import AnnouncedLine, FoundLine, ReturnReason
from orders.returns.services import (
    DeductionExceedsGoods,
    MoreThanAnnounced,
    MoreThanReturnable,
    NothingReceived,
    ReturnExcluded,
    ReturnTermOver,
    announce_return,
    credit_return,
    receive_return,
)


class ReturnedUnitsInput(UnitsInput):
    """So many units of one line, and why; the law asks for no reason, so none need be given."""

    reason = inputs.ChoiceField(choices=[reason.value for reason in ReturnReason], required=False, default="")
    comment = inputs.TextField(max_length=1000, multiline=True, required=False, allow_blank=True, default="")


class OrderReturns(StoreView):
    """Send goods back."""

    write_rate = "store.returns"
    request_headers = (ORDER_SECRET, IDEMPOTENCY_KEY)
    refusals = (UnknownLine, ReturnExcluded, ReturnTermOver, MoreThanReturnable)

    class Input(inputs.Input):
        """Which units come back; `reason` is about all of them."""

        lines = inputs.ListField(child=ReturnedUnitsInput(), min_length=1, max_length=MAX_LINES)
        reason = inputs.TextField(
            max_length=1000, multiline=True, required=False, allow_blank=True, default=""
        )

    @extend_schema(request=Input, responses={201: ReturnBody})
    def post(self, request: Request, order_id: UUID) -> Response:
        """Announce a return of units that were delivered and are in no other; the answer has the code for the box."""
        wish, once = self.Input.of(request), once_from(request)
        card = announce_return.once(
            once,
            order_id=order_id,
            secret=secret_of(request),
            lines=[AnnouncedLine(**units) for units in wish["lines"]],
            reason=wish["reason"],
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return answered(once, return_body(card=card))


class ReturnLabel(StaffView):
    """Find the return that a box belongs to."""

    @extend_schema(responses=StaffReturnBody)
    def get(self, request: Request, label_code: str) -> Response:
        """The return with that code on its box, whichever location it was meant for."""
        inputs.NoQuery.of(request)
        card = get_return_of_staff(label_code=label_code, by=caller_of(request).actor)
        return Response(staff_return_body(card=card))


class FoundUnitsInput(inputs.Input):
    """What was found of one line."""

    line_id = inputs.IdField()
    sellable = inputs.IntegerField(min_value=0, max_value=999)
    damaged = inputs.IntegerField(min_value=0, max_value=999, required=False, default=0)
    note = inputs.TextField(max_length=1000, multiline=True, required=False, allow_blank=True, default="")


class ReceiveReturn(StaffView):
    """Take goods back."""

    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (IllegalMove, UnknownLine, MoreThanAnnounced, NothingReceived)

    class Input(inputs.Input):
        """What was in the box; everything as announced and sellable, when no lines are named."""

        label_code = inputs.CodeField(max_length=40, required=False, default="")
        lines = inputs.ListField(child=FoundUnitsInput(), min_length=1, max_length=MAX_LINES, required=False)

    @extend_schema(request=Input, responses=StaffReturnBody)
    def post(self, request: Request, return_id: UUID) -> Response:
        """The goods are here: what can be sold again is in stock, what is damaged is written off."""
        wish, once = self.Input.of(request), once_from(request, status=200)
        card = receive_return.once(
            once,
            return_id=return_id,
            label_code=wish["label_code"],
            found=[FoundLine(**line) for line in wish["lines"]] if "lines" in wish else None,
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return answered(once, staff_return_body(card=card))


class DeductionInput(inputs.Input):
    """How much less the goods are worth, because they were used more than trying them out needs, and how that shows."""

    amount = MoneyInput()
    reason = inputs.TextField(max_length=1000, multiline=True)


class CreditReturn(StaffView):
    """Give the money back."""

    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (IllegalMove, RefundExceedsCaptured, DeductionExceedsGoods, BadMinorUnits)

    class Input(inputs.Input):
        """Nothing, or what is deducted."""

        deduction = DeductionInput(required=False)

    @extend_schema(request=Input, responses=StaffReturnBody)
    def post(self, request: Request, return_id: UUID) -> Response:
        """What the received goods are worth goes back, with the standard delivery once the whole order is withdrawn."""
        wish, once = self.Input.of(request), once_from(request, status=200)
        by, deduction = caller_of(request).actor, wish.get("deduction")
        deducted_minor, reason = 0, ""
        if deduction is not None:
            currency = get_currency_of_return(return_id=return_id, by=by)
            deducted_minor = minor_of(given=deduction["amount"], currency=currency)
            reason = deduction["reason"] if deducted_minor else ""
        card = credit_return.once(
            once,
            return_id=return_id,
            deducted_minor=deducted_minor,
            deduction_reason=reason,
            by=by,
            now=timezone.now(),
        )
        return answered(once, staff_return_body(card=card))
