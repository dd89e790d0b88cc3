"""Buyers with filled carts, ready to place their orders at one moment over HTTP, and shops to try it out on."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import psycopg
from psycopg import sql

from config.servers import WEB_THREADS, start_program, wait_until_ready, web_command
from tests.servers import Shop, free_port, url_of
from tests.wire import ON_INVOICE, ConnectionLost, Reply, Wire

T = TypeVar("T")

DELIVERY_OPTION = "parcel"  # the demo's
WEB_PROCESSES = 2  # what `web_command` starts
_PREPARED_AT_ONCE = 8  # as many as the servers have threads
_CONSTRAINTS_OF_STOCK = (
    "stocklevel_on_hand_not_negative",
    "stocklevel_reserved_not_negative",
    "stocklevel_reserved_within_on_hand",
)


@dataclass(frozen=True, kw_only=True)
class ReadyCart:
    """A guest's cart that lacks nothing but `place`."""

    id: str
    secret: str
    version: int

    def place(self, wire: Wire, *, key: str, wish: Mapping[str, object] = ON_INVOICE) -> Reply:
        """Try to place it, as its owner, on invoice unless `wish` says otherwise."""
        return wire.ask(
            "POST",
            f"/store/v1/carts/{self.id}/place",
            dict(wish),
            X_Cart_Secret=self.secret,
            If_Match=f'"v{self.version}"',
            Idempotency_Key=key,
        )


def wire_to(shop: Shop) -> Wire:
    """A client with the shop's publishable key."""
    return Wire(port=shop.port, headers={"X-Api-Key": str(shop.accounts["publishable_key"])})


def some_sku(wire: Wire, *, category: str = "cushions") -> str:
    """An article of that category."""
    card = wire.ask("GET", f"/store/v1/products?category={category}").json()["items"][0]
    return str(wire.ask("GET", f"/store/v1/products/{card['slug']}").json()["variants"][0]["sku"])


def fill_cart(wire: Wire, *, sku: str, quantity: int = 1) -> ReadyCart:
    """A guest fills a cart and says all that is required. Errors: AssertionError when she is refused."""

    def say(method: str, path: str, body: object, **headers: str) -> Reply:
        reply = wire.ask(method, path, body, **headers)
        assert reply.status in {200, 201}, f"{method} {path}: {reply.status} {reply.body!r}"
        return reply

    made = say("POST", "/store/v1/carts", {}).json()
    here, secret = f"/store/v1/carts/{made['id']}", made["secret"]
    say("POST", f"{here}/lines", {"sku": sku, "quantity": quantity}, X_Cart_Secret=secret)
    who = {
        "email": f"buyer-{made['id']}@example.fi",
        "name": "Aino Virtanen",
        "street": "Mannerheimintie 1",
        "postcode": "00100",
        "city": "Helsinki",
    }
    say("PATCH", here, who, X_Cart_Secret=secret)
    chosen = {"option": DELIVERY_OPTION}
    cart = say("PUT", f"{here}/deliveries/main", chosen, X_Cart_Secret=secret).json()
    assert cart["requirements"] == []
    return ReadyCart(id=made["id"], secret=secret, version=cart["version"])


def fill_carts(shop: Shop, *, count: int, sku: str) -> list[ReadyCart]:
    """So many guests, each with one unit in a cart of her own."""

    def fill_some(how_many: int) -> list[ReadyCart]:
        with wire_to(shop) as wire:
            return [fill_cart(wire, sku=sku) for _ in range(how_many)]

    shares = [count // _PREPARED_AT_ONCE + (i < count % _PREPARED_AT_ONCE) for i in range(_PREPARED_AT_ONCE)]
    with ThreadPoolExecutor(_PREPARED_AT_ONCE) as pool:
        return [cart for carts in pool.map(fill_some, shares) for cart in carts]


def at_once(shop: Shop, *requests: Callable[[Wire], T]) -> list[T]:
    """Every request on a connection of its own, sent when all are connected; the answers in the same order."""
    barrier = threading.Barrier(len(requests), timeout=30)

    def run(request: Callable[[Wire], T]) -> T:
        with wire_to(shop) as wire:
            wire.connect()
            barrier.wait()
            return request(wire)

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(run, requests))


