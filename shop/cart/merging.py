"""She signs in: the cart that she filled as a guest becomes hers, and what stood in her account's cart joins it.

The guest's cart is the one that lives on, for it is the one on her screen, and perhaps on a clerk's tablet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from config.kernel.actors import Actor
from config.kernel.db import add_rows, lock, transaction
from config.kernel.events import emit
from config.kernel.models import User
from customers.api import recognise_user
from shop.cart import rules
from shop.cart.models import Cart, CartLine, CartOpening, CartState, HandOverCode
from shop.cart.queries import CartKey, CartView
from shop.cart.services import edit_cart
from shop.cart.writing import touch_line
from shop.events import CartChanged


@dataclass(frozen=True, kw_only=True)
class MergedLine:
    """Units that came out of her account's earlier cart."""

    sku: str
    name: str
    units: int


@dataclass(frozen=True, kw_only=True)
class DroppedLine:
    """Units that did not come along. `reason`: not_available, out_of_stock, quantity_limit or too_many_lines."""

    sku: str
    name: str
    units: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RepricedLine:
    """A line of which one unit costs something else than when she last saw it."""

    sku: str
    name: str
    old_minor: int
    new_minor: int
    currency: str


@dataclass(kw_only=True)
class Merger:
    """What became of her carts; `cart_id` is the one that lives on, if she has any."""

    cart_id: UUID | None = None
    customer_ref: UUID | None = None
    merged: list[MergedLine] = field(default_factory=list)
    dropped: list[DroppedLine] = field(default_factory=list)
    repriced: list[RepricedLine] = field(default_factory=list)


@transaction
def bring_carts_together(
    *, key: CartKey, cart_id: UUID | None, locale: str, by: Actor, now: datetime
) -> Merger:
    """Make the guest's cart `cart_id`, if `key` opens it, the account's, and empty the account's others into it.

    Units of one article are added up, as far as there are so many; the secret of the guest opens nothing any more. Told
    twice it does nothing more. Joins the account to its customer's record, if its address was proved. Locks the
    account, so that of two sign-ins the second finds what the first left; then the carts, then the customer.
    """
    assert key.owner_ref is not None
    lock(User.objects.filter(public_id=key.owner_ref))
    carts = lock(_carts(key=key, cart_id=cart_id))
    result = Merger()
    heir = _heir(carts, cart_id=cart_id)
    if heir is not None:
        result.cart_id = heir.public_id
        others = [cart for cart in carts if cart.pk != heir.pk and _fits(cart, heir)]
        if heir.owner_ref is None or others:
            _merge(heir, others, result, key=key, by=by, now=now)
    result.customer_ref = recognise_user(user_ref=key.owner_ref, locale=locale, by=by, now=now)
    return result


def _carts(*, key: CartKey, cart_id: UUID | None) -> QuerySet[Cart]:
    hers = Q(owner_ref=key.owner_ref)
    if cart_id is not None and key.secret_digest is not None:
        hers |= Q(public_id=cart_id, owner_ref=None, secret_digest=key.secret_digest)
    carts = Cart.objects.filter(hers, state=CartState.OPEN)
    return carts.filter(channel=key.channel) if key.channel else carts


def _heir(carts: Sequence[Cart], *, cart_id: UUID | None) -> Cart | None:
    """The cart on her screen, else the one that was changed last."""
    shown = next((cart for cart in carts if cart.public_id == cart_id), None)
    return shown or max(carts, key=lambda cart: (cart.changed_at, cart.pk), default=None)


def _fits(cart: Cart, heir: Cart) -> bool:
    return (cart.channel, cart.currency) == (heir.channel, heir.currency)


