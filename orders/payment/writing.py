"""Rows of the ledger and documents: each is written once and says who made it happen."""

from datetime import date, datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import add_rows
from orders.agreement.models import Order
from orders.payment.models import EntryKind, Invoice, InvoiceKind, PaymentAttempt, PaymentEntry
from orders.payment.rules import INVOICE_TERM


def enter(
    attempt: PaymentAttempt,
    *,
    kind: EntryKind,
    amount_minor: int,
    by: Actor,
    now: datetime,
    about_ref: UUID | None = None,
) -> None:
    """One fact of the ledger, signed minor units of the attempt's currency."""
    entry = PaymentEntry(
        order_id=attempt.order_id,
        attempt=attempt,
        kind=kind,
        amount_minor=amount_minor,
        currency=attempt.currency,
        about_ref=about_ref,
        actor_kind=by.kind,
        actor_ref=by.ref,
        entered_at=now,
    )
    add_rows([entry])


def issue(
    order: Order,
    *,
    kind: InvoiceKind,
    gross_minor: int,
    tax_minor: int,
    billed_to: dict[str, str],
    issued_on: date,
    sequence: int | None = None,
) -> None:
    """A document with the order's next number, or with `sequence` where the caller knows it: 1 for a new order.

    The caller holds the order's lock, or has just made it.
    """
    if sequence is None:
        sequence = Invoice.objects.filter(order=order).count() + 1
    document = Invoice(
        order=order,
        kind=kind,
        sequence=sequence,
        number=f"{order.number}-{sequence}",
        gross_minor=gross_minor,
        tax_minor=tax_minor,
        currency=order.currency,
        billed_to=billed_to,
        issued_on=issued_on,
        due_on=issued_on + INVOICE_TERM if kind == InvoiceKind.INVOICE else None,
    )
    add_rows([document])
