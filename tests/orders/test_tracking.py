"""What carriers say over HTTP: believed when signed, kept once, read in any order; and what the buyer sees of it."""

import hashlib
import hmac
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from config.kernel.actors import Actor
from config.kernel.dispatcher import run_pending
from config.kernel.events import topic_of
from config.kernel.models import StoredEvent, User
from config.kernel.streams import read_topic, use_ticket
from orders.agreement.models import Order
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits
from orders.integrations.easypost import signature_of
from orders.integrations.pakettikauppa import hash_of
from orders.locations.models import Location
from orders.parcels.models import Parcel, TrackingEvent
from orders.parcels.ports import Label
from orders.parcels.queries import count_delivered, last_delivery
from orders.parcels.recovering import reread_messages
from orders.parcels.services import DispatchedParcel, dispatch_parcel
from orders.payment.models import ProviderMessage
from orders.placing.services import PlacedOrder
from tests.factories.orders import MACHINERY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]

SECRETS = {"easypost": ["new", "old"], "pakettikauppa": ["1234567890ABCDEF"]}
CODE = "EZ1000000001"
Units = Callable[..., list[LineUnits]]


@pytest.fixture(autouse=True)
def _secrets(settings: Any) -> None:
    settings.CARRIER_SECRETS = SECRETS


@pytest.fixture
def on_its_way(order: PlacedOrder, packer: Actor, now: datetime) -> DispatchedParcel:
    """The whole order has left with EasyPost's label."""
    label = Label(carrier="easypost", tracking_code=CODE)
    return dispatch_parcel(order_id=order.order_id, lines=None, label=label, by=packer, now=now)


def detail(status: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "object": "TrackingDetail",
        "status": status,
        "message": status.upper(),
        "datetime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tracking_location": {"city": "Lahti"},
    } | more


def tracker(*details: dict[str, Any], code: str = CODE, **more: Any) -> bytes:
    """An event of EasyPost's about one tracker."""
    result = {"object": "Tracker", "tracking_code": code, "tracking_details": list(details)} | more
    return json.dumps({"id": f"evt_{uuid4().hex}", "object": "Event", "result": result}).encode()


def tell(client: APIClient, body: bytes, *, secret: str = "new") -> Any:
    return client.post(
        "/hooks/v1/easypost",
        body,
        content_type="application/json",
        headers={"X-Hmac-Signature": signature_of(body=body, secret=secret)},
    )


def work() -> None:
    """What the worker does with the events until now."""
    run_pending(now=datetime.now(tz=UTC))


def moves() -> list[str]:
    rows = StoredEvent.objects.filter(name="orders.parcel_moved").order_by("id")
    return [row.data["state"] for row in rows]


def tracking(client: APIClient, order: PlacedOrder, locale: str = "en") -> Any:
    secret = order_secret(order_id=order.order_id)
    path = f"/store/v1/orders/{order.order_id}/tracking?locale={locale}"
    response = client.get(path, headers={"X-Order-Secret": secret})
    assert response.status_code == 200, response.content
    return response.json()


def test_a_parcel_follows_what_its_carrier_says(
    order: PlacedOrder, on_its_way: DispatchedParcel, client: APIClient, now: datetime
) -> None:
    answer = tell(
        client,
        tracker(
            detail("pre_transit", now),
            detail("in_transit", now + timedelta(minutes=10)),
            est_delivery_date="2026-12-01T00:00:00Z",
            updated_at=now.isoformat(),
        ),
    )

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert Parcel.objects.get().state == "dispatched"  # it is read afterwards
    work()
    parcel = Parcel.objects.get()
    assert (parcel.state, str(parcel.estimated_on)) == ("in_transit", "2026-12-01")
    assert moves() == ["dispatched", "in_transit"]
    moved = StoredEvent.objects.filter(name="orders.parcel_moved").latest("id")
    assert moved.data["estimated_on"] == "2026-12-01"
    assert ProviderMessage.objects.get().state == "folded"


def test_its_journey_is_read_by_its_buyer_in_her_language(
    order: PlacedOrder, on_its_way: DispatchedParcel, client: APIClient, now: datetime
) -> None:
    tell(client, tracker(detail("delivered", now + timedelta(minutes=30))))
    work()

    (journey,) = tracking(client, order, "sv-FI")["parcels"]

    assert journey["state"] == "delivered"
    assert journey["text"] == "Din försändelse har överlämnats."
    assert [step["state"] for step in journey["steps"]] == ["dispatched", "delivered"]
    assert journey["steps"][1]["carrier_text"] == "DELIVERED"
    assert (journey["carrier"], journey["tracking_code"]) == ("easypost", CODE)
    assert tracking(client, order, "fi")["parcels"][0]["text"] == "Lähetyksesi on luovutettu."
    row = Order.objects.get()
    assert last_delivery(order=row) == datetime.fromisoformat(journey["delivered_at"])
    assert sum(count_delivered(order=row).values()) == 4


