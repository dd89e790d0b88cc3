"""/store/v1/session: who is in the shop in this browser, and which cart is hers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.models import User
from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.authentication import digest_of
from config.kernel.rest.browser import csrf_token, find_cart, keep_csrf
from config.kernel.rest.headers import API_KEY
from shop.cart.queries import CartKey, find_current_cart
from shop.rest.context import find_market_of


class ShopperBody(serializers.Serializer[Any]):
    """Who is signed in."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField()


class CurrentCartBody(serializers.Serializer[Any]):
    """The cart that she is filling; `units` is what a badge shows."""

    id = serializers.UUIDField()
    units = serializers.IntegerField()


class Session(StoreView):
    """The shopper in this browser."""

    request_headers = (API_KEY,)

    class Output(serializers.Serializer[Any]):
        """Who is here. `csrf` goes into X-CSRFToken of every write of a page; the cookie that belongs to it is set."""

        customer = ShopperBody(allow_null=True)
        cart = CurrentCartBody(allow_null=True)
        csrf = serializers.CharField()

    @extend_schema(responses=Output)
    def get(self, request: Request) -> Response:
        """Who is signed in, which cart she is filling, and the token that this browser's pages write with."""
        inputs.NoQuery.of(request)
        kept = find_cart(request)
        key = CartKey(
            owner_ref=caller_of(request).user_ref,
            secret_digest=digest_of(kept[1]) if kept else None,
            channel=find_market_of(request),
        )
        cart = find_current_cart(key=key, cart_id=kept[0] if kept else None, now=timezone.now())
        response = Response(
            {
                "customer": _customer(request),
                "cart": None if cart is None else {"id": cart.cart_id, "units": cart.units},
                "csrf": csrf_token(request),
            }
        )
        keep_csrf(request, response)
        return response


def _customer(request: Request) -> dict[str, str | UUID] | None:
    user = request.user
    if caller_of(request).user_ref is None or not isinstance(user, User):
        return None
    return {"id": user.public_id, "name": user.name, "email": user.email}
