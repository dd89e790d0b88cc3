"""Changing a cart: one editor at a time under the cart's row lock, every change with its author.

Everything here locks the cart first (`docs/locking.md`), stores current prices, raises the version and emits
`CartChanged`. Errors common to all: NotFound for a cart the key does not open, CartConsumed, VersionConflict, Busy.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from config.kernel import db
from config.kernel.actors import Actor
from config.kernel.db import add_rows, transaction, transaction_required
from config.kernel.errors import NotFound, Refusal, invalid
from config.kernel.events import emit, topic_of
from config.kernel.prepared import Prepared
from config.kernel.rest.authentication import digest_of, new_secret
from config.kernel.streams import issue_ticket
from config.kernel.values import NOT_STORED
from config.kernel.versions import require_version
from shop.cart import rules
from shop.cart.models import Cart, CartLine, CartOpening, CartState, HandOverCode
from shop.cart.queries import CartKey, CartView, carts_for, carts_to_lock, get_open_to, view_cart
from shop.cart.writing import touch_line
from shop.catalog.queries import Sellable
from shop.events import CartChanged


class CartConsumed(Refusal):
    """The cart has become an order; a new cart is needed for more. Its owner is told which order."""

    code = "cart_consumed"
    status = 409
    title = "This cart has already become an order."

    def __init__(self, *, order_id: UUID | None) -> None:
        """`order_id` is None for whoever is not the cart's owner."""
        super().__init__(**({"order_id": str(order_id)} if order_id else {}))

    @property
    def headers(self) -> Mapping[str, str]:
        order_id = self.data.get("order_id")
        return {"Location": f"/store/v1/orders/{order_id}"} if order_id else {}


class CartMerged(Refusal):
    """What was in this cart went into another one of hers when she signed in; go on with that one."""

    code = "cart_merged"
    status = 409
    title = "This cart went into another one."


class NotAvailable(Refusal):
    """The SKU is not sold in this cart's channel, or no longer."""

    code = "not_available"
    status = 409
    title = "This article is not sold here."


class CurrencyMismatch(Refusal):
    """The request names another market than the one the cart was opened in; its prices are another currency's."""

    code = "currency_mismatch"
    status = 409
    title = "This cart belongs to another market; open a new cart there."


class CodeNotValid(Refusal):
    """No such hand-over code: never given, used, or too old. The three look alike."""

    code = "hand_over_code_not_valid"
    status = 422
    title = "This hand-over code is not valid; ask for a new one."


