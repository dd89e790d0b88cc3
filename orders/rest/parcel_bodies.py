"""Parcels, their journeys and what is to be packed, as their readers get them: the shapes, and how they are filled."""

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework import serializers

from orders.agreement.models import OrderDelivery
from orders.agreement.rules import LineUnits
from orders.locations.models import Location
from orders.parcels.models import HOUSE, Parcel, TrackingEvent
from orders.parcels.queries import PickedLine, Picking, Tracking
from orders.parcels.rules import ParcelState
from orders.parcels.services import DispatchedParcel
from orders.parcels.wording import text_of

_STATES = [state.value for state in ParcelState]


class ParcelUnitsBody(serializers.Serializer[Any]):
    """So many units of one line of the order."""

    line_id = serializers.UUIDField()
    quantity = serializers.IntegerField()


class ParcelBody(serializers.Serializer[Any]):
    """A package and what is in it. `dispatched_at` is null until it has left us."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=_STATES)
    carrier = serializers.CharField(allow_null=True, help_text="Null: our own van, or the buyer fetches it.")
    tracking_code = serializers.CharField(allow_null=True)
    dispatched_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    estimated_on = serializers.DateField(
        allow_null=True, help_text="The day it is expected now; the promise stands with its delivery."
    )
    lines = ParcelUnitsBody(many=True)


class PackedParcelBody(ParcelBody):
    """A package as whoever packs it gets it: with the label to print."""

    label_url = serializers.CharField(allow_null=True)


class PickupPlaceBody(serializers.Serializer[Any]):
    """The store where the buyer fetches her parcel."""

    code = serializers.CharField()
    name = serializers.CharField()
    street = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()


class JourneyStepBody(serializers.Serializer[Any]):
    """Something that happened to the parcel. `state` is null for what changes none."""

    at = serializers.DateTimeField()
    state = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_null=True, help_text="What the state means, in the reader's language.")
    carrier_text = serializers.CharField(allow_blank=True, help_text="What the carrier wrote.")
    place = serializers.CharField(allow_blank=True)


class JourneyBody(ParcelBody):
    """A package on its way to the buyer. `pickup_code` is what she shows where she fetches it."""

    text = serializers.CharField(help_text="What the state means, in the reader's language.")
    pickup_at = PickupPlaceBody(allow_null=True)
    pickup_code = serializers.CharField(allow_null=True)
    steps = JourneyStepBody(many=True)


class TrackingBody(serializers.Serializer[Any]):
    """Where the parcels of an order are."""

    order_id = serializers.UUIDField()
    number = serializers.CharField()
    parcels = JourneyBody(many=True)


class ToldBody(serializers.Serializer[Any]):
    """Something that was told of the parcel, as it is kept. `doubt` says why it is not believed: its moment is too far
    in the `future` or the `past`.
    """

    at = serializers.DateTimeField()
    told_at = serializers.DateTimeField()
    by = serializers.CharField(help_text="The carrier, or `house`.")
    code = serializers.CharField()
    state = serializers.CharField(allow_null=True)
    carrier_text = serializers.CharField(allow_blank=True)
    place = serializers.CharField(allow_blank=True)
    doubt = serializers.CharField(allow_null=True)


class StaffParcelBody(PackedParcelBody):
    """A package with everything that was told of it."""

    order_id = serializers.UUIDField()
    number = serializers.CharField()
    pickup_at = PickupPlaceBody(allow_null=True)
    told = ToldBody(many=True)


class PickUpLineBody(serializers.Serializer[Any]):
    """Units in a parcel, as one sees what is in it."""

    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()


class PickUpBody(serializers.Serializer[Any]):
    """A parcel that is fetched here. `buyer` is what she calls herself; her code she shows when she comes."""

    id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    number = serializers.CharField()
    buyer = serializers.CharField()
    state = serializers.ChoiceField(choices=_STATES)
    packed_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    lines = PickUpLineBody(many=True)


class PickUpsBody(serializers.Serializer[Any]):
    """Parcels that are fetched here, those packed first first; a hundred at most."""

    items = PickUpBody(many=True)


class PickOptionBody(serializers.Serializer[Any]):
    """What was chosen: Fabric, Boucle."""

    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class PickLineBody(serializers.Serializer[Any]):
    """Units to be fetched. `place` says where they stand: aisle, shelf."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    options = PickOptionBody(many=True)
    open = serializers.IntegerField()
    place = serializers.CharField(allow_null=True)


class PickBody(serializers.Serializer[Any]):
    """One delivery that is to be packed here."""

    order_id = serializers.UUIDField()
    number = serializers.CharField()
    delivery_id = serializers.UUIDField()
    placed_at = serializers.DateTimeField()
    option = serializers.CharField()
    promised_until_on = serializers.DateField()
    pickup_at = PickupPlaceBody(allow_null=True)
    lines = PickLineBody(many=True)


class PickingListBody(serializers.Serializer[Any]):
    """What is to be packed, the oldest promise first; fifty at most, and what is packed leaves the list."""

    items = PickBody(many=True)


def packed_parcel_body(*, parcel: DispatchedParcel) -> dict[str, Any]:
    """A parcel as the use case answers it."""
    return {
        "id": parcel.parcel_id,
        "state": parcel.state,
        "carrier": parcel.carrier or None,
        "tracking_code": parcel.tracking_code or None,
        "label_url": parcel.label_url or None,
        "dispatched_at": parcel.dispatched_at,
        "delivered_at": parcel.delivered_at,
        "estimated_on": parcel.estimated_on,
        "lines": _units(parcel.lines),
    }


