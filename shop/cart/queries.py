"""Which carts a caller may know of. Everything about a foreign cart is the same answer: there is none."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from config.kernel.errors import NotFound
from shop.cart.models import Cart, CartOpening
from shop.catalog.queries import Sellable, get_sellables


@dataclass(frozen=True, kw_only=True)
class CartKey:
    """What a caller can show for a cart: her account, the cart's secret, or a clerk's right on his device."""

    owner_ref: UUID | None = None
    secret_digest: bytes | None = None
    clerk_ref: UUID | None = None
    device: str = ""
    store: str = ""


def carts_for(*, key: CartKey, now: datetime) -> QuerySet[Cart]:
    """The carts that `key` opens at `now`: own ones, the one of the secret, those handed over to the clerk."""
    if key.clerk_ref is not None:
        openings = CartOpening.objects.filter(
            cart=OuterRef("pk"), clerk_ref=key.clerk_ref, device=key.device, store=key.store, ends_at__gt=now
        )
        return Cart.objects.filter(Exists(openings))
    owned = Q(pk=None)
    if key.owner_ref is not None:
        owned |= Q(owner_ref=key.owner_ref)
    if key.secret_digest is not None:
        owned |= Q(secret_digest=key.secret_digest)
    return Cart.objects.filter(owned)


def get_open_to(*, cart_id: UUID, key: CartKey, now: datetime) -> Cart:
    """The cart, if `key` opens it. Errors: NotFound."""
    cart = carts_for(key=key, now=now).filter(public_id=cart_id).first()
    if cart is None:
        raise NotFound
    return cart


def sellables_of(cart: Cart, skus: list[str], now: datetime) -> dict[str, Sellable]:
    """What the cart's channel sells of these SKUs now, at what price, in the cart's language."""
    return get_sellables(channel=cart.channel, skus=skus, locale=cart.locale, now=now)
