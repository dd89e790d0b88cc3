"""The SQL of every route of the orders, and that it does not grow with what an order holds."""

# ruff: noqa: E501

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from inline_snapshot import snapshot
from rest_framework.test import APIClient

from config.kernel.actors import Actor
from orders.agreement.models import Order
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits
from orders.locations.models import Location
from orders.locations.queries import list_sources
from orders.placing.services import PlacedOrder
from orders.returns.queries import ReturnCard
from orders.returns.services import announce_return, receive_return
from tests.factories.orders import GUEST, StockLevelFactory, coming_back, delivered, line, placed
from tests.orders.conftest import post
from tests.sql import statements as sent

pytestmark = pytest.mark.django_db
StaffClient = Callable[..., APIClient]


def one_of_each(order: PlacedOrder) -> list[LineUnits]:
    rows = Order.objects.get(public_id=order.order_id).lines.all()
    return [LineUnits(line_id=row.public_id, quantity=1) for row in rows]


def announced(order: PlacedOrder, now: datetime) -> ReturnCard:
    secret = order_secret(order_id=order.order_id)
    return announce_return(
        order_id=order.order_id,
        secret=secret,
        lines=coming_back(one_of_each(order)),
        reason="",
        by=GUEST,
        now=now,
    )


@pytest.fixture
def small(lahti: Location, now: datetime) -> PlacedOrder:
    """One line of three units."""
    StockLevelFactory(sku="SOFA", location=lahti)
    return placed(line("SOFA", 3), now=now)


@pytest.fixture
def large(lahti: Location, now: datetime) -> PlacedOrder:
    """Twelve lines of three units each."""
    skus = [StockLevelFactory(location=lahti).sku for _ in range(12)]
    return placed(*(line(sku, 3) for sku in skus), now=now)


@pytest.fixture
def travelled(large: PlacedOrder, packer: Actor, now: datetime) -> PlacedOrder:
    """The large order, of which two parcels left and two returns came."""
    for _ in range(2):
        delivered(large, lines=one_of_each(large), by=packer, now=now)
    for _ in range(2):
        receive_return(return_id=announced(large, now).return_id, by=packer, now=now)
    return large


def read(client: APIClient, order: PlacedOrder) -> list[Any]:
    client.get(f"/store/v1/orders/{order.order_id}")  # a first request may note the credential's use
    headers = {"X-Order-Secret": order_secret(order_id=order.order_id)}
    with sent() as statements:
        assert client.get(f"/store/v1/orders/{order.order_id}", headers=headers).status_code == 200
    return statements


def read_by_staff(packer: APIClient, order: PlacedOrder) -> list[Any]:
    packer.get(f"/staff/v1/orders/{order.order_id}")
    with sent() as statements:
        assert packer.get(f"/staff/v1/orders/{order.order_id}").status_code == 200
    return statements


def write(client: APIClient, path: str, body: Any = None, **headers: str) -> list[Any]:
    """The statements of a POST."""
    with sent() as statements:
        response = post(client, path, body, **headers)
    assert response.status_code in {200, 201}, response.content
    return statements


def test_the_buyer_reads_an_order(client: APIClient, small: PlacedOrder, travelled: PlacedOrder) -> None:
    statements = read(client, small)

    assert statements == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SELECT ... FROM orders_order WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_orderline WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_orderdelivery WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_orderstep WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_paymentattempt WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_paymentoperation WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_invoice WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_parcel WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_return WHERE ... ORDER BY ...",
        ]
    )
    assert len(read(client, travelled)) == len(statements) + 5, (
        "the lines of its parcels and of its returns, what they are of, and where those go"
    )


