"""Attempts to secure an order's sum, what the provider shall do, the ledger of what was settled, and its documents.

The ledger is signed minor units, append-only; every balance is its sum.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models

from config.kernel.ids import new_id
from config.kernel.models import AppendOnly
from config.kernel.states import Lifecycle
from orders.agreement.models import Order
from orders.payment.folding import is_dispute_news
from orders.payment.ports import DisputeSeen, DisputeStatus


class AttemptState(models.TextChoices):
    """What is known about one attempt to secure the sum."""

    PENDING = "pending"  # asked for, not answered yet
    REQUIRES_ACTION = "requires_action"  # the buyer must do something
    SECURED = "secured"  # the whole sum is authorised, captured, or accepted as an invoice
    FAILED = "failed"  # her bank or she said no; she may still succeed with the same intent
    CANCELLED = "cancelled"  # we want it no more: what comes of it nevertheless is given back


ATTEMPT_LIFE = Lifecycle(
    states=AttemptState,
    initial=AttemptState.PENDING,
    moves={
        AttemptState.PENDING: frozenset(
            {
                AttemptState.REQUIRES_ACTION,
                AttemptState.SECURED,
                AttemptState.FAILED,
                AttemptState.CANCELLED,
            }
        ),
        AttemptState.REQUIRES_ACTION: frozenset(
            {AttemptState.SECURED, AttemptState.FAILED, AttemptState.CANCELLED}
        ),
        AttemptState.FAILED: frozenset({AttemptState.SECURED, AttemptState.CANCELLED}),
        AttemptState.SECURED: frozenset({AttemptState.CANCELLED}),
    },
)
LIVE_ATTEMPTS = (AttemptState.PENDING, AttemptState.REQUIRES_ACTION, AttemptState.SECURED)
OPEN_ATTEMPTS = (AttemptState.PENDING, AttemptState.REQUIRES_ACTION, AttemptState.FAILED)


def provider_key(public_id: UUID, burnt: int) -> str:
    """The key under which the provider is asked, after so many keys to which it answers an error for ever."""
    return f"{public_id}-{burnt}" if burnt else str(public_id)


class PaymentAttempt(models.Model):
    """One try to secure the order's sum by one method; an order has at most one that is live.

    `provider_ref`, `provider_status` and `captured_minor` are what the provider said last.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="attempts")
    method = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20, choices=AttemptState.choices, default=AttemptState.PENDING)
    provider_ref = models.CharField(max_length=100, null=True, unique=True)
    provider_status = models.CharField(max_length=20, blank=True)
    captured_minor = models.BigIntegerField(default=0, help_text="What the provider says it has taken.")
    captures_in_parts = models.BooleanField(default=False)
    failure = models.CharField(max_length=100, blank=True, help_text="The provider's word for why it failed.")
    burnt_keys = models.SmallIntegerField(
        default=0, help_text="Keys to which the provider answers an error for ever."
    )
    asked_at = models.DateTimeField()
    secured_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True, help_text="When the provider was heard last.")

    class Meta:
        indexes = (
            models.Index(
                fields=("asked_at",), condition=models.Q(state__in=OPEN_ATTEMPTS), name="paymentattempt_open"
            ),
        )
        constraints = (
            ATTEMPT_LIFE.constraint("paymentattempt_state"),
            models.UniqueConstraint(
                fields=("order",), condition=models.Q(state__in=LIVE_ATTEMPTS), name="paymentattempt_one_live"
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gte=0), name="paymentattempt_amount"),
            models.CheckConstraint(
                condition=models.Q(captured_minor__gte=0, captured_minor__lte=models.F("amount_minor")),
                name="paymentattempt_captured_within_amount",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=AttemptState.SECURED) | models.Q(secured_at__isnull=False),
                name="paymentattempt_secured_has_moment",
            ),
        )

    @property
    def key(self) -> str:
        """The provider's idempotency key: always the same, until the provider breaks on it."""
        return provider_key(self.public_id, self.burnt_keys)

    def move(self, to: AttemptState, *, now: datetime) -> None:
        """It becomes `to`. The caller holds the order's lock and saves; audit and ledger are this move's history.

        Errors: IllegalMove.
        """
        ATTEMPT_LIFE.require(now_in=self.state, to=to)
        self.state = to
        if to == AttemptState.SECURED:
            self.secured_at = now