@dataclass(frozen=True, kw_only=True)
class CartChange:
    """Which cart was changed and its new version; `secret` is set only when the cart was made for a guest.

    `view` is the cart as the change left it, for the answer; a repetition of the change reads it anew.
    """

    cart_id: UUID
    version: int
    line_id: UUID | None = None
    secret: str | None = None
    view: CartView | None = field(default=None, compare=False, metadata=NOT_STORED)


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """A code to show to a clerk. It is not kept in the clear, so a lost one is replaced by asking again."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewCart:
    """The market a cart is opened in."""

    channel: str
    currency: str
    country: str
    locale: str


@transaction
def create_cart(*, market: NewCart, owner_ref: UUID | None, by: Actor, now: datetime) -> CartChange:
    """An empty cart, for the signed-in `owner_ref` or for whoever holds the returned secret."""
    secret = None if owner_ref else new_secret("polku_cart")
    cart = Cart(
        owner_ref=owner_ref,
        secret_digest=digest_of(secret) if secret else None,
        channel=market.channel,
        currency=market.currency,
        country=market.country,
        locale=market.locale,
        created_at=now,
        changed_at=now,
    )
    add_rows([cart])
    empty = CartView(cart=cart, now=now, lines=[], openings=[], sellables={}, available={})
    return CartChange(cart_id=cart.public_id, version=cart.version, secret=secret, view=empty)


@transaction_required
def lock_cart(*, cart_id: UUID, key: CartKey, now: datetime) -> Cart:
    """The open cart that `key` opens, locked until the caller commits. Errors: NotFound, CartConsumed, CartMerged."""
    locked = db.lock(carts_to_lock(cart_id=cart_id, key=key, now=now))
    if not locked:
        raise NotFound
    (cart,) = locked
    if cart.state == CartState.MERGED:
        raise CartMerged(cart_id=str(cart.merged_into_ref))
    if cart.state != CartState.OPEN:
        raise CartConsumed(order_id=cart.order_ref if key.clerk_ref is None else None)
    return cart


@contextmanager
def edit_cart(
    *, cart_id: UUID, key: CartKey, version: int | None, also: Sequence[str] = (), by: Actor, now: datetime
) -> Iterator[CartView]:
    """Lock the cart, let the caller change it, then store prices and promise, the next version and the event.

    The view knows the lines, and what the shop sells of them and of `also`; the caller keeps it true.
    Part of the caller's transaction. Errors: NotFound, CartConsumed, CurrencyMismatch, VersionConflict.
    """
    cart = lock_cart(cart_id=cart_id, key=key, now=now)
    if key.channel and key.channel != cart.channel:
        raise CurrencyMismatch(cart=cart.channel, request=key.channel)
    require_version(seen=version, current=cart.version)
    view = view_cart(cart=cart, now=now, also=also)
    yield view
    _store_current_prices(view)
    cart.version += 1
    cart.changed_at = now
    store_cart(cart=cart)
    emit(CartChanged(cart_id=cart.public_id, version=cart.version), by=by, now=now)


# What a cart's write may change; who opened it, where and in which currency stays.
_CHANGEABLE: Final = (
    "state", "version", "locale", "email", "name", "phone", "street", "postcode", "city", "country",
    "delivery_option", "delivery_store", "delivery_gross_minor", "promised_from_on", "promised_until_on",
    "order_ref", "consumed_at", "changed_at",
)  # fmt: skip
_STORE: Final = Prepared(
    f"UPDATE shop_cart SET {', '.join(f'{name} = %s' for name in _CHANGEABLE)} WHERE id = %s"  # noqa: S608
)


@transaction_required
def store_cart(*, cart: Cart) -> None:
    """Write the cart as it is now. The caller holds its lock. One plain statement: every write of a cart ends in it."""
    _STORE.run([*(getattr(cart, name) for name in _CHANGEABLE), cart.pk])


@transaction
def add_line(
    *, cart_id: UUID, key: CartKey, sku: str, quantity: int, version: int | None, by: Actor, now: datetime
) -> CartChange:
    """Put `quantity` more of `sku` into the cart; units of the same SKU share a line.

    Errors: NotAvailable; InvalidInput `invalid_quantity` when the line would pass 999, `too_many_lines` at 200.
    """
    with edit_cart(cart_id=cart_id, key=key, version=version, also=(sku,), by=by, now=now) as view:
        sellable = view.sellables.get(sku)
        if sellable is None:
            raise NotAvailable(sku=sku)
        line = next(
            (
                line
                for line in view.lines
                if (line.sku, line.configuration, line.part_of_id) == (sellable.sku, "", None)
            ),
            None,
        )
        before = line.quantity if line else 0
        if before + quantity > rules.MAX_QUANTITY:
            raise invalid(
                "#/quantity",
                "invalid_quantity",
                f"A line holds at most {rules.MAX_QUANTITY} units.",
                in_cart=before,
                limit=rules.MAX_QUANTITY,
            )
        if line is None:
            line = _new_line(view, sellable, quantity, by)
        else:
            line.quantity += quantity
            line.save(update_fields=["quantity"])
        touch_line(cart=view.cart, line=line, before=before, by=by, now=now)
    return _changed(view, line_id=line.public_id)


@transaction
def set_quantity(
    *,
    cart_id: UUID,
    key: CartKey,
    line_id: UUID,
    quantity: int,
    version: int | None,
    by: Actor,
    now: datetime,
) -> CartChange:
    """The line holds `quantity` units from now on. Errors: NotFound for a line of another cart."""
    with edit_cart(cart_id=cart_id, key=key, version=version, by=by, now=now) as view:
        line = _line(view, line_id)
        before, line.quantity = line.quantity, quantity
        line.save(update_fields=["quantity"])
        touch_line(cart=view.cart, line=line, before=before, by=by, now=now)
    return _changed(view, line_id=line_id)


@transaction
def remove_line(
    *, cart_id: UUID, key: CartKey, line_id: UUID, version: int | None, by: Actor, now: datetime
) -> CartChange:
    """Take the line out of the cart. Errors: NotFound for a line of another cart."""
    with edit_cart(cart_id=cart_id, key=key, version=version, by=by, now=now) as view:
        line = _line(view, line_id)
        before, line.quantity = line.quantity, 0
        touch_line(cart=view.cart, line=line, before=before, by=by, now=now)
        line.delete()
        view.lines.remove(line)
    return _changed(view, line_id=line_id)


@transaction
def give_hand_over_code(*, cart_id: UUID, key: CartKey, by: Actor, now: datetime) -> HandOver:
    """A code that lets one clerk open this cart. Codes she was given before and did not use end."""
    cart = lock_cart(cart_id=cart_id, key=key, now=now)
    HandOverCode.objects.filter(cart=cart, opening=None).delete()
    code = rules.new_code()
    expires_at = now + rules.CODE_LIVES
    HandOverCode.objects.create(cart=cart, digest=_code_digest(code), created_at=now, expires_at=expires_at)
    return HandOver(code=code, expires_at=expires_at)


@transaction
def open_by_code(*, code: str, clerk_ref: UUID, by: Actor, now: datetime) -> CartChange:
    """Open the cart of a hand-over code to this clerk, on his device and in his store, for eight hours at most.

    The code is used up; shown again by the same clerk on the same device it opens the same cart, so that a lost reply
    costs nothing. Errors: CodeNotValid.
    """
    carts = db.lock(Cart.objects.filter(hand_over_codes__digest=_code_digest(code)))
    given = HandOverCode.objects.select_related("opening").filter(digest=_code_digest(code)).first()
    if not carts or given is None or given.expires_at <= now or carts[0].state != CartState.OPEN:
        raise CodeNotValid
    (cart,) = carts
    opening = given.opening
    if opening is None:
        given.opening = CartOpening.objects.create(
            cart=cart,
            clerk_ref=clerk_ref,
            clerk_label=by.label,
            device=by.device,
            store=by.store,
            opened_at=now,
            ends_at=now + rules.OPENING_LASTS,
        )
        given.save(update_fields=["opening"])
        emit(CartChanged(cart_id=cart.public_id, version=cart.version), by=by, now=now)
    elif opening.ends_at <= now or (opening.clerk_ref, opening.device, opening.store) != (
        clerk_ref,
        by.device,
        by.store,
    ):
        raise CodeNotValid
    return CartChange(cart_id=cart.public_id, version=cart.version)


@transaction
def end_opening(
    *, cart_id: UUID, key: CartKey, handed_back: bool = False, message: str = "", by: Actor, now: datetime
) -> None:
    """The clerk closes the cart he opened; `handed_back`: for her to pay on her own phone, where she is told so.

    Errors: NotFound when it is not open to him.
    """
    cart = carts_for(key=key, now=now).filter(public_id=cart_id).first()
    if cart is None:
        raise NotFound
    assert key.clerk_ref is not None
    his = CartOpening.objects.filter(cart=cart, clerk_ref=key.clerk_ref, device=key.device, store=key.store)
    his.filter(ends_at__gt=now).update(ends_at=now, handed_back=handed_back, message=message)
    emit(CartChanged(cart_id=cart.public_id, version=cart.version), by=by, now=now)


@transaction
def take_back(*, cart_id: UUID, key: CartKey, by: Actor, now: datetime) -> CartChange:
    """She ends every clerk's right to her cart, and every code she has not used."""
    cart = lock_cart(cart_id=cart_id, key=key, now=now)
    HandOverCode.objects.filter(cart=cart, opening=None).delete()
    CartOpening.objects.filter(cart=cart, ends_at__gt=now).update(ends_at=now)
    emit(CartChanged(cart_id=cart.public_id, version=cart.version), by=by, now=now)
    return CartChange(cart_id=cart.public_id, version=cart.version)


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """Opens the cart's stream once, within a minute."""

    ticket: str