def test_the_buyer_announces_a_return(
    client: APIClient, small: PlacedOrder, large: PlacedOrder, packer: Actor, now: datetime
) -> None:
    def announce(order: PlacedOrder) -> list[Any]:
        delivered(order, by=packer, now=now)
        lines = [{"line_id": str(units.line_id), "quantity": 1} for units in one_of_each(order)]
        secret = order_secret(order_id=order.order_id)
        path = f"/store/v1/orders/{order.order_id}/returns"
        return write(client, path, {"lines": lines}, **{"X-Order-Secret": secret})

    statements = announce(small)

    assert statements == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM orders_order ... FOR NO KEY UPDATE",
            "SELECT ... FROM orders_orderline INNER JOIN orders_orderdelivery ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_parcel WHERE ... LIMIT ...",
            "SELECT ... FROM orders_parcel WHERE ...",
            "SELECT ... FROM orders_parcelline INNER JOIN orders_parcel ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_returnline INNER JOIN orders_return ON ... WHERE ... GROUP BY ...",
            "INSERT INTO orders_return (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_returnstep (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_returnline (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "SELECT ... FROM orders_return INNER JOIN orders_order ON ... INNER JOIN orders_location ON ... WHERE ... LIMIT ...",
            "SELECT ... FROM orders_returnline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_orderline WHERE ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )
    assert len(announce(large)) == len(statements)


def test_staff_reads_an_order(
    lahti: Location, staff_client: StaffClient, small: PlacedOrder, travelled: PlacedOrder
) -> None:
    packer = staff_client(lahti)
    statements = read_by_staff(packer, small)

    assert statements == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM orders_order WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM orders_orderdelivery WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_location WHERE ...",
            "SELECT ... FROM orders_dispute WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_orderline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_parcel WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_return WHERE ... ORDER BY ... ASC",
        ]
    )
    assert len(read_by_staff(packer, travelled)) == len(statements) + 5, (
        "the lines of its parcels and of its returns, what they are of, and where those go"
    )


def test_staff_sends_a_parcel(
    lahti: Location, staff_client: StaffClient, small: PlacedOrder, large: PlacedOrder
) -> None:
    packer = staff_client(lahti)
    packer.get(f"/staff/v1/orders/{small.order_id}")
    statements = write(packer, f"/staff/v1/orders/{small.order_id}/parcels")

    assert statements == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM orders_location ... FOR NO KEY UPDATE",
            "SELECT ... FROM orders_orderline INNER JOIN orders_orderdelivery ON ... INNER JOIN orders_location ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_parcelline INNER JOIN orders_parcel ON ... WHERE ... GROUP BY ...",
            "INSERT INTO orders_parcel (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_parcelline (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
            "SELECT ... FROM orders_parcel INNER JOIN orders_order ON ... INNER JOIN orders_orderdelivery ON ... INNER JOIN orders_location ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SAVEPOINT s2",
            "SELECT ... FROM orders_order ... FOR NO KEY UPDATE",
            "SELECT ... FROM orders_parcel INNER JOIN orders_order ON ... INNER JOIN orders_orderdelivery ON ... INNER JOIN orders_location ON ... LEFT OUTER JOIN orders_location T5 ON ... WHERE ... LIMIT ...",
            "SELECT ... FROM orders_parcelline INNER JOIN orders_parcel ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_parcel WHERE ... LIMIT ...",
            "SELECT ... FROM orders_parcelline INNER JOIN orders_orderline ON ... WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_stocklevel ... FOR NO KEY UPDATE",
            "SELECT ... FROM orders_reservation WHERE ...",
            "UPDATE orders_reservation SET ... = ... WHERE ...",
            "UPDATE orders_stocklevel AS level SET ... = ... FROM UNNEST(...) AS change (...) WHERE ... RETURNING ...",
            "INSERT INTO orders_stockmovement (...) VALUES (...) RETURNING ...",
            "SELECT ... FROM orders_paymentattempt WHERE ... LIMIT ...",
            "SELECT ... FROM orders_paymentoperation WHERE ...",
            "INSERT INTO orders_trackingevent (...) VALUES (...) ON CONFLICT DO NOTHING",
            "SELECT ... FROM orders_trackingevent WHERE ... ORDER BY ... ASC",
            "UPDATE orders_parcel SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "SELECT ... FROM orders_parcelline INNER JOIN orders_parcel ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_orderline WHERE ... ORDER BY ... ASC",
            "UPDATE orders_order SET ... = ... WHERE ...",
            "INSERT INTO orders_orderstep (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_auditentry (...) VALUES (...)",
            "RELEASE SAVEPOINT s2",
            "SELECT ... FROM orders_parcel INNER JOIN orders_order ON ... WHERE ... LIMIT ...",
            "SELECT ... FROM orders_parcelline INNER JOIN orders_orderline ON ... WHERE ... ORDER BY ... ASC",
        ]
    )
    assert len(write(packer, f"/staff/v1/orders/{large.order_id}/parcels")) == len(statements)


