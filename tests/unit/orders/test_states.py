"""The tables of moves: every pair of states, allowed or refused."""

from itertools import product

import pytest

from config.kernel.states import IllegalMove, Lifecycle
from orders.agreement.models import ORDER_LIFE
from orders.payment.models import ATTEMPT_LIFE, MESSAGE_LIFE, OPERATION_LIFE
from orders.returns.models import RETURN_LIFE
from orders.stock.models import RESERVATION_LIFE

ALLOWED = {
    "order": (
        ORDER_LIFE,
        {
            ("pending_payment", "confirmed"),
            ("pending_payment", "cancelled"),
            ("confirmed", "completed"),
            ("confirmed", "cancelled"),
        },
    ),
    "payment attempt": (
        ATTEMPT_LIFE,
        {
            *product(("pending",), ("requires_action", "secured", "failed", "cancelled")),
            *product(("requires_action",), ("secured", "failed", "cancelled")),
            *product(("failed",), ("secured", "cancelled")),
            ("secured", "cancelled"),
        },
    ),
    "payment operation": (OPERATION_LIFE, {("pending", "done"), ("pending", "failed")}),
    "provider's message": (
        MESSAGE_LIFE,
        {*product(("received",), ("folded", "ignored", "unmatched")), ("unmatched", "folded")},
    ),
    "reservation": (RESERVATION_LIFE, {("active", "fulfilled"), ("active", "released")}),
    "return": (RETURN_LIFE, {("announced", "received"), ("received", "credited")}),
}
MOVES = [
    pytest.param(life, now_in, to, (now_in, to) in allowed, id=f"{thing}: {now_in} to {to}")
    for thing, (life, allowed) in ALLOWED.items()
    for now_in, to in product(life.states.values, repeat=2)
]


@pytest.mark.parametrize(("life", "now_in", "to", "allowed"), MOVES)
def test_a_thing_moves_as_its_table_says_and_not_otherwise(
    life: Lifecycle, now_in: str, to: str, allowed: bool
) -> None:
    if allowed:
        life.require(now_in=now_in, to=to)
    else:
        with pytest.raises(IllegalMove) as refused:
            life.require(now_in=now_in, to=to)
        assert refused.value.data == {"state": now_in, "wanted": to}


@pytest.mark.parametrize("thing", ALLOWED)
def test_every_state_can_be_reached(thing: str) -> None:
    life, _ = ALLOWED[thing]

    assert life.reachable() == set(life.states.values)
