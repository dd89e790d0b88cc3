"""/staff/v1: the orders that leave from the location where the clerk works."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, caller_of
from orders.rest.bodies import staff_order_body
from orders.rest.shapes import StaffOrderBody
from orders.returns.queries import get_order_of_staff


class Order(StaffView):
    """Read an order that leaves from here."""

    @extend_schema(responses=StaffOrderBody)
    def get(self, request: Request, order_id: UUID) -> Response:
        """What is needed to pack it, and to take it back."""
        inputs.NoQuery.of(request)
        order = get_order_of_staff(order_id=order_id, by=caller_of(request).actor)
        return Response(staff_order_body(order=order))
