"""Eight senders deliver the webhooks of one payment at once, three times each and shuffled, over HTTP (G6).

Each course of a payment is lived through by five orders, and the provider tells nothing meanwhile. Then all its news
of each order come in an order of their own, and what our database says of the five must be one and the same. That two
readers of one piece of news would do its work twice without the order's lock is shown in `test_money.py`.
"""

import json
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.buyers import fill_cart, some_sku, warm_up, wire_to
from tests.fakes.stripe.running import FakeStripe, running_fake_stripe
from tests.fakes.stripe.webhooks import signature
from tests.faults.buying import is_all_delivered
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import BY_CARD, Reply, Wire

SENDERS, SHUFFLES, COPIES = 8, 5, 3
ANSWERED_WITHIN_S = 0.5  # on a machine that runs nothing else

# What our database says of one order, without its names and moments.
DIGEST = """
    SELECT
        placed.state, placed.cancel_reason,
        (SELECT array_agg(step.state ORDER BY step.id) FROM orders_orderstep AS step WHERE step.order_id = placed.id),
        (SELECT array_agg((attempt.method, attempt.state, attempt.provider_status, attempt.captured_minor,
                           attempt.failure)::text ORDER BY attempt.id)
            FROM orders_paymentattempt AS attempt WHERE attempt.order_id = placed.id),
        (SELECT array_agg((operation.kind, operation.amount_minor, operation.state)::text ORDER BY operation.id)
            FROM orders_paymentoperation AS operation WHERE operation.order_id = placed.id),
        (SELECT array_agg((entry.kind, entry.amount_minor)::text ORDER BY entry.id)
            FROM orders_paymententry AS entry WHERE entry.order_id = placed.id),
        (SELECT array_agg((kept.state, kept.quantity, kept.taken)::text ORDER BY kept.id)
            FROM orders_reservation AS kept WHERE kept.order_ref = placed.public_id),
        (SELECT array_agg(event.name ORDER BY event.name) FROM kernel_storedevent AS event
            WHERE event.data ->> 'order_id' = placed.public_id::text),
        (SELECT array_agg(notice.kind ORDER BY notice.kind) FROM orders_notice AS notice
            WHERE notice.order_id = placed.id)
    FROM orders_order AS placed WHERE placed.public_id = %s
"""
OPEN_WORK = """
    SELECT (SELECT count(*) FROM orders_providermessage WHERE state = 'received')
         + (SELECT count(*) FROM orders_paymentoperation WHERE state = 'pending')
"""


@pytest.fixture(scope="module")
def stripe() -> Iterator[FakeStripe]:
    with running_fake_stripe() as fake:
        yield fake


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, stripe: FakeStripe) -> Iterator[Shop]:
    """The whole shop; the fake tells it nothing by itself."""
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=()) as shop:
        shop.env = {**shop.env, **stripe.env}
        shop.start("web")
        shop.start("worker")
        warm_up(shop)
        yield shop


class Course:
    """One order by card, and what may happen to its money."""

    def __init__(self, shop: Shop, stripe: FakeStripe, wire: Wire, sku: str) -> None:
        self._shop, self._stripe, self._wire = shop, stripe, wire
        placed = fill_cart(wire, sku=sku).place(wire, key=str(uuid4()), wish=BY_CARD).json()
        self.order, self._secret = str(placed["id"]), str(placed["secret"])

    @property
    def intent(self) -> str:
        """Its one intent."""
        (intent,) = self._stripe.control.intents(order_id=self.order)
        return str(intent["id"])

    def pays(self, card: str = "pm_card_visa") -> None:
        """She pays at the provider."""
        self._stripe.control.pay(intent=self.intent, card=card)

    def asks(self) -> None:
        """Her page asks how it stands, and so do we."""
        self._says(f"/store/v1/orders/{self.order}/payments", {"payment_method": "card"})

    def calls_off(self) -> None:
        """She wants nothing of it any more."""
        self._says(f"/store/v1/orders/{self.order}/cancel", {})

    def leaves(self) -> None:
        """A parcel with all of it leaves, and its money is taken."""
        self._says(f"/staff/v1/orders/{self.order}/parcels", {}, clerk=True)

    def gets_a_euro(self) -> None:
        """A clerk gives a little back."""
        amount = {"amount": {"amount": "1.00", "currency": "EUR"}}
        self._says(f"/staff/v1/orders/{self.order}/refunds", amount, clerk=True)

    def news(self) -> list[dict[str, Any]]:
        """Everything that the provider has to say of it."""
        return [
            event
            for event in self._stripe.control.events()
            if self.intent in {event["data"]["object"].get(name) for name in ("id", "payment_intent")}
        ]

    def _says(self, path: str, body: object, *, clerk: bool = False) -> None:
        who = (
            {"Authorization": f"Bearer {self._shop.accounts['packer']}"}
            if clerk
            else {"X_Order_Secret": self._secret}
        )
        reply = self._wire.ask("POST", path, body, **who)
        assert reply.status in {200, 201}, reply.body


