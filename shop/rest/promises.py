"""/store/v1/delivery-promises: cost and time before any cart or sign-in."""

from typing import Any

import orjson
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from config.kernel.errors import NotFound
from config.kernel.rest import inputs
from config.kernel.rest.access import StoreView
from shop.checkout.promises import list_promises
from shop.rest.cart_bodies import PromisedDeliveryBody
from shop.rest.context import resolve_context
from shop.rest.products import HEADERS, LocaleQuery, answer


class PromiseQuery(LocaleQuery):
    """Where to, and what. Without one or the other: what can be said before it is known."""

    postal_code = inputs.PostcodeField(required=False, default="")
    variant = inputs.CodeField(max_length=100, required=False, default="")


class DeliveryPromises(StoreView):
    """What it costs to get something, and when it is there."""

    request_headers = HEADERS
    refusals = (NotFound,)

    class Output(serializers.Serializer[Any]):
        """One unit of the variant, or a parcel of the usual weight, by every way of delivery."""

        class Promised(PromisedDeliveryBody):
            """A way of delivery, and why it cannot be chosen, if it cannot."""

            available = serializers.BooleanField()
            reason = serializers.CharField(allow_null=True)

        items = Promised(many=True)

    @extend_schema(parameters=[PromiseQuery], responses=Output)
    def get(self, request: Request) -> HttpResponse:
        """Price and days of every way of delivery; for pick-up, of every store.

        A cart that is filled with it now and placed now is promised the same.
        """
        wanted, context = PromiseQuery.of(request), resolve_context(request)
        items = list_promises(
            context=context, postcode=wanted["postal_code"], sku=wanted["variant"], now=timezone.now()
        )
        return answer(request=request, context=context, body=orjson.dumps({"items": items}))
