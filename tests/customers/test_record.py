"""A purchase makes a customer, or adds to one; nothing she says is proved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from config.kernel.db import TransactionMisuse, open_transaction
from config.kernel.errors import NotFound
from config.kernel.ids import new_id
from config.kernel.models import StoredEvent
from customers.models import ContactPoint, Customer, CustomerAddress, TimelineEntry
from customers.record.queries import get_customer
from customers.record.rules import Step, StepKind
from customers.record.services import record_step
from tests.customers.conftest import GUEST, HOME

pytestmark = pytest.mark.django_db
Buy = Callable[..., UUID]


def test_a_first_purchase_makes_a_customer_of_whom_nothing_is_verified(buy: Buy, now: datetime) -> None:
    record = get_customer(customer_ref=buy())

    assert (record.name, record.locale, record.first_seen_at) == ("Aino Virtanen", "fi", now)
    assert [(point.kind, point.value, point.verified_at) for point in record.contact_points] == [
        ("email", "Aino@example.fi", None),
        ("phone", "+358 40 123 4567", None),
    ]
    assert record.addresses == (HOME,)
    assert [(step.kind, step.data) for step in record.timeline] == [
        ("order_placed", {"number": "7Q2MX-0K4TD"})
    ]


def test_another_purchase_adds_what_is_new_and_keeps_what_was_known(buy: Buy) -> None:
    first = buy()
    second = buy(
        email="AINO@EXAMPLE.FI",
        name="Aino Korhonen",
        phone="+358-40-1234567",
        locale="sv-FI",
        address=replace(HOME, street="Aleksanterinkatu 5"),
    )

    assert first == second
    record = get_customer(customer_ref=first)
    assert (record.name, record.locale) == ("Aino Korhonen", "sv-FI")
    assert len(record.contact_points) == 2, "the same telephone in another spelling"
    assert [address.street for address in record.addresses] == ["Mannerheimintie 1 A 2", "Aleksanterinkatu 5"]
    assert len(record.timeline) == 2


def test_a_purchase_that_is_told_twice_is_written_once(buy: Buy) -> None:
    order_ref = new_id()

    assert buy(order_ref) == buy(order_ref, name="Somebody Else", phone="+358 50 000 0000")

    assert Customer.objects.get().name == "Aino Virtanen"
    assert (ContactPoint.objects.count(), CustomerAddress.objects.count(), TimelineEntry.objects.count()) == (
        2,
        1,
        1,
    )
    assert StoredEvent.objects.filter(name="customers.customer_recorded").count() == 1


def test_a_purchase_without_a_telephone_has_none(buy: Buy) -> None:
    record = get_customer(customer_ref=buy(phone=""))

    assert [point.kind for point in record.contact_points] == ["email"]


def test_a_purchase_that_was_fetched_and_names_no_address_has_none(buy: Buy) -> None:
    customer_ref = buy(address=None)

    assert get_customer(customer_ref=customer_ref).addresses == ()


def test_a_family_may_share_its_telephone(buy: Buy) -> None:
    assert buy() != buy(email="eino@example.fi")

    assert ContactPoint.objects.filter(kind="phone").count() == 2


def test_a_timeline_is_told_in_order_whenever_its_steps_were_written(buy: Buy, now: datetime) -> None:
    customer, order_ref = buy(), new_id()

    def step(kind: StepKind, minutes: int) -> Step:
        return Step(kind=kind, about_ref=order_ref, data={}, occurred_at=now + timedelta(minutes=minutes))

    for told in (
        step(StepKind.RETURN_ANNOUNCED, 60),
        step(StepKind.ORDER_COMPLETED, 30),
        step(StepKind.PARCEL_DISPATCHED, 30),
        step(StepKind.ORDER_CONFIRMED, 0),
        step(StepKind.ORDER_CONFIRMED, 0),
    ):
        with open_transaction():
            record_step(customer_ref=customer, step=told, by=GUEST)

    assert [told.kind for told in get_customer(customer_ref=customer).timeline] == [
        "order_placed",
        "order_confirmed",
        "parcel_dispatched",
        "order_completed",
        "return_announced",
    ]


def test_a_step_of_nobody_is_refused(now: datetime) -> None:
    step = Step(kind=StepKind.ORDER_CONFIRMED, about_ref=new_id(), data={}, occurred_at=now)

    with pytest.raises(NotFound), open_transaction():
        record_step(customer_ref=new_id(), step=step, by=GUEST)


def test_what_is_written_joins_its_callers_transaction(now: datetime) -> None:
    step = Step(kind=StepKind.ORDER_CONFIRMED, about_ref=new_id(), data={}, occurred_at=now)

    with pytest.raises(TransactionMisuse):
        record_step(customer_ref=new_id(), step=step, by=GUEST)


def test_what_happened_can_be_added_and_nothing_else(buy: Buy) -> None:
    buy()

    for statement in (
        "UPDATE customers_timelineentry SET data = '{}'",
        "DELETE FROM customers_timelineentry",
    ):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
