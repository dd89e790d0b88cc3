"""/store/v1/orders: the buyer's own order, by her account or by the order's secret."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.headers import ORDER_SECRET
from orders.rest.bodies import order_body
from orders.rest.shapes import OrderBody
from orders.returns.queries import get_order_of_buyer

MAX_LINES = 200


class UnitsInput(inputs.Input):
    """So many units of one line of the order."""

    line_id = inputs.IdField()
    quantity = inputs.QuantityField()


def secret_of(request: Request) -> str:
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
        order = get_order_of_buyer(order_id=order_id, secret=secret_of(request), by=caller_of(request).actor)
        return Response(order_body(order=order))
