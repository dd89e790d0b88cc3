"""A web process dies at each step of sending a parcel, or of hearing a carrier; whoever asked asks again.

One parcel leaves with one label, its goods leave stock once, and a message is kept once.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from config.kernel.crashpoints import CRASH_POINTS
from orders.integrations.easypost import signature_of
from tests.concurrency.buyers import fill_cart, insist, some_sku, wire_to
from tests.fakes.carrier.running import env_of, running_fake_carrier
from tests.fakes.carrier.server import SECRET, CarrierServer
from tests.faults.buying import LATER, is_all_delivered, running
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import ConnectionLost, Reply, Wire

_STEPS = ("dispatch.", "pack_parcel.", "keep_shipment.", "send_parcel.")
SENDING = [point for point in CRASH_POINTS if point.startswith(_STEPS)]
HEARING = [point for point in CRASH_POINTS if point.startswith("store_message.")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("servers") / "log", programs=(), web_processes=1) as shop:
        yield shop


@pytest.fixture(scope="module")
def carrier() -> Iterator[CarrierServer]:
    with running_fake_carrier() as carrier:
        yield carrier


@pytest.mark.parametrize("point", SENDING)
def test_a_parcel_leaves_once_though_the_web_process_dies_at(
    point: str, shop: Shop, carrier: CarrierServer, tmp_path: Path
) -> None:
    died, key = tmp_path / "died", str(uuid4())
    crash = {"CRASH_AT": point, "CRASH_ONCE": str(died)}
    with running(shop, "web", **crash, **env_of(url=carrier.url)), wire_to(shop) as wire:
        cart = fill_cart(wire, sku=some_sku(wire))
        order_id = cart.place(wire, key=str(uuid4())).json()["id"]

        def send(wire: Wire) -> Reply:
            path = f"/staff/v1/orders/{order_id}/parcels"
            token = f"Bearer {shop.accounts['packer']}"
            return wire.ask("POST", path, {}, Authorization=token, Idempotency_Key=key)

        with pytest.raises(ConnectionLost):
            send(wire)
        assert died.exists(), "it was not this point that ended the process"
        reply = insist(send, wire=wire)

    assert (reply.status, reply.json()["state"]) == (201, "dispatched")
    found = shop.rows(
        "SELECT parcel.tracking_code, parcel.state FROM orders_parcel AS parcel"
        " JOIN orders_order AS bought ON bought.id = parcel.order_id WHERE bought.public_id = %s",
        order_id,
    )
    assert found == [(reply.json()["tracking_code"], "dispatched")]
    labels = [one for one in carrier.depot.shipments.values() if one["reference"] == reply.json()["id"]]
    assert [label["tracking_code"] for label in labels] == [reply.json()["tracking_code"]]
    moved = "SELECT sum(delta)::int FROM orders_stockmovement WHERE about_ref = %s"
    assert shop.rows(moved, reply.json()["id"]) == [(-1,)]


@pytest.mark.parametrize("point", HEARING)
def test_a_carriers_message_is_kept_once_though_the_web_process_dies_at(
    point: str, shop: Shop, carrier: CarrierServer, tmp_path: Path
) -> None:
    died = tmp_path / "died"
    name = f"evt_{uuid4().hex}"
    message = {"id": name, "object": "Event", "result": {"object": "Batch"}}
    signature = signature_of(body=json.dumps(message).encode(), secret=SECRET)
    crash = {"CRASH_AT": point, "CRASH_ONCE": str(died)}
    with running(shop, "web", **crash, **env_of(url=carrier.url)), wire_to(shop) as wire:

        def tell(wire: Wire) -> Reply:
            return wire.ask("POST", "/hooks/v1/easypost", message, X_Hmac_Signature=signature)

        with pytest.raises(ConnectionLost):
            tell(wire)
        assert died.exists(), "it was not this point that ended the process"
        assert insist(tell, wire=wire).status == 200

    kept = "SELECT count(*)::int FROM orders_providermessage WHERE event_ref = %s"
    assert shop.rows(kept, name) == [(1,)]


def test_after_all_kills_the_carriers_news_arrive_and_the_data_is_true_to_its_rules(
    shop: Shop, carrier: CarrierServer
) -> None:
    with running(shop, "web", **env_of(url=carrier.url)), running(shop, "worker", **env_of(url=carrier.url)):
        carrier.webhooks_to = f"{shop.url}/hooks/v1/easypost"
        for code in list(carrier.depot.parcels):
            while carrier.play(code):
                pass
        on_the_road = "SELECT count(*)::int FROM orders_parcel WHERE state <> 'delivered'"
        eventually(lambda: shop.rows(on_the_road) == [(0,)], within_s=120)
        eventually(lambda: is_all_delivered(shop), within_s=30)

    assert shop.violated_invariants(later=LATER) == ""
