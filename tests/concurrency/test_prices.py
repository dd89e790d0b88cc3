"""Prices set at once follow one another, and none of them is lost from the history."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from config.kernel.actors import system
from config.kernel.db import open_transaction
from shop.pricing import services as pricing
from shop.pricing.models import Price
from tests.concurrency.together import kinds, together
from tests.concurrency.waiting import overlapping

pytestmark = pytest.mark.django_db(transaction=True)
BY = system("tests")


@pytest.fixture(autouse=True)
def _list(db: None) -> None:
    with open_transaction():
        pricing.define_price_list(code="list", currency="EUR", gross=True)


def price(minor: int, now: datetime) -> Any:
    return pricing.change_price(price_list="list", sku="TABLE", minor=minor, by=BY, now=now)


def history() -> list[tuple[int, datetime, datetime | None]]:
    rows = Price.objects.filter(sku="TABLE").order_by("valid_from", "valid_until")
    return list(rows.values_list("minor", "valid_from", "valid_until"))


def change_twice_at_once(now: datetime) -> list[tuple[int, datetime, datetime | None]]:
    """From 100 to 90 and, before that is committed, to 80."""
    price(100, now)
    first, second = now + timedelta(hours=1), now + timedelta(hours=2)
    overlapping(
        lambda: pricing.set_price(price_list="list", sku="TABLE", minor=90, by=BY, now=first),
        lambda: price(80, second),
    )
    return history()


def test_without_the_lock_a_price_is_lost_from_the_history(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pricing, "lock", lambda rows: list(rows.all()))

    assert 90 not in [minor for minor, _, _ in change_twice_at_once(now)]


def test_prices_changed_at_once_follow_one_another(now: datetime) -> None:
    first, second = now + timedelta(hours=1), now + timedelta(hours=2)

    assert change_twice_at_once(now) == [(100, now, first), (90, first, second), (80, second, None)]


def test_first_prices_set_at_once_leave_one_open_price_and_no_error(now: datetime) -> None:
    results = together(*(lambda minor=minor: price(minor, now) for minor in range(1_000, 1_006)))

    assert kinds(results) == ["done"] * 6
    assert len(history()) == 6
    assert Price.objects.filter(sku="TABLE", valid_until=None).count() == 1
