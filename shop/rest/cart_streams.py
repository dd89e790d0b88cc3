"""The live stream of one cart, for the shopper and for the clerk she handed it to."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.events import topic_of
from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, StoreView, caller_of
from config.kernel.rest.event_stream import stream_events
from config.kernel.rest.headers import CART_SECRET
from shop.cart.queries import CartKey
from shop.cart.services import watch_cart
from shop.rest.cart_bodies import clerk_key, shopper_key


class StreamTicketBody(serializers.Serializer[Any]):
    """Where to listen: good for one connection within a minute."""

    ticket = serializers.CharField()
    url = serializers.CharField()


class CartStreamTickets(StoreView):
    """Ask to watch a cart."""

    request_headers = (CART_SECRET,)

    @extend_schema(request=inputs.NoInput, responses={201: StreamTicketBody})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """A URL that a browser's EventSource can open; first ask, then read the cart, and nothing is missed."""
        inputs.NoInput.of(request)
        return _ticket(request, cart_id, shopper_key(request), "store:cart-stream")


class OpenedCartStreamTickets(StaffView):
    """Ask to watch a cart that was handed over."""

    @extend_schema(request=inputs.NoInput, responses={201: StreamTicketBody})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """A URL that the tablet can listen to."""
        inputs.NoInput.of(request)
        return _ticket(request, cart_id, clerk_key(request), "staff:cart-stream")


async def cart_stream(request: HttpRequest, cart_id: UUID) -> HttpResponseBase:
    """The cart's changes as server-sent events, for whoever brings a ticket; served by the stream server."""
    return await stream_events(request, topic=topic_of("cart_id", cart_id))


def _ticket(request: Request, cart_id: UUID, key: CartKey, route: str) -> Response:
    given = watch_cart(cart_id=cart_id, key=key, by=caller_of(request).actor, now=timezone.now())
    path = reverse(route, kwargs={"cart_id": cart_id})
    url = f"{settings.STREAMS_URL}{path}?ticket={given.ticket}"
    return Response({"ticket": given.ticket, "url": url}, status=201)
