"""The order: frozen lines, deliveries and totals; its state and the history of that state.

Everything a buyer agreed to is a copy: names, options, prices, tax rates and the address outlive the product,
the price list and the customer's erasure. Nothing here is computed again later.
"""

from datetime import datetime
from typing import ClassVar

from django.db import models

from config.kernel.actors import Actor
from config.kernel.db import add_rows, store_fields
from config.kernel.ids import new_id
from config.kernel.models import AppendOnly
from config.kernel.states import Lifecycle
from orders.locations.models import Location


class OrderState(models.TextChoices):
    """How far the promise has come (`decisions.md`, "Secured, then paid")."""

    PENDING_PAYMENT = "pending_payment"  # agreed, the money is not secured yet
    CONFIRMED = "confirmed"  # the whole sum is secured or an invoice accepted; goods may leave
    COMPLETED = "completed"  # everything that was agreed has left
    CANCELLED = "cancelled"  # nothing of it will happen; `cancel_reason` says why


ORDER_LIFE = Lifecycle(
    states=OrderState,
    initial=OrderState.PENDING_PAYMENT,
    moves={
        OrderState.PENDING_PAYMENT: frozenset({OrderState.CONFIRMED, OrderState.CANCELLED}),
        OrderState.CONFIRMED: frozenset({OrderState.COMPLETED, OrderState.CANCELLED}),
    },
)


class CancelReason(models.TextChoices):
    """Why nothing of an order will happen."""

    EXPIRED = "expired"  # the money was not secured in time
    BY_BUYER = "by_buyer"
    BY_STAFF = "by_staff"


class Order(models.Model):
    """What one cart became. The row is the lock for everything that happens to the order afterwards.

    `number` is for people; it is random, so that it neither opens anything nor counts the day's sales.
    `buyer_ref` is the signed-in shopper, `customer_ref` the customer record, known a moment after the order. An order
    whose money is not secured by `pay_by` is cancelled.
    """

    personal: ClassVar[tuple[str, ...]] = ("email", "name", "phone", "buyer_ref", "customer_ref")

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    number = models.CharField(max_length=20)
    cart_ref = models.UUIDField()
    channel = models.CharField(max_length=50)
    currency = models.CharField(max_length=3)
    country = models.CharField(max_length=2, help_text="Where the goods go, and whose tax rates hold.")
    locale = models.CharField(max_length=20, help_text="The buyer's language, BCP 47.")
    email = models.EmailField()
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    buyer_ref = models.UUIDField(null=True, db_index=True)
    customer_ref = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=20, choices=OrderState.choices, default=OrderState.PENDING_PAYMENT)
    total_gross_minor = models.BigIntegerField()
    total_tax_minor = models.BigIntegerField()
    placed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    pay_by = models.DateTimeField(
        null=True, help_text="Empty when the money was secured by placing the order."
    )
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=20, choices=CancelReason.choices, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("pay_by",),
                condition=models.Q(state=OrderState.PENDING_PAYMENT),
                name="order_to_be_paid_by",
            ),
        )
        constraints = (
            ORDER_LIFE.constraint("order_state"),
            models.UniqueConstraint(fields=("number",), name="order_number_unique"),
            models.UniqueConstraint(fields=("cart_ref",), name="order_cart_unique"),
            models.CheckConstraint(
                condition=models.Q(total_gross_minor__gte=0, total_tax_minor__gte=0),
                name="order_totals_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=(OrderState.PENDING_PAYMENT, OrderState.CANCELLED))
                | models.Q(confirmed_at__isnull=False),
                name="order_confirmed_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True, cancel_reason="")
                & ~models.Q(state=OrderState.CANCELLED)
                | models.Q(
                    state=OrderState.CANCELLED,
                    cancelled_at__isnull=False,
                    cancel_reason__in=CancelReason.values,
                ),
                name="order_cancelled_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=OrderState.COMPLETED) | models.Q(completed_at__isnull=False),
                name="order_completed_has_moment",
            ),
        )

    def __str__(self) -> str:
        return self.number

    def begin_confirmed(self, *, now: datetime) -> None:
        """Its money is secured by placing it. The caller saves it for the first time, with the steps of its history.

        Errors: IllegalMove.
        """
        ORDER_LIFE.require(now_in=self.state, to=OrderState.CONFIRMED)
        self.state, self.confirmed_at = OrderState.CONFIRMED, now

    def confirm(self, *, by: Actor, now: datetime) -> None:
        """The money is secured. The caller holds the order's lock. Errors: IllegalMove."""
        self.confirmed_at = now
        self._move(OrderState.CONFIRMED, fields=["confirmed_at"], by=by, now=now)

    def complete(self, *, by: Actor, now: datetime) -> None:
        """Everything has left. The caller holds the order's lock. Errors: IllegalMove."""
        self.completed_at = now
        self._move(OrderState.COMPLETED, fields=["completed_at"], by=by, now=now)

    def cancel(self, *, reason: CancelReason, by: Actor, now: datetime) -> None:
        """Nothing of it will happen. The caller holds the order's lock and frees stock and money.

        Errors: IllegalMove.
        """
        self.cancelled_at, self.cancel_reason = now, reason
        self._move(OrderState.CANCELLED, fields=["cancelled_at", "cancel_reason"], by=by, now=now)

    def _move(self, to: OrderState, *, fields: list[str], by: Actor, now: datetime) -> None:
        ORDER_LIFE.require(now_in=self.state, to=to)
        self.state = to
        store_fields(self, "state", *fields)
        add_rows([OrderStep(order=self, state=to, moved_at=now, **step_actor(by))])


