"""/staff/v1: the orders that leave from the location where the clerk works."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, caller_of
from orders.agreement.queries import find_order_for_staff
from orders.rest.bodies import staff_order_body
from orders.rest.shapes import StaffOrderBody
from orders.returns.queries import get_order_of_staff


class FoundOrdersBody(serializers.Serializer[Any]):
    """The order of that number, or none."""

    items = StaffOrderBody(many=True)


class Orders(StaffView):
    """Find an order by what people call it."""

    class Query(inputs.Query):
        """The number, as it was read out: case, blanks and look-alike letters do not matter."""

        number = inputs.CodeField(max_length=20)

    @extend_schema(parameters=[Query], responses=FoundOrdersBody)
    def get(self, request: Request) -> Response:
        """The order with that number, if it leaves from here."""
        by = caller_of(request).actor
        order_id = find_order_for_staff(number=self.Query.of(request)["number"], by=by)
        found = [] if order_id is None else [get_order_of_staff(order_id=order_id, by=by)]
        return Response({"items": [staff_order_body(order=order) for order in found]})


class Order(StaffView):
    """Read an order that leaves from here."""

    @extend_schema(responses=StaffOrderBody)
    def get(self, request: Request, order_id: UUID) -> Response:
        """What is needed to pack it, and to take it back."""
        inputs.NoQuery.of(request)
        order = get_order_of_staff(order_id=order_id, by=caller_of(request).actor)
        return Response(staff_order_body(order=order))
