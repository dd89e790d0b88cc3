"""How orders can be paid here, what of an order is secured, and what is still to be done about its money."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, Sum
from django.utils.module_loading import import_string

from config.kernel.db import Lookup
from orders.agreement.models import Order
from orders.payment.models import (
    LIVE_ATTEMPTS,
    OPEN_ATTEMPTS,
    AttemptState,
    Dispute,
    EntryKind,
    MessageState,
    OperationKind,
    OperationState,
    PaymentAttempt,
    PaymentEntry,
    PaymentOperation,
    ProviderMessage,
)
from orders.payment.ports import OPEN_DISPUTES, DisputeStatus, PaymentProvider
from orders.payment.rules import BY_PROVIDER, PaymentMethod, payment_methods

_BATCH = 200  # taken up by one run of a recovery job
_BANKS_MAY_TAKE: Final = timedelta(days=180)


def get_provider(*, timeout_s: float = 20.0) -> PaymentProvider:
    """The provider that the settings name; whoever lets a person wait for its answer gives it less time."""
    provider: PaymentProvider = import_string(settings.PAYMENT_PROVIDER)(timeout_s=timeout_s)
    return provider


def list_payment_methods(
    *, country: str, total_minor: int, currency: str, has_address: bool
) -> tuple[PaymentMethod, ...]:
    """Every method with whether this sum can be paid with it in this installation, by somebody with an address."""
    return payment_methods(
        country=country,
        total_minor=total_minor,
        currency=currency,
        has_address=has_address,
        provider_ready=bool(settings.STRIPE_API_KEY),
    )


_ATTEMPT: Final = Lookup(PaymentAttempt, where="public_id = %s")
_ORDER: Final = Lookup(Order, where="id = %s")


def get_attempt(*, attempt_id: UUID, order: Order | None = None) -> PaymentAttempt:
    """The attempt with its order, which is read unless it is at hand. Errors: PaymentAttempt.DoesNotExist."""
    attempt = _ATTEMPT.get([attempt_id])
    attempt.order = order or _ORDER.get([attempt.order_id])
    return attempt


def find_live_attempt(*, order: Order) -> PaymentAttempt | None:
    """The attempt that may secure the order, or has; None while another try is wanted."""
    return PaymentAttempt.objects.filter(order=order, state__in=LIVE_ATTEMPTS).first()


def get_secured_attempt(*, order: Order) -> PaymentAttempt:
    """The attempt that secured the order. Errors: PaymentAttempt.DoesNotExist, a mistake of the caller."""
    return PaymentAttempt.objects.get(order=order, state=AttemptState.SECURED)


def sum_operations(*, attempt: PaymentAttempt, kind: OperationKind) -> int:
    """What was asked of the provider and is done or will be, in minor units."""
    asked = attempt.operations.filter(kind=kind).exclude(state=OperationState.FAILED)
    return asked.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def get_refundable(*, order: Order) -> int:
    """What can still be given back of what was taken or invoiced, in minor units; what is under way counts as done.

    What her bank has taken back she has already.
    """
    attempt = PaymentAttempt.objects.filter(order=order, state=AttemptState.SECURED).first()
    if attempt is None:
        return 0
    if attempt.method not in BY_PROVIDER:
        return sum_entries(attempt=attempt, kinds=(EntryKind.INVOICED, EntryKind.CREDITED))
    taken = sum_operations(attempt=attempt, kind=OperationKind.CAPTURE)
    gone = sum_operations(attempt=attempt, kind=OperationKind.REFUND) + sum_disputed(attempt=attempt)
    return max(0, taken - gone)


def sum_disputed(*, attempt: PaymentAttempt) -> int:
    """What her bank holds of the attempt's money, in minor units."""
    return -sum_entries(attempt=attempt, kinds=(EntryKind.DISPUTED, EntryKind.REINSTATED))


def sum_entries(*, attempt: PaymentAttempt, kinds: tuple[EntryKind, ...]) -> int:
    """What the ledger says of an attempt, in minor units."""
    entries = PaymentEntry.objects.filter(attempt=attempt, kind__in=kinds)
    return entries.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def list_open_attempts(*, now: datetime, silent_for: timedelta) -> list[UUID]:
    """Attempts of orders that wait for money of which nothing was heard for so long, the longest silence first."""
    rows = (
        PaymentAttempt.objects.filter(
            Q(checked_at__lt=now - silent_for) | Q(checked_at__isnull=True, asked_at__lt=now - silent_for),
            state__in=OPEN_ATTEMPTS,
            method__in=BY_PROVIDER,
        )
        .order_by("asked_at")
        .values_list("public_id", flat=True)
    )
    return list(rows[:_BATCH])


def find_dispute(*, ref: str) -> Dispute | None:
    """The dispute that the provider calls so; None when it is not kept here."""
    return Dispute.objects.filter(provider_ref=ref).first()


def list_quiet_disputes(*, now: datetime, silent_for: timedelta) -> list[str]:
    """The intents of disputes whose end is not known, or whose money has not come back as it should, of which nothing
    was heard for so long. A bank's word may come before its money, and may change.
    """
    without_end = Q(state__in=OPEN_DISPUTES) | Q(
        state__in=(DisputeStatus.WON, DisputeStatus.LOST),
        taken_minor__gt=F("returned_minor"),
        opened_at__gt=now - _BANKS_MAY_TAKE,
    )
    rows = Dispute.objects.filter(without_end, checked_at__lt=now - silent_for)
    refs = rows.order_by("checked_at").values_list("attempt__provider_ref", flat=True)[:_BATCH]
    return [ref for ref in refs if ref is not None]


def list_pending_operations(*, now: datetime, silent_for: timedelta) -> list[UUID]:
    """What the provider shall do and was asked for so long ago, the oldest first."""
    rows = PaymentOperation.objects.filter(state=OperationState.PENDING, asked_at__lt=now - silent_for)
    return list(rows.order_by("pk").values_list("public_id", flat=True)[:_BATCH])


def list_open_messages(
    *, now: datetime, silent_for: timedelta, given_up_after: timedelta, provider: str = "stripe"
) -> list[UUID]:
    """Messages that nobody has looked at for so long, and those whose subject was not known when they came."""
    rows = ProviderMessage.objects.filter(
        Q(state=MessageState.RECEIVED)
        | Q(state=MessageState.UNMATCHED, received_at__gt=now - given_up_after),
        received_at__lt=now - silent_for,
        provider=provider,
    )
    return list(rows.order_by("pk").values_list("public_id", flat=True)[:_BATCH])