def test_somebody_elses_journey_is_not_there(
    order: PlacedOrder,
    on_its_way: DispatchedParcel,
    client: APIClient,
    shopper: User,
    shopper_client: Callable[[User], APIClient],
) -> None:
    path = f"/store/v1/orders/{order.order_id}/tracking"

    for stranger in (client, shopper_client(shopper)):
        for response in (stranger.get(path), stranger.post(f"{path}/stream-tickets", {}, format="json")):
            assert (response.status_code, response.json()["code"]) == (404, "not_found")


JOURNEY = (
    "pre_transit",
    "in_transit",
    "out_for_delivery",
    "failure",
    "out_for_delivery",
    "delivered",
    "in_transit",
)


def test_a_step_that_we_and_the_carrier_tell_of_is_one(
    order: PlacedOrder, on_its_way: DispatchedParcel, client: APIClient, now: datetime
) -> None:
    """Said by both when it leaves us, whoever's clock is ahead; two scans of the carrier's own are two."""
    for minutes, status in ((-1, "pre_transit"), (5, "in_transit"), (9, "in_transit")):
        tell(client, tracker(detail(status, now + timedelta(minutes=minutes))))
    work()

    (journey,) = tracking(client, order)["parcels"]

    assert [(step["state"], step["carrier_text"]) for step in journey["steps"]] == [
        ("dispatched", "PRE_TRANSIT"),
        ("in_transit", "IN_TRANSIT"),
        ("in_transit", "IN_TRANSIT"),
    ]
    first = journey["steps"][0]
    assert first["at"] == (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert first["place"], "where it left is said"


@pytest.mark.parametrize("seed", range(5))
def test_whatever_order_it_is_told_in_it_ends_alike(
    seed: int, order: PlacedOrder, on_its_way: DispatchedParcel, client: APIClient, now: datetime
) -> None:
    dice = random.Random(seed)
    told = [
        tracker(detail(status, now + timedelta(minutes=1 + step))) for step, status in enumerate(JOURNEY)
    ] * 3
    dice.shuffle(told)

    answers = []
    for body in told:
        answers.append(tell(client, body).status_code)
        if dice.random() < 0.5:
            work()
    work()

    assert set(answers) == {200}
    parcel = Parcel.objects.get()
    assert parcel.state == "delivered"
    assert parcel.delivered_at == (now + timedelta(minutes=6)).replace(microsecond=0)
    assert TrackingEvent.objects.filter(carrier="easypost").count() == len(JOURNEY)
    assert ProviderMessage.objects.count() == len(JOURNEY)
    (journey,) = tracking(client, order)["parcels"]
    assert [step["carrier_text"] for step in journey["steps"]] == [word.upper() for word in JOURNEY]


@pytest.mark.parametrize(
    ("status", "happened", "doubt"),
    [
        ("delivered", datetime(1970, 1, 1, tzinfo=UTC), "past"),
        ("delivered", datetime(2093, 1, 1, tzinfo=UTC), "future"),
        ("delivered_to_the_moon", None, ""),
    ],
)
def test_what_cannot_be_believed_is_kept_and_changes_nothing(
    *,
    status: str,
    happened: datetime | None,
    doubt: str,
    on_its_way: DispatchedParcel,
    client: APIClient,
    lahti: Location,
    staff_client: Callable[..., APIClient],
    now: datetime,
) -> None:
    answer = tell(client, tracker(detail(status, happened or now + timedelta(minutes=5))))
    work()

    assert answer.status_code == 200
    assert (Parcel.objects.get().state, moves()) == ("dispatched", ["dispatched"])
    seen = staff_client(lahti).get(f"/staff/v1/parcels/{on_its_way.parcel_id}").json()["told"]
    (kept,) = [one for one in seen if one["by"] == "easypost"]
    assert (kept["code"], kept["doubt"]) == (status, doubt or None)


def test_a_message_that_is_not_signed_is_not_believed(
    on_its_way: DispatchedParcel, client: APIClient, now: datetime
) -> None:
    body = tracker(detail("delivered", now))

    refused = [
        tell(client, body, secret="guessed"),
        client.post("/hooks/v1/easypost", body, content_type="application/json"),
        client.post("/hooks/v1/pakettikauppa", body, content_type="application/json"),
        client.post("/hooks/v1/pakettikauppa", b"", content_type="application/x-www-form-urlencoded"),
    ]

    assert [response.status_code for response in refused] == [400] * 4
    assert {response.json()["code"] for response in refused} == {"bad_signature"}
    assert not ProviderMessage.objects.exists()
    assert tell(client, body, secret="old").status_code == 200  # while secrets change, two are good


def test_a_carrier_without_a_secret_is_not_listened_to(
    client: APIClient, settings: Any, now: datetime, db: None
) -> None:
    settings.CARRIER_SECRETS = {"easypost": [], "pakettikauppa": []}

    assert tell(client, tracker(detail("delivered", now))).status_code == 400


def test_ten_megabytes_are_too_many(client: APIClient, db: None) -> None:
    response = tell(client, b"x" * 10_000_000)

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_the_doors_are_for_posting_alone(client: APIClient, db: None) -> None:
    response = client.get("/hooks/v1/easypost")

    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize("body", [b"[]", b'{"a"', b"{}", b'{"result": {"object": "Batch"}}'])
def test_genuine_nonsense_is_answered_and_ignored(body: bytes, client: APIClient, db: None) -> None:
    answer = tell(client, body)
    work()

    assert answer.status_code == 200
    assert ProviderMessage.objects.get().state == "ignored"


def test_news_that_come_before_their_parcel_are_read_when_it_leaves(
    order: PlacedOrder, packer: Actor, client: APIClient, now: datetime
) -> None:
    tell(client, tracker(detail("in_transit", now)))
    work()
    assert ProviderMessage.objects.get().state == "unmatched"

    label = Label(carrier="easypost", tracking_code=CODE)
    dispatch_parcel(
        order_id=order.order_id, lines=None, label=label, by=packer, now=now - timedelta(minutes=1)
    )
    assert Parcel.objects.get().state == "in_transit"

    reread_messages(by=MACHINERY, now=now + timedelta(minutes=5))
    assert ProviderMessage.objects.get().state == "folded"


def test_pakettikauppa_is_heard_at_its_own_door(
    order: PlacedOrder, packer: Actor, client: APIClient, now: datetime
) -> None:
    label = Label(carrier="pakettikauppa", tracking_code="JJFI64574900000137203")
    dispatch_parcel(order_id=order.order_id, lines=None, label=label, by=packer, now=now)

    def callback(event: str, minutes: int) -> Any:
        form = {
            "api_key": str(UUID(int=0)),
            "tracking_code": "JJFI64574900000137203",
            "event": event,
            "object": json.dumps({"post_office": "KAJAANI"}),
            "timestamp": str(int((now + timedelta(minutes=minutes)).timestamp())),
        }
        form["hash"] = hash_of(form=form, secret="1234567890ABCDEF")
        return client.post(
            "/hooks/v1/pakettikauppa", urlencode(form), content_type="application/x-www-form-urlencoded"
        )

    answers = [callback("91", 9), callback("31", 5), callback("20", 12), callback("31", 5)]
    work()

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"success": True})] * 4
    assert Parcel.objects.get().state == "ready_for_pickup"
    callback("22", 20)
    work()
    assert Parcel.objects.get().state == "delivered"