def _merge(
    heir: Cart, others: Sequence[Cart], result: Merger, *, key: CartKey, by: Actor, now: datetime
) -> None:
    Cart.objects.filter(pk=heir.pk).update(owner_ref=key.owner_ref, secret_digest=None)
    lines = list(CartLine.objects.filter(cart__in=others).select_related("cart").order_by("pk"))
    skus = [line.sku for line in lines]
    with edit_cart(cart_id=heir.public_id, key=key, version=None, also=skus, by=by, now=now) as view:
        _note_prices(view, result)
        for line in lines:
            _bring(view, line, result, by=by, now=now)
        for other in others:
            _take_details(view.cart, other)
    for other in others:
        other.lines.all().delete()
        other.merge_into(heir_ref=heir.public_id)
        other.version += 1
        other.changed_at = now
        other.save(update_fields=["state", "merged_into_ref", "version", "changed_at"])
        HandOverCode.objects.filter(cart=other, opening=None).delete()
        CartOpening.objects.filter(cart=other, ends_at__gt=now).update(cart=heir)
        emit(CartChanged(cart_id=other.public_id, version=other.version), by=by, now=now)


def _note_prices(view: CartView, result: Merger) -> None:
    for line in view.lines:
        sellable = view.sellables.get(line.sku)
        if sellable is not None and sellable.unit_gross_minor != line.unit_gross_minor:
            result.repriced.append(
                RepricedLine(
                    sku=line.sku,
                    name=sellable.name,
                    old_minor=line.unit_gross_minor,
                    new_minor=sellable.unit_gross_minor,
                    currency=sellable.currency,
                )
            )


def _bring(view: CartView, line: CartLine, result: Merger, *, by: Actor, now: datetime) -> None:
    """Put a line of another cart into this one, or say why not."""
    sellable = view.sellables.get(line.sku)
    name = sellable.name if sellable else line.sku
    if sellable is None:
        result.dropped.append(
            DroppedLine(sku=line.sku, name=name, units=line.quantity, reason="not_available")
        )
        return
    here = next(
        (
            known
            for known in view.lines
            if (known.sku, known.configuration, known.part_of_id) == (line.sku, line.configuration, None)
        ),
        None,
    )
    before = here.quantity if here else 0
    fitting, reason = _fitting(view, line, before=before, is_new=here is None)
    if fitting < line.quantity:
        result.dropped.append(
            DroppedLine(sku=line.sku, name=name, units=line.quantity - fitting, reason=reason)
        )
    if fitting == 0:
        return
    if line.unit_gross_minor != sellable.unit_gross_minor and all(
        known.sku != line.sku for known in result.repriced
    ):
        result.repriced.append(
            RepricedLine(
                sku=line.sku,
                name=name,
                old_minor=line.unit_gross_minor,
                new_minor=sellable.unit_gross_minor,
                currency=sellable.currency,
            )
        )
    result.merged.append(MergedLine(sku=line.sku, name=name, units=fitting))
    if here is None:
        here = CartLine(
            cart=view.cart,
            sku=line.sku,
            configuration=line.configuration,
            quantity=fitting,
            unit_gross_minor=sellable.unit_gross_minor,
            added_by_kind=line.added_by_kind,
            added_by_label=line.added_by_label,
            added_by_store=line.added_by_store,
            added_at=line.added_at,
        )
        add_rows([here])
        view.lines.append(here)
    else:
        here.quantity += fitting
        here.save(update_fields=["quantity"])
    touch_line(cart=view.cart, line=here, before=before, by=by, now=now)


def _fitting(view: CartView, line: CartLine, *, before: int, is_new: bool) -> tuple[int, str]:
    """How many of the line's units fit, and what limits them. What stood in the heir before is never made less."""
    if is_new and len(view.lines) >= rules.MAX_LINES:
        return 0, "too_many_lines"
    in_stock = sum(view.available.get(line.sku, {}).values()) - view.wanted.get(line.sku, 0)
    limits = {"quantity_limit": rules.MAX_QUANTITY - before, "out_of_stock": max(0, in_stock)}
    reason = min(limits, key=lambda name: limits[name])
    return min(line.quantity, limits[reason]), reason


def _take_details(heir: Cart, other: Cart) -> None:
    """Who it is for, where she has not said it in this cart."""
    for names in (("email",), ("name",), ("phone",), ("street", "postcode", "city")):
        if not any(getattr(heir, name) for name in names):
            for name in names:
                setattr(heir, name, getattr(other, name))
