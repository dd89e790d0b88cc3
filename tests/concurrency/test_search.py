"""Two workers make one product findable at once: what the slower one has read may be over by the time it writes."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest
from django.db import connection

from config.kernel.actors import system
from config.kernel.db import open_transaction
from config.kernel.dispatcher import run_pending
from pim.api import publish
from pim.publishing.services import withdraw_product
from shop.catalog.models import Listing
from shop.pricing.queries import forget_configuration
from shop.search.queries import list_stale_documents
from shop.search.services import index_products
from tests.concurrency.together import together
from tests.factories.goods import CHANNEL, add_product, named, open_shop

pytestmark = pytest.mark.django_db(transaction=True)
BY = system("tests")


@pytest.fixture(autouse=True)
def _opened(db: None, now: datetime) -> Iterator[None]:
    open_shop(now=now)
    yield
    forget_configuration()


@pytest.fixture
def lamp(now: datetime) -> UUID:
    """Published, and not yet findable."""
    with open_transaction():
        lamp = UUID(add_product(code="lamp", variants={"LAMP": {}}, values=named(fi="Lamppu"), now=now))
        publish(product_id=lamp, channel=CHANNEL, by=BY, now=now)
    run_pending(now=now)
    return lamp


def withdrawn_while_indexed(lamp: UUID, now: datetime) -> list[str]:
    """A worker has read the lamp's listings and not yet written; it is withdrawn, and another worker comes to look.

    Documents without a listing and listings without a document, in the end.
    """
    (scope,) = set(Listing.objects.filter(product_ref=lamp).values_list("content_scope", flat=True))

    def index() -> None:
        index_products(content_scope=scope, product_refs=[lamp], by=BY, now=now)

    def withdraw() -> None:
        withdraw_product(product_id=lamp, channel=CHANNEL, version=None, by=BY, now=now)
        run_pending(now=now)

    with ThreadPoolExecutor(2) as pool:
        with open_transaction(), connection.cursor() as cursor:
            for language in ("en", "fi", "sv"):  # for these locks it waits, with what it has read
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"shop.search.parts:{language}"]
                )
            slow = pool.submit(together, index)
            until(lambda: count_waiting() == 1)
            assert together(withdraw) == [None]
            quick = pool.submit(together, index)
            until(lambda: quick.done() or count_waiting() == 2)
        assert slow.result(timeout=20) == quick.result(timeout=20) == [None]
    return [stale for stale in list_stale_documents() if str(lamp) in stale]


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def count_waiting() -> int:
    """How many connections wait for an advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
            WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
            """
        )
        return int(cursor.fetchone()[0])


def test_without_the_lock_what_was_withdrawn_is_written_as_findable(
    lamp: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.search.services._LOCK_PRODUCTS", "SELECT %s::uuid[], %s::text")

    assert withdrawn_while_indexed(lamp, now) != []


def test_what_was_withdrawn_is_not_findable(lamp: UUID, now: datetime) -> None:
    assert withdrawn_while_indexed(lamp, now) == []
