"""Stripe as a payment provider: PaymentIntents with manual capture, cards with SCA and MobilePay by redirect.

The SDK repeats nothing by itself: we do, with the same key (`orders.payment.settling`). Cards ask for several captures
where the account may have them; MobilePay allows one.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import stripe
import structlog
from django.conf import settings

from config.kernel.rest.hooks import BadSignature
from orders.payment.ports import (
    AskedIntent,
    DisputeSeen,
    DisputeStatus,
    IntentSeen,
    IntentStatus,
    News,
    ProviderRefused,
    ProviderSilent,
    RefundSeen,
    RefundStatus,
)

_TOLERANCE: Final = timedelta(minutes=5)  # both ways; the SDK accepts any time in the future
_SEARCHED_FOR: Final = timedelta(hours=1)  # an intent is made within seconds of its attempt

_STATUSES: Final = {
    "requires_payment_method": IntentStatus.WAITING,
    "requires_confirmation": IntentStatus.WAITING,
    "requires_action": IntentStatus.ACTION,
    "processing": IntentStatus.PROCESSING,
    "requires_capture": IntentStatus.AUTHORISED,
    "canceled": IntentStatus.CANCELLED,
    "succeeded": IntentStatus.SUCCEEDED,
}
_REFUND_STATUSES: Final = {
    "succeeded": RefundStatus.DONE,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_DISPUTE_STATUSES: Final = {
    "warning_needs_response": DisputeStatus.INQUIRY,
    "warning_under_review": DisputeStatus.INQUIRY_ANSWERED,
    "warning_closed": DisputeStatus.CLOSED,
    "prevented": DisputeStatus.CLOSED,
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "lost": DisputeStatus.LOST,
    "won": DisputeStatus.WON,
}
_KNOWN_KINDS: Final = frozenset(
    {
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "charge.refunded",
        "charge.refund.updated",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    }
)

T = TypeVar("T")
logger = structlog.get_logger(__name__)


@lru_cache(maxsize=8)
def _client(key: str, base: str, timeout_s: float) -> stripe.StripeClient:
    """One per process: it keeps a connection for each thread."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=timeout_s),
    )


