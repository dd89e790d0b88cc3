"""What the fake remembers, and how payments move: intents, charges, refunds and the events about them.

All of it is in memory, behind one lock. Parameters come as the API's form fields: nested dicts of strings.
"""

import copy
import threading
from collections.abc import Callable
from typing import Final

from tests.fakes.stripe import disputes, objects
from tests.fakes.stripe.cards import BY_NAME, Card
from tests.fakes.stripe.objects import Json, Refused, invalid

METHODS: Final = ("card", "mobilepay")
CURRENCIES: Final = {"card": None, "mobilepay": ("dkk", "eur", "nok", "sek")}
MIN_AMOUNT: Final = 50  # half a unit of the currencies sold in


class Book:
    """Every object, by its id, in the order of creation; `tell` hears of every event as it happens."""

    def __init__(self, *, base_url: str, tell: Callable[[Json], None]) -> None:
        self.lock = threading.RLock()
        self.base_url = base_url
        self.tell = tell
        self.intents: dict[str, Json] = {}
        self.charges: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self.disputes: dict[str, Json] = {}
        self.events: dict[str, Json] = {}
        self.used: dict[str, Card | None] = {}  # with what an intent is paid; None: MobilePay
        self.asking: tuple[str | None, str | None] = (None, None)  # id and key of the request at work

    # --- Intents

    def create_intent(self, given: Json) -> Json:
        """A new intent; with `confirm` it is confirmed at once. Errors: Refused."""
        amount, currency = _amount(given, "amount"), str(given.get("currency", "")).lower()
        if len(currency) != 3:
            raise invalid(f"Invalid currency: {currency}.", param="currency")
        if amount < MIN_AMOUNT:
            raise invalid("Amount must be at least 50 cents", code="amount_too_small", param="amount")
        automatic = given.get("automatic_payment_methods", {}).get("enabled") == "true"
        methods = given.get("payment_method_types") or (list(METHODS) if automatic else ["card"])
        for method in methods:
            if method not in METHODS:
                raise invalid(f'The payment method type "{method}" is invalid.', param="payment_method_types")
            if (allowed := CURRENCIES[method]) and currency not in allowed:
                raise invalid(
                    f"The currency provided ({currency}) is invalid for {method}.",
                    code="payment_intent_invalid_currency",
                    param="currency",
                )
        intent = objects.payment_intent(
            amount=amount,
            currency=currency,
            methods=methods,
            capture_method=given.get("capture_method", "automatic_async"),
            metadata=given.get("metadata") or {},
            description=given.get("description"),
            receipt_email=given.get("receipt_email"),
            payment_method_options=_options(methods, given.get("payment_method_options", {})),
            automatic_payment_methods={"allow_redirects": "always", "enabled": True} if automatic else None,
        )
        with self.lock:
            self.intents[intent["id"]] = intent
            self.emit("payment_intent.created", intent)
            if given.get("confirm") == "true":
                self._confirm(intent, given)
        return intent

    def intent(self, name: str) -> Json:
        """The intent of that id. Errors: Refused (404)."""
        return found(self.intents, name, "payment_intent")

    def confirm_intent(self, name: str, given: Json) -> Json:
        """Pay with `payment_method` or `payment_method_data[type]`. Errors: Refused, 402 for a declined card."""
        with self.lock:
            intent = self.intent(name)
            _must_be(
                intent, "requires_payment_method", "requires_confirmation", "requires_action", verb="confirm"
            )
            return self._confirm(intent, given)

    def _confirm(self, intent: Json, given: Json) -> Json:
        named = given.get("payment_method")
        kind = given.get("payment_method_data", {}).get("type") or ("card" if named else None)
        if kind is None:
            raise invalid(
                "You cannot confirm this PaymentIntent because it's missing a payment method.",
                code="payment_intent_unexpected_state",
            )
        if kind not in intent["payment_method_types"]:
            raise invalid(f"The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent.")
        card = BY_NAME.get(named or "pm_card_visa") if kind == "card" else None
        if kind == "card" and card is None:
            raise invalid(
                f"No such PaymentMethod: '{named}'", code="resource_missing", param="payment_method"
            )
        self.used[intent["id"]] = card
        intent["payment_method"] = objects.new_id("pm")
        intent["last_payment_error"] = None
        if card is not None and not card.asks:
            return self._authorise(intent)
        return_url = given.get("return_url")
        if kind == "mobilepay" and not return_url:
            raise invalid("A return_url must be specified for this payment method.", param="return_url")
        url = f"{self.base_url}/pay/{intent['id']}"
        intent["status"] = "requires_action"
        intent["next_action"] = (
            {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
            if return_url
            else {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "stripe_3ds2_fingerprint", "url": url}}
        )
        self.emit("payment_intent.requires_action", intent)
        return intent

    def answer_challenge(self, name: str, *, passes: bool) -> Json:
        """The person passes 3DS or approves in MobilePay, or declines. Errors: Refused (402 when it ends badly)."""
        with self.lock:
            intent = self.intent(name)
            _must_be(intent, "requires_action", verb="authenticate")
            if passes:
                return self._authorise(intent, challenged=True)
            return self._fail(
                intent,
                {
                    "code": "payment_intent_authentication_failure",
                    "message": "The provided PaymentMethod has failed authentication.",
                    "type": "card_error" if self.used[name] else "invalid_request_error",
                },
            )

    def _authorise(self, intent: Json, *, challenged: bool = False) -> Json:
        card = self.used[intent["id"]]
        if card is not None and card.decline is not None:
            code, decline_code = card.decline
            return self._fail(
                intent,
                {
                    "code": code,
                    "decline_code": decline_code,
                    "message": "Your card was declined.",
                    "type": "card_error",
                },
            )
        charge = self._charge(intent, failure=None, challenged=challenged)
        intent["next_action"] = None
        self.emit("charge.succeeded", charge)
        if intent["capture_method"] == "manual":
            intent["status"], intent["amount_capturable"] = "requires_capture", intent["amount"]
            self.emit("payment_intent.amount_capturable_updated", intent)
        else:
            intent["status"], intent["amount_received"] = "succeeded", intent["amount"]
            self.emit("payment_intent.succeeded", intent)
        return intent

    def _fail(self, intent: Json, error: Json) -> Json:
        charge = self._charge(intent, failure=error, challenged=False)
        card = self.used[intent["id"]]
        method = objects.payment_method(
            charge["payment_method"], kind="card" if card else "mobilepay", last4=card.last4 if card else ""
        )
        intent.update(status="requires_payment_method", payment_method=None, next_action=None)
        intent["last_payment_error"] = {**error, "charge": charge["id"], "payment_method": method}
        self.emit("charge.failed", charge)
        self.emit("payment_intent.payment_failed", intent)
        raise Refused(
            402,
            error["type"],
            error["message"],
            error["code"],
            more={name: error[name] for name in ("decline_code",) if name in error}
            | {"charge": charge["id"], "payment_intent": copy.deepcopy(intent), "payment_method": method},
        )

    def _charge(self, intent: Json, *, failure: Json | None, challenged: bool) -> Json:
        card = self.used[intent["id"]]
        details: Json = {"type": "mobilepay", "mobilepay": {"card": None}}
        if card is not None:
            multi = "available" if _multicapture(intent) else "unavailable"
            secure = {"authentication_flow": "challenge", "result": "authenticated", "version": "2.2.0"}
            details = {
                "type": "card",
                "card": {
                    **objects.card_details(card.last4),
                    "amount_authorized": intent["amount"],
                    "multicapture": {"status": multi},
                    "three_d_secure": secure if challenged else None,
                },
            }
        charge = objects.charge(intent, method=intent["payment_method"], details=details, failure=failure)
        self.charges[charge["id"]] = charge
        intent["latest_charge"] = charge["id"]
        return charge

    def capture_intent(self, name: str, given: Json) -> Json:
        """Take what was authorised, or part of it; unless `final_capture` is false the rest is released.

        Errors: Refused.
        """
        with self.lock:
            intent = self.intent(name)
            _must_be(intent, "requires_capture", verb="capture")
            open_amount = intent["amount_capturable"]
            amount = _amount(given, "amount_to_capture", default=open_amount)
            final = given.get("final_capture", "true") == "true"
            if not 0 < amount <= open_amount:
                raise invalid(
                    f"The amount you are attempting to capture ({amount}) is greater than the remaining authorized "
                    f"amount ({open_amount}).",
                    code="amount_too_large",
                    param="amount_to_capture",
                )
            if not final and not _multicapture(intent):
                raise invalid(
                    "final_capture=false needs multicapture, which this PaymentIntent lacks.",
                    param="final_capture",
                )
            charge = self.charges[intent["latest_charge"]]
            intent["amount_received"] += amount
            charge["amount_captured"] += amount
            charge.update(
                captured=True, balance_transaction=charge["balance_transaction"] or objects.new_id("txn")
            )
            intent["amount_capturable"] = 0 if final else open_amount - amount
            if final or not intent["amount_capturable"]:
                intent["status"] = "succeeded"
                charge["amount_refunded"] = charge["amount"] - charge["amount_captured"]
            self.emit("charge.captured", charge)
            if charge["amount_refunded"]:
                self.emit("charge.refunded", charge)
            kind = "succeeded" if intent["status"] == "succeeded" else "amount_capturable_updated"
            self.emit(f"payment_intent.{kind}", intent)
            card = self.used[name]
            if kind == "succeeded" and card is not None and card.disputed:
                disputes.begin(self, name)
            return intent

    def cancel_intent(self, name: str, given: Json) -> Json:
        """Give the intent up, and release what was authorised. Errors: Refused."""
        with self.lock:
            intent = self.intent(name)
            _must_be(
                intent,
                *("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"),
                verb="cancel",
            )
            if intent["status"] == "requires_capture":
                charge = self.charges[intent["latest_charge"]]
                charge["amount_refunded"] = charge["amount"] - charge["amount_captured"]
                charge["refunded"] = charge["amount_captured"] == 0
                self.emit("charge.refunded", charge)
            intent.update(
                status="canceled",
                canceled_at=objects.now(),
                cancellation_reason=given.get("cancellation_reason"),
                amount_capturable=0,
                next_action=None,
            )
            self.emit("payment_intent.canceled", intent)
            return intent

    # --- Refunds

    def create_refund(self, given: Json) -> Json:
        """Give money back, all that is left or `amount` of it. Errors: Refused."""
        with self.lock:
            name = given.get("charge") or self.intent(given.get("payment_intent", ""))["latest_charge"]
            charge = self.charges.get(name or "")
            if charge is None or not charge["amount_captured"]:
                raise invalid("This PaymentIntent does not have a successful charge to refund.")
            disputes.require_none(self, charge["id"])
            back = sum(
                refund["amount"]
                for refund in self.refunds.values()
                if refund["charge"] == name and refund["status"] not in ("failed", "canceled")
            )
            left = charge["amount_captured"] - back
            if left == 0:
                raise invalid(f"Charge {name} has already been refunded.", code="charge_already_refunded")
            amount = _amount(given, "amount", default=left)
            if not 0 < amount <= left:
                raise invalid(
                    f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
                    param="amount",
                )
            card = self.used[charge["payment_intent"]]
            refund = objects.refund(
                charge,
                amount=amount,
                status="pending" if card is not None and card.refunds == "pending" else "succeeded",
                reason=given.get("reason"),
                metadata=given.get("metadata") or {},
            )
            self.refunds[refund["id"]] = refund
            charge["amount_refunded"] += amount
            charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
            self.emit("refund.created", refund)
            self.emit("charge.refunded", charge)
            if card is not None and card.refunds == "fails":
                self.end_refund(refund["id"], succeeds=False)
            return refund

    def end_refund(self, name: str, *, succeeds: bool) -> Json:
        """The bank took the refund, or sent it back: then the money is ours again."""
        with self.lock:
            refund = found(self.refunds, name, "refund")
            refund.pop("pending_reason", None)
            refund["status"] = "succeeded" if succeeds else "failed"
            if not succeeds:
                charge = self.charges[refund["charge"]]
                charge["amount_refunded"] -= refund["amount"]
                charge["refunded"] = False
                refund.update(
                    failure_reason="expired_or_canceled_card",
                    failure_balance_transaction=objects.new_id("txn"),
                )
            self.emit("refund.updated" if succeeds else "refund.failed", refund)
            self.emit("charge.refund.updated", refund)
            return refund

    # --- Events

    def emit(self, kind: str, of: Json) -> None:
        """Write down that something happened, and tell it."""
        request_id, key = self.asking
        event = objects.event(kind, copy.deepcopy(of), request_id=request_id, idempotency_key=key)
        self.events[event["id"]] = event
        self.tell(event)


def found(kept: dict[str, Json], name: str, kind: str) -> Json:
    if name not in kept:
        raise invalid(f"No such {kind}: '{name}'", code="resource_missing", param="id", status=404)
    return kept[name]


def _must_be(intent: Json, *states: str, verb: str) -> None:
    if intent["status"] not in states:
        refused = invalid(
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be {verb}ed: {', '.join(states)}.",
            code="payment_intent_unexpected_state",
        )
        refused.more = {"payment_intent": copy.deepcopy(intent)}
        raise refused


def _amount(given: Json, name: str, *, default: int | None = None) -> int:
    value = given.get(name, default)
    if value is None:
        raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    if not str(value).isdecimal():
        raise invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


def _multicapture(intent: Json) -> bool:
    return intent["payment_method_options"].get("card", {}).get("request_multicapture") == "if_available"


def _options(methods: list[str], given: Json) -> Json:
    own: dict[str, Json] = {"card": {"request_three_d_secure": "automatic"}, "mobilepay": {}}
    return {method: own[method] | given.get(method, {}) for method in methods}
