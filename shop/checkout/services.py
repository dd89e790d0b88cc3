"""From a filled cart to an order: who she is, how it travels, and the one transaction that promises it."""

from collections import Counter
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import transaction
from config.kernel.errors import Refusal
from config.kernel.events import emit
from config.kernel.versions import require_version
from orders.api import (
    OrderWish,
    OutOfStock,
    PaymentStatus,
    PostalAddress,
    WishedDelivery,
    WishedLine,
    list_delivery_options,
    place_order,
)
from shop.cart.queries import CartKey
from shop.cart.services import CartChange, NotAvailable, edit_cart, lock_cart
from shop.checkout.queries import DELIVERY_GROUP, Basket, label_in, read_basket
from shop.events import CartChanged
from shop.pricing.queries import get_market


class RequirementsMissing(Refusal):
    """The cart does not say enough yet; `requirements` is what its body lists."""

    code = "requirements_missing"
    status = 422
    title = "Something is still missing before the order can be placed."


class PriceChanged(Refusal):
    """A price differs from the one she last saw; `changes` has old and new, a PATCH with {} accepts."""

    code = "price_changed"
    status = 409
    title = "A price has changed since you last saw it."


class ShippingNotAvailable(Refusal):
    """The delivery option is not one this cart was offered."""

    code = "shipping_not_available"
    status = 422
    title = "This delivery is not available for this cart."


class CountryNotServed(Refusal):
    """The market does not deliver there."""

    code = "country_not_served"
    status = 422
    title = "We do not deliver to this country."


@dataclass(frozen=True, kw_only=True)
class Details:
    """What she tells about herself; None leaves a field as it is."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The order that came of a cart; `for_guest` when nobody's account can look at it again."""

    order_id: UUID
    number: str
    state: str
    total_minor: int
    currency: str
    payment: PaymentStatus
    for_guest: bool


@transaction
def change_details(
    *, cart_id: UUID, key: CartKey, details: Details, version: int | None, by: Actor, now: datetime
) -> CartChange:
    """Set contact and address; with nothing set it accepts the current prices.

    Errors: CountryNotServed; NotFound, CartConsumed, VersionConflict.
    """
    with edit_cart(cart_id=cart_id, key=key, version=version, by=by, now=now) as cart:
        served = get_market(cart.channel).delivery_countries
        if details.country is not None and details.country not in served:
            raise CountryNotServed(country=details.country, served=list(served))
        for field in fields(details):
            if (value := getattr(details, field.name)) is not None:
                setattr(cart, field.name, value)
    return CartChange(cart_id=cart.public_id, version=cart.version)


@transaction
def choose_delivery(
    *, cart_id: UUID, key: CartKey, group: str, option: str, version: int | None, by: Actor, now: datetime
) -> CartChange:
    """Take one of the offered deliveries, at its present price. Errors: ShippingNotAvailable."""
    with edit_cart(cart_id=cart_id, key=key, version=version, by=by, now=now) as cart:
        offers = list_delivery_options(country=cart.country, postcode=cart.postcode, now=now)
        if group != DELIVERY_GROUP or option not in {offer.code for offer in offers}:
            raise ShippingNotAvailable(group=group, option=option)
        cart.delivery_option = option
    return CartChange(cart_id=cart.public_id, version=cart.version)


@transaction
def place(
    *, cart_id: UUID, key: CartKey, version: int | None, payment_method: str, by: Actor, now: datetime
) -> Receipt:
    """Turn the cart into an order: prices checked, stock reserved, the cart consumed, all of it or nothing.

    Locks the cart, then, late and in key order, the stock rows. An invoice confirms the order at once.
    Errors: CartConsumed (checked before the version), VersionNeeded, VersionConflict, RequirementsMissing,
    NotAvailable, ShippingNotAvailable, PriceChanged, PaymentMethodUnavailable, OutOfStock, Busy.
    """
    crashpoint("place.before_lock")
    cart = lock_cart(cart_id=cart_id, key=key, now=now)
    require_version(seen=version, current=cart.version, needed=True)
    crashpoint("place.cart_locked")
    basket = read_basket(cart=cart, now=now)
    _require_placeable(basket)
    placed = place_order(wish=_wish(basket, payment_method), by=by, now=now)
    cart.consume(order_ref=placed.order_id, now=now)
    cart.version += 1
    cart.changed_at = now
    cart.save()
    crashpoint("place.cart_consumed")
    emit(CartChanged(cart_id=cart.public_id, version=cart.version), by=by, now=now)
    return Receipt(
        order_id=placed.order_id,
        number=placed.number,
        state=placed.state,
        total_minor=placed.total_minor,
        currency=placed.currency,
        payment=placed.payment,
        for_guest=cart.owner_ref is None,
    )


def _require_placeable(basket: Basket) -> None:
    if basket.requirements:
        raise RequirementsMissing(requirements=[asdict(requirement) for requirement in basket.requirements])
    gone = [change for change in basket.changes if change["code"] == "not_available"]
    if gone:
        raise NotAvailable(sku=gone[0]["sku"], changes=gone)
    if basket.delivery is None:
        raise ShippingNotAvailable(group=DELIVERY_GROUP, option=basket.cart.delivery_option)
    repriced = [change for change in basket.changes if change["code"] == "price_changed"]
    if repriced:
        raise PriceChanged(changes=repriced)
    if short := _missing(basket):
        raise OutOfStock(short=short)


def _missing(basket: Basket) -> dict[str, int]:
    """`{sku: missing units}` as it looks before stock is locked: a crowd at a sold-out article is refused cheaply.

    It promises nothing. What looks available is reserved under the lock, or refused there.
    """
    wanted: Counter[str] = Counter()
    for entry in basket.lines:
        wanted[entry.line.sku] += entry.line.quantity
    return {
        entry.line.sku: wanted[entry.line.sku] - max(entry.sellable.available, 0)
        for entry in basket.lines
        if entry.sellable is not None and entry.sellable.available < wanted[entry.line.sku]
    }


def _wish(basket: Basket, payment_method: str) -> OrderWish:
    cart, delivery = basket.cart, basket.delivery
    assert delivery is not None
    return OrderWish(
        cart_ref=cart.public_id,
        channel=cart.channel,
        currency=cart.currency,
        country=cart.country,
        locale=cart.locale,
        email=cart.email,
        address=PostalAddress(
            name=cart.name,
            street=cart.street,
            postcode=cart.postcode,
            city=cart.city,
            country=cart.country,
            phone=cart.phone,
        ),
        lines=tuple(
            WishedLine(
                line_ref=entry.line.public_id,
                sku=entry.line.sku,
                name=entry.sellable.name,
                options=entry.sellable.options,
                quantity=entry.line.quantity,
                unit_gross_minor=entry.line.unit_gross_minor,
                tax_rate=entry.sellable.tax_rate,
                added_by=entry.line.added_by_label if entry.line.added_by_kind == "clerk" else "",
            )
            for entry in basket.lines
            if entry.sellable is not None
        ),
        delivery=WishedDelivery(
            option=delivery.code,
            label=label_in(delivery.labels, cart.locale),
            gross_minor=basket.delivery_minor,
            tax_rate=basket.delivery_tax_rate,
            promised_from=delivery.earliest_on,
            promised_until=delivery.latest_on,
        ),
        payment_method=payment_method,
        buyer_ref=cart.owner_ref,
    )