class StripeProvider:
    """Implements `orders.payment.ports.PaymentProvider`."""

    def __init__(self, *, timeout_s: float) -> None:
        self._stripe = _client(settings.STRIPE_API_KEY, settings.STRIPE_API_BASE, timeout_s).v1

    def create_intent(self, *, asked: AskedIntent, key: str) -> IntentSeen:
        """As the port says. MobilePay is confirmed at once: the buyer has chosen it, and only approves it there."""
        params: dict[str, Any] = {
            "amount": asked.amount_minor,
            "currency": asked.currency.lower(),
            "capture_method": "manual",
            "payment_method_types": [asked.method],
            "description": asked.number,
            "metadata": {"attempt_id": str(asked.attempt_id), "order_id": str(asked.order_id)},
        }
        if asked.method == "card":
            params["payment_method_options"] = {"card": {"request_multicapture": "if_available"}}
        else:
            params |= {
                "confirm": True,
                "payment_method_data": {"type": asked.method},
                "return_url": asked.return_url,
            }
        intent = _call(self._stripe.payment_intents.create, params, {"idempotency_key": key})
        return _seen(intent, asked.return_url)

    def read_intent(self, *, ref: str, return_url: str = "") -> IntentSeen:
        """As the port says."""
        intent = _call(self._stripe.payment_intents.retrieve, ref, {"expand": ["latest_charge"]})
        return _seen(intent, return_url)

    def find_intent(self, *, attempt_id: UUID, asked_at: datetime) -> IntentSeen | None:
        """As the port says; Stripe's search by metadata lags behind, its list does not."""
        begin = int(asked_at.timestamp()) - 60
        until = begin + int(_SEARCHED_FOR.total_seconds())
        page = _call(
            self._stripe.payment_intents.list, {"created": {"gte": begin, "lte": until}, "limit": 100}
        )
        for intent in page.auto_paging_iter():
            if _told(intent.metadata, "attempt_id") == attempt_id:
                return self.read_intent(ref=intent.id)
        return None

    def capture(self, *, ref: str, amount_minor: int, final: bool, key: str) -> IntentSeen:
        """As the port says."""
        params: dict[str, Any] = {"amount_to_capture": amount_minor, "expand": ["latest_charge"]}
        if not final:
            params["final_capture"] = False
        return _seen(_call(self._stripe.payment_intents.capture, ref, params, {"idempotency_key": key}))

    def cancel(self, *, ref: str, key: str) -> IntentSeen:
        """As the port says."""
        return _seen(_call(self._stripe.payment_intents.cancel, ref, {}, {"idempotency_key": key}))

    def refund(self, *, ref: str, amount_minor: int, operation_id: UUID, key: str) -> RefundSeen:
        """As the port says."""
        params = {
            "payment_intent": ref,
            "amount": amount_minor,
            "metadata": {"operation_id": str(operation_id)},
        }
        return _refund_seen(_call(self._stripe.refunds.create, params, {"idempotency_key": key}))

    def find_refund(self, *, ref: str, operation_id: UUID) -> RefundSeen | None:
        """As the port says."""
        page = _call(self._stripe.refunds.list, {"payment_intent": ref, "limit": 100})
        for refund in page.auto_paging_iter():
            seen = _refund_seen(refund)
            if seen.operation_id == operation_id:
                return seen
        return None

    def is_about_dispute(self, *, kind: str) -> bool:
        """As the port says."""
        return kind.startswith("charge.dispute.")

    def list_disputes(self, *, ref: str) -> list[DisputeSeen]:
        """As the port says."""
        page = _call(self._stripe.disputes.list, {"payment_intent": ref, "limit": 100})
        return [_dispute_seen(dispute) for dispute in page.auto_paging_iter()]

    def list_new_disputes(self, *, since: datetime) -> list[DisputeSeen]:
        """As the port says."""
        created = {"gte": int(since.timestamp())}
        page = _call(self._stripe.disputes.list, {"created": created, "limit": 100})
        return [_dispute_seen(dispute) for dispute in page.auto_paging_iter()]

    def read_message(self, *, body: bytes, signature: str, now: datetime) -> News:
        """As the port says. Either of the secrets is good while one replaces the other."""
        if not any(_is_signed(body, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise BadSignature
        said_at = next((part[2:] for part in signature.split(",") if part.startswith("t=")), "0")
        if abs(now.timestamp() - int(said_at)) > _TOLERANCE.total_seconds():
            raise BadSignature
        # As it is: of a whole event the SDK would make as many objects as it has objects in it.
        event = json.loads(body)
        if event["livemode"] != settings.STRIPE_API_KEY.startswith(("sk_live_", "rk_live_")):
            raise BadSignature
        about = event["data"]["object"]
        intent_ref = about.get("id" if about.get("object") == "payment_intent" else "payment_intent")
        attempt = (about.get("metadata") or {}).get("attempt_id")
        return News(
            event_ref=event["id"],
            kind=event["type"],
            known=event["type"] in _KNOWN_KINDS and event.get("api_version") == stripe.api_version,
            intent_ref=intent_ref or "",
            attempt_id=_uuid(attempt),
        )


def _call(method: Callable[..., T], *arguments: Any) -> T:
    """Call the SDK, and sort its errors by what they mean for us. Errors: ProviderSilent, ProviderRefused."""
    try:
        return method(*arguments)
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        raise ProviderRefused(error.code or error.param or "invalid_request") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        logger.error("the payment provider does not accept our key", status=error.http_status)
        raise ProviderSilent("our key is not accepted") from error
    except stripe.StripeError as error:
        broke = (error.http_status or 0) >= 500
        raise ProviderSilent(type(error).__name__, key_is_burnt=broke) from error


def _seen(intent: stripe.PaymentIntent, return_url: str = "") -> IntentSeen:
    status = _STATUSES[intent.status]
    if status == IntentStatus.WAITING and intent.last_payment_error:
        status = IntentStatus.FAILED
    error, action = _plain(intent.last_payment_error), intent.next_action
    redirect = action.redirect_to_url if action and action.type == "redirect_to_url" else None
    return IntentSeen(
        ref=intent.id,
        attempt_id=_told(intent.metadata, "attempt_id"),
        status=status,
        amount_minor=intent.amount,
        currency=intent.currency.upper(),
        captured_minor=intent.amount_received,
        captures_in_parts=_captures_in_parts(intent),
        failure=error.get("decline_code") or error.get("code") or error.get("type") or "",
        client_secret=intent.client_secret or "",
        url=redirect.url or "" if redirect else _page_of(intent, return_url),
        redirects=redirect is not None and "card" not in intent.payment_method_types,
    )


def _captures_in_parts(intent: stripe.PaymentIntent) -> bool:
    charge = intent.latest_charge
    if not isinstance(charge, stripe.Charge):
        return False
    card = _plain(charge.payment_method_details).get("card") or {}
    return (card.get("multicapture") or {}).get("status") == "available"


def _page_of(intent: stripe.PaymentIntent, return_url: str) -> str:
    """Where a person can pay without Stripe's library: the stand-in's page. Stripe itself has none."""
    if settings.STRIPE_API_BASE == settings.STRIPE_OWN_API_BASE:
        return ""
    back = urlencode({"return_url": return_url}) if return_url else ""
    return f"{settings.STRIPE_API_BASE}/pay/{intent.id}" + (f"?{back}" if back else "")


def _refund_seen(refund: stripe.Refund) -> RefundSeen:
    return RefundSeen(
        ref=refund.id,
        operation_id=_told(refund.metadata, "operation_id"),
        status=_REFUND_STATUSES.get(refund.status or "", RefundStatus.PENDING),
        amount_minor=refund.amount,
        currency=refund.currency.upper(),
        failure=_plain(refund).get("failure_reason") or "",
    )


def _dispute_seen(dispute: stripe.Dispute) -> DisputeSeen:
    """A word that Stripe adds one day stands for the one that a person must look at."""
    about, due_by = _plain(dispute), dispute.evidence_details.due_by
    return DisputeSeen(
        ref=dispute.id,
        intent_ref=about.get("payment_intent") or "",
        status=_DISPUTE_STATUSES.get(dispute.status, DisputeStatus.NEEDS_RESPONSE),
        amount_minor=dispute.amount,
        currency=dispute.currency.upper(),
        reason=dispute.reason,
        taken_minor=_moved(dispute, towards_us=False),
        returned_minor=_moved(dispute, towards_us=True),
        evidence_due_at=datetime.fromtimestamp(due_by, tz=UTC) if due_by else None,
        opened_at=datetime.fromtimestamp(dispute.created, tz=UTC),
    )


def _moved(dispute: stripe.Dispute, *, towards_us: bool) -> int:
    """What went out of our balance for a dispute or came into it, without Stripe's fee, in the dispute's currency.

    An account that settles in another currency moves the disputed sum itself.
    """
    return sum(
        abs(move.amount) if move.currency == dispute.currency else dispute.amount
        for move in dispute.balance_transactions
        if (move.amount > 0) == towards_us
    )


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def _plain(told: Any) -> dict[str, Any]:
    """An object of the SDK as a dict: a field that Stripe left out is an AttributeError of the object itself."""
    return told.to_dict() if told else {}


def _told(metadata: Any, name: str) -> UUID | None:
    """What we wrote there."""
    return _uuid(_plain(metadata).get(name))


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(text)
    except (TypeError, ValueError, AttributeError):
        return None
