"""The pull log: every event of the house in the order of its positions, for integrations (`api.md` 33 and 35)."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.models import EventPosition
from config.kernel.rest import inputs
from config.kernel.rest.access import SystemView

_LARGEST_POSITION: Final = 2**63 - 1


class LoggedEvent(serializers.Serializer[Any]):
    """One event. `about` is the public id of what it concerns, where that has one; receivers know a repetition by
    `event_id`.
    """

    event_id = serializers.UUIDField()
    type = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    position = serializers.IntegerField()
    about = serializers.UUIDField(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]  # DRF takes it off the class


class LoggedEvents(serializers.Serializer[Any]):
    """A stretch of the log, and the position to go on from; the same one again at the end of the log."""

    items = LoggedEvent(many=True)
    next_after = serializers.IntegerField()


class EventsFeed(SystemView):
    """What happened, after a position."""

    scope = "events:read"

    class Query(inputs.Query):
        """`after` is a position of the log, 0 for its beginning, or the previous answer's `next_after`."""

        after = inputs.NumberField(code="invalid_page", min_value=0, max_value=_LARGEST_POSITION, default=0)
        limit = inputs.NumberField(code="invalid_page", min_value=1, max_value=500, default=100)

    @extend_schema(parameters=[Query], responses=LoggedEvents)
    def get(self, request: Request) -> Response:
        """Events after a position, oldest first.

        Positions are given after commit and without gaps, so who has read up to one has missed nothing before it.
        """
        wanted = self.Query.of(request)
        places = (
            EventPosition.objects.filter(position__gt=wanted["after"])
            .select_related("event")
            .order_by("position")[: wanted["limit"]]
        )
        items = [_envelope(place) for place in places]
        next_after = items[-1]["position"] if items else wanted["after"]
        return Response({"items": items, "next_after": next_after})


def _envelope(place: EventPosition) -> dict[str, Any]:
    event = place.event
    return {
        "event_id": event.event_id,
        "type": event.name,
        "occurred_at": event.occurred_at,
        "position": place.position,
        "about": event.about,
        "data": event.data,
    }
