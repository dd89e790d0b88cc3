"""The tests' door to the fake: `POST /_control/{name}` with the arguments as JSON, or the methods in this process."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.fakes.stripe import disputes, pages
from tests.fakes.stripe.objects import Json, Refused

if TYPE_CHECKING:
    from tests.fakes.stripe.server import StripeServer


class Control:
    """What a test may ask of the fake, and look at. Every method takes and gives what JSON can say."""

    def __init__(self, server: "StripeServer") -> None:
        self._server = server

    # --- What happened

    def requests(self, *, path: str = "", method: str = "") -> list[Json]:
        """The API's requests so far: method, path, params, idempotency_key, status (None: lost), faults, took_s."""
        with self._server.requests_lock:
            return [
                dict(request)
                for request in self._server.requests
                if path in request["path"] and method in request["method"]
            ]

    def intents(self, **metadata: str) -> list[Json]:
        """The PaymentIntents with this metadata, oldest first."""
        with self._server.book.lock:
            return [
                dict(intent)
                for intent in self._server.book.intents.values()
                if metadata.items() <= intent["metadata"].items()
            ]

    def refunds(self) -> list[Json]:
        """Every refund, oldest first."""
        with self._server.book.lock:
            return [dict(refund) for refund in self._server.book.refunds.values()]

    def events(self) -> list[Json]:
        """Every event, oldest first, whether it was delivered or not."""
        with self._server.book.lock:
            return list(self._server.book.events.values())

    def deliveries(self) -> list[Json]:
        """The webhooks that were answered, or not: event, type, status, took_s."""
        return list(self._server.webhooks.deliveries)

    def money(self) -> Json:
        """What the merchant took, gave back and lost to banks in all, in minor units over all currencies."""
        with self._server.book.lock:
            refunds = self._server.book.refunds.values()
            return {
                "captured": sum(intent["amount_received"] for intent in self._server.book.intents.values()),
                "refunded": sum(refund["amount"] for refund in refunds if refund["status"] != "failed"),
                "disputed": -sum(
                    move["amount"]
                    for dispute in self._server.book.disputes.values()
                    for move in dispute["balance_transactions"]
                ),
            }

    def forget(self) -> None:
        """Forget the requests and deliveries; payments stay."""
        with self._server.requests_lock:
            self._server.requests.clear()
        self._server.webhooks.deliveries.clear()

    # --- Faults

    def set_faults(self, **odds: Any) -> Json:
        """`seed`, and the odds (0 to 1) of each fault of `faults`; `stall_s`, `delay_s`. Without any: none."""
        self._server.faults.begin(**odds)
        return self._server.faults.shown()

    def fail_next(self, *, fault: str, where: str = ".*", times: int = 1) -> None:
        """Let `fault` meet the next `times` requests whose "METHOD /path" matches the pattern `where`."""
        self._server.faults.plan(fault=fault, where=where, times=times)

    def faults(self) -> Json:
        """Seed, odds, and how often each fault was met."""
        return self._server.faults.shown()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Requests wait for as long as the block lasts; of this process only."""
        with self._server.book.lock:
            yield

    # --- Webhooks

    def webhooks_to(self, *, url: str | None, secrets: list[str] | None = None) -> None:
        """Send webhooks to `url` from now on (None: nowhere), signed with `secrets` if they are given."""
        self._server.webhooks.url = url
        if secrets is not None:
            self._server.webhooks.secrets = secrets

    def hold_webhooks(self) -> None:
        """Keep webhooks back from now on."""
        self._server.webhooks.hold()

    def release_webhooks(self, *, events: list[str] | None = None) -> None:
        """Send what was held: all, or the ids in `events`, in that order and as often as they stand there."""
        kept = self._server.book.events
        self._server.webhooks.release(None if events is None else [kept[name] for name in events])

    def deliver(self, *, event: Json) -> None:
        """Send an event of the test's own making, signed."""
        self._server.webhooks.send([event])

    def wait_until_quiet(self, *, timeout_s: float = 30.0) -> bool:
        """Wait until all webhooks under way are taken. Gives whether it was in time."""
        return self._server.webhooks.wait_until_quiet(timeout_s=timeout_s)

    def drop_webhooks(self) -> None:
        """Lose what is still to be sent."""
        self._server.webhooks.forget()

    # --- What a person, a bank and the merchant's dashboard do

    def pay(self, *, intent: str, card: str = "pm_card_visa", approves: bool = True) -> Json:
        """A person pays: with `card`, or in MobilePay; 3DS or the app is passed, or not. Gives the intent."""
        book = self._server.book
        with book.lock:
            found = book.intent(intent)
            try:
                if found["status"] == "requires_payment_method":
                    kind = "card" if "card" in found["payment_method_types"] else "mobilepay"
                    given: Json = (
                        {"payment_method": card}
                        if kind == "card"
                        else {"payment_method_data": {"type": kind}}
                    )
                    book.confirm_intent(intent, {**given, "return_url": self._server.url})
                if found["status"] == "requires_action":
                    book.answer_challenge(intent, passes=approves)
            except Refused as refused:
                if refused.status != 402:
                    raise
            return dict(found)

    def page(self, *, intent: str) -> str:
        """What the person sees."""
        return pages.page(self._server.book.intent(intent), return_url="")

    def dispute(
        self,
        *,
        intent: str,
        amount: int | None = None,
        reason: str = "fraudulent",
        asks: bool = False,
    ) -> Json:
        """The cardholder's bank takes the money back, or asks about it first."""
        return disputes.begin(self._server.book, intent, amount=amount, reason=reason, asks=asks)

    def move_dispute(self, *, dispute: str, status: str, money_follows: bool = True) -> Json:
        """Evidence is handed in at the dashboard, or the bank decides; its money may be a while on the way."""
        return disputes.go_on(self._server.book, dispute, status=status, money_follows=money_follows)

    def refund(self, *, intent: str, amount: int | None = None) -> Json:
        """Somebody gives money back in Stripe's own dashboard."""
        given = {"payment_intent": intent} | ({} if amount is None else {"amount": str(amount)})
        return self._server.book.create_refund(given)

    def end_refund(self, *, refund: str, succeeds: bool = True) -> Json:
        """A pending refund ends."""
        return self._server.book.end_refund(refund, succeeds=succeeds)

    def let_authorisation_end(self, *, intent: str) -> Json:
        """Seven days go by without a capture."""
        return self._server.book.cancel_intent(intent, {"cancellation_reason": "automatic"})

    def answer(self, name: str, raw: str) -> tuple[int, bytes]:
        """The door over HTTP: status and JSON."""
        method = None if name.startswith("_") or name == "answer" else getattr(self, name, None)
        if method is None:
            return 404, b'{"error": "no such thing to ask"}'
        try:
            return 200, json.dumps(method(**(json.loads(raw) if raw else {}))).encode()
        except Refused as refused:
            return refused.status, json.dumps(refused.body).encode()
        except (TypeError, ValueError, KeyError) as error:
            return 400, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()
