"""Place the cart, then pay: the order is committed before anybody outside hears of it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import outside_transaction
from config.kernel.idempotency import Once
from orders.api import enter_provider
from shop.cart.queries import CartKey
from shop.checkout.rules import PlaceWish
from shop.checkout.services import Receipt, place


@outside_transaction
def place_and_pay(
    *,
    once: Once,
    cart_id: UUID,
    key: CartKey,
    version: int | None,
    wish: PlaceWish,
    by: Actor,
    now: datetime,
) -> Receipt:
    """Turn the cart into an order, and ask the payment provider for its sum.

    A repetition finds the same order and goes on with the same attempt, so what it says of the payment is current. A
    provider that does not answer within three seconds leaves the payment with `wait`.
    Errors: those of `place`; PaymentMismatch.
    """
    receipt = place.once(once, cart_id=cart_id, key=key, version=version, wish=wish, by=by, now=now)
    if receipt.payment.next_action.type == "none" and not once.replayed:
        return receipt  # an invoice, accepted a moment ago: nobody outside has a part in it
    current = enter_provider(attempt_id=receipt.payment.attempt_id, by=by, now=now)
    return replace(receipt, state=current.order_state, payment=current.payment)
