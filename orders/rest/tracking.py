"""/store/v1/orders/{id}/tracking: where the buyer's parcels are, and the live stream of it."""

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
from config.kernel.rest.access import StoreView, caller_of
from config.kernel.rest.event_stream import stream_events
from config.kernel.rest.headers import ORDER_SECRET
from orders.parcels.queries import get_tracking_of_buyer
from orders.parcels.services import watch_parcels
from orders.parcels.wording import language_of
from orders.rest.parcel_bodies import TrackingBody, tracking_body
from orders.rest.store import secret_of


class LocaleQuery(inputs.Query):
    """In which language to read."""

    locale = inputs.CodeField(
        max_length=20, required=False, help_text="fi, sv or en; else the order's language."
    )


class Tracking(StoreView):
    """Follow an order."""

    rate = "store.lookup"
    request_headers = (ORDER_SECRET,)

    @extend_schema(parameters=[LocaleQuery], responses=TrackingBody)
    def get(self, request: Request, order_id: UUID) -> Response:
        """Every parcel, what happened to it, and when it is expected."""
        wish = LocaleQuery.of(request)
        tracking = get_tracking_of_buyer(
            order_id=order_id, secret=secret_of(request), by=caller_of(request).actor
        )
        language = language_of(locale=wish.get("locale") or tracking.order.locale)
        return Response(
            tracking_body(tracking=tracking, language=language), headers={"Content-Language": language}
        )


class TrackingTicketBody(serializers.Serializer[Any]):
    """Where to listen: good for one connection within a minute."""

    ticket = serializers.CharField()
    url = serializers.CharField()


class TrackingStreamTickets(StoreView):
    """Ask to follow an order live."""

    request_headers = (ORDER_SECRET,)

    @extend_schema(request=inputs.NoInput, responses={201: TrackingTicketBody})
    def post(self, request: Request, order_id: UUID) -> Response:
        """A URL that a browser's EventSource can open; first ask, then read the tracking, and nothing is missed."""
        inputs.NoInput.of(request)
        given = watch_parcels(
            order_id=order_id, secret=secret_of(request), by=caller_of(request).actor, now=timezone.now()
        )
        path = reverse("store:order-tracking-stream", kwargs={"order_id": order_id})
        url = f"{settings.STREAMS_URL}{path}?ticket={given.ticket}"
        return Response({"ticket": given.ticket, "url": url}, status=201)


async def tracking_stream(request: HttpRequest, order_id: UUID) -> HttpResponseBase:
    """What happens to the order as server-sent events, for whoever brings a ticket: its parcels move, goods come back,
    money is secured, missed or given back. A parcel's message says where it is; the others say what to read again.
    """
    return await stream_events(request, topic=topic_of("order_id", order_id))
