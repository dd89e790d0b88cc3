"""/staff/v1: the orders that leave from the location where the clerk works, and the returns that come to it."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, caller_of
from config.kernel.rest.headers import IDEMPOTENCY_KEY
from config.kernel.rest.once import answered, once_from
from config.kernel.states import IllegalMove
from orders.agreement.rules import LineUnits
from orders.agreement.services import UnknownLine
from orders.parcels.services import MoreThanOpen, NothingToDispatch, OrderNotConfirmed, dispatch_parcel
from orders.payment.services import RefundExceedsCaptured
from orders.rest.bodies import parcel_body, return_body, staff_order_body
from orders.rest.shapes import ParcelBody, ReturnBody, StaffOrderBody
from orders.rest.store import MAX_LINES, UnitsInput
from orders.returns.queries import get_order_of_staff
from orders.returns.services import credit_return, receive_return


class Order(StaffView):
    """Read an order that leaves from here."""

    @extend_schema(responses=StaffOrderBody)
    def get(self, request: Request, order_id: UUID) -> Response:
        """What is needed to pack it, and to take it back."""
        inputs.NoQuery.of(request)
        order = get_order_of_staff(order_id=order_id, by=caller_of(request).actor)
        return Response(staff_order_body(order=order))


class OrderParcels(StaffView):
    """Send goods away."""

    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (OrderNotConfirmed, NothingToDispatch, UnknownLine, MoreThanOpen)

    class Input(inputs.Input):
        """Which units are in the parcel; all that are open when none are named."""

        lines = inputs.ListField(child=UnitsInput(), min_length=1, max_length=MAX_LINES, required=False)

    @extend_schema(request=Input, responses={201: ParcelBody})
    def post(self, request: Request, order_id: UUID) -> Response:
        """A parcel with these units leaves now."""
        wish, once = self.Input.of(request), once_from(request)
        lines = [LineUnits(**units) for units in wish["lines"]] if "lines" in wish else None
        parcel = dispatch_parcel.once(
            once, order_id=order_id, lines=lines, by=caller_of(request).actor, now=timezone.now()
        )
        return answered(once, parcel_body(parcel=parcel))


class ReceiveReturn(StaffView):
    """Take goods back."""

    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (IllegalMove,)

    @extend_schema(request=inputs.NoInput, responses=ReturnBody)
    def post(self, request: Request, return_id: UUID) -> Response:
        """The announced goods are here; they can be sold again."""
        inputs.NoInput.of(request)
        once = once_from(request, status=200)
        receipt = receive_return.once(
            once, return_id=return_id, by=caller_of(request).actor, now=timezone.now()
        )
        return answered(once, return_body(receipt=receipt))


class CreditReturn(StaffView):
    """Give the money back."""

    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (IllegalMove, RefundExceedsCaptured)

    @extend_schema(request=inputs.NoInput, responses=ReturnBody)
    def post(self, request: Request, return_id: UUID) -> Response:
        """A credit note for the received goods; with the outbound delivery once everything has come back."""
        inputs.NoInput.of(request)
        once = once_from(request, status=200)
        receipt = credit_return.once(
            once, return_id=return_id, by=caller_of(request).actor, now=timezone.now()
        )
        return answered(once, return_body(receipt=receipt))
