"""The fake Stripe says what the SDK expects to read: every shape against the SDK's own types."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import stripe

from tests.contracts.stripe_types import complaints
from tests.fakes.stripe.objects import API_VERSION, payment_intent
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe

MANUAL: dict[str, Any] = {"amount": 10_000, "currency": "eur", "capture_method": "manual"}
IN_PARTS = {"payment_method_options": {"card": {"request_multicapture": "if_available"}}}
BY_CARD = {**MANUAL, **IN_PARTS, "payment_method_types": ["card"], "metadata": {"attempt": "7"}}
BY_MOBILEPAY = {
    **MANUAL,
    "payment_method_types": ["mobilepay"],
    "payment_method_data": {"type": "mobilepay"},
    "confirm": True,
    "return_url": "https://shop.example/orders/1",
}
BACK = {"return_url": "https://shop.example/orders/1"}


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with running_fake_stripe() as fake:
        yield fake


@pytest.fixture
def client(fake: FakeStripe) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_contract", base_addresses={"api": fake.url}, max_network_retries=0)


def assert_fits(answer: Any) -> None:
    """The raw JSON behind an SDK object fits the class that the SDK chose for it."""
    assert (
        list(complaints(json.loads(answer.last_response.body), type(answer), at=type(answer).__name__)) == []
    )


def test_the_fake_speaks_the_version_that_the_sdk_asks_for() -> None:
    assert stripe.api_version == API_VERSION


def test_the_comparison_sees_what_does_not_fit() -> None:
    intent = payment_intent(amount=100, currency="eur", methods=["card"])
    assert list(complaints(intent, stripe.PaymentIntent, at="it")) == []
    for change, complaint in (
        ({"amount": "100"}, "it.amount: '100' is not <class 'int'>"),
        ({"livemode": 0}, "it.livemode: 0 is not <class 'bool'>"),
        ({"status": "paid"}, "it.status: 'paid' is not among"),
        ({"total": 100}, "it.total is not a field of PaymentIntent"),
        ({"next_action": {}}, "it.next_action.type is missing"),
        ({"payment_method_types": [1]}, "it.payment_method_types[0]: 1 is not <class 'str'>"),
        ({"last_payment_error": {"type": "oh", "charge": 1}}, "it.last_payment_error"),
    ):
        assert next(complaints({**intent, **change}, stripe.PaymentIntent, at="it")).startswith(complaint)
    del intent["amount_received"]
    assert list(complaints(intent, stripe.PaymentIntent, at="it")) == ["it.amount_received is missing"]


class TestShapes:
    """Each answer, in each state that an intent can be brought to."""

    def test_a_new_intent(self, client: stripe.StripeClient) -> None:
        assert_fits(client.v1.payment_intents.create(BY_CARD))
        automatic = client.v1.payment_intents.create(
            {"amount": 100, "currency": "eur", "automatic_payment_methods": {"enabled": True}}
        )
        assert automatic.payment_method_types == ["card", "mobilepay"]
        assert_fits(automatic)

    def test_authorised_captured_in_parts_and_refunded(self, client: stripe.StripeClient) -> None:
        intents = client.v1.payment_intents
        name = intents.create(BY_CARD).id
        confirmed = intents.confirm(name, {"payment_method": "pm_card_visa"})
        assert (confirmed.status, confirmed.amount_capturable) == ("requires_capture", 10_000)
        assert_fits(confirmed)
        part = intents.capture(name, {"amount_to_capture": 4_000, "final_capture": False})
        assert (part.status, part.amount_capturable, part.amount_received) == (
            "requires_capture",
            6_000,
            4_000,
        )
        assert_fits(part)
        last = intents.capture(name, {"amount_to_capture": 5_000})
        assert (last.status, last.amount_capturable, last.amount_received) == ("succeeded", 0, 9_000)
        assert_fits(last)
        refund = client.v1.refunds.create(
            {"payment_intent": name, "amount": 1_500, "metadata": {"refund": "3"}}
        )
        assert (refund.status, refund.amount) == ("succeeded", 1_500)
        assert_fits(refund)
        assert_fits(client.v1.refunds.retrieve(refund.id))
        charge = client.v1.charges.retrieve(str(last.latest_charge))
        assert (charge.amount_captured, charge.amount_refunded) == (
            9_000,
            2_500,
        )  # 1,000 of it were only released
        assert_fits(charge)
        assert_fits(intents.retrieve(name, {"expand": ["latest_charge"]}))

    def test_3ds_to_be_passed_and_passed(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        card = {"payment_method": "pm_card_authenticationRequired"}
        sdk = client.v1.payment_intents.confirm(client.v1.payment_intents.create(BY_CARD).id, card)
        assert sdk.status == "requires_action"
        assert sdk.next_action is not None
        assert sdk.next_action.type == "use_stripe_sdk"
        assert_fits(sdk)
        redirect = client.v1.payment_intents.confirm(
            client.v1.payment_intents.create(BY_CARD).id, {**card, **BACK}
        )
        assert redirect.next_action is not None
        assert redirect.next_action.redirect_to_url is not None
        assert redirect.next_action.redirect_to_url.return_url == BACK["return_url"]
        assert_fits(redirect)
        fake.control.pay(intent=redirect.id, approves=True)
        passed = client.v1.payment_intents.retrieve(redirect.id, {"expand": ["latest_charge"]})
        assert passed.status == "requires_capture"
        assert_fits(passed)

    def test_mobilepay(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        intent = client.v1.payment_intents.create(BY_MOBILEPAY)
        assert intent.next_action is not None
        assert intent.next_action.type == "redirect_to_url"
        assert_fits(intent)
        fake.control.pay(intent=intent.id)
        assert_fits(client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2_000}))
        assert_fits(client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]}))
        assert_fits(client.v1.refunds.create({"payment_intent": intent.id}))

    def test_cancelled(self, client: stripe.StripeClient) -> None:
        new = client.v1.payment_intents.create(BY_CARD)
        assert_fits(client.v1.payment_intents.cancel(new.id, {"cancellation_reason": "abandoned"}))
        held = client.v1.payment_intents.create(
            {**BY_CARD, "confirm": True, "payment_method": "pm_card_visa"}
        )
        cancelled = client.v1.payment_intents.cancel(held.id)
        assert (cancelled.status, cancelled.amount_capturable) == ("canceled", 0)
        assert_fits(client.v1.payment_intents.retrieve(held.id, {"expand": ["latest_charge"]}))

    def test_lists_and_search(self, client: stripe.StripeClient) -> None:
        for _ in range(3):
            client.v1.payment_intents.create({**BY_CARD, "confirm": True, "payment_method": "pm_card_visa"})
        page = client.v1.payment_intents.list({"limit": 2, "created": {"gte": 0}})
        assert (len(page.data), page.has_more) == (2, True)
        everything = [intent.id for intent in client.v1.payment_intents.list({"limit": 2}).auto_paging_iter()]
        assert len(everything) == 3
        found = client.v1.payment_intents.search(
            {"query": "metadata['attempt']:'7' AND status:'requires_capture'"}
        )
        assert [intent.id for intent in found.data] == everything
        assert client.v1.payment_intents.search({"query": "metadata['attempt']:'8'"}).data == []
        for intent in json.loads(found.last_response.body)["data"]:
            assert list(complaints(intent, stripe.PaymentIntent, at="found")) == []

    def test_every_event(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        intents = client.v1.payment_intents
        for card in ("pm_card_visa", "pm_card_createDispute", "pm_card_refundFail", "pm_card_pendingRefund"):
            name = intents.create(BY_CARD).id
            intents.confirm(name, {"payment_method": card})
            intents.capture(name, {"amount_to_capture": 4_000, "final_capture": False})
            intents.capture(name)
            if card != "pm_card_createDispute":
                client.v1.refunds.create({"payment_intent": name, "amount": 100})
        fake.control.end_refund(refund=fake.control.refunds()[-1]["id"])
        dispute = fake.control.dispute(intent=name, asks=True, amount=2_000)["id"]
        for status in ("warning_under_review", "needs_response", "under_review", "won"):
            fake.control.move_dispute(dispute=dispute, status=status)
        assert_fits(client.v1.disputes.retrieve(dispute))
        intents.cancel(intents.create({**BY_CARD, "confirm": True, "payment_method": "pm_card_visa"}).id)
        intents.create(BY_MOBILEPAY)
        with pytest.raises(stripe.CardError):
            intents.create({**BY_CARD, "confirm": True, "payment_method": "pm_card_chargeDeclined"})
        events = fake.control.events()
        assert {event["type"] for event in events} == {
            "payment_intent.created",
            "payment_intent.requires_action",
            "payment_intent.amount_capturable_updated",
            "payment_intent.succeeded",
            "payment_intent.payment_failed",
            "payment_intent.canceled",
            "charge.succeeded",
            "charge.failed",
            "charge.captured",
            "charge.refunded",
            "charge.refund.updated",
            "charge.dispute.created",
            "charge.dispute.updated",
            "charge.dispute.closed",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.funds_reinstated",
            "refund.created",
            "refund.updated",
            "refund.failed",
        }
        classes = {
            "payment_intent": stripe.PaymentIntent,
            "charge": stripe.Charge,
            "refund": stripe.Refund,
            "dispute": stripe.Dispute,
        }
        for event in events:
            about = event["data"]["object"]
            assert list(complaints(event, stripe.Event, at=event["type"])) == []
            assert list(complaints(about, classes[about["object"]], at=event["type"])) == []
        assert_fits(client.v1.events.retrieve(events[0]["id"]))


class TestRefusals:
    """Errors arrive as the SDK's exceptions, with the codes that Stripe's documents name."""

    CASES: ClassVar[dict[str, tuple[str, str, int, str | None]]] = {
        # card: exception, code, status, decline code
        "pm_card_chargeDeclined": ("CardError", "card_declined", 402, "generic_decline"),
        "pm_card_chargeDeclinedInsufficientFunds": ("CardError", "card_declined", 402, "insufficient_funds"),
        "pm_card_chargeDeclinedExpiredCard": ("CardError", "expired_card", 402, "expired_card"),
        "pm_card_unheard_of": ("InvalidRequestError", "resource_missing", 400, None),
    }

    @pytest.mark.parametrize("card", CASES)
    def test_a_card_that_is_declined(self, client: stripe.StripeClient, card: str) -> None:
        intent = client.v1.payment_intents.create(BY_CARD)
        with pytest.raises(stripe.StripeError) as caught:
            client.v1.payment_intents.confirm(intent.id, {"payment_method": card})
        error = caught.value.error
        assert error is not None
        seen = (type(caught.value).__name__, error.code, caught.value.http_status, error.decline_code)
        assert seen == self.CASES[card]
        body = caught.value.json_body["error"]
        assert list(complaints(dict(body), stripe.ErrorObject, at="error")) == []
        after = client.v1.payment_intents.retrieve(intent.id)
        assert after.status == "requires_payment_method"
        assert_fits(after)

    def test_what_may_not_be_done(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        intents, refunds = client.v1.payment_intents, client.v1.refunds
        held = {**BY_CARD, "confirm": True, "payment_method": "pm_card_visa"}
        fresh, cancelled, taken = (intents.create(params).id for params in (BY_CARD, BY_CARD, held))
        intents.cancel(cancelled)
        intents.capture(taken, {"amount_to_capture": 3_000, "final_capture": False})
        paid = intents.create(held).id
        intents.capture(paid)
        refunds.create({"payment_intent": paid})
        disputed = intents.create({**held, "payment_method": "pm_card_createDispute"}).id
        intents.capture(disputed)
        whole = intents.create(
            {**MANUAL, "payment_method_types": ["card"], "confirm": True, "payment_method": "pm_card_visa"}
        )
        mobile = intents.create(BY_MOBILEPAY).id
        fake.control.pay(intent=mobile)
        in_part = {"amount_to_capture": 1, "final_capture": False}
        for act, code in (
            (lambda: intents.retrieve("pi_none"), "resource_missing"),
            (lambda: intents.create({"amount": 10, "currency": "eur"}), "amount_too_small"),
            (lambda: intents.create({**BY_MOBILEPAY, "currency": "usd"}), "payment_intent_invalid_currency"),
            (lambda: intents.capture(fresh), "payment_intent_unexpected_state"),
            (lambda: intents.cancel(paid), "payment_intent_unexpected_state"),
            (
                lambda: intents.confirm(cancelled, {"payment_method": "pm_card_visa"}),
                "payment_intent_unexpected_state",
            ),
            (lambda: intents.capture(taken, {"amount_to_capture": 7_001}), "amount_too_large"),
            (lambda: intents.capture(whole.id, in_part), None),  # it did not ask for captures in parts
            (lambda: intents.capture(mobile, in_part), None),  # MobilePay is captured once
            (lambda: refunds.create({"payment_intent": fresh}), None),
            (lambda: refunds.create({"payment_intent": taken, "amount": 3_001}), None),
            (lambda: refunds.create({"payment_intent": paid}), "charge_already_refunded"),
            (lambda: refunds.create({"payment_intent": disputed}), "charge_disputed"),
        ):
            with pytest.raises(stripe.InvalidRequestError) as caught:
                act()
            assert caught.value.code == code

    def test_the_key_decides_who_may_ask(self, fake: FakeStripe, client: stripe.StripeClient) -> None:
        intent = client.v1.payment_intents.create(BY_CARD)

        def asking(key: str) -> stripe.StripeClient:
            return stripe.StripeClient(key, base_addresses={"api": fake.url}, max_network_retries=0)

        with pytest.raises(stripe.AuthenticationError):
            asking("sk_live_never").v1.payment_intents.retrieve(intent.id)
        with pytest.raises(stripe.PermissionError):
            asking("pk_test_browser").v1.payment_intents.retrieve(intent.id)
        with pytest.raises(stripe.PermissionError):
            asking("pk_test_browser").v1.payment_intents.create(BY_CARD)
        secret = {"client_secret": str(intent.client_secret)}
        assert asking("pk_test_browser").v1.payment_intents.retrieve(intent.id, secret).id == intent.id
