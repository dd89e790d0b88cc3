"""What the fake Stripe does to its clients: keys, faults, webhooks, the person's page, and outliving a restart."""

import http.client
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import stripe

from tests.fakes.stripe import keeping
from tests.fakes.stripe.running import FakeStripe, RemoteControl, running_fake_stripe
from tests.fakes.stripe.server import StripeServer
from tests.fakes.stripe.webhooks import signature

BY_CARD: dict[str, Any] = {
    "amount": 10_000,
    "currency": "eur",
    "capture_method": "manual",
    "payment_method_types": ["card"],
}
HELD = {**BY_CARD, "confirm": True, "payment_method": "pm_card_visa"}
SECRETS = ("whsec_new", "whsec_old")


class Ear(ThreadingHTTPServer):
    """Hears webhooks: verifies each with the SDK, and refuses the first `refuses` of them with 500."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _EarHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        self.heard: list[stripe.Event] = []
        self.refuses = 0
        self.lock = threading.Lock()


class _EarHandler(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for secret in SECRETS:
            event = stripe.Webhook.construct_event(body, self.headers["Stripe-Signature"], secret)
        with self.server.lock:
            self.server.refuses -= 1
            refused = self.server.refuses >= 0
            if not refused:
                self.server.heard.append(event)
        self.send_response(500 if refused else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as ear:
        thread = threading.Thread(target=ear.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield ear
        ear.shutdown()
        thread.join()


@pytest.fixture
def fake(ear: Ear) -> Iterator[FakeStripe]:
    with running_fake_stripe(
        webhooks_to=ear.url, secrets=SECRETS, return_origins=("https://shop.example",)
    ) as fake:
        yield fake


@pytest.fixture
def client(fake: FakeStripe) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_contract", base_addresses={"api": fake.url}, max_network_retries=0)


class TestKeys:
    """One key, one effect."""

    def test_the_same_key_gives_the_first_answer(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        first = client.v1.payment_intents.create(HELD, {"idempotency_key": "a"})
        client.v1.payment_intents.capture(first.id)
        again = client.v1.payment_intents.create(HELD, {"idempotency_key": "a"})
        assert (again.id, again.status) == (first.id, "requires_capture")  # as it was then
        assert len(fake.control.intents()) == 1

    def test_other_parameters_or_another_route_are_refused(self, client: stripe.StripeClient) -> None:
        intent = client.v1.payment_intents.create(HELD, {"idempotency_key": "a"})
        with pytest.raises(stripe.IdempotencyError):
            client.v1.payment_intents.create({**HELD, "amount": 9_999}, {"idempotency_key": "a"})
        with pytest.raises(stripe.IdempotencyError):
            client.v1.payment_intents.capture(intent.id, None, {"idempotency_key": "a"})

    def test_a_second_request_while_the_first_runs_is_a_conflict(
        self, client: stripe.StripeClient, fake: FakeStripe
    ) -> None:
        def create() -> str:
            try:
                return client.v1.payment_intents.create(BY_CARD, {"idempotency_key": "a"}).id
            except stripe.APIError as error:
                return f"{error.http_status} {error.json_body['error']['code']}"

        with ThreadPoolExecutor(12) as pool, fake.control.busy():
            answers = [pool.submit(create) for _ in range(12)]
            time.sleep(0.3)  # one of them runs into the closed book; the others find its key taken
        seen = [answer.result() for answer in answers]
        assert len(fake.control.intents()) == 1
        assert seen.count("409 idempotency_key_in_use") == 11

    def test_a_refusal_leaves_the_key_free_but_a_decline_does_not(self, client: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.payment_intents.create({**BY_CARD, "amount": 1}, {"idempotency_key": "a"})
        intent = client.v1.payment_intents.create(BY_CARD, {"idempotency_key": "a"})
        for _ in range(2):
            with pytest.raises(stripe.CardError):
                client.v1.payment_intents.confirm(
                    intent.id, {"payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": "b"}
                )
        assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


class TestRequestFaults:
    """What a client sees, and what happened."""

    @pytest.mark.parametrize(
        ("fault", "error", "effects"),
        [
            ("rate_limited", stripe.RateLimitError, 0),
            ("unavailable", stripe.APIError, 0),
            ("reply_lost", stripe.APIConnectionError, 1),
            ("error_after", stripe.APIError, 1),
        ],
    )
    def test_a_planned_fault(
        self,
        client: stripe.StripeClient,
        fake: FakeStripe,
        fault: str,
        error: type[stripe.StripeError],
        effects: int,
    ) -> None:
        intent = client.v1.payment_intents.create(HELD)
        client.v1.payment_intents.capture(intent.id)
        fake.control.fail_next(fault=fault, where="POST /v1/refunds")
        given: Any = {"payment_intent": intent.id, "amount": 100}
        with pytest.raises(error):
            client.v1.refunds.create(given, {"idempotency_key": "r"})
        assert len(fake.control.refunds()) == effects
        if fault == "error_after":  # the error is what the key keeps
            with pytest.raises(error):
                client.v1.refunds.create(given, {"idempotency_key": "r"})
        else:
            client.v1.refunds.create(given, {"idempotency_key": "r"})
        assert len(fake.control.refunds()) == 1
        assert fake.control.faults()["met"] == {fault: 1}

    def test_a_stall(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        fake.control.set_faults(seed=1, stall=1.0, stall_s=0.3)
        began = time.monotonic()
        client.v1.payment_intents.create(BY_CARD)
        assert time.monotonic() - began >= 0.3

    def test_the_seed_decides(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        def statuses(seed: int) -> list[int | None]:
            fake.control.forget()
            fake.control.set_faults(seed=seed, rate_limited=0.3, error_after=0.2, reply_lost=0.2)
            for _ in range(30):
                try:
                    client.v1.payment_intents.create(BY_CARD)
                except stripe.StripeError:
                    continue
            return [request["status"] for request in fake.control.requests()]

        first = statuses(7)
        assert {200, 429, 500, None} == set(first)
        assert statuses(7) == first
        assert statuses(8) != first

    def test_there_is_no_fault_by_another_name(self, fake: FakeStripe) -> None:
        with pytest.raises(ValueError, match="no such fault: reply_lots"):
            fake.control.set_faults(reply_lots=0.1)


class TestWebhooks:
    """Signed, repeated, and in the order a test wants."""

    def test_each_is_signed_with_both_secrets_of_a_roll_over(self) -> None:
        body = b'{"object": "event"}'
        header = signature(body, secrets=["one", "two"], at=int(time.time()))
        for secret in ("one", "two"):
            assert stripe.Webhook.construct_event(body, header, secret)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, header, "three")

    def test_one_that_is_refused_comes_again(
        self, client: stripe.StripeClient, fake: FakeStripe, ear: Ear
    ) -> None:
        ear.refuses = 2
        client.v1.payment_intents.create(BY_CARD)
        assert fake.control.wait_until_quiet()
        assert [event.type for event in ear.heard] == ["payment_intent.created"]
        assert [delivery["status"] for delivery in fake.control.deliveries()] == [500, 500, 200]

    def test_held_ones_go_as_the_test_says(
        self, client: stripe.StripeClient, fake: FakeStripe, ear: Ear
    ) -> None:
        fake.control.hold_webhooks()
        client.v1.payment_intents.create(HELD)
        created, charged, capturable = (event["id"] for event in fake.control.events())
        assert fake.control.wait_until_quiet()
        assert ear.heard == []
        wanted = [capturable, created, capturable, charged]
        fake.control.release_webhooks(events=wanted)
        assert fake.control.wait_until_quiet()
        assert sorted(event.id for event in ear.heard) == sorted(wanted)

    @pytest.mark.parametrize(
        ("fault", "kinds"),
        [
            ("duplicate", ["payment_intent.created", "payment_intent.created"]),
            ("unknown_type", ["payment_intent.created", "polku.unheard_of"]),
            ("other_version", ["payment_intent.created"]),
            ("delayed", ["payment_intent.created"]),
        ],
    )
    def test_a_fault_of_delivery(
        self, client: stripe.StripeClient, fake: FakeStripe, ear: Ear, fault: str, kinds: list[str]
    ) -> None:
        fake.control.set_faults(**{fault: 1.0}, delay_s=0.2)
        client.v1.payment_intents.create(BY_CARD)
        assert fake.control.wait_until_quiet()
        assert sorted(event.type for event in ear.heard) == kinds
        assert (ear.heard[0].api_version == stripe.api_version) == (fault != "other_version")

    def test_shuffled_ones_arrive_in_another_order(
        self, client: stripe.StripeClient, fake: FakeStripe, ear: Ear
    ) -> None:
        fake.control.set_faults(seed=3, shuffled=0.5)
        for _ in range(4):
            client.v1.payment_intents.create(HELD)
        assert fake.control.wait_until_quiet()
        happened = [event["id"] for event in fake.control.events()]
        heard = [event.id for event in ear.heard]
        assert sorted(heard) == sorted(happened)
        assert heard != happened


class TestPage:
    """Where a person pays."""

    def _post(self, url: str, **fields: str) -> tuple[int, str, str]:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request("POST", f"{parts.path}?{parts.query}", urlencode(fields))
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return answer.status, answer.headers.get("Location") or "", said

    def test_a_card_with_3ds_leads_back_to_the_shop(
        self, client: stripe.StripeClient, fake: FakeStripe
    ) -> None:
        intent = client.v1.payment_intents.create(BY_CARD)
        url = f"{fake.url}/pay/{intent.id}?{urlencode({'return_url': 'https://shop.example/orders/1?a=b'})}"
        status, _, said = self._post(url, do="pay", card="4000 0027 6000 3184")
        assert (status, "Approve" in said) == (200, True)
        status, location, _ = self._post(url, do="approve")
        assert (status, urlsplit(location).netloc) == (303, "shop.example")
        assert parse_qs(urlsplit(location).query) == {
            "a": ["b"],
            "payment_intent": [intent.id],
            "payment_intent_client_secret": [intent.client_secret],
            "redirect_status": ["succeeded"],
        }
        assert client.v1.payment_intents.retrieve(intent.id).status == "requires_capture"

    def test_who_declines_may_try_again(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        url = f"{fake.url}/pay/{client.v1.payment_intents.create(BY_CARD).id}"
        assert "Your card was declined." in self._post(url, do="pay", card="4000000000000002")[2]
        assert "not one of the test cards" in self._post(url, do="pay", card="4111111111111111")[2]
        self._post(url, do="pay", card="4000002760003184")
        assert "failed authentication" in self._post(url, do="decline")[2]
        assert "requires_capture" in self._post(url, do="pay", card="4242424242424242")[2]

    @pytest.mark.parametrize(
        "hostile",
        [
            "https://shop.example.evil.com/",
            "https://shop.example@evil.com/",
            "https://evil.com/?https://shop.example",
            "http://shop.example/",
            "https://shop.example:8443/",
            "//evil.com/",
            "javascript:alert(1)",
            "https:\\\\evil.com",
            "https://[::1",
        ],
    )
    def test_nobody_is_sent_elsewhere(
        self, client: stripe.StripeClient, fake: FakeStripe, hostile: str
    ) -> None:
        intent = client.v1.payment_intents.create(BY_CARD)
        url = f"{fake.url}/pay/{intent.id}?{urlencode({'return_url': hostile})}"
        status, location, said = self._post(url, do="pay", card="4242424242424242")
        assert (status, location, "href" in said) == (200, "", False)


def test_payments_outlive_the_fake(tmp_path: Path) -> None:
    kept = tmp_path / "stripe.json"

    def run(restored: bool) -> tuple[StripeServer, stripe.StripeClient]:
        server = StripeServer(port=0, secrets=["whsec"])
        if restored:
            keeping.restore(server, kept)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server, stripe.StripeClient(
            "sk_test_1", base_addresses={"api": server.url}, max_network_retries=0
        )

    def stop(server: StripeServer) -> None:
        server.shutdown()
        server.webhooks.close()
        server.server_close()

    server, client = run(restored=False)
    intent = client.v1.payment_intents.create(HELD, {"idempotency_key": "a"})
    keeping.save(server, kept)
    stop(server)
    server, client = run(restored=True)
    assert client.v1.payment_intents.create(HELD, {"idempotency_key": "a"}).id == intent.id
    client.v1.payment_intents.capture(intent.id)
    assert client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"
    stop(server)


def test_the_door_for_tests_of_a_fake_elsewhere(fake: FakeStripe, client: stripe.StripeClient) -> None:
    door = RemoteControl(fake.url)
    intent = client.v1.payment_intents.create(BY_CARD)
    assert door.pay(intent=intent.id, card="pm_card_authenticationRequired")["status"] == "requires_capture"
    assert [request["path"] for request in door.requests()] == ["/v1/payment_intents"]
    assert door.money() == {"captured": 0, "refunded": 0, "disputed": 0}
