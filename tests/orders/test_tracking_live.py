"""Parcels followed live, as a browser does it: a real stream server, a worker, and a carrier who repeats himself."""

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.buyers import fill_cart, some_sku, wire_to
from tests.fakes.carrier.running import env_of, running_fake_carrier
from tests.fakes.carrier.server import CarrierServer
from tests.faults.buying import is_all_delivered
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.streams import Reader, opened
from tests.wire import Wire

COPIES, SENDERS = 3, 4


@pytest.fixture(scope="module")
def carrier() -> Iterator[CarrierServer]:
    with running_fake_carrier() as carrier:
        yield carrier


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, carrier: CarrierServer) -> Iterator[Shop]:
    """Everything that `make run` starts."""
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=()) as shop:
        shop.env = {**shop.env, **env_of(url=carrier.url)}
        for program in ("web", "streams", "worker"):
            shop.start(program)
        carrier.webhooks_to = f"{shop.url}/hooks/v1/easypost"
        yield shop


class Buyer:
    """A guest who follows her order."""

    def __init__(self, shop: Shop, wire: Wire) -> None:
        self._shop, self._wire = shop, wire
        placed = fill_cart(wire, sku=some_sku(wire)).place(wire, key=str(uuid4())).json()
        self._path = f"/store/v1/orders/{placed['id']}/tracking"
        self._secret, self.order = placed["secret"], placed["id"]

    def stream(self) -> str:
        """Where she may listen now."""
        given = self._wire.ask("POST", f"{self._path}/stream-tickets", {}, X_Order_Secret=self._secret)
        assert given.status == 201, given.body
        return str(given.json()["url"])

    def tracking(self) -> list[dict[str, Any]]:
        """What she reads beside it."""
        parcels: list[dict[str, Any]] = self._wire.ask("GET", self._path, X_Order_Secret=self._secret).json()[
            "parcels"
        ]
        return parcels

    def is_sent(self) -> str:
        """A packer sends it: the label's code."""
        token = f"Bearer {self._shop.accounts['packer']}"
        sent = self._wire.ask("POST", f"/staff/v1/orders/{self.order}/parcels", {}, Authorization=token)
        assert sent.status == 201, sent.body
        return str(sent.json()["tracking_code"])


@pytest.fixture
def buyer(shop: Shop) -> Iterator[Buyer]:
    with wire_to(shop) as wire:
        yield Buyer(shop, wire)


def heard(reader: Reader, *, until: str) -> list[tuple[int, dict[str, Any]]]:
    """Every message of a parcel, up to the one in which it stands at `until`; the stream tells of money as well."""
    messages: list[tuple[int, dict[str, Any]]] = []
    while not messages or messages[-1][1]["data"]["state"] != until:
        message = reader.message()
        if message[1]["name"] == "orders.parcel_moved":
            messages.append(message)
    return messages


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_and_repeated_news_are_one_journey_that_is_seen_live(
    seed: int, shop: Shop, carrier: CarrierServer, buyer: Buyer
) -> None:
    with opened(buyer.stream()) as phone:
        assert buyer.tracking() == []
        code = buyer.is_sent()
        sent, parcel = heard(phone, until="dispatched")[-1][1], carrier.depot.parcels[code]

        news = []
        while not parcel.is_over:
            news.append(json.dumps(carrier.depot.advance(parcel)).encode())
        told = news * COPIES
        random.Random(seed).shuffle(told)
        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(carrier.tell, told))
        messages = heard(phone, until="delivered")
        eventually(lambda: is_all_delivered(shop), within_s=30)
        while not phone.is_silent():
            messages.append(phone.message())

    (journey,) = buyer.tracking()
    *_, (_, last) = messages
    assert last["data"] == {
        "parcel_id": journey["id"],
        "state": journey["state"],
        "estimated_on": journey["estimated_on"],
    }
    assert journey["state"] == "delivered"
    assert [step["state"] for step in journey["steps"]] == [
        "dispatched",
        "in_transit",
        "in_transit",
        "out_for_delivery",
        "delivered",
    ]
    positions = [position for position, _ in messages]
    assert positions == sorted(set(positions))
    seen = [sent["data"], *(body["data"] for _, body in messages)]
    assert all(before != after for before, after in pairwise(seen)), "each tells something new"


def test_who_was_away_hears_what_she_missed_and_nothing_twice(
    shop: Shop, carrier: CarrierServer, buyer: Buyer
) -> None:
    with opened(buyer.stream()) as phone:
        code = buyer.is_sent()
        ((position, _),) = heard(phone, until="dispatched")
    while carrier.play(code):
        pass
    eventually(lambda: buyer.tracking()[0]["state"] == "delivered", within_s=30)

    with opened(buyer.stream(), **{"Last-Event-ID": str(position)}) as phone:
        missed = heard(phone, until="delivered")
        assert phone.is_silent()

    assert min(each for each, _ in missed) > position
    assert [body["data"]["state"] for _, body in missed][-2:] == ["out_for_delivery", "delivered"]
    assert shop.violated_invariants() == ""
