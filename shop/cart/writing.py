"""One plain statement for what every change of a line writes: who changed it, from how many to how many."""

from datetime import datetime
from typing import Any, Final

from config.kernel.actors import Actor
from config.kernel.db import transaction_required
from config.kernel.prepared import Prepared
from shop.cart.models import Cart, CartLine

_TOUCH: Final = Prepared(
    """
    INSERT INTO shop_linetouch
        (cart_id, line_ref, sku, quantity_before, quantity_after, actor_kind, actor_ref, actor_label, actor_store,
         actor_device, touched_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    """
)


@transaction_required
def touch_line(*, cart: Cart, line: CartLine, before: int, by: Actor, now: datetime) -> None:
    """Note that the line holds what it holds now, and held `before`."""
    changed: list[Any] = [cart.pk, line.public_id, line.sku, before, line.quantity]
    _TOUCH.run([*changed, by.kind, by.ref, by.label, by.store, by.device, now])