def insist(request: Callable[[Wire], Reply], *, wire: Wire, within_s: float = 30) -> Reply:
    """Repeat a request, as a client must that does not know whether it was done, until it is decided.

    A lost connection, a server that is not there, 503 and a key in flight are no decision.
    """
    deadline = time.monotonic() + within_s
    while True:
        with suppress(ConnectionLost, ConnectionRefusedError, ConnectionResetError):
            reply = request(wire)
            if reply.status != 503 and reply.code != "idempotency_key_in_flight":
                return reply
        assert time.monotonic() < deadline, f"no answer within {within_s} s"
        time.sleep(0.1)


def answers(replies: Sequence[Reply]) -> Counter[tuple[int, str]]:
    """How many answers there were of each status and code."""
    return Counter((reply.status, reply.code) for reply in replies)


def set_stock(shop: Shop, *, sku: str, units: int) -> None:
    """The warehouse that sends first holds so many free units of the article, and no other place holds any."""
    words = """
from django.utils import timezone
from config.kernel.actors import system
from config.kernel.db import open_transaction
from orders.api import list_locations, set_stock

places = list_locations()
first = next(place for place in places if place.ships)
with open_transaction():
    for place in places:
        units = {{ {sku!r}: {units} if place is first else 0 }}
        set_stock(location=place.code, units=units, by=system("tests"), now=timezone.now())
"""
    assert shop.run(words.format(sku=sku, units=units)) == 0


def bring_stock(shop: Shop, *, sku: str, units: int) -> None:
    """So many units of the article arrive at the warehouse that sends first."""
    words = """
from django.utils import timezone
from config.kernel.actors import system
from config.kernel.db import open_transaction
from orders.api import list_locations, receive_stock

first = next(place for place in list_locations() if place.ships)
with open_transaction():
    receive_stock(location=first.code, units={{ {sku!r}: {units} }}, by=system("tests"), now=timezone.now())
"""
    assert shop.run(words.format(sku=sku, units=units)) == 0


def free_units(shop: Shop, *, sku: str) -> int:
    """Units of the article that can still be promised, at all places together; negative when oversold."""
    query = "SELECT sum(on_hand - reserved)::int FROM orders_stocklevel WHERE sku = %s"
    return int(shop.rows(query, sku)[0][0])


def count_orders(shop: Shop) -> int:
    """Orders of the whole shop."""
    return int(shop.rows("SELECT count(*) FROM orders_order")[0][0])


def drop_stock_constraints(shop: Shop) -> None:
    """Take away the last line that stock has in the database."""
    for constraint in _CONSTRAINTS_OF_STOCK:
        shop.execute(f"ALTER TABLE orders_stocklevel DROP CONSTRAINT {constraint}")


def warm_up(shop: Shop, *, within_s: float = 30) -> None:
    """Wait until every thread of every web process has a connection to the database, so that nobody pays for starts."""
    deadline = time.monotonic() + within_s
    connected = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    while shop.rows(connected)[0][0] < WEB_PROCESSES * WEB_THREADS:
        at_once(shop, *[lambda wire: wire.ask("GET", "/store/v1/products")] * 4 * WEB_PROCESSES * WEB_THREADS)
        assert time.monotonic() < deadline, f"the web processes were not ready within {within_s} s"


def start_unlocked_web(shop: Shop, *, module: str) -> None:
    """Start the REST servers with `lock()` taken out of one module: see `tests.faults.unlocked_wsgi`."""
    command = web_command(port=shop.port)
    unlocked = replace(command, argv=(*command.argv[:-1], "tests.faults.unlocked_wsgi:application"))
    with shop.log.open("ab") as log:
        child = start_program(unlocked, env={**shop.env, "UNLOCKED_MODULE": module}, output=log)
    shop.children["web"] = child
    wait_until_ready(child=child, port=shop.port)
    warm_up(shop)


@contextmanager
def copy_of(shop: Shop, log: Path) -> Iterator[Shop]:
    """The same shop on a database of its own, with nothing started; `shop` must be stopped."""
    database = f"polku_{uuid4().hex[:12]}"
    copy, source = sql.Identifier(database), sql.Identifier(shop.database)
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, source))
    scratch = replace(
        shop,
        database=database,
        port=free_port(),
        env={**shop.env, "DATABASE_URL": url_of(database)},
        log=log,
        children={},
    )
    try:
        yield scratch
    finally:
        for program in list(scratch.children):
            scratch.stop(program)
        with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(copy))
