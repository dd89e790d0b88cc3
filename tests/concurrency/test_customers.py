"""Purchases of one address that are told at once make one customer."""

from datetime import datetime

import pytest

from config.kernel.dispatcher import run_pending
from config.kernel.models import Delivery, StoredEvent
from customers.models import ContactPoint, Customer, TimelineEntry
from orders.agreement.models import Order
from tests.concurrency.together import kinds, together
from tests.factories.orders import StockLevelFactory, line, placed

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_dispatchers_make_one_customer_of_six_purchases(now: datetime) -> None:
    StockLevelFactory(sku="SOFA")
    for number in range(6):
        placed(line("SOFA"), now=now, email="Aino@example.fi" if number % 2 else "AINO@EXAMPLE.FI")

    results = together(*[lambda: run_pending(now=now)] * 4)

    assert kinds(results) == ["done"] * 4
    assert Customer.objects.count() == 1, "a lost rival leaves no empty record"
    assert ContactPoint.objects.filter(kind="email").count() == 1
    assert Order.objects.exclude(customer_ref=Customer.objects.get().public_id).count() == 0
    assert TimelineEntry.objects.filter(kind="order_placed").count() == 6
    assert TimelineEntry.objects.filter(kind="order_confirmed").count() == 6
    assert StoredEvent.objects.filter(name="customers.customer_recorded").count() == 6
    assert not Delivery.objects.filter(handled_at=None).exists()