def test_staff_receives_and_credits_a_return(
    lahti: Location,
    staff_client: StaffClient,
    small: PlacedOrder,
    large: PlacedOrder,
    packer: Actor,
) -> None:
    clerk, now = staff_client(lahti), Order.objects.get(public_id=small.order_id).placed_at
    clerk.get(f"/staff/v1/orders/{small.order_id}")
    returns = []
    for order in (small, large):
        delivered(order, by=packer, now=now)
        returns.append(announced(order, now).return_id)

    received, of_large = (write(clerk, f"/staff/v1/returns/{return_id}/receive") for return_id in returns)
    assert received == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM orders_location ... FOR NO KEY UPDATE",
            "SELECT ... FROM orders_return INNER JOIN orders_location ON ... WHERE ... LIMIT ...",
            "SELECT ... FROM orders_location INNER JOIN orders_staffassignment ON ... WHERE ... LIMIT ...",
            "UPDATE orders_return SET ... = ... WHERE ...",
            "INSERT INTO orders_returnstep (...) VALUES (...) RETURNING ...",
            "SELECT ... FROM orders_returnline INNER JOIN orders_orderline ON ... WHERE ... ORDER BY ... ASC",
            "UPDATE orders_returnline SET ... = ... WHERE ...",
            "INSERT INTO orders_stocklevel (...) VALUES (...) ON CONFLICT DO NOTHING",
            "SELECT ... FROM orders_stocklevel ... FOR NO KEY UPDATE",
            "UPDATE orders_stocklevel AS level SET ... = ... FROM UNNEST(...) AS change (...) WHERE ... RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO orders_stockmovement (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "SELECT ... FROM orders_return INNER JOIN orders_order ON ... INNER JOIN orders_location ON ... WHERE ... LIMIT ...",
            "SELECT ... FROM orders_returnline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_orderline WHERE ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )
    assert len(of_large) == len(received)

    credited, of_large = (write(clerk, f"/staff/v1/returns/{return_id}/credit") for return_id in returns)
    assert credited == snapshot(
        [
            "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM orders_location ... FOR NO KEY UPDATE",
            "SELECT ... FROM orders_return INNER JOIN orders_location ON ... WHERE ... LIMIT ...",
            "SELECT ... FROM orders_returnline INNER JOIN orders_return ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_returnline WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_orderline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_orderdelivery WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_return WHERE ... LIMIT ...",
            "SELECT ... FROM orders_returnline INNER JOIN orders_return ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_returnline WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_orderline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_orderdelivery WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_return WHERE ... LIMIT ...",
            "UPDATE orders_return SET ... = ... WHERE ...",
            "INSERT INTO orders_returnstep (...) VALUES (...) RETURNING ...",
            "SELECT ... FROM orders_paymentattempt WHERE ... LIMIT ...",
            "SELECT ... FROM orders_paymentattempt WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM orders_paymententry WHERE ...",
            "SELECT ... FROM orders_order WHERE ... LIMIT ...",
            "INSERT INTO orders_paymententry (...) VALUES (...) RETURNING ...",
            "SELECT ... FROM orders_invoice WHERE ... LIMIT ...",
            "SELECT ... FROM orders_orderdelivery INNER JOIN orders_location ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            "SELECT ... FROM orders_invoice WHERE ...",
            "INSERT INTO orders_invoice (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO kernel_storedevent ...",
            "SELECT ... FROM orders_return INNER JOIN orders_order ON ... INNER JOIN orders_location ON ... WHERE ... LIMIT ...",
            "SELECT ... FROM orders_returnline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_orderline WHERE ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )
    assert len(of_large) == len(credited)


def test_an_order_is_placed_in_as_many_statements_whatever_it_holds(lahti: Location, now: datetime) -> None:
    skus = [StockLevelFactory(location=lahti).sku for _ in range(12)]
    list_sources()  # kept for seconds

    with sent() as statements:
        placed(line(skus[0]), now=now)
    with sent() as of_twelve:
        placed(*(line(sku) for sku in skus), now=now)

    assert statements == snapshot(
        [
            "SAVEPOINT s1",
            "INSERT INTO orders_order (...) VALUES (...) ON CONFLICT DO NOTHING RETURNING ...",
            "INSERT INTO orders_orderstep (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_paymentattempt (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_paymententry (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_invoice (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "SELECT ... FROM orders_stocklevel ... FOR NO KEY UPDATE",
            "WITH change AS (SELECT * FROM UNNEST(...) AS change (...)), kept AS (INSERT INTO orders_reservation (...) SELECT ... FROM change ORDER BY ...) UPDATE orders_stocklevel AS level SET ... = ... FROM change WHERE ... RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "INSERT INTO orders_orderdelivery (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_orderline (...) VALUES (...) RETURNING ...",
            "RELEASE SAVEPOINT s1",
        ]
    )
    assert of_twelve == statements


def test_the_buyer_withdraws_from_what_has_arrived(
    client: APIClient, small: PlacedOrder, large: PlacedOrder, packer: Actor, now: datetime
) -> None:
    def withdraw(order: PlacedOrder) -> tuple[list[Any], list[Any]]:
        delivered(order, by=packer, now=now)
        path = f"/store/v1/orders/{order.order_id}/withdrawal"
        headers = {"X-Order-Secret": order_secret(order_id=order.order_id)}
        drafting = write(client, path, **headers)
        drafted = post(client, path, **headers).json()["id"]
        return drafting, write(client, f"{path}/{drafted}/confirm", **headers)

    drafting, confirming = withdraw(small)

    assert drafting == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM orders_order WHERE ... ORDER BY ...",
            "SELECT ... FROM orders_parcelline INNER JOIN orders_parcel ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_returnline INNER JOIN orders_return ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_orderline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_parcel WHERE ... LIMIT ...",
            "SELECT ... FROM orders_parcel WHERE ...",
            "INSERT INTO orders_withdrawal (...) VALUES (...) RETURNING ...",
            "SELECT ... FROM orders_withdrawalreceipt WHERE ... LIMIT ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )
    assert confirming == snapshot(
        [
            "INSERT INTO kernel_ratecount ... ON CONFLICT ...",
            "SAVEPOINT s1",
            "SELECT ...",
            "SELECT ... FROM kernel_idempotencyrecord WHERE ...",
            "SELECT ... FROM orders_order ... FOR NO KEY UPDATE",
            "SELECT ... FROM orders_withdrawal ... FOR NO KEY UPDATE",
            "SELECT ... FROM orders_parcelline INNER JOIN orders_parcel ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_returnline INNER JOIN orders_return ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_orderline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_parcel WHERE ... LIMIT ...",
            "SELECT ... FROM orders_parcel WHERE ...",
            "UPDATE orders_withdrawal SET ... = ... WHERE ...",
            "SELECT ... FROM orders_order WHERE ... LIMIT ...",
            "INSERT INTO orders_withdrawalreceipt (...) VALUES (...) RETURNING ...",
            "SELECT ... FROM orders_parcelline INNER JOIN orders_parcel ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_returnline INNER JOIN orders_return ON ... WHERE ... GROUP BY ...",
            "SELECT ... FROM orders_orderline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_parcel WHERE ... LIMIT ...",
            "SELECT ... FROM orders_parcel WHERE ...",
            "SELECT ... FROM orders_orderline INNER JOIN orders_orderdelivery ON ... WHERE ... ORDER BY ... ASC",
            "INSERT INTO orders_return (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_returnstep (...) VALUES (...) RETURNING ...",
            "INSERT INTO orders_returnline (...) VALUES (...) RETURNING ...",
            "INSERT INTO kernel_storedevent ...",
            "UPDATE orders_withdrawal SET ... = ... WHERE ...",
            "INSERT INTO kernel_storedevent ...",
            "SELECT ... FROM orders_return INNER JOIN orders_order ON ... INNER JOIN orders_location ON ... WHERE ... LIMIT ...",
            "SELECT ... FROM orders_returnline WHERE ... ORDER BY ... ASC",
            "SELECT ... FROM orders_orderline WHERE ...",
            "INSERT INTO kernel_auditentry ... INSERT INTO kernel_idempotencyrecord ...",
            "RELEASE SAVEPOINT s1",
        ]
    )
    of_large = withdraw(large)
    assert [len(statements) for statements in of_large] == [len(drafting), len(confirming)]
