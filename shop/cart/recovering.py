"""A cart whose order came to nothing is filled anew.

The old cart stays consumed for ever, so that one cart is at most one order; the new one holds what the old one held.
"""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.db import add_rows, transaction
from config.kernel.errors import Refusal
from config.kernel.rest.authentication import digest_of, new_secret
from orders.api import is_order_cancelled
from shop.cart.models import Cart, CartLine, CartState, LineTouch
from shop.cart.queries import CartKey, get_open_to
from shop.cart.services import CartChange

_KEPT = (
    "channel", "currency", "locale", "email", "name", "phone", "street", "postcode", "city", "country",
    "delivery_option", "delivery_store", "delivery_gross_minor", "promised_from_on", "promised_until_on",
)  # fmt: skip
_KEPT_OF_A_LINE = (
    "sku", "configuration", "quantity", "unit_gross_minor", "added_by_kind", "added_by_label", "added_by_store",
)  # fmt: skip


class CartNotReopenable(Refusal):
    """The cart is still open, or its order stands: only what a cancelled order held is bought anew."""

    code = "cart_not_reopenable"
    status = 409
    title = "This cart cannot be reopened."


@transaction
def reopen_cart(*, cart_id: UUID, key: CartKey, by: Actor, now: datetime) -> CartChange:
    """A new cart with the lines, contact, address and delivery of one whose order was cancelled.

    Prices and promise are those she saw then: what differs now is told in `changes`, as in every cart. A guest gets the
    new cart's secret. Errors: NotFound, CartNotReopenable.
    """
    old = get_open_to(cart_id=cart_id, key=key, now=now)
    if (
        old.state != CartState.CONSUMED
        or old.order_ref is None
        or not is_order_cancelled(order_id=old.order_ref)
    ):
        raise CartNotReopenable(state=str(old.state))
    secret = None if old.owner_ref else new_secret("polku_cart")
    cart = Cart(
        owner_ref=old.owner_ref,
        secret_digest=digest_of(secret) if secret else None,
        created_at=now,
        changed_at=now,
        **{name: getattr(old, name) for name in _KEPT},
    )
    add_rows([cart])
    lines = [
        CartLine(cart=cart, added_at=now, **{name: getattr(line, name) for name in _KEPT_OF_A_LINE})
        for line in old.lines.order_by("pk")
    ]
    add_rows(lines)
    LineTouch.objects.bulk_create(_touch(cart, line, by=by, now=now) for line in lines)
    return CartChange(cart_id=cart.public_id, version=cart.version, secret=secret)


def _touch(cart: Cart, line: CartLine, *, by: Actor, now: datetime) -> LineTouch:
    author = {f"actor_{name}": value for name, value in asdict(by).items()}
    return LineTouch(
        cart=cart,
        line_ref=line.public_id,
        sku=line.sku,
        quantity_before=0,
        quantity_after=line.quantity,
        touched_at=now,
        **author,
    )
