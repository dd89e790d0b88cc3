"""Secure what is owed, and give back what must be given back. The order's lock guards its ledger."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Sum

from config.kernel.actors import Actor
from config.kernel.db import transaction_required
from config.kernel.errors import Refusal
from orders.agreement.models import Order
from orders.payment.models import LIVE_ATTEMPTS, EntryKind, Invoice, InvoiceKind, PaymentAttempt, PaymentEntry
from orders.payment.rules import INVOICE, INVOICE_TERM, PaymentStatus


class CreditExceedsInvoice(Refusal):
    """More would be given back than was asked for."""

    code = "credit_exceeds_invoice"
    status = 409
    title = "More would be credited than was invoiced."


@transaction_required
def accept_invoice(
    *, order: Order, billed_to: dict[str, str], issued_on: date, by: Actor, now: datetime
) -> PaymentStatus:
    """The buyer pays the order's whole sum by invoice: it is secured at once, and due in 14 days."""
    attempt = PaymentAttempt(
        order=order,
        method=INVOICE,
        amount_minor=order.total_gross_minor,
        currency=order.currency,
        asked_at=now,
    )
    attempt.secure(now=now)
    attempt.save()
    _enter(attempt, kind=EntryKind.INVOICED, amount_minor=order.total_gross_minor, by=by, now=now)
    _issue(
        order,
        kind=InvoiceKind.INVOICE,
        sequence=1,
        gross_minor=order.total_gross_minor,
        tax_minor=order.total_tax_minor,
        billed_to=billed_to,
        issued_on=issued_on,
    )
    return PaymentStatus(method=attempt.method, status=str(attempt.state), next_action="none")


@transaction_required
def credit_invoice(
    *,
    order: Order,
    gross_minor: int,
    tax_minor: int,
    about_ref: UUID,
    issued_on: date,
    by: Actor,
    now: datetime,
) -> None:
    """Give back `gross_minor`, of which `tax_minor` is tax, for the return `about_ref`: an entry and a credit note.

    The caller holds the order's lock. Errors: CreditExceedsInvoice, with what can still be credited.
    """
    entries = PaymentEntry.objects.filter(order=order)
    open_minor = entries.aggregate(balance=Sum("amount_minor"))["balance"] or 0
    if gross_minor > open_minor:
        raise CreditExceedsInvoice(open_minor=open_minor)
    attempt = PaymentAttempt.objects.get(order=order, state__in=LIVE_ATTEMPTS)
    invoice = Invoice.objects.get(order=order, kind=InvoiceKind.INVOICE)
    _enter(attempt, kind=EntryKind.CREDITED, amount_minor=-gross_minor, about_ref=about_ref, by=by, now=now)
    _issue(
        order,
        kind=InvoiceKind.CREDIT_NOTE,
        sequence=Invoice.objects.filter(order=order).count() + 1,
        gross_minor=-gross_minor,
        tax_minor=-tax_minor,
        billed_to=invoice.billed_to,
        issued_on=issued_on,
    )


def _enter(
    attempt: PaymentAttempt,
    *,
    kind: EntryKind,
    amount_minor: int,
    by: Actor,
    now: datetime,
    about_ref: UUID | None = None,
) -> None:
    PaymentEntry.objects.create(
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


def _issue(
    order: Order,
    *,
    kind: InvoiceKind,
    sequence: int,
    gross_minor: int,
    tax_minor: int,
    billed_to: dict[str, str],
    issued_on: date,
) -> None:
    Invoice.objects.create(
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
