"""What a shop must be, as simply as it can be said: the reference that the real one is compared with.

It knows units and states, and of money only who holds how much; what the provider holds is read from the provider.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

PENDING: Final = "pending_payment"
CONFIRMED: Final = "confirmed"
COMPLETED: Final = "completed"
CANCELLED: Final = "cancelled"
MAX_FAILED_ATTEMPTS: Final = 3

Units = Counter[str]


@dataclass
class Attempt:
    """One try to pay.

    `known`: we have its intent; `is_burnt`: the provider answers its key with an error for ever; `failed`: we learnt
    once that it failed.
    """

    ref: str
    method: str
    known: bool = True
    is_burnt: bool = False
    failed: bool = False


@dataclass
class Order:
    """An order: what was ordered, where it is, and how it is paid."""

    units: Units
    total_minor: int
    attempts: list[Attempt]
    state: str = PENDING
    shipped: Units = field(default_factory=Counter)
    delivered: Units = field(default_factory=Counter)
    coming_back: Units = field(default_factory=Counter)  # announced, received or not
    asked_back_minor: int = 0  # refunds that were promised

    @property
    def method(self) -> str:
        """How the newest attempt pays."""
        return self.attempts[-1].method

    @property
    def open_units(self) -> Units:
        """What has not left yet."""
        return self.units - self.shipped

    @property
    def returnable(self) -> Units:
        """What was handed over and is in no return."""
        return self.delivered - self.coming_back

    @property
    def has_too_many_failures(self) -> bool:
        """Whether no other attempt is begun."""
        return sum(attempt.failed for attempt in self.attempts) >= MAX_FAILED_ATTEMPTS


@dataclass
class Shop:
    """One place with goods, and all orders since the beginning."""

    on_hand: Units
    reserved: Units = field(default_factory=Counter)
    orders: dict[str, Order] = field(default_factory=dict)

    def free(self, sku: str) -> int:
        """Units that can still be promised."""
        return self.on_hand[sku] - self.reserved[sku]

    def can_promise(self, units: Units) -> bool:
        """Whether all of it is there."""
        return all(self.free(sku) >= wanted for sku, wanted in units.items())

    def place(self, order_id: str, order: Order) -> None:
        """Its goods are held; an invoice is as good as money."""
        assert self.can_promise(order.units)
        self.orders[order_id] = order
        self.reserved.update(order.units)
        if order.method == "invoice":
            order.state = CONFIRMED

    def learn(self, order: Order, status: str) -> None:
        """We hear what the newest attempt's intent is at the provider."""
        if order.state != PENDING:
            return
        order.attempts[-1].known = True
        if status in ("requires_capture", "succeeded"):
            order.state = CONFIRMED
        elif status == "failed":
            order.attempts[-1].failed = True

    def cancel(self, order: Order) -> None:
        """Nothing of it will happen."""
        assert order.state in (PENDING, CONFIRMED)
        assert not order.shipped
        order.state = CANCELLED
        self.reserved.subtract(order.units)

    def ship(self, order: Order, units: Units) -> None:
        """Units leave; the order is complete with the last of them."""
        assert units <= order.open_units
        order.shipped.update(units)
        self.on_hand.subtract(units)
        self.reserved.subtract(units)
        if not order.open_units:
            order.state = COMPLETED

    def receive(self, units: Units) -> None:
        """Units came back and can be sold again."""
        self.on_hand.update(units)
