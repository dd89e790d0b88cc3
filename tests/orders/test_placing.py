"""A wish becomes an order, whole or not at all."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.kernel.db import TransactionMisuse, open_transaction
from config.kernel.ids import new_id
from config.kernel.models import StoredEvent
from orders.agreement.models import Order, OrderDelivery, OrderLine, OrderState, OrderStep
from orders.agreement.queries import find_order_of_cart
from orders.agreement.services import CartAlreadyOrdered
from orders.locations.models import Location
from orders.payment.models import Invoice, PaymentAttempt, PaymentEntry
from orders.placing.services import PaymentMethodUnavailable, PlacedOrder, place_order
from orders.stock.models import Reservation, StockLevel
from orders.stock.services import OutOfStock
from tests.factories.orders import GUEST, STANDARD_RATE, StockLevelFactory, line, placed, wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_hold_afterwards")]
TABLES = (
    Order,
    OrderLine,
    OrderDelivery,
    OrderStep,
    PaymentAttempt,
    PaymentEntry,
    Invoice,
    Reservation,
    StoredEvent,
)


def test_place_order_confirms_an_invoice_at_once(order: PlacedOrder, now: datetime) -> None:
    row = Order.objects.get()

    assert (row.public_id, row.number) == (order.order_id, order.number)
    assert (row.state, row.placed_at, row.confirmed_at) == (OrderState.CONFIRMED, now, now)
    assert list(row.steps.order_by("id").values_list("state", "actor_kind")) == [
        ("pending_payment", "guest"),
        ("confirmed", "guest"),
    ]
    assert (order.state, order.total_minor, order.currency) == ("confirmed", 9990 + 3 * 3990 + 1490, "EUR")
    assert (order.payment.method, order.payment.status, order.payment.next_action.type) == (
        "invoice",
        "secured",
        "none",
    )


def test_an_order_is_a_copy_of_what_was_agreed(goods: None, now: datetime) -> None:
    wished = wish(
        line("SOFA", added_by="Kaisa"), line("CUSHION", 2, unit_gross_minor=3990), buyer_ref=new_id()
    )
    with open_transaction():
        place_order(wish=wished, by=GUEST, now=now)

    order = Order.objects.get()
    assert (order.channel, order.country, order.locale) == ("fi-web", "FI", "fi")
    assert (order.email, order.name, order.buyer_ref) == (wished.email, "Aino Virtanen", wished.buyer_ref)
    first, second = order.lines.all()
    assert (first.sku, first.name, first.options) == ("SOFA", "Thing SOFA", [["Kangas", "Buklee"]])
    assert (first.added_by, second.added_by) == ("Kaisa", "")
    assert (second.quantity, second.unit_gross_minor, second.gross_minor) == (2, 3990, 7980)
    delivery = order.deliveries.get()
    assert (delivery.location.code, delivery.gross_minor, delivery.label) == ("LAHTI", 1490, "Paketti kotiin")
    assert delivery.address["street"] == "Mannerheimintie 1 A 2"
    assert (delivery.promised_from_on, delivery.promised_until_on) == (date(2026, 11, 25), date(2026, 11, 26))


def test_an_invoice_is_due_in_fourteen_days_of_the_sellers_calendar(goods: None) -> None:
    placed(line("SOFA"), now=datetime(2026, 11, 30, 22, 30, tzinfo=UTC))  # past midnight in Lahti

    invoice, order = Invoice.objects.get(), Order.objects.get()
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 12, 1), date(2026, 12, 15))
    assert (invoice.number, invoice.gross_minor) == (f"{order.number}-1", order.total_gross_minor)
    entry = PaymentEntry.objects.get()
    assert (entry.kind, entry.amount_minor) == ("invoiced", order.total_gross_minor)


def test_place_order_sums_per_sku_over_lines(goods: None, now: datetime) -> None:
    placed(line("SOFA", 4), line("CUSHION"), line("SOFA", 6), now=now)

    assert StockLevel.objects.get(sku="SOFA").reserved == 10
    with pytest.raises(OutOfStock) as refused:
        placed(line("SOFA"), line("CUSHION", 5), line("CUSHION", 5), now=now)
    assert refused.value.data == {"short": {"SOFA": 1, "CUSHION": 1}}


def test_place_order_leaves_nothing_behind_when_something_is_missing(goods: None, now: datetime) -> None:
    before = [model.objects.count() for model in TABLES]

    with pytest.raises(OutOfStock):
        placed(line("SOFA"), line("RUG"), now=now)

    assert [model.objects.count() for model in TABLES] == before
    assert not StockLevel.objects.filter(reserved__gt=0).exists()


def test_goods_in_a_store_do_not_leave_as_parcels(helsinki: Location, now: datetime) -> None:
    StockLevelFactory(sku="SOFA", location=helsinki)

    with pytest.raises(OutOfStock) as refused:
        placed(line("SOFA"), now=now)

    assert refused.value.data == {"short": {"SOFA": 1}}


def test_a_cart_becomes_one_order_at_most(goods: None, now: datetime) -> None:
    wished = wish(line("SOFA"))
    first = placed(*wished.lines, cart_ref=wished.cart_ref, now=now)

    with pytest.raises(CartAlreadyOrdered) as refused:
        placed(*wished.lines, cart_ref=wished.cart_ref, now=now)

    assert refused.value.data == {"order_id": str(first.order_id), "number": first.number}
    assert find_order_of_cart(cart_ref=wished.cart_ref) == (first.order_id, first.number)
    assert find_order_of_cart(cart_ref=new_id()) is None
    assert StockLevel.objects.get(sku="SOFA").reserved == 1


def test_a_number_that_is_taken_is_replaced(
    goods: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(["AAAAA-AAAAA", "AAAAA-AAAAA", "BBBBB-BBBBB"])
    monkeypatch.setattr("orders.agreement.services.new_number", lambda: next(numbers))

    orders = [placed(line("SOFA"), now=now), placed(line("SOFA"), now=now)]

    assert [order.number for order in orders] == ["AAAAA-AAAAA", "BBBBB-BBBBB"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"payment_method": "shells"}, "unknown"),
        ({"country": "SE"}, "country_not_served"),
        ({"currency": "SEK"}, "currency_not_served"),
    ],
)
def test_an_order_that_cannot_be_paid_is_not_made(
    goods: None, now: datetime, changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(PaymentMethodUnavailable) as refused:
        placed(line("SOFA"), now=now, **changes)

    assert refused.value.data["reason"] == reason
    assert not Order.objects.exists()


def test_place_order_says_what_became_true(order: PlacedOrder) -> None:
    events = StoredEvent.objects.filter(name__startswith="orders.order_").order_by("id")

    assert [event.name for event in events] == ["orders.order_placed", "orders.order_confirmed"]
    assert {event.about for event in events} == {order.order_id}
    assert {event.topic for event in events} == {f"order:{order.order_id}"}
    assert events[0].data["number"] == order.number


def test_place_order_needs_its_callers_transaction(goods: None, now: datetime) -> None:
    with pytest.raises(TransactionMisuse):
        place_order(wish=wish(line("SOFA")), by=GUEST, now=now)


def test_an_order_of_many_lines_takes_as_many_statements_as_one_of_two(
    lahti: Location, now: datetime
) -> None:
    skus = [StockLevelFactory(location=lahti).sku for _ in range(20)]

    def statements(*wanted: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            placed(*(line(sku) for sku in wanted), now=now)
        stock_events = sum("orders.stock_changed" in query["sql"] for query in queries)
        return len(queries) - stock_events

    statements(*skus[:2])  # what is kept of the configuration is read by the first one

    assert statements(*skus[:2]) == statements(*skus)


@pytest.fixture
def plenty(lahti: Location) -> None:
    """More than any example buys."""
    StockLevelFactory(sku="SOFA", location=lahti, on_hand=1_000_000)
    StockLevelFactory(sku="CUSHION", location=lahti, on_hand=1_000_000)


wished_lines = st.lists(
    st.tuples(
        st.sampled_from(["SOFA", "CUSHION"]),
        st.integers(min_value=1, max_value=3),
        st.integers(min_value=1, max_value=500_000),
        st.sampled_from([STANDARD_RATE, Decimal("0.135"), Decimal(0)]),
    ),
    min_size=1,
    max_size=3,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lines=wished_lines, delivery_minor=st.integers(min_value=0, max_value=9_999))
def test_lines_and_delivery_sum_to_the_order_whatever_was_bought(
    plenty: None,
    now: datetime,
    lines: list[tuple[str, int, int, Decimal]],
    delivery_minor: int,
) -> None:
    wished = wish(
        *(line(sku, quantity, unit_gross_minor=price, tax_rate=rate) for sku, quantity, price, rate in lines),
    )
    wished = replace(wished, delivery=replace(wished.delivery, gross_minor=delivery_minor))
    with open_transaction():
        place_order(wish=wished, by=GUEST, now=now)

    order = Order.objects.latest("pk")
    parts = [*order.lines.all(), *order.deliveries.all()]
    assert sum(part.gross_minor for part in parts) == order.total_gross_minor
    assert sum(part.tax_minor for part in parts) == order.total_tax_minor
    assert sum(part.net_minor for part in parts) == order.total_gross_minor - order.total_tax_minor
    assert (
        order.total_gross_minor == sum(quantity * price for _, quantity, price, _ in lines) + delivery_minor
    )
