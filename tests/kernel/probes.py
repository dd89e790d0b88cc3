"""Routes of the tests' own, with one probe for each thing the edge promises."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel import health, metrics
from config.kernel.errors import NotFound, Refusal
from config.kernel.models import User
from config.kernel.rest import inputs, problems
from config.kernel.rest.access import StoreView, SystemView, caller_of
from config.kernel.rest.headers import CART_SECRET, IDEMPOTENCY_KEY, IF_MATCH
from config.kernel.rest.once import answered, once_from
from config.kernel.rest.pagination import CursorQuery, PageQuery, SortField, page_after
from config.kernel.rest.preconditions import etag_of, if_match, not_modified


class SoldOut(Refusal):
    """There is none left."""

    code = "sold_out"
    status = 409
    title = "Sold out."


class Address(inputs.Input):
    name = inputs.TextField(max_length=100)
    country = inputs.CountryField()
    postcode = inputs.PostcodeField()


class Line(inputs.Input):
    sku = inputs.CodeField()
    quantity = inputs.QuantityField()


class Answer(serializers.Serializer[Any]):
    said = serializers.JSONField()


class Echo(StoreView):
    """Says back what was read."""

    write_rate = ""
    request_headers = (CART_SECRET,)

    class Input(inputs.Input):
        email = inputs.EmailField(required=False)
        address = Address(required=False)
        lines = inputs.ListField(child=Line(), max_length=3, required=False)
        note = inputs.TextField(max_length=200, multiline=True, allow_blank=True, required=False)
        gift = inputs.FlagField(required=False)
        floor = inputs.IntegerField(required=False)
        wish_id = inputs.IdField(required=False)
        size = inputs.ChoiceField(choices=["s", "m"], required=False)
        quantity = inputs.QuantityField(required=False)

    @extend_schema(request=Input, responses={200: Answer})
    def post(self, request: Request) -> Response:
        """Say it back."""
        return Response({"said": json.loads(json.dumps(self.Input.of(request), default=str))})


class Product(StoreView):
    """Something with a version."""

    request_headers = (IF_MATCH,)
    refusals = (SoldOut,)

    @extend_schema(responses={200: Answer})
    def get(self, request: Request, product_id: UUID) -> Response:
        """Read it."""
        if not_modified(request, etag_of(3)):
            return Response(status=304, headers={"ETag": etag_of(3)})
        return Response(
            {"said": str(product_id)}, headers={"ETag": etag_of(3), "Cache-Control": "max-age=60"}
        )

    @extend_schema(request=inputs.NoInput, responses={200: Answer})
    def patch(self, request: Request, product_id: UUID) -> Response:
        """Change the version that was read."""
        inputs.NoInput.of(request)
        return Response({"said": if_match(request)})


class Promise(StoreView):
    """A write with a key."""

    request_headers = (IDEMPOTENCY_KEY,)

    @extend_schema(request=Line, responses={201: Answer})
    def post(self, request: Request) -> Response:
        """Promise it once."""
        once = once_from(request)
        Line.of(request)
        return answered(once, {"said": [once.principal, once.key, once.fingerprint.hex()]})


class People(SystemView):
    """An endless list."""

    scope = "people:read"

    class Query(CursorQuery):
        domain = inputs.CodeField(required=False)

    @extend_schema(parameters=[Query], responses={200: Answer})
    def get(self, request: Request) -> Response:
        """The next ones."""
        wanted = self.Query.of(request)
        found = page_after(
            User.objects.all(), key="public_id", wanted=wanted, scope=f"people:{caller_of(request).ref}"
        )
        return Response({"items": [user.email for user in found.rows], "next_after": found.next_after})


class Listing(StoreView):
    """A list in pages."""

    class Query(PageQuery):
        category = inputs.CodeField(required=False)
        sort = SortField(choices=["name", "-price"], default="name")

    @extend_schema(parameters=[Query], responses={200: Answer})
    def get(self, request: Request) -> Response:
        """One page."""
        return Response(self.Query.of(request))


class Failing(StoreView):
    """Goes wrong in the way that is asked for."""

    @extend_schema(responses={200: Answer})
    def get(self, request: Request, how: str) -> Response:
        """Fail."""
        if how == "refused":
            raise SoldOut("The last one went to somebody else.", short={"SOFA": 1})
        if how == "absent":
            raise NotFound
        raise ZeroDivisionError("secret=hunter2-and-more")


class Undeclared(StoreView):
    """Says nobody may call it."""

    callers = None  # type: ignore[assignment]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Nobody reads this."""
        return Response({})


def plain(request: HttpRequest) -> HttpResponse:
    """Nothing of ours but the edge."""
    return HttpResponse(
        f"{getattr(request, 'client_address', '')} {'session' if hasattr(request, 'session') else ''}"
    )


store = [
    path("echo", Echo.as_view(), name="echo"),
    path("products/<uuid:product_id>", Product.as_view(), name="product"),
    path("promises", Promise.as_view(), name="promise"),
    path("listing", Listing.as_view(), name="listing"),
    path("failing/<slug:how>", Failing.as_view(), name="failing"),
    path("undeclared", Undeclared.as_view(), name="undeclared"),
]

urlpatterns = [
    path("store/v1/", include((store, "store"))),
    path("system/v1/people", People.as_view(), name="people"),
    path("plain", plain),
    path("admin/", admin.site.urls),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics.exposition),
]

handler400 = problems.bad_request
handler404 = problems.not_found
handler500 = problems.server_error
