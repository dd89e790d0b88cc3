"""/store/v1/carts/{id}: letting a clerk into one's cart, and taking it back."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.headers import CART_SECRET
from shop.cart import services as carts
from shop.rest.cart_bodies import CartBody, cart_answer, shopper_key
from shop.rest.carts import CART_REFUSALS
from shop.rest.qr import qr_of


class HandOverCodes(StoreView):
    """Let a clerk open the cart."""

    request_headers = (CART_SECRET,)
    refusals = CART_REFUSALS

    class Output(serializers.Serializer[Any]):
        """A one-use code, to be shown to the clerk."""

        code = serializers.CharField()
        qr = serializers.CharField(
            help_text="The code as a picture to be scanned: the address of an SVG (`data:`)."
        )
        expires_at = serializers.DateTimeField()

    @extend_schema(request=inputs.NoInput, responses={201: Output})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """A code that is good once and for five minutes."""
        inputs.NoInput.of(request)
        given = carts.give_hand_over_code(
            cart_id=cart_id, key=shopper_key(request), by=caller_of(request).actor, now=timezone.now()
        )
        return Response({**asdict(given), "qr": qr_of(given.code)}, status=201)


class TakeCartBack(StoreView):
    """End every clerk's right to the cart."""

    request_headers = (CART_SECRET,)
    refusals = CART_REFUSALS

    @extend_schema(request=inputs.NoInput, responses=CartBody)
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Clerks who had opened it see it no more, and unused codes end."""
        inputs.NoInput.of(request)
        key, now = shopper_key(request), timezone.now()
        carts.take_back(cart_id=cart_id, key=key, by=caller_of(request).actor, now=now)
        return cart_answer(request, cart_id=cart_id, key=key, now=now)
