"""Each rule about the data finds the row that breaks it."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from config.kernel.actors import Actor
from config.kernel.invariants import check
from config.kernel.roles import as_owner
from orders.agreement.queries import order_secret
from orders.agreement.rules import LineUnits
from orders.parcels.services import DispatchedParcel
from orders.placing.services import PlacedOrder
from orders.returns.services import announce_return, credit_return, receive_return
from tests.factories.orders import GUEST, coming_back

pytestmark = pytest.mark.django_db

UNDO_ONE_LIVE = "DROP INDEX paymentattempt_one_live"
SECOND_ATTEMPT = """
    INSERT INTO orders_paymentattempt (public_id, order_id, method, amount_minor, currency, state, asked_at,
        provider_status, captured_minor, captures_in_parts, failure, burnt_keys)
    SELECT gen_random_uuid(), order_id, method, amount_minor, currency, 'pending', asked_at, '', 0, false, '', 0
    FROM orders_paymentattempt
"""
UNWANTED_MONEY = """
    UPDATE orders_paymentattempt
    SET state = 'cancelled', provider_status = 'authorised', checked_at = now() - interval '1 hour'
"""
FORGOTTEN_MESSAGE = """
    INSERT INTO orders_providermessage (public_id, provider, event_ref, kind, intent_ref, body, state, received_at)
    VALUES (gen_random_uuid(), 'stripe', 'evt_1', 'refund.updated', 'pi_1', '', 'received', now() - interval '1 hour')
"""
BREAKS = [
    ("I1", ["UPDATE orders_stocklevel SET on_hand = on_hand + 1 WHERE sku = 'SOFA'"]),
    ("I1", ["DELETE FROM orders_stockmovement WHERE kind = 'dispatched'"]),
    ("I2", ["UPDATE orders_stocklevel SET reserved = reserved + 1 WHERE sku = 'SOFA'"]),
    ("I2", ["UPDATE orders_reservation SET taken = 0, state = 'active'"]),
    ("I3", ["UPDATE orders_parcelline SET quantity = quantity + 1"]),
    ("I3", ["UPDATE orders_return SET state = 'announced'"]),
    ("I4", ["UPDATE orders_order SET total_gross_minor = total_gross_minor + 1"]),
    ("I4", ["UPDATE orders_order SET total_tax_minor = total_tax_minor - 1"]),
    ("I4", ["UPDATE orders_orderline SET unit_gross_minor = unit_gross_minor + 1"]),
    ("I4", ["UPDATE orders_order SET state = 'confirmed'"]),
    ("I5", ["UPDATE orders_paymententry SET amount_minor = amount_minor - 1 WHERE kind = 'invoiced'"]),
    ("I5", ["DELETE FROM orders_paymententry WHERE kind = 'invoiced'"]),
    ("I5", ["UPDATE orders_paymententry SET currency = 'SEK' WHERE kind = 'invoiced'"]),
    ("I6", ["UPDATE orders_paymententry SET amount_minor = -100000 WHERE kind = 'credited'"]),
    ("I6", ["UPDATE orders_invoice SET gross_minor = gross_minor - 1 WHERE kind = 'credit_note'"]),
    ("I7", [UNDO_ONE_LIVE, SECOND_ATTEMPT]),
    ("I8", [UNWANTED_MONEY]),
    ("I9", ["UPDATE orders_paymententry SET kind = 'captured' WHERE kind = 'invoiced'"]),
    ("I12", [FORGOTTEN_MESSAGE]),
    ("I12", ["UPDATE orders_order SET state = 'pending_payment', pay_by = now() - interval '2 hours'"]),
    ("I16", ["UPDATE orders_returnline SET quantity = 9, sellable = 9"]),
    ("I16", ["UPDATE orders_orderline SET quantity = 1"]),
    ("I16", ["DELETE FROM orders_paymententry WHERE kind = 'credited'"]),
    ("I16", ["UPDATE orders_return SET credited_gross_minor = credited_gross_minor + 1"]),
]


# What a process that died has just left: each rule grants it some time.
JUST_LEFT = [
    ("I8", UNWANTED_MONEY.replace("now() - interval '1 hour'", "now()")),
    ("I12", FORGOTTEN_MESSAGE.replace("now() - interval '1 hour'", "now()")),
    ("I12", "UPDATE orders_order SET state = 'pending_payment', pay_by = now() - interval '1 second'"),
    ("I12", "UPDATE orders_parcel SET state = 'created', packed_at = now()"),
]


@pytest.fixture
def whole_story(
    order: PlacedOrder, arrived: DispatchedParcel, packer: Actor, units: object, now: datetime
) -> None:
    """Bought, shipped, two cushions returned and credited."""
    lines: list[LineUnits] = units(CUSHION=2)  # type: ignore[operator]
    announced = announce_return(
        order_id=order.order_id,
        secret=order_secret(order_id=order.order_id),
        lines=coming_back(lines),
        reason="",
        by=GUEST,
        now=now,
    )
    receive_return(return_id=announced.return_id, by=packer, now=now)
    credit_return(return_id=announced.return_id, by=packer, now=now)


def test_all_rules_hold_after_a_whole_story(whole_story: None, now: datetime) -> None:
    assert check(now=now + timedelta(minutes=1)) == []


@pytest.mark.parametrize(("code", "statements"), BREAKS, ids=[f"{code}: {s[-1][:60]}" for code, s in BREAKS])
def test_a_rule_finds_what_breaks_it(
    whole_story: None, now: datetime, code: str, statements: list[str]
) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)

    assert code in {violation.code for violation in check(now=now)}


@pytest.mark.parametrize(("code", "statement"), JUST_LEFT, ids=[f"{code}: {s[:60]}" for code, s in JUST_LEFT])
def test_what_was_left_a_moment_ago_is_found_as_of_an_hour_later(
    whole_story: None, now: datetime, code: str, statement: str
) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)

    assert code not in {violation.code for violation in check(now=now + timedelta(minutes=1))}
    assert code in {violation.code for violation in check(now=now + timedelta(hours=1))}
