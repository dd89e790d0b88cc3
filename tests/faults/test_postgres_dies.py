"""PostgreSQL dies twenty times while people buy: what was answered with 2xx is there afterwards, and nothing else.

A process that is killed leaves what it handed to the operating system; only a power cut would not. So what makes a
commit durable is also read from the server's settings.
"""

import random
import signal
import statistics
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.buyers import ReadyCart, count_orders, fill_cart, set_stock, some_sku, wire_to
from tests.faults.buying import LATER, ONCE_PER_ORDER, events_of, is_all_delivered, orders_of, units_agree
from tests.faults.own_postgres import own_postgres
from tests.faults.test_kills_at_random import supervise
from tests.kernel_events.processes import eventually
from tests.servers import Shop, running_shop
from tests.wire import Reply, Wire

KILLS, BUYERS, UNITS = 20, 6, 100_000
BACK_WITHIN_S = 10.0

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


class Told(Wire):
    """A client that writes down what it is answered: status and code, and whether a 503 said when to come again."""

    def __init__(self, *, answers: Counter[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._answers = answers

    def ask(self, method: str, path: str, body: Any = None, /, **headers: str) -> Reply:
        reply = super().ask(method, path, body, **headers)
        again = "" if reply.status != 503 or "retry-after" in reply.headers else " without Retry-After"
        self._answers[f"{reply.status} {reply.code}{again}".strip()] += 1
        return reply


@dataclass
class Market:
    """People who buy, and what they were told."""

    shop: Shop
    sku: str
    over: threading.Event = field(default_factory=threading.Event)
    answers: Counter[str] = field(default_factory=Counter)
    acknowledged: list[tuple[ReadyCart, str, float]] = field(
        default_factory=list
    )  # with the moment of the answer
    placed: list[ReadyCart] = field(default_factory=list)  # every cart that was tried

    def buy(self) -> None:
        """Fill carts and place them until it is over, each until it is decided."""
        wire = Told(
            answers=self.answers,
            port=self.shop.port,
            headers={"X-Api-Key": str(self.shop.accounts["publishable_key"])},
        )
        with wire:
            while not self.over.is_set():
                try:
                    cart = fill_cart(wire, sku=self.sku)
                except (ConnectionError, AssertionError, TimeoutError):
                    time.sleep(0.1)
                    continue
                self.placed.append(cart)
                self._place(wire, cart)

    def _place(self, wire: Wire, cart: ReadyCart) -> None:
        key, deadline = str(uuid4()), time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(ConnectionError, TimeoutError):
                reply = cart.place(wire, key=key)
                if reply.status == 201:
                    self.acknowledged.append((cart, reply.json()["id"], time.monotonic()))
                    return
            time.sleep(0.1)
        raise AssertionError("an order was not decided within a minute")


def test_no_acknowledged_order_is_lost_though_postgresql_dies_under_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, calm = random.Random(8), threading.Event()
    with own_postgres(tmp_path) as postgres:
        monkeypatch.setenv("DATABASE_URL", postgres.url)
        durable = {
            name: postgres.setting(name) for name in ("fsync", "full_page_writes", "synchronous_commit")
        }
        assert set(durable.values()) == {"on"}
        with running_shop(tmp_path / "log") as shop:
            with wire_to(shop) as wire:
                market = Market(shop=shop, sku=some_sku(wire))
            set_stock(shop, sku=market.sku, units=UNITS)
            buyers = [threading.Thread(target=market.buy) for _ in range(BUYERS)]
            supervisor = threading.Thread(target=supervise, args=(shop, calm))
            for thread in (supervisor, *buyers):
                thread.start()

            outages = []
            for turn in range(KILLS):
                before = len(market.acknowledged)
                eventually(lambda before=before: len(market.acknowledged) > before + 5, within_s=90)
                time.sleep(chance.uniform(0, 1.5))
                killed_at = time.monotonic()
                postgres.kill(signal.SIGKILL if turn % 2 else signal.SIGQUIT)
                time.sleep(chance.uniform(0, 1))  # the shop is open, its database is not there
                postgres.start_again()
                back_at = time.monotonic()
                eventually(lambda since=back_at: market.acknowledged[-1][2] > since, within_s=90)
                outages.append((back_at - killed_at, market.acknowledged[-1][2] - back_at))
            market.over.set()
            for thread in buyers:
                thread.join(timeout=90)
            eventually(lambda: is_all_delivered(shop), within_s=120)
            calm.set()
            supervisor.join()

            lost = [order for cart, order, _ in market.acknowledged if orders_of(shop, cart) != [order]]
            until_open = [after for _, after in outages]
            print(  # noqa: T201 - pytest -s
                f"{KILLS} ends of PostgreSQL, {len(market.acknowledged)} orders acknowledged, {len(lost)} lost; open "
                f"again {statistics.median(until_open):.1f} s (at most {max(until_open):.1f} s) after its start; "
                f"answers {dict(market.answers)}"
            )
            assert lost == []
            assert count_orders(shop) == len(market.acknowledged) == len(market.placed)
            assert {answer.split()[0] for answer in market.answers} <= {"200", "201", "409", "503"}
            assert not any("without Retry-After" in answer for answer in market.answers)
            assert max(until_open) <= BACK_WITHIN_S
            for cart, _, _ in market.acknowledged:
                assert events_of(shop, cart) == ONCE_PER_ORDER
            assert units_agree(shop, sku=market.sku)
            assert shop.violated_invariants(later=LATER) == ""