class EntryKind(models.TextChoices):
    """What an entry of the ledger says."""

    INVOICED = "invoiced"  # the buyer owes this (positive)
    CREDITED = "credited"  # she owes so much less (negative, or nothing for what was free)
    CAPTURED = "captured"  # the provider took this from her (positive)
    REFUNDED = "refunded"  # the provider gave this back (negative)
    DISPUTED = "disputed"  # her bank took this back (negative)
    REINSTATED = "reinstated"  # her bank found for us: it is ours again (positive)


TO_US = (EntryKind.INVOICED, EntryKind.CAPTURED, EntryKind.REINSTATED)
TO_HER = (EntryKind.CREDITED, EntryKind.REFUNDED, EntryKind.DISPUTED)


class PaymentEntry(AppendOnly):
    """One fact of the ledger.

    `about_ref` is the parcel that a capture pays, the return that money goes back for, or the dispute.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="entries")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    about_ref = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=100)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=(
                    models.Q(kind__in=TO_US, amount_minor__gte=0)
                    | models.Q(kind__in=TO_HER, amount_minor__lte=0)
                ),
                name="paymententry_sign",
            ),
            models.UniqueConstraint(
                fields=("kind", "about_ref"),
                condition=models.Q(about_ref__isnull=False),
                name="paymententry_once",
            ),
        )


class OperationKind(models.TextChoices):
    """What we want the provider to do with an attempt's money."""

    CAPTURE = "capture"  # take a part of what is authorised
    REFUND = "refund"  # give back a part of what was taken
    RELEASE = "release"  # nothing of the attempt shall remain: cancel it, and give back what was taken


class OperationState(models.TextChoices):
    """Whether the provider has done it."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"  # it said no; somebody must look at it


OPERATION_LIFE = Lifecycle(
    states=OperationState,
    initial=OperationState.PENDING,
    moves={OperationState.PENDING: frozenset({OperationState.DONE, OperationState.FAILED})},
)


class PaymentOperation(models.Model):
    """Something that the provider shall do, written in the transaction that decides it and done by a job afterwards.

    Its key is made of its public id, so it may be asked for as often as needed. `final`: a capture after
    which the rest is released.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="operations")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="operations")
    kind = models.CharField(max_length=20, choices=OperationKind.choices)
    amount_minor = models.BigIntegerField(default=0, help_text="Nothing for a release: whatever there is.")
    final = models.BooleanField(default=False)
    about_ref = models.UUIDField(null=True)
    state = models.CharField(max_length=20, choices=OperationState.choices, default=OperationState.PENDING)
    provider_ref = models.CharField(max_length=100, null=True, unique=True)
    failure = models.CharField(max_length=100, blank=True)
    burnt_keys = models.SmallIntegerField(
        default=0, help_text="Keys to which the provider answers an error for ever."
    )
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(
                fields=("asked_at",),
                condition=models.Q(state=OperationState.PENDING),
                name="paymentoperation_pending",
            ),
        )
        constraints = (
            OPERATION_LIFE.constraint("paymentoperation_state"),
            models.CheckConstraint(
                condition=models.Q(kind=OperationKind.RELEASE, amount_minor=0)
                | models.Q(kind__in=(OperationKind.CAPTURE, OperationKind.REFUND), amount_minor__gt=0),
                name="paymentoperation_kind",
            ),
            models.UniqueConstraint(
                fields=("kind", "about_ref"),
                condition=models.Q(about_ref__isnull=False) & ~models.Q(state=OperationState.FAILED),
                name="paymentoperation_once",
            ),
            models.UniqueConstraint(
                fields=("attempt",),
                condition=models.Q(kind=OperationKind.RELEASE),
                name="paymentoperation_one_release",
            ),
        )

    @property
    def key(self) -> str:
        """The provider's idempotency key: always the same, until the provider breaks on it."""
        return provider_key(self.public_id, self.burnt_keys)

    def end(self, to: OperationState, *, failure: str = "", now: datetime) -> None:
        """The provider did it or said no; the ledger's entry is this move's history row. The caller saves.

        Errors: IllegalMove.
        """
        OPERATION_LIFE.require(now_in=self.state, to=to)
        self.state, self.failure, self.done_at = to, failure, now


