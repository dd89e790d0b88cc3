"""Which carts a caller may know of. Everything about a foreign cart is the same answer: there is none."""

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from config.kernel.db import Chosen, Locking
from config.kernel.errors import NotFound
from config.kernel.prepared import Prepared
from orders.api import (
    WEIGHT_UNKNOWN_G,
    Consignment,
    OfferedDelivery,
    get_available_units,
    list_delivery_options,
)
from shop.cart.models import Cart, CartLine, CartOpening, CartState, LineTouch
from shop.cart.rules import HANDED_BACK_SHOWN
from shop.catalog.queries import Sellable, get_sellables

OUT_OF_STOCK: Final = "out_of_stock"
_MOST_OPENED: Final = 50


@dataclass(frozen=True, kw_only=True)
class CartKey:
    """What a caller can show for a cart: her account, the cart's secret, or a clerk's right on his device.

    `channel` is the market that the request itself names, by key or host; empty when it names none.
    """

    owner_ref: UUID | None = None
    secret_digest: bytes | None = None
    clerk_ref: UUID | None = None
    device: str = ""
    store: str = ""
    channel: str = ""


def carts_for(*, key: CartKey, now: datetime) -> QuerySet[Cart]:
    """The carts that `key` opens at `now`: own ones, the one of the secret, those handed over to the clerk."""
    if key.clerk_ref is not None:
        openings = CartOpening.objects.filter(
            cart=OuterRef("pk"), clerk_ref=key.clerk_ref, device=key.device, store=key.store, ends_at__gt=now
        )
        return Cart.objects.filter(Exists(openings))
    ways = [
        {name: value}
        for name, value in (("owner_ref", key.owner_ref), ("secret_digest", key.secret_digest))
        if value is not None
    ]
    if not ways:
        return Cart.objects.none()
    return Cart.objects.filter(functools.reduce(operator.or_, (Q(**way) for way in ways)))


# As the shopper's key opens it: what every request of a checkout begins with.
_OWN_CART: Final = Locking(Cart, where="public_id = %s AND (owner_ref = %s OR secret_digest = %s)")


def carts_to_lock(*, cart_id: UUID, key: CartKey, now: datetime) -> QuerySet[Cart] | Chosen[Cart]:
    """The cart, if `key` opens it, for `lock()`."""
    if key.clerk_ref is not None:
        return carts_for(key=key, now=now).filter(public_id=cart_id)
    return _OWN_CART([cart_id, key.owner_ref, key.secret_digest])


def get_open_to(*, cart_id: UUID, key: CartKey, now: datetime) -> Cart:
    """The cart, if `key` opens it. Errors: NotFound."""
    cart = carts_for(key=key, now=now).filter(public_id=cart_id).first()
    if cart is None:
        raise NotFound
    return cart


@dataclass(frozen=True, kw_only=True)
class CurrentCart:
    """The cart somebody is filling, and how many units are in it."""

    cart_id: UUID
    units: int


def find_current_cart(*, key: CartKey, cart_id: UUID | None, now: datetime) -> CurrentCart | None:
    """The open cart `cart_id`, if `key` opens it; else the one of the account that was changed last, in the market
    that the key names.
    """
    open_ones = carts_for(key=key, now=now).filter(state=CartState.OPEN)
    if key.channel:
        open_ones = open_ones.filter(channel=key.channel)
    preferred = Q(public_id=cart_id) | Q(owner_ref=key.owner_ref) if key.owner_ref else Q(public_id=cart_id)
    found = (
        open_ones.filter(preferred)
        .annotate(
            units=Coalesce(Sum("lines__quantity"), 0),
            kept=models.Case(models.When(public_id=cart_id, then=0), default=1),
        )
        .order_by("kept", "-changed_at", "-pk")
        .values_list("public_id", "units")
        .first()
    )
    return None if found is None else CurrentCart(cart_id=found[0], units=found[1])


@dataclass(kw_only=True)
class CartView:
    """A cart and everything that decides its price and its promise, read once: for whoever changes, shows or places it.

    `sellables` is what the shop sells of the lines' SKUs, `available` where how many units of them stand, `offers` how
    they can be delivered. `lines` is in the order in which they were added, and follows what a use case changes.
    `handed_back` is the opening that a clerk ended for her to pay, as long as that is news and nobody opened it since.
    """

    cart: Cart
    now: datetime
    lines: list[CartLine]
    openings: list[CartOpening]
    sellables: dict[str, Sellable]
    available: dict[str, dict[str, int]]
    handed_back: CartOpening | None = None
    _offered: tuple[Any, tuple[OfferedDelivery, ...]] | None = None

    @property
    def wanted(self) -> dict[str, int]:
        """`{sku: units}` over all lines: one SKU may stand on several."""
        units: dict[str, int] = {}
        for line in self.lines:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
        return units

    @property
    def weight_g(self) -> int:
        """All units together; those of which nobody says it count as the default class."""
        return sum(
            line.quantity
            * (sellable.weight_g if sellable and sellable.weight_g is not None else WEIGHT_UNKNOWN_G)
            for line in self.lines
            for sellable in [self.sellables.get(line.sku)]
        )

    def offers(self) -> tuple[OfferedDelivery, ...]:
        """How the goods can be delivered to the cart's address at this moment; found out once for what it holds."""
        wanted = self.wanted
        asked = (self.cart.country, self.cart.postcode, wanted)
        if self._offered is None or self._offered[0] != asked:
            goods = Consignment(wanted=wanted, weight_g=self.weight_g, available=self.available)
            offers = list_delivery_options(
                country=self.cart.country, postcode=self.cart.postcode, goods=goods, now=self.now
            )
            self._offered = asked, offers
        return self._offered[1]

    def chosen(self) -> OfferedDelivery | None:
        """The delivery that she chose, as it is on offer now; None when it no longer is, or none is chosen.

        That its goods are short does not unchoose it.
        """
        wanted = (self.cart.delivery_option, self.cart.delivery_store)
        if not self.cart.delivery_option:
            return None
        return next(
            (
                offer
                for offer in self.offers()
                if (offer.code, offer.store) == wanted and offer.reason in {"", OUT_OF_STOCK}
            ),
            None,
        )