def parcel_body(*, parcel: Parcel) -> dict[str, Any]:
    """A parcel; its lines come with it, so nothing is queried here."""
    units = (LineUnits(line_id=row.order_line.public_id, quantity=row.quantity) for row in parcel.lines.all())
    return {
        "id": parcel.public_id,
        "state": parcel.state,
        "carrier": parcel.carrier or None,
        "tracking_code": parcel.tracking_code or None,
        "dispatched_at": parcel.dispatched_at,
        "delivered_at": parcel.delivered_at,
        "estimated_on": parcel.estimated_on,
        "lines": _units(units),
    }


def tracking_body(*, tracking: Tracking, language: str) -> dict[str, Any]:
    """An order's parcels as their buyer follows them."""
    return {
        "order_id": tracking.order.public_id,
        "number": tracking.order.number,
        "parcels": [
            parcel_body(parcel=parcel)
            | {
                "text": text_of(state=ParcelState(parcel.state), language=language),
                "pickup_at": pickup_place(parcel.delivery.pickup_at),
                "pickup_code": parcel.pickup_code or None,
                "steps": _steps(tracking.events[parcel.public_id], language),
            }
            for parcel in tracking.parcels
        ],
    }


def staff_parcel_body(*, tracking: Tracking) -> dict[str, Any]:
    """One parcel with all that was told of it, for the staff; never its pick-up code, which the buyer shows them."""
    (parcel,) = tracking.parcels
    return parcel_body(parcel=parcel) | {
        "label_url": parcel.label_url or None,
        "order_id": tracking.order.public_id,
        "number": tracking.order.number,
        "pickup_at": pickup_place(parcel.delivery.pickup_at),
        "told": [
            {
                "at": event.happened_at,
                "told_at": event.told_at,
                "by": event.carrier,
                "code": event.code,
                "state": event.state or None,
                "carrier_text": event.text,
                "place": event.place,
                "doubt": event.doubt or None,
            }
            for event in tracking.events[parcel.public_id]
        ],
    }


def pick_ups_body(*, parcels: Iterable[Parcel]) -> dict[str, Any]:
    """Parcels that are fetched here; their lines come with them, so nothing is queried here."""
    return {
        "items": [
            {
                "id": parcel.public_id,
                "order_id": parcel.order.public_id,
                "number": parcel.order.number,
                "buyer": parcel.order.name,
                "state": parcel.state,
                "packed_at": parcel.packed_at,
                "delivered_at": parcel.delivered_at,
                "lines": [
                    {"sku": row.order_line.sku, "name": row.order_line.name, "quantity": row.quantity}
                    for row in parcel.lines.all()
                ],
            }
            for parcel in parcels
        ]
    }


def picking_list_body(*, picking: Sequence[Picking]) -> dict[str, Any]:
    """What is to be packed."""
    return {
        "items": [
            {**_pick_head(pick.delivery), "lines": [_pick_line(line) for line in pick.lines]}
            for pick in picking
        ]
    }


def _pick_head(delivery: OrderDelivery) -> dict[str, Any]:
    return {
        "order_id": delivery.order.public_id,
        "number": delivery.order.number,
        "delivery_id": delivery.public_id,
        "placed_at": delivery.order.placed_at,
        "option": delivery.option,
        "promised_until_on": delivery.promised_until_on,
        "pickup_at": pickup_place(delivery.pickup_at),
    }


def _pick_line(picked: PickedLine) -> dict[str, Any]:
    return {
        "id": picked.line.public_id,
        "sku": picked.line.sku,
        "name": picked.line.name,
        "options": [{"label": label, "value": value} for label, value in picked.line.options],
        "open": picked.open,
        "place": picked.place or None,
    }


def _steps(events: Iterable[TrackingEvent], language: str) -> list[dict[str, Any]]:
    """What a buyer is shown: what changes a state, and what the carrier wrote beside what changes none.

    A step that we and the carrier both tell of, one after the other, is one: when it was first told, with his words.
    """
    told: list[list[TrackingEvent]] = []
    for event in events:
        if told and _is_same_step(told[-1][-1], event):
            told[-1].append(event)
        elif event.state or event.text:
            told.append([event])
    return [_step(same, language) for same in told]


def _is_same_step(one: TrackingEvent, other: TrackingEvent) -> bool:
    ours = [event.carrier for event in (one, other)].count(HOUSE)
    return bool(one.state) and one.state == other.state and ours == 1


def _step(told: Sequence[TrackingEvent], language: str) -> dict[str, Any]:
    state = told[0].state
    return {
        "at": told[0].happened_at,
        "state": state or None,
        "text": text_of(state=ParcelState(state), language=language) if state else None,
        "carrier_text": next((event.text for event in told if event.text), ""),
        "place": next((event.place for event in told if event.place), ""),
    }


def pickup_place(location: Location | None) -> dict[str, Any] | None:
    """The store where something is fetched; None for what is sent."""
    if location is None:
        return None
    return {
        "code": location.code,
        "name": location.name,
        "street": location.street,
        "postcode": location.postcode,
        "city": location.city,
    }


def _units(lines: Iterable[LineUnits]) -> list[dict[str, Any]]:
    return [{"line_id": line.line_id, "quantity": line.quantity} for line in lines]
