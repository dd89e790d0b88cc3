"""Returns: what a buyer sends back, how far it has come, and what was credited for it."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from config.kernel.actors import Actor
from config.kernel.ids import new_id
from config.kernel.models import AppendOnly
from config.kernel.states import Lifecycle
from orders.agreement.models import Order, OrderLine, step_actor
from orders.locations.models import Location
from orders.returns.rules import ReturnReason, ReturnRight


class ReturnState(models.TextChoices):
    """How far the goods have come back."""

    ANNOUNCED = "announced"  # the buyer says they are coming
    RECEIVED = "received"  # they are here and were looked at; what can be sold again is in stock
    CREDITED = "credited"  # what they are worth was decided, and is given back


RETURN_LIFE = Lifecycle(
    states=ReturnState,
    initial=ReturnState.ANNOUNCED,
    moves={
        ReturnState.ANNOUNCED: frozenset({ReturnState.RECEIVED}),
        ReturnState.RECEIVED: frozenset({ReturnState.CREDITED}),
    },
)


class Return(models.Model):
    """Units of one order on their way back. The order's row is its lock.

    `location` is where they are to go, and from their arrival where they are. `label_code` is written on the box:
    whoever holds the box may receive it. `by_right` is what was promised when the return was announced. `credited_*`
    are what is given back, goods and delivery together, after `deducted_minor` for lost value; empty until then.
    `refunded_at` is when the money was on its way.
    """

    personal: ClassVar[tuple[str, ...]] = ("reason", "deduction_reason")

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="returns")
    state = models.CharField(max_length=20, choices=ReturnState.choices, default=ReturnState.ANNOUNCED)
    label_code = models.CharField(max_length=20)
    by_right = models.CharField(max_length=20, choices=[(right.value, right.value) for right in ReturnRight])
    reason = models.CharField(max_length=1000, blank=True)
    announced_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    credited_at = models.DateTimeField(null=True)
    credited_gross_minor = models.BigIntegerField(null=True)
    credited_delivery_minor = models.BigIntegerField(null=True)
    deducted_minor = models.BigIntegerField(default=0)
    deduction_reason = models.CharField(max_length=1000, blank=True)
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            RETURN_LIFE.constraint("return_state"),
            models.UniqueConstraint(fields=("label_code",), name="return_label_unique"),
            models.CheckConstraint(
                condition=models.Q(by_right__in=[right.value for right in ReturnRight]), name="return_right"
            ),
            models.CheckConstraint(
                condition=models.Q(deducted_minor=0)
                | (models.Q(deducted_minor__gt=0) & ~models.Q(deduction_reason="")),
                name="return_deduction_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(refunded_at__isnull=True) | models.Q(state=ReturnState.CREDITED),
                name="return_refunded_when_credited",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ReturnState.ANNOUNCED) | models.Q(received_at__isnull=False),
                name="return_received_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ReturnState.CREDITED)
                | models.Q(
                    credited_at__isnull=False, credited_gross_minor__gte=0, credited_delivery_minor__gte=0
                ),
                name="return_credited_has_sum",
            ),
        )

    def receive(self, *, location: Location, by: Actor, now: datetime) -> None:
        """The goods are at `location`. The caller holds the order's lock. Errors: IllegalMove."""
        self.received_at, self.location = now, location
        self._move(ReturnState.RECEIVED, fields=["received_at", "location"], by=by, now=now)

    def credit(
        self,
        *,
        gross_minor: int,
        delivery_minor: int,
        deducted_minor: int,
        deduction_reason: str,
        by: Actor,
        now: datetime,
    ) -> None:
        """The buyer is credited `gross_minor`, of which `delivery_minor` for the outbound delivery.

        The caller holds the order's lock. Errors: IllegalMove.
        """
        self.credited_at = now
        self.credited_gross_minor, self.credited_delivery_minor = gross_minor, delivery_minor
        self.deducted_minor, self.deduction_reason = deducted_minor, deduction_reason
        fields = [
            "credited_at",
            "credited_gross_minor",
            "credited_delivery_minor",
            "deducted_minor",
            "deduction_reason",
        ]
        self._move(ReturnState.CREDITED, fields=fields, by=by, now=now)

    def _move(self, to: ReturnState, *, fields: list[str], by: Actor, now: datetime) -> None:
        RETURN_LIFE.require(now_in=self.state, to=to)
        self.state = to
        self.save(update_fields=["state", *fields])
        ReturnStep.objects.create(goods_return=self, state=to, moved_at=now, **step_actor(by))


class ReturnLine(models.Model):
    """So many units of an order's line that come back, and what was found when they came.

    `sellable` and `damaged` are empty until somebody looked; what is missing to `quantity` did not arrive.
    """

    personal: ClassVar[tuple[str, ...]] = ("comment", "note")

    goods_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="lines", db_index=False)
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="return_lines")
    quantity = models.IntegerField()
    reason = models.CharField(
        max_length=20, blank=True, choices=[(reason.value, reason.value) for reason in ReturnReason]
    )
    comment = models.CharField(max_length=1000, blank=True, help_text="The buyer's own words.")
    sellable = models.IntegerField(null=True)
    damaged = models.IntegerField(null=True)
    note = models.CharField(max_length=1000, blank=True, help_text="What the clerk saw.")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("goods_return", "order_line"), name="returnline_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="returnline_quantity_positive"),
            models.CheckConstraint(
                condition=models.Q(sellable__isnull=True, damaged__isnull=True)
                | models.Q(
                    sellable__gte=0,
                    damaged__gte=0,
                    quantity__gte=models.F("sellable") + models.F("damaged"),
                ),
                name="returnline_found_within_announced",
            ),
        )

    @property
    def accepted(self) -> int:
        """Units that arrived, in whatever condition; all that were announced until somebody looked."""
        return self.quantity if self.sellable is None else self.sellable + (self.damaged or 0)


class ReturnStep(AppendOnly):
    """The return reached this state: when, and by whom."""

    goods_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="steps", db_index=False)
    state = models.CharField(max_length=20, choices=ReturnState.choices)
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    actor_store = models.CharField(max_length=50)
    moved_at = models.DateTimeField()

    class Meta:
        constraints = (
            RETURN_LIFE.constraint("returnstep_state"),
            models.UniqueConstraint(fields=("goods_return", "state"), name="returnstep_once"),
        )