@transaction
def watch_cart(*, cart_id: UUID, key: CartKey, by: Actor, now: datetime) -> Ticket:
    """A ticket for the cart's live stream. Errors: NotFound when the key does not open it."""
    cart = get_open_to(cart_id=cart_id, key=key, now=now)
    return Ticket(ticket=issue_ticket(topic=topic_of("cart_id", cart.public_id), now=now))


def _changed(view: CartView, *, line_id: UUID | None = None) -> CartChange:
    return CartChange(cart_id=view.cart.public_id, version=view.cart.version, line_id=line_id, view=view)


def _new_line(view: CartView, sellable: Sellable, quantity: int, by: Actor) -> CartLine:
    if len(view.lines) >= rules.MAX_LINES:
        raise invalid(
            "#/sku", "too_many_lines", f"A cart holds at most {rules.MAX_LINES} lines.", limit=rules.MAX_LINES
        )
    line = CartLine(
        cart=view.cart,
        sku=sellable.sku,
        quantity=quantity,
        unit_gross_minor=sellable.unit_gross_minor,
        added_by_kind=by.kind,
        added_by_label=by.label,
        added_by_store=by.store,
        added_at=view.now,
    )
    add_rows([line])
    view.lines.append(line)
    view.sellables[line.sku] = sellable
    return line


def _line(view: CartView, line_id: UUID) -> CartLine:
    line = next((line for line in view.lines if line.public_id == line_id), None)
    if line is None:
        raise NotFound
    return line


def _store_current_prices(view: CartView) -> None:
    """What she is shown from now on is what she is asked for: unit prices, the delivery's price, and its promise."""
    changed: list[CartLine] = []
    for line in view.lines:
        sellable = view.sellables.get(line.sku)
        if sellable is not None and sellable.unit_gross_minor != line.unit_gross_minor:
            line.unit_gross_minor = sellable.unit_gross_minor
            changed.append(line)
    if changed:
        CartLine.objects.bulk_update(changed, ["unit_gross_minor"])
    cart, chosen = view.cart, view.chosen()
    if chosen is None:
        cart.delivery_option, cart.delivery_store, cart.delivery_gross_minor = "", "", None
        cart.promised_from_on = cart.promised_until_on = None
        return
    cart.delivery_gross_minor = chosen.gross_minor
    if chosen.promise is not None:
        cart.promised_from_on, cart.promised_until_on = chosen.promise.earliest_on, chosen.promise.latest_on


def _code_digest(code: str) -> bytes:
    return hashlib.sha256(f"hand-over:{rules.read_code(code)}".encode()).digest()
