"""From a filled cart to an order: who she is, how it travels, and the one transaction that promises it."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.crashpoints import crashpoint
from config.kernel.db import transaction
from config.kernel.errors import Refusal, invalid
from config.kernel.events import emit
from config.kernel.versions import require_version
from orders.api import (
    DeliveryKind,
    OrderWish,
    OutOfStock,
    PaymentStatus,
    PostalAddress,
    PromiseChanged,
    WishedDelivery,
    WishedLine,
    place_order,
)
from shop.cart.queries import OUT_OF_STOCK, CartKey, view_cart
from shop.cart.services import CartChange, NotAvailable, edit_cart, lock_cart, store_cart
from shop.checkout.queries import DELIVERY_GROUP, Basket, label_in, read_basket
from shop.checkout.rules import PlaceWish, is_telephone_number
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


class LegalNoticeRequired(Refusal):
    """She has not been shown, or not acknowledged, what the law wants her to know; `missing` says what."""

    code = "legal_notice_required"
    status = 422
    title = "The order needs your acknowledgement of the terms and of the right of withdrawal."


class ShippingNotAvailable(Refusal):
    """The delivery option is not one this cart was offered, or cannot be chosen; `reason` says why."""

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
    """Set contact and address; with nothing set it accepts the current prices and the current promise.

    Errors: CountryNotServed; InvalidInput `invalid_phone`; NotFound, CartConsumed, VersionConflict.
    """
    with edit_cart(cart_id=cart_id, key=key, version=version, by=by, now=now) as view:
        cart, served = view.cart, get_market(view.cart.channel).delivery_countries
        if details.country is not None and details.country not in served:
            raise CountryNotServed(country=details.country, served=list(served))
        for field in fields(details):
            if (value := getattr(details, field.name)) is not None:
                setattr(cart, field.name, value)
        if details.phone and not is_telephone_number(typed=details.phone, country=cart.country):
            raise invalid("#/phone", "invalid_phone", "This is not a telephone number.")
    return CartChange(cart_id=cart.public_id, version=cart.version, view=view)


@transaction
def choose_delivery(
    *,
    cart_id: UUID,
    key: CartKey,
    group: str,
    option: str,
    store: str = "",
    version: int | None,
    by: Actor,
    now: datetime,
) -> CartChange:
    """Take one of the offered deliveries, at its present price and promise; `store` is where goods are fetched.

    Where no delivery has the goods one can be chosen all the same: the lines say what is short, and `place` refuses.
    Errors: ShippingNotAvailable, with the reason.
    """
    with edit_cart(cart_id=cart_id, key=key, version=version, by=by, now=now) as view:
        offers = view.offers()
        offer = next((each for each in offers if (each.code, each.store) == (option, store)), None)
        nothing_has_it = not any(each.available for each in offers)
        if group != DELIVERY_GROUP or offer is None:
            raise ShippingNotAvailable(group=group, option=option, reason="not_offered")
        if offer.reason and not (offer.reason == OUT_OF_STOCK and nothing_has_it):
            raise ShippingNotAvailable(group=group, option=option, reason=offer.reason)
        view.cart.delivery_option, view.cart.delivery_store = option, store
    return CartChange(cart_id=view.cart.public_id, version=view.cart.version, view=view)


@transaction
def place(
    *, cart_id: UUID, key: CartKey, version: int | None, wish: PlaceWish, by: Actor, now: datetime
) -> Receipt:
    """Turn the cart into an order: prices checked, stock reserved, the cart consumed, all of it or nothing.

    Locks the cart, then, late and in key order, the stock rows. An invoice confirms the order at once; any other method
    is for `shop.checkout.paying` to go on with, once this is committed. The order, and what she is told of it, is in
    the language that she reads in now, if her market speaks it, else in the one that the cart was opened in.
    Errors: CartConsumed (checked before the version), VersionNeeded, VersionConflict, LegalNoticeRequired,
    RequirementsMissing,
    NotAvailable, ShippingNotAvailable, PriceChanged, OutOfStock, PromiseChanged, PaymentMethodUnavailable, Busy.
    """
    crashpoint("place.before_lock")
    cart = lock_cart(cart_id=cart_id, key=key, now=now)
    require_version(seen=version, current=cart.version, needed=True)
    crashpoint("place.cart_locked")
    if wish.locale in get_market(cart.channel).locales:
        cart.locale = wish.locale
    basket = read_basket(view=view_cart(cart=cart, now=now))
    if wish.missing_notices:
        raise LegalNoticeRequired(missing=wish.missing_notices)
    _require_placeable(basket)
    placed = place_order(wish=_wish(basket, wish.payment_method), by=by, now=now)
    cart.consume(order_ref=placed.order_id, now=now)
    cart.version += 1
    cart.changed_at = now
    store_cart(cart=cart)
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
        raise ShippingNotAvailable(
            group=DELIVERY_GROUP, option=basket.cart.delivery_option, reason="not_offered"
        )
    repriced = [change for change in basket.changes if change["code"] == "price_changed"]
    if repriced:
        raise PriceChanged(changes=repriced)
    if basket.short:
        short_lines = [change for change in basket.changes if change["code"] == OUT_OF_STOCK]
        raise OutOfStock(short=basket.short, changes=short_lines)
    later = [change for change in basket.changes if change["code"] == "promise_changed"]
    if later:
        raise PromiseChanged(changes=later)
    if basket.delivery.promise is None:
        raise ShippingNotAvailable(
            group=DELIVERY_GROUP, option=basket.cart.delivery_option, reason=basket.delivery.reason
        )


def _wish(basket: Basket, payment_method: str) -> OrderWish:
    cart, delivery = basket.cart, basket.delivery
    assert delivery is not None
    assert delivery.promise is not None
    parcels = [
        offer.gross_minor
        for offer in basket.offers
        if offer.available and offer.kind != DeliveryKind.STORE and offer.gross_minor is not None
    ]
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
                withdrawal_excluded=entry.sellable.withdrawal_excluded,
                unit_weight_g=entry.sellable.weight_g,
            )
            for entry in basket.lines
            if entry.sellable is not None
        ),
        delivery=WishedDelivery(
            option=delivery.code,
            label=label_in(delivery.labels, cart.locale),
            gross_minor=basket.delivery_minor,
            tax_rate=basket.delivery_tax_rate,
            promised_from=delivery.promise.earliest_on,
            promised_until=delivery.promise.latest_on,
            standard_gross_minor=min(parcels) if parcels and not delivery.store else None,
            kind=delivery.kind,
            store=delivery.store,
            sent_from=tuple(shipment.location for shipment in delivery.shipments),
        ),
        payment_method=payment_method,
        buyer_ref=cart.owner_ref,
    )