class OrderDelivery(models.Model):
    """Lines that travel together: the option chosen, its price, the promise made, from where and to where."""

    personal: ClassVar[tuple[str, ...]] = ("address",)

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="deliveries")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="deliveries")
    pickup_at = models.ForeignKey(
        Location,
        null=True,
        on_delete=models.PROTECT,
        related_name="pickups",
        help_text="Where the buyer fetches the goods herself; empty when they are brought to her.",
    )
    option = models.CharField(max_length=50)
    kind = models.CharField(max_length=20, default="home", help_text="orders.delivery.rules.DeliveryKind")
    label = models.CharField(max_length=200)
    address = models.JSONField(help_text="Copy of the PostalAddress the goods go to.")
    gross_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4, help_text="0.2550 is 25.5 %.")
    standard_gross_minor = models.BigIntegerField(
        default=0,
        help_text="What the least expensive delivery to the buyer would have cost: all that a withdrawal gives back.",
    )
    promised_from_on = models.DateField()
    promised_until_on = models.DateField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(gross_minor=models.F("net_minor") + models.F("tax_minor")),
                name="orderdelivery_sums",
            ),
            models.CheckConstraint(
                condition=models.Q(promised_until_on__gte=models.F("promised_from_on")),
                name="orderdelivery_promise",
            ),
        )


class OrderLine(models.Model):
    """So many units of one thing at the price agreed. `added_by` names the clerk who added it, if one did."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines", db_index=False)
    delivery = models.ForeignKey(OrderDelivery, on_delete=models.PROTECT, related_name="lines")
    position = models.SmallIntegerField()
    cart_line_ref = models.UUIDField()
    sku = models.CharField(max_length=64)
    name = models.TextField()
    options = models.JSONField(help_text="[[label, value], ...] as the buyer read them.")
    quantity = models.IntegerField()
    unit_gross_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4, help_text="0.2550 is 25.5 %.")
    added_by = models.CharField(max_length=200, blank=True)
    unit_weight_g = models.IntegerField(
        null=True, help_text="What the catalogue said; empty: it said nothing."
    )
    withdrawal_excluded = models.CharField(
        max_length=64,
        blank=True,
        help_text="Why it cannot be sent back, as a code (custom_made); empty: it can.",
    )

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("order", "position"), name="orderline_position_unique"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="orderline_quantity_positive"),
            models.CheckConstraint(
                condition=models.Q(gross_minor=models.F("net_minor") + models.F("tax_minor")),
                name="orderline_sums",
            ),
        )


class OrderStep(AppendOnly):
    """The order reached this state: when, and by whom."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps", db_index=False)
    state = models.CharField(max_length=20, choices=OrderState.choices)
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    actor_store = models.CharField(max_length=50)
    moved_at = models.DateTimeField()

    class Meta:
        constraints = (
            ORDER_LIFE.constraint("orderstep_state"),
            models.UniqueConstraint(fields=("order", "state"), name="orderstep_once"),
        )


def step_actor(by: Actor) -> dict[str, str]:
    """The columns that name an actor in a history row."""
    return {"actor_kind": by.kind, "actor_ref": by.ref, "actor_label": by.label, "actor_store": by.store}
