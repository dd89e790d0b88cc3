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


class ReturnState(models.TextChoices):
    """How far the goods have come back."""

    ANNOUNCED = "announced"  # the buyer says they are coming
    RECEIVED = "received"  # they are here and in stock again
    CREDITED = "credited"  # the buyer has a credit note


RETURN_LIFE = Lifecycle(
    states=ReturnState,
    initial=ReturnState.ANNOUNCED,
    moves={
        ReturnState.ANNOUNCED: frozenset({ReturnState.RECEIVED}),
        ReturnState.RECEIVED: frozenset({ReturnState.CREDITED}),
    },
)


class Return(models.Model):
    """Units of one order on their way back to one location. The order's row is its lock.

    `credited_*` are what the credit note says, goods and delivery together; empty until then.
    """

    personal: ClassVar[tuple[str, ...]] = ("reason",)

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="returns")
    state = models.CharField(max_length=20, choices=ReturnState.choices, default=ReturnState.ANNOUNCED)
    reason = models.CharField(max_length=1000, blank=True)
    announced_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    credited_at = models.DateTimeField(null=True)
    credited_gross_minor = models.BigIntegerField(null=True)
    credited_delivery_minor = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            RETURN_LIFE.constraint("return_state"),
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

    def receive(self, *, by: Actor, now: datetime) -> None:
        """The goods are here. The caller holds the order's lock. Errors: IllegalMove."""
        self.received_at = now
        self._move(ReturnState.RECEIVED, fields=["received_at"], by=by, now=now)

    def credit(self, *, gross_minor: int, delivery_minor: int, by: Actor, now: datetime) -> None:
        """The buyer is credited `gross_minor`, of which `delivery_minor` for the outbound delivery.

        The caller holds the order's lock. Errors: IllegalMove.
        """
        self.credited_at = now
        self.credited_gross_minor, self.credited_delivery_minor = gross_minor, delivery_minor
        fields = ["credited_at", "credited_gross_minor", "credited_delivery_minor"]
        self._move(ReturnState.CREDITED, fields=fields, by=by, now=now)

    def _move(self, to: ReturnState, *, fields: list[str], by: Actor, now: datetime) -> None:
        RETURN_LIFE.require(now_in=self.state, to=to)
        self.state = to
        self.save(update_fields=["state", *fields])
        ReturnStep.objects.create(goods_return=self, state=to, moved_at=now, **step_actor(by))


class ReturnLine(models.Model):
    """So many units of an order's line that come back."""

    goods_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="return_lines")
    quantity = models.IntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("goods_return", "order_line"), name="returnline_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="returnline_quantity_positive"),
        )


class ReturnStep(AppendOnly):
    """The return reached this state: when, and by whom."""

    goods_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="steps")
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
