"""What is rendered in the mass is found once all of it has been shown; a single product at once."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from config.kernel.events import emit
from shop.catalog.models import Listing
from shop.events import ListingsRendered
from shop.search.models import Document, Unindexed
from shop.search.waiting import LONGEST_S, QUIET_S, index_waiting
from tests.factories.goods import CHANNEL
from tests.factories.world import World

BY = system("tests")


@pytest.fixture
def refs(world: World, now: datetime) -> list[UUID]:
    """The products that are shown, with no job and no document of them left."""
    run_pending(now=now)
    ProcrastinateJob.objects.all().delete()
    Unindexed.objects.all().delete()
    Document.objects.all().delete()
    rows = Listing.objects.filter(content_scope=CHANNEL).order_by("product_ref")
    return list(rows.values_list("product_ref", flat=True).distinct())


def rendered(refs: Collection[UUID], now: datetime) -> None:
    with open_transaction():
        emit(ListingsRendered(content_scope=CHANNEL, product_refs=tuple(refs)), by=BY, now=now)
    run_pending(now=now)


def jobs() -> list[str]:
    return [name.rpartition(".")[2] for name in ProcrastinateJob.objects.values_list("task_name", flat=True)]


def let_them_wait(seconds: float, *, which: str = "true") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE shop_unindexed SET noted_at = noted_at - make_interval(secs => %s) WHERE {which}",
            [seconds],
        )


def found() -> set[UUID]:
    return set(Document.objects.values_list("product_ref", flat=True))


def test_a_single_product_is_found_at_once(refs: list[UUID], now: datetime) -> None:
    rendered(refs[:1], now)

    assert jobs() == ["index_products"]
    assert not Unindexed.objects.exists()


def test_many_wait_until_no_more_of_them_come(refs: list[UUID], now: datetime) -> None:
    rendered(refs, now)

    row = ProcrastinateJob.objects.get()
    assert row.task_name.endswith("index_waiting")
    assert row.scheduled_at is not None
    index_waiting(by=BY, now=now)
    assert found() == set()

    let_them_wait(QUIET_S)
    index_waiting(by=BY, now=now)
    assert found() == set(refs)
    assert not Unindexed.objects.exists()


def test_what_is_rendered_twice_meanwhile_is_indexed_once(
    refs: list[UUID], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.search.waiting.BATCH", 1)
    rendered(refs, now)
    rendered(refs, now)
    let_them_wait(QUIET_S)

    index_waiting(by=BY, now=now)

    assert len(found()) == 1
    assert not Unindexed.objects.filter(product_ref__in=found()).exists()


def test_nothing_waits_for_ever_while_more_come(refs: list[UUID], now: datetime) -> None:
    rendered(refs, now)
    let_them_wait(LONGEST_S, which=f"product_ref = '{refs[0]}'")

    index_waiting(by=BY, now=now)

    assert found() == set(refs)


def test_what_does_not_fit_into_one_batch_is_asked_for_again(
    refs: list[UUID], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.search.waiting.BATCH", 2)
    rendered(refs, now)
    let_them_wait(QUIET_S)
    ProcrastinateJob.objects.all().delete()

    index_waiting(by=BY, now=now)
    run_pending(now=now)

    assert len(found()) == 2
    assert "index_waiting" in jobs()