def view_cart(*, cart: Cart, now: datetime, also: Sequence[str] = ()) -> CartView:
    """Read what stands in the cart, and what the shop sells of it and of `also`, in the cart's language.

    Three statements, whatever the cart holds: lines and clerks, prices and words, stock.
    """
    lines, every = _contents_of(cart, now)
    openings = [opening for opening in every if opening.ends_at > now]
    skus = [*(line.sku for line in lines), *also]
    sellables = get_sellables(channel=cart.channel, skus=skus, locale=cart.locale, now=now) if skus else {}
    stocked = {sellable.sku for sellable in sellables.values()}
    return CartView(
        cart=cart,
        now=now,
        lines=lines,
        openings=openings,
        sellables=sellables,
        available=get_available_units(skus=stocked) if stocked else {},
        handed_back=every[-1] if every and not openings else None,
    )


# Every change of a cart and every look at it begins with this, so it is one statement and no composed one.
_CONTENTS: Final = Prepared(
    """
    SELECT
        (SELECT jsonb_agg(line ORDER BY line.id) FROM shop_cartline line WHERE line.cart_id = %(cart)s),
        (
            SELECT jsonb_agg(opening ORDER BY opening.id) FROM shop_cartopening opening
            WHERE opening.cart_id = %(cart)s
                AND (opening.ends_at > %(now)s OR (opening.handed_back AND opening.ends_at > %(yesterday)s))
        )
    """
)


def _contents_of(cart: Cart, now: datetime) -> tuple[list[CartLine], list[CartOpening]]:
    """The cart's lines, and who may open it now or has just handed it back; nobody once it has become an order."""
    values = {"cart": cart.pk, "now": now, "yesterday": now - HANDED_BACK_SHOWN}
    ((lines, openings),) = _CONTENTS.fetch_all(values)
    return (
        [_row_of(CartLine, cart, row) for row in orjson.loads(lines or b"[]")],
        [_row_of(CartOpening, cart, row) for row in orjson.loads(openings or b"[]")]
        if cart.state == CartState.OPEN
        else [],
    )


_OfCart = TypeVar("_OfCart", CartLine, CartOpening)


def _row_of(model: type[_OfCart], cart: Cart, row: dict[str, Any]) -> _OfCart:
    """A row of one of the cart's tables, as if Django had read it."""
    fields = model._meta.concrete_fields
    read = model.from_db(
        "default",
        [field.attname for field in fields],
        [_value_of(field, row[field.attname]) for field in fields],
    )
    read.cart = cart
    return read


def _value_of(field: "models.Field[Any, Any]", said: Any) -> Any:
    """A column's value out of JSON."""
    if isinstance(said, str) and isinstance(field, models.UUIDField):
        return UUID(said)
    if isinstance(said, str) and isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(said)
    return said


@dataclass(frozen=True, kw_only=True)
class OpenedCart:
    """A cart that a clerk has open: what is in it as of its last write, so that he knows it again."""

    cart_id: UUID
    units: int
    goods_minor: int
    currency: str
    opened_at: datetime
    changed_at: datetime
    until: datetime


def list_opened_carts(*, key: CartKey, now: datetime) -> list[OpenedCart]:
    """The carts that are open to this clerk on this device, the one he opened last first; orders are left out."""
    assert key.clerk_ref is not None
    his = CartOpening.objects.filter(
        clerk_ref=key.clerk_ref,
        device=key.device,
        store=key.store,
        ends_at__gt=now,
        cart__state=CartState.OPEN,
    )
    lines = CartLine.objects.filter(cart=OuterRef("cart")).order_by().values("cart")
    rows = his.annotate(
        units=Subquery(lines.values(sum=Sum("quantity"))),
        goods=Subquery(lines.values(sum=Sum(F("quantity") * F("unit_gross_minor")))),
    ).select_related("cart")
    newest = {row.cart_id: row for row in rows.order_by("id")[:_MOST_OPENED]}
    return [
        OpenedCart(
            cart_id=row.cart.public_id,
            units=row.units or 0,
            goods_minor=row.goods or 0,
            currency=row.cart.currency,
            opened_at=row.opened_at,
            changed_at=row.cart.changed_at,
            until=row.ends_at,
        )
        for row in sorted(newest.values(), key=lambda row: row.pk, reverse=True)
    ]


def list_touches(*, cart: Cart, limit: int) -> list[LineTouch]:
    """What was changed last, and by whom: the newest first."""
    return list(LineTouch.objects.filter(cart=cart).order_by("-id")[:limit])