def _pays_with_3ds(it: Course) -> None:
    it.pays("pm_card_authenticationRequired")


def _is_declined(it: Course) -> None:
    it.pays("pm_card_chargeDeclined")


def _is_declined_and_pays(it: Course) -> None:
    it.pays("pm_card_chargeDeclined")
    it.pays()


def _pays_and_calls_off(it: Course) -> None:
    it.pays()
    it.calls_off()


def _is_sent_and_gets_something_back(it: Course) -> None:
    it.pays()
    it.asks()
    it.leaves()
    it.gets_a_euro()


COURSES: dict[str, tuple[Callable[[Course], None], tuple[str, str]]] = {
    "pays with 3DS": (_pays_with_3ds, ("confirmed", "")),
    "is declined": (_is_declined, ("pending_payment", "")),
    "is declined, then pays": (_is_declined_and_pays, ("confirmed", "")),
    "pays and calls it off": (_pays_and_calls_off, ("cancelled", "by_buyer")),
    "is sent and gets something back": (_is_sent_and_gets_something_back, ("completed", "")),
}


@pytest.mark.parametrize("course", COURSES)
def test_eight_senders_of_shuffled_news_leave_five_orders_alike(
    course: str, shop: Shop, stripe: FakeStripe
) -> None:
    live, end = COURSES[course]
    with wire_to(shop) as wire:
        sku = some_sku(wire)
        lives = [Course(shop, stripe, wire, sku) for _ in range(SHUFFLES)]
        for it in lives:
            live(it)
    eventually(lambda: work_is_done(shop), within_s=30)  # what is asked of the provider is its news, too

    shared_by = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    replies: list[Reply] = []
    for seed, it in enumerate(lives):
        news = it.news() * COPIES
        random.Random(seed).shuffle(news)
        replies += deliver(shop, stripe, news)
    eventually(lambda: work_is_done(shop), within_s=60)

    assert {reply.status for reply in replies} == {200}
    assert max(reply.seconds for reply in replies) < ANSWERED_WITHIN_S * shared_by
    digests = [shop.rows(DIGEST, it.order) for it in lives]
    assert [digest for digest in digests if digest != digests[0]] == []
    assert digests[0][0][:2] == end
    assert shop.violated_invariants() == ""


def work_is_done(shop: Shop) -> bool:
    """Whether every event was told, every message read and every operation carried out."""
    return is_all_delivered(shop) and shop.rows(OPEN_WORK) == [(0,)]


def deliver(shop: Shop, stripe: FakeStripe, news: list[dict[str, Any]]) -> list[Reply]:
    """Eight senders take them from one pile, each on a connection of its own."""
    pile = iter(news)

    def send_some() -> list[Reply]:
        replies = []
        with wire_to(shop) as wire:
            for event in pile:
                sealed = signature(json.dumps(event).encode(), secrets=stripe.secrets)
                replies.append(wire.ask("POST", "/hooks/v1/stripe", event, Stripe_Signature=sealed))
        return replies

    with ThreadPoolExecutor(SENDERS) as pool:
        return [reply for some in pool.map(lambda _: send_some(), range(SENDERS)) for reply in some]
