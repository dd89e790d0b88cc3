"""Buyers who pay at the fake Stripe, inside the test's own transaction; its webhooks are carried by hand."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import stripe
from django.test import Client

from config.kernel.actors import system
from config.kernel.dispatcher import run_pending
from orders.agreement.models import Order
from orders.payment.models import OperationState, PaymentEntry, PaymentOperation, ProviderMessage
from orders.payment.settling import run_operation
from orders.placing.recovering import fold_message
from tests.callers import Caller, etag, new_client
from tests.factories.world import Basket
from tests.fakes.stripe.running import FakeStripe
from tests.wire import ACKNOWLEDGED

BY = system("tests")


@dataclass
class Till:
    """A fake Stripe, and what our jobs would do about it."""

    stripe: FakeStripe
    now: datetime
    client: Client
    told: int = 0  # events of the fake that came in, or were there before

    def places(self, cart: Basket, method: str = "card", **headers: str) -> Any:
        """The cart becomes an order that waits for its money."""
        wish = {"payment_method": method, **ACKNOWLEDGED}
        return cart.shopper.says("POST", f"{cart.path}/place", wish, If_Match=etag(cart.version), **headers)

    def intent_of(self, order_id: str | UUID) -> dict[str, Any]:
        """The newest intent of an order, as the fake has it."""
        return [
            each
            for each in self.stripe.control.intents()
            if each["metadata"].get("order_id") == str(order_id)
        ][-1]

    def pays(self, order_id: str | UUID, card: str = "pm_card_visa", *, approves: bool = True) -> None:
        """A person pays at the provider; we have not heard of it yet."""
        self.stripe.control.pay(intent=self.intent_of(order_id)["id"], card=card, approves=approves)

    def tells(self, event: dict[str, Any], *, secret: str | None = None, at: int | None = None) -> Any:
        """One webhook, signed as Stripe signs."""
        body = json.dumps(event)
        return self.posts(body.encode(), signature=self.signs(body, secret=secret, at=at))

    def signs(self, body: str, *, secret: str | None = None, at: int | None = None) -> str:
        """The header that goes with a body."""
        return stripe.WebhookSignature.generate_signature_header(body, secret or self.stripe.secrets[0], at)

    def posts(self, body: bytes, *, signature: str = "") -> Any:
        """Exactly these bytes at the hook's door."""
        headers = {"Stripe-Signature": signature} if signature else {}
        return self.client.generic("POST", "/hooks/v1/stripe", body, "application/json", headers=headers)

    def tells_everything(self) -> None:
        """All webhooks since the last time come in, and our jobs run."""
        events = self.stripe.control.events()
        for event in events[self.told :]:
            assert self.tells(event).status_code == 200
        self.told = len(events)
        self.works()

    def works(self) -> None:
        """What the worker does: deliver events, fold messages, run operations."""
        run_pending(now=self.now)
        for message in ProviderMessage.objects.filter(state="received").order_by("pk"):
            fold_message(message_id=message.public_id, by=BY, now=self.now)
        run_pending(now=self.now)
        for operation in PaymentOperation.objects.filter(state=OperationState.PENDING).order_by("pk"):
            run_operation(operation_id=operation.public_id, by=BY, now=self.now)
        run_pending(now=self.now)


def till_for(stripe_: FakeStripe, now: datetime) -> Till:
    """A till at a running fake."""
    return Till(stripe=stripe_, now=now, client=new_client(), told=len(stripe_.control.events()))


def order_of(receipt: dict[str, Any]) -> Order:
    """The order's row as it is now."""
    return Order.objects.get(public_id=receipt["id"])


def buyer_of(cart: Basket, receipt: dict[str, Any]) -> Caller:
    """Who placed the cart, with what opens the order."""
    return cart.shopper.carrying(X_Order_Secret=receipt["secret"]) if "secret" in receipt else cart.shopper


def secured(cart: Basket, till: Till, method: str = "card") -> dict[str, Any]:
    """An order whose whole sum is authorised."""
    receipt: dict[str, Any] = till.places(cart, method)
    till.pays(receipt["id"])
    till.tells_everything()
    return receipt


def entries(receipt: dict[str, Any]) -> list[tuple[str, int]]:
    """The order's ledger."""
    rows = PaymentEntry.objects.filter(order__public_id=receipt["id"]).order_by("pk")
    return list(rows.values_list("kind", "amount_minor"))
