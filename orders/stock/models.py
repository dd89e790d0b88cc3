"""Stock levels with their ledger, and the reservations that make a part of them untouchable.

`on_hand` is the sum of the level's movements and `reserved` the open rest of its reservations; both are kept on
the row because it is what gets locked, and both are compared with their ledgers by the invariants I1 and I2.
"""

from django.db import models
from django.db.models.functions import Lower

from config.kernel.ids import new_id
from config.kernel.models import AppendOnly
from config.kernel.states import Lifecycle
from orders.locations.models import Location


class StockLevel(models.Model):
    """The units of one SKU at one location. `revision` grows with every change, so news of it can be compared."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    sku = models.CharField(max_length=64, db_index=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="levels")
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    revision = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint("location", Lower("sku"), name="stocklevel_sku_unique"),
            models.CheckConstraint(
                condition=models.Q(on_hand__gte=0), name="stocklevel_on_hand_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0), name="stocklevel_reserved_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(reserved__lte=models.F("on_hand")),
                name="stocklevel_reserved_within_on_hand",
            ),
        )

    def __str__(self) -> str:
        return f"{self.sku} at {self.location_id}"

    @property
    def available(self) -> int:
        """Units that can still be promised."""
        return self.on_hand - self.reserved


class MovementKind(models.TextChoices):
    """Why units came or went."""

    RECEIVED = "received"  # a supplier's delivery, or the opening balance
    COUNTED = "counted"  # the difference that a count found
    DISPATCHED = "dispatched"  # left in a parcel
    RETURNED = "returned"  # came back from a buyer
    WRITTEN_OFF = "written_off"  # came back and cannot be sold again


class StockMovement(AppendOnly):
    """Units that came to a level or left it. `about_ref` is the parcel or return that moved them, if any."""

    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=20, choices=MovementKind.choices)
    delta = models.IntegerField()
    about_ref = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=100)
    moved_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=MovementKind.values), name="stockmovement_kind"
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(kind__in=(MovementKind.RECEIVED, MovementKind.RETURNED), delta__gt=0)
                    | models.Q(kind__in=(MovementKind.DISPATCHED, MovementKind.WRITTEN_OFF), delta__lt=0)
                    | (models.Q(kind=MovementKind.COUNTED) & ~models.Q(delta=0))
                ),
                name="stockmovement_sign",
            ),
            models.UniqueConstraint(
                fields=("level", "kind", "about_ref"),
                condition=models.Q(about_ref__isnull=False),
                name="stockmovement_once",
            ),
        )


class ReservationState(models.TextChoices):
    """Whether a reservation still keeps units back."""

    ACTIVE = "active"  # `quantity - taken` units wait for their parcel
    FULFILLED = "fulfilled"  # all of them left
    RELEASED = "released"  # those that had not left can be promised to others again


RESERVATION_LIFE = Lifecycle(
    states=ReservationState,
    initial=ReservationState.ACTIVE,
    moves={
        ReservationState.ACTIVE: frozenset({ReservationState.FULFILLED, ReservationState.RELEASED}),
    },
)


class Reservation(models.Model):
    """Units of one level kept for one order, summed over its lines; `taken` of them have left already.

    Until the order is confirmed it is a hold with an end, `held_until`; whoever finds it lapsed may cancel the order.
    `order_ref` is the order's public id: stock comes before the agreement and does not know it.
    """

    order_ref = models.UUIDField()
    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="reservations")
    quantity = models.IntegerField()
    taken = models.IntegerField(default=0)
    state = models.CharField(max_length=20, choices=ReservationState.choices, default=ReservationState.ACTIVE)
    reserved_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("held_until",),
                condition=models.Q(state=ReservationState.ACTIVE, held_until__isnull=False),
                name="reservation_held",
            ),
        )
        constraints = (
            RESERVATION_LIFE.constraint("reservation_state"),
            models.UniqueConstraint(fields=("order_ref", "level"), name="reservation_once_per_order"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, taken__gte=0), name="reservation_quantities"
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(state=ReservationState.ACTIVE, taken__lt=models.F("quantity"))
                    | models.Q(state=ReservationState.FULFILLED, taken=models.F("quantity"))
                    | models.Q(state=ReservationState.RELEASED, taken__lt=models.F("quantity"))
                ),
                name="reservation_fulfilled_when_taken",
            ),
        )

    @property
    def remaining(self) -> int:
        """Units that still wait for their parcel."""
        return self.quantity - self.taken

    def take(self, units: int) -> None:
        """That many of the units leave; the level's movement is this move's history row. The caller saves.

        Errors: ValueError when fewer wait; IllegalMove when all have left.
        """
        if units > self.remaining:
            raise ValueError(f"{units} units taken where {self.remaining} are reserved")
        if units == self.remaining:
            RESERVATION_LIFE.require(now_in=self.state, to=ReservationState.FULFILLED)
            self.state = ReservationState.FULFILLED
        self.taken += units

    def release(self) -> None:
        """What has not left is free again; the level's revision tells of it. The caller saves. Errors: IllegalMove."""
        RESERVATION_LIFE.require(now_in=self.state, to=ReservationState.RELEASED)
        self.state = ReservationState.RELEASED
