"""/staff/v1/carts: the cart a shopper handed over, on a clerk's device. The same use cases as hers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.money import Money
from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, caller_of
from config.kernel.rest.bodies import MoneyBody
from config.kernel.rest.headers import IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_OPTIONAL
from config.kernel.rest.once import once_from
from config.kernel.rest.preconditions import if_match, if_match_or_none
from shop.cart import services as carts
from shop.cart.queries import list_opened_carts
from shop.rest.cart_bodies import StaffCartBody, cart_answer, clerk_key
from shop.rest.carts import CART_REFUSALS, CartQuery, LineInput, QuantityInput


class OpenedCartCardBody(serializers.Serializer[Any]):
    """A cart that is open to the clerk: enough to know it by."""

    id = serializers.UUIDField()
    units = serializers.IntegerField()
    goods = MoneyBody()
    opened_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    until = serializers.DateTimeField()


class OpenedCartsBody(serializers.Serializer[Any]):
    """The carts that are open to him on this device."""

    items = OpenedCartCardBody(many=True)


class OpenedCarts(StaffView):
    """Whom does he serve."""

    @extend_schema(responses=OpenedCartsBody)
    def get(self, request: Request) -> Response:
        """Carts that shoppers have handed over to this clerk on this device, the one opened last first."""
        inputs.NoQuery.of(request)
        opened = list_opened_carts(key=clerk_key(request), now=timezone.now())
        return Response(
            {
                "items": [
                    {
                        "id": cart.cart_id,
                        "units": cart.units,
                        "goods": Money(cart.goods_minor, cart.currency).wire(),
                        "opened_at": cart.opened_at,
                        "changed_at": cart.changed_at,
                        "until": cart.until,
                    }
                    for cart in opened
                ]
            }
        )


class OpenCart(StaffView):
    """Open a shopper's live cart with the code she shows."""

    rate = "staff.codes"
    refusals = (carts.CodeNotValid,)

    class Input(inputs.Input):
        """What is read from her phone; case, blanks and dashes do not matter."""

        code = inputs.TextField(max_length=20)

    @extend_schema(request=Input, responses=StaffCartBody)
    def post(self, request: Request) -> Response:
        """The cart, open to this clerk on this device until either of them closes it, eight hours at most."""
        wish, caller, now = self.Input.of(request), caller_of(request), timezone.now()
        assert caller.user_ref is not None
        opened = carts.open_by_code(code=wish["code"], clerk_ref=caller.user_ref, by=caller.actor, now=now)
        return cart_answer(request, cart_id=opened.cart_id, key=clerk_key(request), now=now, for_staff=True)


class OpenedCart(StaffView):
    """Read a cart that was handed over."""

    @extend_schema(parameters=[CartQuery], responses=StaffCartBody)
    def get(self, request: Request, cart_id: UUID) -> Response:
        """The cart as it is now, without the shopper's contact and address."""
        CartQuery.of(request)
        return cart_answer(
            request, cart_id=cart_id, key=clerk_key(request), now=timezone.now(), for_staff=True
        )


class OpenedCartLines(StaffView):
    """Put articles into the shopper's cart."""

    request_headers = (IDEMPOTENCY_KEY, IF_MATCH_OPTIONAL)
    refusals = (*CART_REFUSALS, carts.NotAvailable)

    @extend_schema(request=LineInput, responses={201: StaffCartBody})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Add units; the line says who added it."""
        wish, once = LineInput.of(request), once_from(request)
        key, now = clerk_key(request), timezone.now()
        changed = carts.add_line.once(
            once,
            cart_id=cart_id,
            key=key,
            **wish,
            version=if_match_or_none(request),
            by=caller_of(request).actor,
            now=now,
        )
        return cart_answer(
            request, cart_id=cart_id, key=key, now=now, once=once, for_staff=True, view=changed.view
        )


class OpenedCartLine(StaffView):
    """Change or remove one line of the shopper's cart; the clerk must have seen its present version."""

    request_headers = (IDEMPOTENCY_KEY, IF_MATCH)
    refusals = CART_REFUSALS

    @extend_schema(request=QuantityInput, responses=StaffCartBody)
    def patch(self, request: Request, cart_id: UUID, line_id: UUID) -> Response:
        """Set how many units the line holds."""
        wish, once = QuantityInput.of(request), once_from(request, status=200)
        key, now = clerk_key(request), timezone.now()
        changed = carts.set_quantity.once(
            once,
            cart_id=cart_id,
            key=key,
            line_id=line_id,
            **wish,
            version=if_match(request),
            by=caller_of(request).actor,
            now=now,
        )
        return cart_answer(
            request, cart_id=cart_id, key=key, now=now, once=once, for_staff=True, view=changed.view
        )

    @extend_schema(request=None, responses={200: StaffCartBody})
    def delete(self, request: Request, cart_id: UUID, line_id: UUID) -> Response:
        """Take the line out."""
        inputs.NoInput.of(request)
        once, key, now = once_from(request, status=200), clerk_key(request), timezone.now()
        changed = carts.remove_line.once(
            once,
            cart_id=cart_id,
            key=key,
            line_id=line_id,
            version=if_match(request),
            by=caller_of(request).actor,
            now=now,
        )
        return cart_answer(
            request, cart_id=cart_id, key=key, now=now, once=once, for_staff=True, view=changed.view
        )


class CloseCart(StaffView):
    """Give the cart back."""

    class Input(inputs.Input):
        """`to_pay`: she goes on to pay on her own device, and is told so there, with the clerk's words beside it."""

        to_pay = inputs.FlagField(required=False, default=False)
        message = inputs.TextField(max_length=200, required=False, allow_blank=True, default="")

    @extend_schema(request=Input, responses={204: None})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """The clerk's right to the cart ends."""
        wish = self.Input.of(request)
        carts.end_opening(
            cart_id=cart_id,
            key=clerk_key(request),
            handed_back=wish["to_pay"] or bool(wish["message"]),
            message=wish["message"],
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return Response(status=204)
