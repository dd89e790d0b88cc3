"""/store/v1/orders: the buyer's own order, by her account or by the order's secret."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.headers import IDEMPOTENCY_KEY, ORDER_SECRET
from config.kernel.rest.once import answered, once_from
from orders.agreement.rules import LineUnits
from orders.agreement.services import UnknownLine
from orders.rest.bodies import order_body, return_body
from orders.rest.shapes import OrderBody, ReturnBody
from orders.returns.queries import get_order_of_buyer
from orders.returns.services import MoreThanReturnable, announce_return

MAX_LINES = 200


class UnitsInput(inputs.Input):
    """So many units of one line of the order."""

    line_id = inputs.IdField()
    quantity = inputs.QuantityField()


def _secret_of(request: Request) -> str:
    """The secret that a guest sent, or nothing."""
    secret: str = request.META.get("HTTP_X_ORDER_SECRET", "")
    return secret


class Order(StoreView):
    """Read an order."""

    rate = "store.lookup"
    request_headers = (ORDER_SECRET,)

    @extend_schema(responses=OrderBody)
    def get(self, request: Request, order_id: UUID) -> Response:
        """What was agreed, and what has happened since."""
        inputs.NoQuery.of(request)
        order = get_order_of_buyer(order_id=order_id, secret=_secret_of(request), by=caller_of(request).actor)
        return Response(order_body(order=order))


class OrderReturns(StoreView):
    """Send goods back."""

    write_rate = "store.returns"
    request_headers = (ORDER_SECRET, IDEMPOTENCY_KEY)
    refusals = (UnknownLine, MoreThanReturnable)

    class Input(inputs.Input):
        """Which units come back; the reason is the buyer's own and need not be given."""

        lines = inputs.ListField(child=UnitsInput(), min_length=1, max_length=MAX_LINES)
        reason = inputs.TextField(
            max_length=1000, multiline=True, required=False, allow_blank=True, default=""
        )

    @extend_schema(request=Input, responses={201: ReturnBody})
    def post(self, request: Request, order_id: UUID) -> Response:
        """Announce a return of units that have left and are in no other return."""
        wish, once = self.Input.of(request), once_from(request)
        receipt = announce_return.once(
            once,
            order_id=order_id,
            secret=_secret_of(request),
            lines=[LineUnits(**units) for units in wish["lines"]],
            reason=wish["reason"],
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return answered(once, return_body(receipt=receipt))
