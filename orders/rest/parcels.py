"""/staff/v1: goods are picked, packed, sent and handed out where the clerk works."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.rest import inputs
from config.kernel.rest.access import StaffView, caller_of
from config.kernel.rest.headers import IDEMPOTENCY_KEY
from config.kernel.rest.once import answered, once_from
from orders.agreement.rules import LineUnits
from orders.agreement.services import UnknownLine
from orders.locations.services import place_item
from orders.parcels.booking import ParcelUnpacked
from orders.parcels.ports import CarrierUnavailable, Label, LabelRefused
from orders.parcels.queries import get_parcel_of_staff, list_pick_ups, list_picking
from orders.parcels.rules import ParcelState
from orders.parcels.services import (
    LabelTaken,
    MoreThanOpen,
    NotHandedOutHere,
    NothingToDispatch,
    OrderNotConfirmed,
    SeveralDeliveries,
    WrongPickupCode,
    dispatch_parcel,
    hand_out_parcel,
    shelve_parcel,
)
from orders.rest.parcel_bodies import (
    PackedParcelBody,
    PickingListBody,
    PickUpsBody,
    StaffParcelBody,
    packed_parcel_body,
    pick_ups_body,
    picking_list_body,
    staff_parcel_body,
)
from orders.rest.store import MAX_LINES, UnitsInput


class PickingList(StaffView):
    """What to pack next."""

    @extend_schema(responses=PickingListBody)
    def get(self, request: Request) -> Response:
        """Deliveries that wait for goods of this location, the oldest promise first, and where the goods stand."""
        inputs.NoQuery.of(request)
        return Response(picking_list_body(picking=list_picking(by=caller_of(request).actor)))


class LabelInput(inputs.Input):
    """A label that was made in a carrier's own service."""

    carrier = inputs.ChoiceField(choices=sorted(settings.CARRIER_HOOKS))
    tracking_code = inputs.CodeField(max_length=100)


class OrderParcels(StaffView):
    """Send goods away."""

    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (
        OrderNotConfirmed,
        NothingToDispatch,
        UnknownLine,
        MoreThanOpen,
        SeveralDeliveries,
        LabelTaken,
        LabelRefused,
        CarrierUnavailable,
        ParcelUnpacked,
    )

    class Input(inputs.Input):
        """Which units are in the parcel; all that are open here when none are named. A label is booked unless one is
        given; what the buyer fetches here needs none.
        """

        lines = inputs.ListField(child=UnitsInput(), min_length=1, max_length=MAX_LINES, required=False)
        label = LabelInput(required=False)  # type: ignore[assignment]

    @extend_schema(request=Input, responses={201: PackedParcelBody})
    def post(self, request: Request, order_id: UUID) -> Response:
        """A parcel with these units is packed, labelled, and leaves; what the buyer fetches here waits on the shelf."""
        wish, once = self.Input.of(request), once_from(request)
        parcel = dispatch_parcel(
            order_id=order_id,
            lines=[LineUnits(**units) for units in wish["lines"]] if "lines" in wish else None,
            label=Label(**wish["label"]) if "label" in wish else None,
            once=once,
            by=caller_of(request).actor,
            now=timezone.now(),
        )
        return answered(once, packed_parcel_body(parcel=parcel))


class PickUps(StaffView):
    """Who comes to fetch what."""

    class Query(inputs.Query):
        """One state, or else all whose goods have not been fetched; and the order's number as she says it."""

        state = inputs.ChoiceField(choices=[state.value for state in ParcelState], required=False, default="")
        number = inputs.CodeField(max_length=20, required=False, default="")

    @extend_schema(parameters=[Query], responses=PickUpsBody)
    def get(self, request: Request) -> Response:
        """Parcels that are fetched where the clerk works, ready or on their way here."""
        wanted = self.Query.of(request)
        parcels = list_pick_ups(by=caller_of(request).actor, state=wanted["state"], number=wanted["number"])
        return Response(pick_ups_body(parcels=parcels))


class Parcel(StaffView):
    """Look at a parcel."""

    @extend_schema(responses=StaffParcelBody)
    def get(self, request: Request, parcel_id: UUID) -> Response:
        """A parcel that leaves from here or is fetched here, with everything that was told of it."""
        inputs.NoQuery.of(request)
        tracking = get_parcel_of_staff(parcel_id=parcel_id, by=caller_of(request).actor)
        return Response(staff_parcel_body(tracking=tracking))


class ShelveParcel(StaffView):
    """A parcel came to the store where its buyer fetches it."""

    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (NotHandedOutHere,)

    @extend_schema(request=inputs.NoInput, responses=PackedParcelBody)
    def post(self, request: Request, parcel_id: UUID) -> Response:
        """It waits for its buyer now, and she is told."""
        inputs.NoInput.of(request)
        once = once_from(request, status=200)
        parcel = shelve_parcel.once(
            once, parcel_id=parcel_id, by=caller_of(request).actor, now=timezone.now()
        )
        return answered(once, packed_parcel_body(parcel=parcel))


class HandOutParcel(StaffView):
    """Give a parcel to its buyer."""

    write_rate = "staff.hand_out"
    request_headers = (IDEMPOTENCY_KEY,)
    refusals = (NotHandedOutHere, WrongPickupCode, OrderNotConfirmed)

    class Input(inputs.Input):
        """The code that the buyer shows; a parcel that our own driver brings has none."""

        code = inputs.CodeField(max_length=20, required=False, allow_blank=True, default="")

    @extend_schema(request=Input, responses=PackedParcelBody)
    def post(self, request: Request, parcel_id: UUID) -> Response:
        """Whoever shows the parcel's code gets it."""
        wish, once = self.Input.of(request), once_from(request, status=200)
        parcel = hand_out_parcel.once(
            once, parcel_id=parcel_id, code=wish["code"], by=caller_of(request).actor, now=timezone.now()
        )
        return answered(once, packed_parcel_body(parcel=parcel))


class ItemPlaceBody(serializers.Serializer[Any]):
    """Where an item stands in the clerk's location."""

    sku = serializers.CharField()
    place = serializers.CharField()


class ItemPlace(StaffView):
    """Say where things stand."""

    class Input(inputs.Input):
        """Aisle, shelf, box: as people here say it."""

        place = inputs.CodeField(max_length=100)

    @extend_schema(request=Input, responses=ItemPlaceBody)
    def put(self, request: Request, sku: str) -> Response:
        """The item stands there from now on; picking lists say so."""
        wish = self.Input.of(request)
        place_item(sku=sku, place=wish["place"], by=caller_of(request).actor, now=timezone.now())
        return Response({"sku": sku, "place": wish["place"]})
