"""What the provider tells us is believed when it is signed, kept once, and ends alike in whatever order it comes."""

import json
import random
import re
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from orders.agreement.models import OrderState
from orders.payment.models import PaymentAttempt, ProviderMessage
from tests.callers import problem
from tests.factories.goods import undone
from tests.factories.world import Basket, World, ready_cart
from tests.orders.paying import Till, order_of

pytestmark = pytest.mark.django_db
OTHER_SECRET = "whsec_the_one_before"


@pytest.fixture
def cart(world: World, till: Till) -> Basket:
    return ready_cart(world.guest())


def event_about(
    till: Till, receipt: dict[str, Any], kind: str = "payment_intent.requires_action"
) -> dict[str, Any]:
    """A genuine event of the order's intent, of a kind that it had or might have."""
    events = till.stripe.control.events()
    mine = [
        each for each in events if each["data"]["object"].get("id") == till.intent_of(receipt["id"])["id"]
    ]
    return {**mine[-1], "id": f"evt_{uuid4().hex}", "type": kind}


def nothing_changed(receipt: dict[str, Any]) -> bool:
    order = order_of(receipt)
    return order.state == OrderState.PENDING_PAYMENT and not ProviderMessage.objects.exists()


def test_a_message_with_a_good_signature_is_kept_and_answered_at_once(cart: Basket, till: Till) -> None:
    event = event_about(till, till.places(cart))
    began = time.monotonic()
    response = till.tells(event)

    assert (response.status_code, response.content) == (200, b"")
    assert time.monotonic() - began < 0.5
    message = ProviderMessage.objects.get()
    assert (message.event_ref, message.state) == (event["id"], "received")
    assert json.loads(bytes(message.body)) == event


BAD: dict[str, Any] = {
    "no signature": lambda till, body: till.posts(body),
    "another secret": lambda till, body: till.posts(
        body, signature=till.signs(body.decode(), secret="whsec_mine")
    ),
    "an altered byte": lambda till, body: till.posts(
        body.replace(b'"livemode"', b'"liveMode"'), signature=till.signs(body.decode())
    ),
    "written again": lambda till, body: till.posts(
        json.dumps(json.loads(body), indent=1).encode(), signature=till.signs(body.decode())
    ),
    "301 s old": lambda till, body: till.posts(
        body, signature=till.signs(body.decode(), at=int(time.time()) - 302)
    ),
    "301 s ahead": lambda till, body: till.posts(
        body, signature=till.signs(body.decode(), at=int(time.time()) + 302)
    ),
    "another mode": lambda till, body: till.tells({**json.loads(body), "livemode": True}),
    "no signature at all in the header": lambda till, body: till.posts(body, signature="t=1,v0=nothing"),
    "not UTF-8": lambda till, body: till.posts(b"\xff\xfe", signature=till.signs("{}")),
}


@pytest.mark.parametrize("how", BAD)
def test_what_is_not_the_providers_changes_nothing(how: str, cart: Basket, till: Till) -> None:
    receipt = till.places(cart)
    body = json.dumps(event_about(till, receipt)).encode()

    answer = problem(BAD[how](till, body))

    assert (answer["status"], answer["code"]) == (400, "bad_signature")
    assert nothing_changed(receipt)


def test_two_secrets_are_good_while_one_replaces_the_other(cart: Basket, till: Till, settings: Any) -> None:
    receipt = till.places(cart)
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", OTHER_SECRET]

    for secret in ("whsec_new", OTHER_SECRET):
        assert till.tells(event_about(till, receipt), secret=secret).status_code == 200
    assert till.tells(event_about(till, receipt)).status_code == 400


def test_a_message_that_comes_again_is_answered_and_kept_once(cart: Basket, till: Till) -> None:
    event = event_about(till, till.places(cart))

    assert [till.tells(event).status_code for _ in range(3)] == [200, 200, 200]
    assert ProviderMessage.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"type": "climate.order.created"}, {"api_version": "2019-12-03"}], ids=["type", "version"]
)
def test_what_says_nothing_to_us_is_kept_and_ignored(change: Any, cart: Basket, till: Till) -> None:
    event = event_about(till, till.places(cart)) | change

    assert till.tells(event).status_code == 200
    assert ProviderMessage.objects.get().state == "ignored"


def test_messages_are_counted_by_what_became_of_them(cart: Basket, till: Till) -> None:
    assert counted(till) == set()
    event = event_about(till, till.places(cart))
    for change in ({"type": "climate.order.created"}, {"api_version": "2019-12-03"}, {}):
        assert till.tells(event | change | {"id": f"evt_{uuid4().hex}"}).status_code == 200

    assert counted(till) == {("stripe", "ignored", 2), ("stripe", "received", 1)}
    till.works()
    assert counted(till) == {("stripe", "ignored", 2), ("stripe", "folded", 1)}
    ProviderMessage.objects.filter(state="ignored").update(
        received_at=till.now - timedelta(days=1, minutes=1)
    )
    assert counted(till) == {("stripe", "folded", 1)}


def counted(till: Till) -> set[tuple[str, str, float]]:
    """What `/metrics` says of the inbox: sender, state, how many."""
    text = till.client.get("/metrics").content.decode()
    line = re.compile(r'^polku_provider_messages{provider="(\w+)",state="(\w+)"} (\S+)$', re.MULTILINE)
    return {(provider, state, float(number)) for provider, state, number in line.findall(text)}


def test_a_payment_of_nobody_is_kept_and_told(till: Till) -> None:
    with till.stripe.control.busy():
        intent = till.stripe.control._server.book.create_intent(
            {"amount": "1000", "currency": "eur", "metadata": {"attempt_id": str(uuid4())}}
        )
    event = till.stripe.control.events()[-1] | {
        "type": "payment_intent.requires_action",
        "id": f"evt_{uuid4().hex}",
    }
    assert event["data"]["object"]["id"] == intent["id"]

    assert till.tells(event).status_code == 200
    till.works()

    assert ProviderMessage.objects.get().state == "unmatched"


def test_a_message_of_ten_megabytes_is_too_large(till: Till) -> None:
    answer = problem(till.posts(b"{" + b" " * 10_000_000 + b"}"))

    assert (answer["status"], answer["code"]) == (413, "body_too_large")


def test_an_event_that_lies_about_its_intent_changes_nothing(cart: Basket, till: Till) -> None:
    receipt = till.places(cart)
    event = event_about(till, receipt, "payment_intent.amount_capturable_updated")
    event["data"]["object"] |= {"status": "requires_capture", "amount_capturable": 10_000_000}

    assert till.tells(event).status_code == 200
    till.works()

    assert order_of(receipt).state == OrderState.PENDING_PAYMENT


def test_shuffled_and_repeated_webhooks_end_alike(cart: Basket, till: Till) -> None:
    """The genuine events of a payment with 3DS, five shuffles of three copies over HTTP (G6)."""
    receipt = till.places(cart)
    till.pays(receipt["id"], "pm_card_authenticationRequired")
    events = till.stripe.control.events()[till.told :]
    ends = set()
    for seed in range(5):
        with undone():
            shuffled = events * 3
            random.Random(seed).shuffle(shuffled)
            assert {till.tells(event).status_code for event in shuffled} == {200}
            till.works()
            order, attempt = order_of(receipt), PaymentAttempt.objects.get()
            ends.add((order.state, order.steps.count(), attempt.state, attempt.provider_status))

    assert ends == {("confirmed", 2, "secured", "authorised")}
