"""/store/v1/orders: the buyer's own order, by her account or by the order's secret."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.errors import Refusal
from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.browser import is_page, keep_order
from config.kernel.rest.headers import ORDER_SECRET
from orders.agreement.queries import find_order_by_link, order_secret
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


class OrderLinkNotValid(Refusal):
    """The link's token is not one of ours, or too old: the order's secret or account still opens it."""

    code = "order_link_not_valid"
    status = 422
    title = "This link does not open an order, or no longer."


class OpenOrder(StoreView):
    """Open the order that a message's link leads to."""

    write_rate = "store.lookup"
    refusals = (OrderLinkNotValid,)

    class Input(inputs.Input):
        """What stands behind the # of the link."""

        token = inputs.TextField(max_length=500)

    class Output(serializers.Serializer[Any]):
        """The order, and what opens it from now on."""

        id = serializers.UUIDField()
        number = serializers.CharField()
        secret = serializers.CharField(
            allow_null=True, help_text="Goes into X-Order-Secret. Null where a page asked: its cookie has it."
        )

    @extend_schema(request=Input, responses=Output)
    def post(self, request: Request) -> Response:
        """The secret of that order. A page keeps it, and forgets the link."""
        wish = self.Input.of(request)
        found = find_order_by_link(token=wish["token"])
        if found is None:
            raise OrderLinkNotValid
        secret = order_secret(order_id=found.order_id)
        body = {"id": found.order_id, "number": found.number, "secret": None if is_page(request) else secret}
        response = Response(body)
        if is_page(request):
            keep_order(request, response, order_id=found.order_id, secret=secret)
        return response
