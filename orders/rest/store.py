"""/store/v1/orders: the buyer's own order, by her account or by the order's secret."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.actors import ActorKind
from config.kernel.errors import Refusal
from config.kernel.money import Money
from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.bodies import MoneyBody
from config.kernel.rest.browser import is_page, keep_order
from config.kernel.rest.headers import ORDER_SECRET
from config.kernel.rest.pagination import CursorQuery, page_after
from orders.agreement.models import Order as OrderRow
from orders.agreement.queries import find_order_by_link, list_own_orders, order_secret
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


class OrderSummaryBody(serializers.Serializer[Any]):
    """One order of a list."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.CharField()
    placed_at = serializers.DateTimeField()
    total = MoneyBody()


def _summary(order: OrderRow) -> dict[str, Any]:
    return {
        "id": order.public_id,
        "number": order.number,
        "state": order.state,
        "placed_at": order.placed_at,
        "total": Money(order.total_gross_minor, order.currency).wire(),
    }


class Orders(StoreView):
    """List one's own orders."""

    callers = frozenset({ActorKind.SHOPPER})

    class Output(serializers.Serializer[Any]):
        """Some orders, and the cursor that goes on after them."""

        items = OrderSummaryBody(many=True)
        next_after = serializers.CharField(allow_null=True)

    @extend_schema(parameters=[CursorQuery], responses=Output)
    def get(self, request: Request) -> Response:
        """The newest first: what was bought with the account, and as a guest with the address that it has proved."""
        caller = caller_of(request)
        found = page_after(
            list_own_orders(by=caller.actor),
            key="-public_id",
            wanted=CursorQuery.of(request),
            scope=f"store.orders:{caller.ref}",
        )
        return Response({"items": [_summary(order) for order in found.rows], "next_after": found.next_after})


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
