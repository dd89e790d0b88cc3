"""Secure what is owed, and give back what must be given back. The order's lock guards its ledger."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Sum

from config.kernel.actors import Actor
from config.kernel.db import transaction_required
from config.kernel.errors import Refusal
from config.kernel.events import emit
from config.kernel.ids import new_id
from config.kernel.money import Money
from orders.agreement.models import Order, OrderDelivery
from orders.events import RefundMade
from orders.payment.models import LIVE_ATTEMPTS, EntryKind, Invoice, InvoiceKind, PaymentAttempt, PaymentEntry
from orders.payment.rules import INVOICE, INVOICE_TERM, PaymentStatus


class RefundExceedsCaptured(Refusal):
    """More would be given back than was taken or invoiced; `remaining` is what still can be, as an amount of money."""

    code = "refund_exceeds_captured"
    status = 422
    title = "More would be given back than was paid."


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
def request_capture(*, order: Order, amount_minor: int, about_ref: UUID, by: Actor, now: datetime) -> None:
    """Take `amount_minor` of what is authorised for the order, for the parcel `about_ref` that leaves now.

    The caller holds the order's lock. What is invoiced is due by itself, so there nothing is done.
    """
    attempt = PaymentAttempt.objects.get(order=order, state__in=LIVE_ATTEMPTS)
    assert attempt.method == INVOICE, attempt.method


@transaction_required
def request_refund(
    *, order: Order, gross_minor: int, tax_minor: int, about_ref: UUID, by: Actor, now: datetime
) -> UUID:
    """Give back `gross_minor`, of which `tax_minor` is tax, for `about_ref` (a return, or a clerk's decision).

    The caller holds the order's lock. Invoiced orders get their credit note at once. Emits RefundMade when the money
    is on its way. Returns the refund's id. Errors: RefundExceedsCaptured, with what still can be given back.
    """
    entries = PaymentEntry.objects.filter(order=order)
    remaining = entries.aggregate(balance=Sum("amount_minor"))["balance"] or 0
    if gross_minor > remaining:
        raise RefundExceedsCaptured(remaining=Money(remaining, order.currency).wire())
    attempt = PaymentAttempt.objects.get(order=order, state__in=LIVE_ATTEMPTS)
    _enter(attempt, kind=EntryKind.CREDITED, amount_minor=-gross_minor, about_ref=about_ref, by=by, now=now)
    invoice = Invoice.objects.get(order=order, kind=InvoiceKind.INVOICE)
    location = OrderDelivery.objects.filter(order=order).select_related("location")[0].location
    _issue(
        order,
        kind=InvoiceKind.CREDIT_NOTE,
        sequence=Invoice.objects.filter(order=order).count() + 1,
        gross_minor=-gross_minor,
        tax_minor=-tax_minor,
        billed_to=invoice.billed_to,
        issued_on=now.astimezone(ZoneInfo(location.time_zone)).date(),
    )
    refund_id = new_id()
    told = RefundMade(
        order_id=order.public_id,
        number=order.number,
        refund_id=refund_id,
        amount_minor=gross_minor,
        currency=order.currency,
        about_ref=about_ref,
    )
    emit(told, by=by, now=now)
    return refund_id


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
