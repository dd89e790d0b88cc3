"""The API's description and the page to browse it, both served by us: no foreign script, no foreign host."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView
from rest_framework.permissions import AllowAny

from config.kernel.errors import NotFound
from config.kernel.rest.codes import describe
from config.kernel.rest.problems import problem_response


class Description(SpectacularJSONAPIView):
    """The OpenAPI 3.1 description of every route, as JSON."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    schema = None


class BrowsablePage(SpectacularSwaggerView):
    """The description as a page in which requests can be tried."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    schema = None


def problem(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem's `type` points to: the code in words."""
    try:
        return HttpResponse(describe(code), content_type="text/plain; charset=utf-8")
    except NotFound as absent:
        return problem_response(absent)


urls: list[Any] = [
    path("openapi.json", Description.as_view(), name="openapi"),
    path("", BrowsablePage.as_view(url_name="documentation:openapi"), name="browse"),
    path("problems/<slug:code>", problem, name="problem"),
]