class Dispute(models.Model):
    """A payment that the buyer's bank takes back, or asks about, as the provider showed it last.

    `state` is the provider's (`orders.payment.ports.DisputeStatus`), so it has no life of its own here. What was taken
    and came again stands in the ledger, about this row's public id.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="disputes")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="disputes")
    provider_ref = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField(help_text="What it is about.")
    taken_minor = models.BigIntegerField(default=0, help_text="What was taken from us for it, in all.")
    returned_minor = models.BigIntegerField(default=0, help_text="What came to us again.")
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=100, help_text="The provider's word for it.")
    evidence_due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    checked_at = models.DateTimeField(help_text="When the provider was heard last.")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[status.value for status in DisputeStatus]), name="dispute_state"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=0, taken_minor__gte=0, returned_minor__gte=0),
                name="dispute_amounts",
            ),
        )

    def follow(self, seen: DisputeSeen) -> bool:
        """It stands as the provider showed it, unless more is known; whether that is news. The caller saves."""
        before = (self.state, self.evidence_due_at)
        if is_dispute_news(seen=seen.status, known=self.state):
            self.state, self.evidence_due_at = seen.status, seen.evidence_due_at
        return before != (self.state, self.evidence_due_at)


class MessageState(models.TextChoices):
    """What became of a provider's message."""

    RECEIVED = "received"  # verified and stored; a job looks at it
    FOLDED = "folded"  # what the provider says of the intent is in our rows
    IGNORED = "ignored"  # of a kind that says nothing to us
    UNMATCHED = "unmatched"  # about an intent that is not ours, or not yet


MESSAGE_LIFE = Lifecycle(
    states=MessageState,
    initial=MessageState.RECEIVED,
    moves={
        MessageState.RECEIVED: frozenset({MessageState.FOLDED, MessageState.IGNORED, MessageState.UNMATCHED}),
        MessageState.UNMATCHED: frozenset({MessageState.FOLDED}),
    },
)


class ProviderMessage(models.Model):
    """A webhook as it came: the one inbox of the orders, for providers of payments and carriers alike.

    A payment provider's message is only a hint: what is true is what it answers when it is asked. `event_ref` is the
    sender's name for it, or the digest of a message without one.
    """

    personal: ClassVar[tuple[str, ...]] = ("body",)

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    provider = models.CharField(max_length=50, default="stripe")
    event_ref = models.CharField(max_length=100)
    kind = models.CharField(max_length=100)
    intent_ref = models.CharField(max_length=100, blank=True)
    attempt_ref = models.UUIDField(null=True, help_text="The attempt that its metadata names.")
    body = models.BinaryField()
    state = models.CharField(max_length=20, choices=MessageState.choices, default=MessageState.RECEIVED)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("received_at",),
                condition=models.Q(state__in=(MessageState.RECEIVED, MessageState.UNMATCHED)),
                name="providermessage_open",
            ),
        )
        constraints = (
            MESSAGE_LIFE.constraint("providermessage_state"),
            models.UniqueConstraint(fields=("provider", "event_ref"), name="providermessage_once"),
        )

    def settle(self, to: MessageState, *, now: datetime) -> None:
        """It was looked at. The caller saves. Errors: IllegalMove."""
        MESSAGE_LIFE.require(now_in=self.state, to=to)
        self.state, self.settled_at = to, now


class InvoiceKind(models.TextChoices):
    """Which document it is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Invoice(AppendOnly):
    """A document sent to the buyer. `number` is the order's number and a running `sequence` within the order.

    The VAT directive (2006/112/EC, article 226 point 2) asks for a sequential number "based on one or more
    series": each order is a series, so numbering needs no lock that all orders share, and tells nobody how much
    is sold.
    """

    personal: ClassVar[tuple[str, ...]] = ("billed_to",)

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices", db_index=False)
    kind = models.CharField(max_length=20, choices=InvoiceKind.choices)
    sequence = models.SmallIntegerField()
    number = models.CharField(max_length=30)
    gross_minor = models.BigIntegerField(help_text="Negative on a credit note.")
    tax_minor = models.BigIntegerField(help_text="Negative on a credit note.")
    currency = models.CharField(max_length=3)
    billed_to = models.JSONField(help_text="Copy of the PostalAddress it is made out to.")
    issued_on = models.DateField()
    due_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("number",), name="invoice_number_unique"),
            models.UniqueConstraint(fields=("order", "sequence"), name="invoice_sequence_unique"),
            models.CheckConstraint(
                condition=(
                    models.Q(kind=InvoiceKind.INVOICE, gross_minor__gte=0, due_on__isnull=False)
                    | models.Q(kind=InvoiceKind.CREDIT_NOTE, gross_minor__lte=0, due_on__isnull=True)
                ),
                name="invoice_kind",
            ),
        )
