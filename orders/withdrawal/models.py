"""Withdrawals: what a buyer is about to state, and the receipt of what she stated."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from config.kernel.actors import Actor
from config.kernel.ids import new_id
from config.kernel.models import AppendOnly
from config.kernel.states import Lifecycle
from orders.agreement.models import Order
from orders.returns.models import Return


class WithdrawalState(models.TextChoices):
    """How far the statement has come."""

    DRAFTED = "drafted"  # first step: she sees what it would say; nothing is stated
    CONFIRMED = "confirmed"  # second step: it is stated, and receipted
    CARRIED_OUT = "carried_out"  # what follows from it has begun


WITHDRAWAL_LIFE = Lifecycle(
    states=WithdrawalState,
    initial=WithdrawalState.DRAFTED,
    moves={
        WithdrawalState.DRAFTED: frozenset({WithdrawalState.CONFIRMED}),
        WithdrawalState.CONFIRMED: frozenset({WithdrawalState.CARRIED_OUT}),
    },
)


class WithdrawalEffect(models.TextChoices):
    """What follows from a statement."""

    CANCELLED = "cancelled"  # nothing had left: the order is cancelled
    GOODS_RETURN = "goods_return"  # what left comes back
    BOTH = "both"  # what left comes back; staff keeps back what has not left
    NOTHING = "nothing"  # it was stated too late, twice, or of what is excluded; the receipt says so
    BY_HAND = (
        "by_hand"  # no such order, another's address, or a part of the order must stand: somebody looks at it
    )


class Withdrawal(models.Model):
    """One statement by which somebody withdraws from a contract (directive 2011/83/EU, article 11a).

    `order` is empty when no order is known by what she wrote; nobody is told. A draft that is never confirmed states
    nothing. The receipt is the history of the first move, the order's own rows that of the second.
    """

    personal: ClassVar[tuple[str, ...]] = ("name", "email")

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="withdrawals")
    order_number = models.CharField(max_length=40, help_text="As she wrote it, or the order's own.")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    locale = models.CharField(max_length=20)
    by_number = models.BooleanField(
        default=False, help_text="She came with the order's number and her address, not with its secret."
    )
    state = models.CharField(max_length=20, choices=WithdrawalState.choices, default=WithdrawalState.DRAFTED)
    effect = models.CharField(max_length=20, blank=True, choices=WithdrawalEffect.choices)
    goods_return = models.ForeignKey(Return, on_delete=models.PROTECT, null=True, related_name="withdrawals")
    drafted_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    carried_out_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            WITHDRAWAL_LIFE.constraint("withdrawal_state"),
            models.CheckConstraint(
                condition=models.Q(state=WithdrawalState.DRAFTED) | models.Q(confirmed_at__isnull=False),
                name="withdrawal_confirmed_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=WithdrawalState.CARRIED_OUT)
                | (models.Q(carried_out_at__isnull=False) & ~models.Q(effect="")),
                name="withdrawal_carried_out_has_effect",
            ),
        )

    def confirm(self, *, now: datetime) -> None:
        """It is stated. The caller holds its lock, and writes the receipt. Errors: IllegalMove."""
        WITHDRAWAL_LIFE.require(now_in=self.state, to=WithdrawalState.CONFIRMED)
        self.state, self.confirmed_at = WithdrawalState.CONFIRMED, now
        self.save(update_fields=["state", "confirmed_at"])

    def carry_out(self, *, effect: WithdrawalEffect, goods_return: Return | None, now: datetime) -> None:
        """What follows from it has begun. The caller holds its lock. Errors: IllegalMove."""
        WITHDRAWAL_LIFE.require(now_in=self.state, to=WithdrawalState.CARRIED_OUT)
        self.state, self.carried_out_at = WithdrawalState.CARRIED_OUT, now
        self.effect, self.goods_return = effect, goods_return
        self.save(update_fields=["state", "carried_out_at", "effect", "goods_return"])


class WithdrawalReceipt(AppendOnly):
    """The statement as it was made: its content, its date and its time, which the buyer gets on a durable medium.

    `content` is what she stated, as text in her language; `covers` is `[{"name", "quantity"}, ...]` where the order
    is known.
    """

    personal: ClassVar[tuple[str, ...]] = ("content", "actor_ref")

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    withdrawal = models.OneToOneField(Withdrawal, on_delete=models.PROTECT, related_name="receipt")
    content = models.TextField()
    covers = models.JSONField()
    stated_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=100)


def actor_columns(by: Actor) -> dict[str, str]:
    """The columns that say who stated it."""
    return {"actor_kind": by.kind, "actor_ref": by.ref}
