"""What left in which parcel, and everything that is known to have happened to it."""

from typing import ClassVar, Final

from django.db import models

from config.kernel.ids import new_id
from config.kernel.models import AppendOnly
from orders.agreement.models import Order, OrderDelivery, OrderLine
from orders.parcels.rules import Doubt, ParcelState, Stand

# The carrier's code of what happens in our own hands.
HOUSE: Final = "house"
# What has been packed and is still with us.
NOT_LEFT = (ParcelState.CREATED.value, ParcelState.READY_FOR_PICKUP.value)
_STATES = [(state.value, state.value) for state in ParcelState]
_DOUBTS = [(doubt.value, doubt.value) for doubt in Doubt]


class Parcel(models.Model):
    """One package of one delivery: packed, then on its way. The order's row is its lock.

    `state`, `delivered_at` and `estimated_on` repeat what its tracking events say together (`rules.stand_of`), which
    are its history. `carrier` and `tracking_code` are empty where no carrier's label was booked; `pickup_code` is what
    the buyer shows where she fetches it herself. `dispatched_at` is when the goods left our stock.
    """

    personal: ClassVar[tuple[str, ...]] = ("pickup_code",)

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parcels")
    delivery = models.ForeignKey(OrderDelivery, on_delete=models.PROTECT, related_name="parcels")
    state = models.CharField(max_length=20, choices=_STATES, default=ParcelState.CREATED.value)
    carrier = models.CharField(max_length=50, blank=True)
    tracking_code = models.CharField(max_length=100, blank=True)
    label_url = models.CharField(max_length=1000, blank=True)
    shipment_ref = models.CharField(
        max_length=100, blank=True, help_text="The carrier's name of the shipment whose label is bought."
    )
    pickup_code = models.CharField(max_length=10, blank=True)
    packed_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    estimated_on = models.DateField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in ParcelState]), name="parcel_state"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=NOT_LEFT) | models.Q(dispatched_at__isnull=False),
                name="parcel_left_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ParcelState.DELIVERED.value) | models.Q(delivered_at__isnull=False),
                name="parcel_delivered_has_moment",
            ),
            models.UniqueConstraint(
                fields=("carrier", "tracking_code"),
                condition=~models.Q(tracking_code=""),
                name="parcel_tracking_code_unique",
            ),
        )

    def follow(self, stand: Stand) -> None:
        """Take over what the tracking events say together. The caller holds the order's lock and saves."""
        self.state = stand.state
        self.delivered_at = stand.delivered_at
        self.estimated_on = stand.estimated_on or self.estimated_on


class ParcelLine(models.Model):
    """So many units of an order's line in a parcel."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="lines", db_index=False)
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="parcel_lines")
    quantity = models.IntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("parcel", "order_line"), name="parcelline_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="parcelline_quantity_positive"),
        )


class TrackingEvent(AppendOnly):
    """A fact about what carries this carrier's tracking code; the same fact told twice is one row.

    What happens in our own hands has the carrier `house` and the parcel's public id as its code. `state` is empty for
    what changes none; `doubt` says why it is kept and not believed (`rules.Doubt`).
    """

    carrier = models.CharField(max_length=50)
    tracking_code = models.CharField(max_length=100)
    code = models.CharField(max_length=100, help_text="The carrier's own word for it.")
    state = models.CharField(max_length=20, blank=True, choices=_STATES)
    happened_at = models.DateTimeField()
    text = models.CharField(max_length=500, blank=True, help_text="What the carrier wrote beside it.")
    place = models.CharField(max_length=200, blank=True)
    estimated_on = models.DateField(null=True)
    doubt = models.CharField(max_length=10, blank=True, choices=_DOUBTS)
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=100)
    told_at = models.DateTimeField()

    class Meta:
        ordering = ("happened_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=["", *(state.value for state in ParcelState)]),
                name="trackingevent_state",
            ),
            models.CheckConstraint(
                condition=models.Q(doubt__in=[doubt.value for doubt in Doubt]), name="trackingevent_doubt"
            ),
            models.UniqueConstraint(
                fields=("carrier", "tracking_code", "code", "happened_at"), name="trackingevent_once"
            ),
        )
