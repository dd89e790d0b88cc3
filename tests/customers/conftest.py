"""A purchase, as the orders tell of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from config.kernel.actors import Actor, ActorKind
from config.kernel.db import open_transaction
from config.kernel.ids import new_id
from customers.record.rules import GivenAddress, Purchase, Step, StepKind
from customers.record.services import record_purchase

GUEST = Actor(kind=ActorKind.GUEST)
HOME = GivenAddress(
    name="Aino Virtanen", street="Mannerheimintie 1 A 2", postcode="00100", city="Helsinki", country="FI"
)


@pytest.fixture
def buy(now: datetime) -> Callable[..., UUID]:
    """Somebody buys: `buy(email=…)` writes it into her record and returns who she is."""

    def purchase(order_ref: UUID | None = None, **changes: Any) -> UUID:
        order_ref = order_ref or new_id()
        said = {
            "email": "Aino@example.fi",
            "name": "Aino Virtanen",
            "phone": "+358 40 123 4567",
            "locale": "fi",
            "address": HOME,
        }
        step = Step(
            kind=StepKind.ORDER_PLACED, about_ref=order_ref, data={"number": "7Q2MX-0K4TD"}, occurred_at=now
        )
        with open_transaction():
            return record_purchase(
                purchase=Purchase(order_ref=order_ref, **(said | changes)), step=step, by=GUEST, now=now
            )

    return purchase
