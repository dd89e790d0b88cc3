"""/system/v1/customers: one customer's record, for integrations that may read it."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import SystemView
from customers.record.queries import CustomerRecord, get_customer


class ContactPointBody(serializers.Serializer[Any]):
    """A way to reach her; `verified` once she proved that it is hers."""

    kind = serializers.CharField()
    value = serializers.CharField()
    verified = serializers.BooleanField()


class CustomerAddressBody(serializers.Serializer[Any]):
    """An address that goods went to."""

    name = serializers.CharField()
    street = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()


class StepActorBody(serializers.Serializer[Any]):
    """Who did it; `store` is a location's code."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    store = serializers.CharField()


class TimelineStepBody(serializers.Serializer[Any]):
    """Something that happened with her; `about` is the order, parcel or return."""

    kind = serializers.CharField()
    about = serializers.UUIDField()
    occurred_at = serializers.DateTimeField()
    by = StepActorBody()
    data = serializers.DictField()  # type: ignore[assignment]


class CustomerBody(serializers.Serializer[Any]):
    """A customer's record, her timeline in the order in which it happened."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    locale = serializers.CharField()
    first_seen_at = serializers.DateTimeField()
    contact_points = ContactPointBody(many=True)
    addresses = CustomerAddressBody(many=True)
    timeline = TimelineStepBody(many=True)


class Customer(SystemView):
    """Read a customer's record."""

    scope = "customers:read"

    @extend_schema(responses=CustomerBody)
    def get(self, request: Request, customer_id: UUID) -> Response:
        """Everything that is known about one customer."""
        inputs.NoQuery.of(request)
        return Response(customer_body(record=get_customer(customer_ref=customer_id)))


def customer_body(*, record: CustomerRecord) -> dict[str, Any]:
    """The record as it travels."""
    return {
        "id": record.customer_ref,
        "name": record.name,
        "locale": record.locale,
        "first_seen_at": record.first_seen_at,
        "contact_points": [
            {"kind": point.kind, "value": point.value, "verified": point.verified_at is not None}
            for point in record.contact_points
        ],
        "addresses": [asdict(address) for address in record.addresses],
        "timeline": [
            {
                "kind": step.kind,
                "about": step.about_ref,
                "occurred_at": step.occurred_at,
                "by": {"kind": step.actor_kind, "label": step.actor_label, "store": step.actor_store},
                "data": step.data,
            }
            for step in record.timeline
        ],
    }
