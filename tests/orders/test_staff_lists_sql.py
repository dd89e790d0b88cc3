"""What staff's lists ask the database, and that it does not grow with what lies in them.

Articles, carts and pick-ups: `tests/shop/test_tablet_api.py`.
"""

# ruff: noqa: E501

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from inline_snapshot import snapshot
from rest_framework.test import APIClient

from config.kernel.actors import Actor
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from orders.locations.models import Location
from orders.parcels.ports import Label, News
from orders.parcels.rules import ParcelState
from orders.parcels.services import dispatch_parcel
from orders.parcels.tracking import record_news
from orders.placing.services import PlacedOrder
from tests.factories.orders import MACHINERY, StockLevelFactory, line, placed
from tests.sql import statements as sent

pytestmark = pytest.mark.django_db
StaffClient = Callable[..., APIClient]
Buy = Callable[[int], list[PlacedOrder]]


@pytest.fixture
def buy(lahti: Location, now: datetime) -> Buy:
    """So many orders, each of two articles of its own."""

    def orders(count: int) -> list[PlacedOrder]:
        return [
            placed(*(line(StockLevelFactory(location=lahti).sku, 2) for _ in "ab"), now=now)
            for _ in range(count)
        ]

    return orders


def read(client: APIClient, path: str, *, items: int) -> list[Any]:
    """The statements of a GET that answers with so many items."""
    client.get(path)  # a first request may note the credential's use
    with sent() as statements:
        response = client.get(path)
    assert response.status_code == 200, response.content
    assert len(response.json()["items"]) == items
    return statements


def test_what_is_to_be_packed(buy: Buy, lahti: Location, staff_client: StaffClient) -> None:
    clerk, path = staff_client(lahti), "/staff/v1/picking-lists"
    buy(1)
    for_one = read(clerk, path, items=1)
    buy(7)

    assert (
        read(clerk, path, items=8)
        == for_one
        == snapshot(
            [
                "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
                "SELECT ... FROM orders_orderline INNER JOIN orders_orderdelivery ON ... INNER JOIN orders_location ON ... INNER JOIN orders_order ON ... LEFT OUTER JOIN orders_parcelline ON ... INNER JOIN orders_order T6 ON ... LEFT OUTER JOIN orders_location T7 ON ... WHERE ... GROUP BY ... HAVING orders_orderline.quantity > (COALESCE(SUM(orders_parcelline.quantity), 0)) ORDER BY ... ASC LIMIT ...",
                "SELECT ... FROM orders_itemplace WHERE ...",
            ]
        )
    )


def test_what_waits_for_a_person(
    buy: Buy, lahti: Location, packer: Actor, staff_client: StaffClient, now: datetime
) -> None:
    clerk, path = staff_client(lahti), "/staff/v1/open-matters"

    def comes_back(count: int) -> None:
        for order in buy(count):
            label = Label(carrier="easypost", tracking_code=f"EZ{order.number}")
            dispatch_parcel(order_id=order.order_id, lines=None, label=label, by=packer, now=now)
            for minute, state in enumerate(
                (ParcelState.FAILED, ParcelState.RETURNING, ParcelState.RETURNED), start=1
            ):
                news = News(
                    tracking_code=label.tracking_code,
                    code=state.value,
                    state=state,
                    happened_at=now + timedelta(minutes=minute),
                )
                with open_transaction():
                    record_news(carrier="easypost", news=[news], told_at=now, by=MACHINERY, now=now)
        run_pending(now=now)

    comes_back(1)
    for_one = read(clerk, path, items=1)
    comes_back(7)

    assert (
        read(clerk, path, items=8)
        == for_one
        == snapshot(
            [
                "SELECT ... FROM kernel_accesstoken INNER JOIN kernel_user ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
                "SELECT ... FROM orders_matter LEFT OUTER JOIN orders_order ON ... WHERE ... ORDER BY ... ASC LIMIT ...",
            ]
        )
    )
