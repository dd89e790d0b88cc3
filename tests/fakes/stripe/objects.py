"""What the API's objects look like when they are new: PaymentIntent, Charge, Refund, Dispute, Event, and errors."""

import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

API_VERSION: Final = "2026-10-28.endive"

Json = dict[str, Any]


@dataclass
class Refused(Exception):
    """A request that is answered with an error: status, and what stands in its `error`."""

    status: int
    type: str
    message: str
    code: str | None = None
    param: str | None = None
    more: Json | None = None

    @property
    def body(self) -> Json:
        """The answer's body."""
        said = {"type": self.type, "message": self.message, "code": self.code, "param": self.param}
        return {"error": {name: value for name, value in said.items() if value} | (self.more or {})}


def invalid(message: str, *, code: str | None = None, param: str | None = None, status: int = 400) -> Refused:
    """A request that cannot be done as it was asked."""
    return Refused(status, "invalid_request_error", message, code, param)


def new_id(prefix: str) -> str:
    """An id as Stripe makes them."""
    return f"{prefix}_{secrets.token_hex(12)}"


def now() -> int:
    """The present, in seconds."""
    return int(time.time())


def payment_intent(*, amount: int, currency: str, methods: list[str], **given: Any) -> Json:
    """A PaymentIntent that nobody paid yet. `given` overrides what it has by default."""
    intent = new_id("pi")
    return {
        "id": intent,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent}_secret_{secrets.token_hex(12)}",
        "confirmation_method": "automatic",
        "created": now(),
        "currency": currency,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": methods,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    } | given


def charge(intent: Json, *, method: str, details: Json, failure: Json | None) -> Json:
    """The charge that one confirmation of `intent` made: paid, or failed with `failure` {code, message, ...}."""
    paid = failure is None
    captured = paid and intent["capture_method"] != "manual"
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": new_id("txn") if captured else None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "calculated_statement_descriptor": "POLKU",
        "captured": captured,
        "created": now(),
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": failure["code"] if failure else None,
        "failure_message": failure["message"] if failure else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": {
            "network_status": "approved_by_network" if paid else "declined_by_network",
            "reason": failure.get("decline_code") if failure else None,
            "risk_level": "normal",
            "seller_message": "Payment complete." if paid else "The bank did not return any further details.",
            "type": "authorized" if paid else "issuer_declined",
        },
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method,
        "payment_method_details": details,
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded" if paid else "failed",
        "transfer_data": None,
        "transfer_group": None,
    }


def payment_method(name: str, *, kind: str, last4: str, brand: str = "visa") -> Json:
    """What a person pays with."""
    shown: Json = {"mobilepay": {}}
    if kind == "card":
        shown = {"card": {**card_details(last4, brand), "funding": "credit"}}
    return {
        "id": name,
        "object": "payment_method",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "created": now(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    } | shown


def card_details(last4: str, brand: str = "visa") -> Json:
    """What is told of a card."""
    return {"brand": brand, "country": "FI", "exp_month": 12, "exp_year": 2034, "last4": last4}


def refund(of: Json, *, amount: int, status: str, reason: str | None, metadata: Json) -> Json:
    """Money on its way back from the charge `of`."""
    kind = of["payment_method_details"]["type"]
    shown: Json = (
        {"card": {"type": "refund", "reference_type": "acquirer_reference_number"}} if kind == "card" else {}
    )
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": new_id("txn"),
        "charge": of["id"],
        "created": now(),
        "currency": of["currency"],
        "destination_details": {"type": kind} | shown,
        "metadata": metadata,
        "payment_intent": of["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    } | ({"pending_reason": "processing"} if status == "pending" else {})


def dispute(of: Json, *, amount: int, reason: str, status: str) -> Json:
    """The cardholder's bank takes `amount` of the charge `of` back, or asks about it; nothing is moved yet."""
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": of["id"],
        "created": now(),
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now() + 7 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": status.startswith("warning_"),
        "livemode": False,
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "reason": reason,
        "status": status,
    }


def dispute_move(of: Json, *, amount: int, fee: int) -> Json:
    """The balance transaction with which money goes for the dispute `of` (negative), or comes again."""
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now(),
        "balance_type": "payments",
        "created": now(),
        "currency": of["currency"],
        "description": "Chargeback withdrawal" if amount < 0 else "Chargeback reversal",
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [],
        "net": amount - fee,
        "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
        "source": of["id"],
        "status": "available",
        "type": "adjustment",
    }


def event(kind: str, of: Json, *, request_id: str | None, idempotency_key: str | None) -> Json:
    """Something happened to `of`, which must be a copy of how it was just then."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now(),
        "data": {"object": of},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": request_id, "idempotency_key": idempotency_key},
        "type": kind,
    }


def unheard_of() -> Json:
    """An event of a type that nobody knows."""
    return event(
        "polku.unheard_of", {"id": "uo_1", "object": "unheard_of"}, request_id=None, idempotency_key=None
    )
