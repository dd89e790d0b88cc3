"""Routes of the tests' stream server."""

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path

import tests.kernel_events.sample  # noqa: F401 - the events that streams may show
from config.kernel.events import topic_of
from config.kernel.rest.event_stream import stream_events
from config.kernel.stream_hub import hub


async def bell_stream(request: HttpRequest, bell_id: UUID) -> HttpResponseBase:
    """What happens to one bell."""
    return await stream_events(request, topic=topic_of("bell_id", bell_id))


async def subscriptions(request: HttpRequest) -> JsonResponse:
    """How many streams are open."""
    return JsonResponse({"open": hub().size})


urlpatterns = [
    path("bells/<uuid:bell_id>/stream", bell_stream),
    path("subscriptions", subscriptions),
]