def test_a_parcel_that_comes_back_was_not_delivered(
    on_its_way: DispatchedParcel, client: APIClient, now: datetime
) -> None:
    steps = ("failure", "return_to_sender", "in_transit", "delivered")
    tell(client, tracker(*(detail(status, now + timedelta(minutes=n)) for n, status in enumerate(steps, 1))))
    work()

    parcel = Parcel.objects.get()
    assert (parcel.state, parcel.delivered_at) == ("returned", None)
    assert last_delivery(order=Order.objects.get()) is None


def test_the_inbox_keeps_a_message_byte_for_byte(
    on_its_way: DispatchedParcel, client: APIClient, now: datetime
) -> None:
    body = tracker(detail("in_transit", now)) + b"  "

    tell(client, body)

    message = ProviderMessage.objects.get()
    assert bytes(message.body) == body
    assert message.provider == "easypost"
    assert hmac.compare_digest(
        signature_of(body=bytes(message.body), secret="new"),
        "hmac-sha256-hex=" + hmac.new(b"new", body, hashlib.sha256).hexdigest(),
    )


def test_a_ticket_opens_the_live_stream_of_what_happens_after_it(
    order: PlacedOrder, packer: Actor, client: APIClient, now: datetime
) -> None:
    secret = order_secret(order_id=order.order_id)
    work()  # that it is confirmed lies before the ticket

    response = client.post(
        f"/store/v1/orders/{order.order_id}/tracking/stream-tickets",
        {},
        format="json",
        headers={"X-Order-Secret": secret},
    )

    assert response.status_code == 201
    assert f"/store/v1/orders/{order.order_id}/tracking/stream?ticket=" in response.json()["url"]
    topic, ticket = topic_of("order_id", order.order_id), response.json()["ticket"]
    begins = use_ticket(ticket=ticket, topic=topic, now=now)
    sent = dispatch_parcel(order_id=order.order_id, lines=None, by=packer, now=now)
    work()
    (message,) = read_topic(topic=topic, after=begins)
    assert message.name == "orders.parcel_moved"
    assert message.data == {
        "parcel_id": str(sent.parcel_id),
        "state": "dispatched",
        "estimated_on": str(sent.estimated_on),
    }
