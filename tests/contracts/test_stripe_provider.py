"""Our Stripe adapter against the fake: what it reads of every state, and how it sorts what goes wrong."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from config.kernel.rest.hooks import BadSignature
from orders.integrations.stripe_provider import StripeProvider
from orders.payment.ports import AskedIntent, IntentStatus, ProviderRefused, ProviderSilent, RefundStatus
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.fakes.stripe.webhooks import signature

BACK = "https://shop.example/orders/1"


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    with running_fake_stripe() as fake:
        yield fake


@pytest.fixture
def provider(fake: FakeStripe, settings: Any) -> StripeProvider:
    fake.control.set_faults()
    for name, value in fake.env.items():
        setattr(settings, name, value)
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_next", *fake.secrets]
    return StripeProvider(timeout_s=2)


def asking(method: str = "card", *, attempt_id: UUID | None = None) -> AskedIntent:
    return AskedIntent(
        attempt_id=attempt_id or uuid4(),
        order_id=uuid4(),
        number="10000017",
        method=method,
        amount_minor=10_000,
        currency="EUR",
        return_url=BACK,
    )


def new_key() -> str:
    return str(uuid4())


@pytest.mark.parametrize(
    ("card", "status", "failure"),
    [
        ("pm_card_visa", IntentStatus.AUTHORISED, ""),
        ("pm_card_authenticationRequired", IntentStatus.AUTHORISED, ""),
        ("pm_card_chargeDeclined", IntentStatus.FAILED, "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", IntentStatus.FAILED, "insufficient_funds"),
    ],
)
def test_a_card(
    provider: StripeProvider, fake: FakeStripe, card: str, status: IntentStatus, failure: str
) -> None:
    asked = asking()
    seen = provider.create_intent(asked=asked, key=new_key())
    assert (seen.status, seen.attempt_id, seen.redirects) == (IntentStatus.WAITING, asked.attempt_id, False)
    assert seen.client_secret
    assert seen.url.startswith(f"{fake.url}/pay/{seen.ref}?return_url=")
    fake.control.pay(intent=seen.ref, card=card)
    after = provider.read_intent(ref=seen.ref)
    assert (after.status, after.failure, after.amount_minor, after.currency) == (
        status,
        failure,
        10_000,
        "EUR",
    )


def test_mobilepay_sends_her_away_and_is_captured_once(provider: StripeProvider, fake: FakeStripe) -> None:
    seen = provider.create_intent(asked=asking("mobilepay"), key=new_key())
    assert (seen.status, seen.redirects, seen.url) == (
        IntentStatus.ACTION,
        True,
        f"{fake.url}/pay/{seen.ref}",
    )
    fake.control.pay(intent=seen.ref, approves=False)
    refused = provider.read_intent(ref=seen.ref)
    assert (refused.status, refused.failure) == (IntentStatus.FAILED, "payment_intent_authentication_failure")
    fake.control.pay(intent=seen.ref)
    assert not provider.read_intent(ref=seen.ref).captures_in_parts
    with pytest.raises(ProviderRefused):
        provider.capture(ref=seen.ref, amount_minor=4_000, final=False, key=new_key())
    taken = provider.capture(ref=seen.ref, amount_minor=4_000, final=True, key=new_key())
    assert (taken.status, taken.captured_minor) == (IntentStatus.SUCCEEDED, 4_000)


def test_captures_in_parts_and_refunds_in_parts(provider: StripeProvider, fake: FakeStripe) -> None:
    ref = provider.create_intent(asked=asking(), key=new_key()).ref
    fake.control.pay(intent=ref)
    first = provider.capture(ref=ref, amount_minor=4_000, final=False, key=new_key())
    assert (first.status, first.captured_minor, first.captures_in_parts) == (
        IntentStatus.AUTHORISED,
        4_000,
        True,
    )
    last = provider.capture(ref=ref, amount_minor=6_000, final=True, key=new_key())
    assert (last.status, last.captured_minor) == (IntentStatus.SUCCEEDED, 10_000)
    operation, key = uuid4(), new_key()
    assert provider.find_refund(ref=ref, operation_id=operation) is None
    for _ in range(2):
        made = provider.refund(ref=ref, amount_minor=2_500, operation_id=operation, key=key)
    assert (made.status, made.amount_minor, made.operation_id) == (RefundStatus.DONE, 2_500, operation)
    assert provider.find_refund(ref=ref, operation_id=operation) == made
    with pytest.raises(ProviderRefused):
        provider.refund(ref=ref, amount_minor=7_501, operation_id=uuid4(), key=new_key())


def test_refunds_that_take_their_time_or_fail(provider: StripeProvider, fake: FakeStripe) -> None:
    for card, status in (
        ("pm_card_pendingRefund", RefundStatus.PENDING),
        ("pm_card_refundFail", RefundStatus.FAILED),
    ):
        ref = provider.create_intent(asked=asking(), key=new_key()).ref
        fake.control.pay(intent=ref, card=card)
        provider.capture(ref=ref, amount_minor=10_000, final=True, key=new_key())
        operation = uuid4()
        provider.refund(ref=ref, amount_minor=100, operation_id=operation, key=new_key())
        found = provider.find_refund(ref=ref, operation_id=operation)
        assert found is not None
        assert (found.status, bool(found.failure)) == (status, status == RefundStatus.FAILED)


def test_what_is_given_up_is_released(provider: StripeProvider, fake: FakeStripe) -> None:
    ref = provider.create_intent(asked=asking(), key=new_key()).ref
    fake.control.pay(intent=ref)
    cancelled = provider.cancel(ref=ref, key=new_key())
    assert (cancelled.status, cancelled.captured_minor) == (IntentStatus.CANCELLED, 0)
    with pytest.raises(ProviderRefused):
        provider.capture(ref=ref, amount_minor=1, final=True, key=new_key())


@pytest.mark.parametrize(
    ("fault", "burnt"),
    [("reply_lost", False), ("rate_limited", False), ("unavailable", True), ("error_after", True)],
)
def test_silence_is_no_refusal_and_the_intent_is_found_by_its_attempt(
    provider: StripeProvider, fake: FakeStripe, fault: str, burnt: bool
) -> None:
    asked, key = asking(), new_key()
    fake.control.fail_next(fault=fault, where="POST /v1/payment_intents$")
    with pytest.raises(ProviderSilent) as caught:
        provider.create_intent(asked=asked, key=key)
    assert caught.value.key_is_burnt == burnt
    found = provider.find_intent(attempt_id=asked.attempt_id, asked_at=datetime.now(tz=UTC))
    assert (found is not None) == (fault in {"reply_lost", "error_after"})
    if not burnt:
        again = provider.create_intent(asked=asked, key=key)
        assert found is None or again.ref == found.ref


class TestMessages:
    """Only Stripe's own words, of now, are read."""

    def _event(self, provider: StripeProvider, fake: FakeStripe) -> tuple[AskedIntent, bytes]:
        asked = asking()
        ref = provider.create_intent(asked=asked, key=new_key()).ref
        fake.control.pay(intent=ref)
        return asked, json.dumps(fake.control.events()[-1]).encode()

    def test_every_event_of_the_fake_can_be_read(self, provider: StripeProvider, fake: FakeStripe) -> None:
        asked, _ = self._event(provider, fake)
        fake.control.dispute(intent=fake.control.intents()[-1]["id"], asks=True)
        now = datetime.now(tz=UTC)
        for event in fake.control.events():
            body = json.dumps(event).encode()
            news = provider.read_message(
                body=body, signature=signature(body, secrets=list(fake.secrets)), now=now
            )
            assert news.intent_ref.startswith("pi_")
        assert (news.kind, news.known) == ("charge.dispute.created", True)
        assert asked.attempt_id in {
            UUID(intent["metadata"]["attempt_id"]) for intent in fake.control.intents()
        }

    def test_a_stale_a_future_and_a_foreign_one_are_refused(
        self, provider: StripeProvider, fake: FakeStripe
    ) -> None:
        _, body = self._event(provider, fake)
        now = datetime.now(tz=UTC)
        stamp = int(now.timestamp())
        good = {"secrets": list(fake.secrets), "at": stamp}
        assert provider.read_message(body=body, signature=signature(body, **good), now=now).known
        assert provider.read_message(
            body=body, signature=signature(body, secrets=["whsec_next"]), now=now
        ).known
        for sent, said in (
            (body, signature(body, **{**good, "at": stamp - 302})),
            (body, signature(body, **{**good, "at": stamp + 302})),
            (body, signature(body, **{**good, "secrets": ["whsec_other"]})),
            (body.replace(b'"livemode": false', b'"livemode": true ', 1), signature(body, **good)),
            (json.dumps(json.loads(body), indent=1).encode(), signature(body, **good)),
            (body, ""),
            (body, "t=,v1="),
            (body, f"t={stamp}"),
        ):
            with pytest.raises(BadSignature):
                provider.read_message(body=sent, signature=said, now=now)

    def test_one_of_live_mode_is_refused_by_a_key_of_test_mode(
        self, provider: StripeProvider, fake: FakeStripe
    ) -> None:
        _, body = self._event(provider, fake)
        live = json.dumps({**json.loads(body), "livemode": True}).encode()
        with pytest.raises(BadSignature):
            provider.read_message(
                body=live,
                signature=signature(live, secrets=list(fake.secrets)),
                now=datetime.now(tz=UTC) + timedelta(seconds=1),
            )

    def test_one_of_another_kind_or_version_is_not_known(
        self, provider: StripeProvider, fake: FakeStripe
    ) -> None:
        _, body = self._event(provider, fake)
        for change in ({"type": "polku.unheard_of"}, {"api_version": "2020-08-27"}):
            other = json.dumps({**json.loads(body), **change}).encode()
            news = provider.read_message(
                body=other, signature=signature(other, secrets=list(fake.secrets)), now=datetime.now(tz=UTC)
            )
            assert not news.known
