"""Attempts to secure an order's sum, the ledger of what was settled, and the documents that say so.

The ledger is signed minor units, append-only; every balance is its sum.
"""

from datetime import datetime
from typing import ClassVar

from django.db import models

from config.kernel.ids import new_id
from config.kernel.models import AppendOnly
from config.kernel.states import Lifecycle
from orders.agreement.models import Order


class AttemptState(models.TextChoices):
    """What is known about one attempt to secure the sum."""

    PENDING = "pending"  # asked for, not answered yet
    SECURED = "secured"  # the whole sum is authorised, captured, or accepted as an invoice


ATTEMPT_LIFE = Lifecycle(
    states=AttemptState,
    initial=AttemptState.PENDING,
    moves={AttemptState.PENDING: frozenset({AttemptState.SECURED})},
)
LIVE_ATTEMPTS = (AttemptState.PENDING, AttemptState.SECURED)


class PaymentAttempt(models.Model):
    """One try to secure the order's sum by one method; an order has at most one that is live."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="attempts")
    method = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20, choices=AttemptState.choices, default=AttemptState.PENDING)
    asked_at = models.DateTimeField()
    secured_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            ATTEMPT_LIFE.constraint("paymentattempt_state"),
            models.UniqueConstraint(
                fields=("order",), condition=models.Q(state__in=LIVE_ATTEMPTS), name="paymentattempt_one_live"
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gte=0), name="paymentattempt_amount"),
            models.CheckConstraint(
                condition=~models.Q(state=AttemptState.SECURED) | models.Q(secured_at__isnull=False),
                name="paymentattempt_secured_has_moment",
            ),
        )

    def secure(self, *, now: datetime) -> None:
        """The whole sum is certain. The caller saves, and writes the ledger's entry, which is this move's history row.

        Errors: IllegalMove.
        """
        ATTEMPT_LIFE.require(now_in=self.state, to=AttemptState.SECURED)
        self.state, self.secured_at = AttemptState.SECURED, now


class EntryKind(models.TextChoices):
    """What an entry of the ledger says."""

    INVOICED = "invoiced"  # the buyer owes this (positive)
    CREDITED = "credited"  # we gave this back (negative, or nothing for what was free)


class PaymentEntry(AppendOnly):
    """One fact of the ledger. `about_ref` is the return that a credit answers."""

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
                    models.Q(kind=EntryKind.INVOICED, amount_minor__gte=0)
                    | models.Q(kind=EntryKind.CREDITED, amount_minor__lte=0)
                ),
                name="paymententry_sign",
            ),
            models.UniqueConstraint(
                fields=("kind", "about_ref"),
                condition=models.Q(about_ref__isnull=False),
                name="paymententry_once",
            ),
        )


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

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices")
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
