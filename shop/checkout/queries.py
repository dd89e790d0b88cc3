"""The cart as everybody sees it: lines, deliveries, totals, what is missing and what has changed meanwhile.

`read_basket` is what both the body and `place` look at, so that a shopper is never told one thing and charged another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from config.kernel.actors import ActorKind
from config.kernel.money import Money
from orders.api import OfferedDelivery, Promise, TaxSplit, list_locations, split_taxes
from shop.cart.models import Cart, CartLine, CartState
from shop.cart.queries import (
    OUT_OF_STOCK,
    CartKey,
    CartView,
    get_open_to,
    list_touches,
    view_cart,
)
from shop.catalog.queries import Sellable
from shop.checkout.rules import Filled, Requirement, requirements_of
from shop.pricing.queries import get_tax_rates

DELIVERY_GROUP = "main"
_RECENT: Final = 5


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    """A line with what the shop sells under its SKU now; `sellable` is None when it no longer does.

    `available` are the units of its SKU that can be had: at one place, by the chosen delivery if one is chosen.
    """

    line: CartLine
    sellable: Sellable | None
    available: int

    @property
    def gross_minor(self) -> int:
        """Quantity times the price stored with the cart's last write."""
        return self.line.quantity * self.line.unit_gross_minor


@dataclass(frozen=True, kw_only=True)
class Basket:
    """A cart with everything that decides its price."""

    view: CartView
    lines: tuple[BasketLine, ...]
    delivery: OfferedDelivery | None
    taxes: TaxSplit
    delivery_tax_rate: Any
    requirements: tuple[Requirement, ...]
    changes: tuple[dict[str, Any], ...]

    @property
    def cart(self) -> Cart:
        """Whose basket it is."""
        return self.view.cart

    @property
    def offers(self) -> tuple[OfferedDelivery, ...]:
        """How it can be delivered."""
        return self.view.offers()

    @property
    def goods_minor(self) -> int:
        """All lines, tax included."""
        return sum(line.gross_minor for line in self.lines)

    @property
    def delivery_minor(self) -> int:
        """The chosen delivery, tax included; nothing while none is chosen."""
        return self.cart.delivery_gross_minor or 0

    @property
    def short(self) -> dict[str, int]:
        """`{sku: missing units}` as it looks; stock decides when the order is placed."""
        wanted = self.view.wanted
        return {
            entry.line.sku: wanted[entry.line.sku] - entry.available
            for entry in self.lines
            if entry.available < wanted[entry.line.sku]
        }


def read_basket(*, view: CartView) -> Basket:
    """Everything about the cart that decides whether and at what price it can be placed."""
    cart, delivery = view.cart, view.chosen()
    places = _places_of(delivery)
    lines = tuple(
        BasketLine(
            line=line,
            sellable=view.sellables.get(line.sku),
            available=max(
                (units for place, units in view.available.get(line.sku, {}).items() if place in places),
                default=0,
            ),
        )
        for line in view.lines
    )
    rates = get_tax_rates(country=cart.country, on=view.now.date())
    priced = [(line.gross_minor, line.sellable.tax_rate) for line in lines if line.sellable is not None]
    delivery_rate = rates[delivery.tax_class] if delivery else None
    if delivery_rate is not None:
        priced.append((cart.delivery_gross_minor or 0, delivery_rate))
    changes: tuple[dict[str, Any], ...] = ()
    if cart.state == CartState.OPEN:
        changes = (*_line_changes(lines, view), *_delivery_changes(cart, delivery))
    return Basket(
        view=view,
        lines=lines,
        delivery=delivery,
        taxes=split_taxes(gross_by_line=priced),
        delivery_tax_rate=delivery_rate,
        requirements=requirements_of(_filled(cart, len(lines))),
        changes=changes,
    )


def get_cart(
    *, cart_id: UUID, key: CartKey, locale: str, now: datetime, for_staff: bool = False
) -> dict[str, Any]:
    """The cart's body, as every route that reads or changes a cart answers it.

    For staff it is without the shopper's contact and address: a clerk needs the goods, not the person.
    Errors: NotFound.
    """
    cart = get_open_to(cart_id=cart_id, key=key, now=now)
    cart.locale = locale or cart.locale
    view = view_cart(cart=cart, now=now)
    return cart_body(basket=read_basket(view=view), for_staff=for_staff)


def cart_body(*, basket: Basket, for_staff: bool) -> dict[str, Any]:
    """The basket as JSON-safe values; money as `{"amount", "currency"}`."""
    cart = basket.cart
    body: dict[str, Any] = {
        "id": str(cart.public_id),
        "version": cart.version,
        "state": cart.state,
        "channel": cart.channel,
        "locale": cart.locale,
        "lines": [_line_body(line, cart) for line in basket.lines],
        "deliveries": _deliveries_body(basket),
        "totals": _totals_body(basket),
        "requirements": [asdict(requirement) for requirement in basket.requirements],
        "changes": list(basket.changes),
        "holds": {"expires_at": None},
        "actors": _actors(basket.view),
    }
    if for_staff:
        body["recent"] = _recent(basket.view)
    else:
        body["handed_back"] = _handed_back(basket.view)
        body["order_id"] = str(cart.order_ref) if cart.order_ref else None
        body["contact"] = {"email": cart.email, "name": cart.name, "phone": cart.phone}
        body["address"] = {
            "street": cart.street,
            "postcode": cart.postcode,
            "city": cart.city,
            "country": cart.country,
        }
    return body


def list_deliveries(*, cart: Cart, now: datetime) -> list[dict[str, Any]]:
    """How the cart can be delivered, and why not: one group, since she chooses one delivery for all her goods."""
    basket = read_basket(view=view_cart(cart=cart, now=now))
    return [
        {
            "group": DELIVERY_GROUP,
            "options": [
                {
                    **offer_body(offer=offer, locale=cart.locale),
                    "shipments": _shipments(offer, basket.lines),
                    "available": offer.available,
                    "reason": offer.reason or None,
                }
                for offer in basket.offers
            ],
        }
    ]


def _places_of(delivery: OfferedDelivery | None) -> frozenset[str]:
    """Where goods can come from: what sends parcels, and the store in which she fetches them, or could."""
    return frozenset(
        location.code
        for location in list_locations()
        if location.ships or (location.hands_over if delivery is None else location.code == delivery.store)
    )


def _filled(cart: Cart, lines: int) -> Filled:
    return Filled(
        lines=lines,
        email=cart.email,
        name=cart.name,
        street=cart.street,
        postcode=cart.postcode,
        city=cart.city,
        delivery_option=cart.delivery_option,
        is_fetched=cart.is_fetched,
    )


def _line_changes(lines: Sequence[BasketLine], view: CartView) -> list[dict[str, Any]]:
    wanted, currency = view.wanted, view.cart.currency
    changes: list[dict[str, Any]] = []
    for entry in lines:
        about = {"line_id": str(entry.line.public_id), "sku": entry.line.sku}
        sellable = entry.sellable
        if sellable is None:
            changes.append({"code": "not_available", **about})
            continue
        if sellable.unit_gross_minor != entry.line.unit_gross_minor:
            changes.append(
                {
                    "code": "price_changed",
                    **about,
                    "old": Money(entry.line.unit_gross_minor, currency).wire(),
                    "new": Money(sellable.unit_gross_minor, currency).wire(),
                }
            )
        if entry.available < wanted[entry.line.sku]:
            changes.append({"code": OUT_OF_STOCK, **about, "available": max(entry.available, 0)})
    return changes


def _delivery_changes(cart: Cart, delivery: OfferedDelivery | None) -> list[dict[str, Any]]:
    if not cart.delivery_option:
        return []
    about = {"option": cart.delivery_option}
    if cart.delivery_store:
        about["store"] = cart.delivery_store
    if delivery is None:
        return [{"code": "delivery_not_available", **about}]
    changes: list[dict[str, Any]] = []
    if delivery.gross_minor != cart.delivery_gross_minor:
        changes.append(
            {
                "code": "price_changed",
                **about,
                "old": Money(cart.delivery_gross_minor or 0, cart.currency).wire(),
                "new": Money(delivery.gross_minor or 0, cart.currency).wire(),
            }
        )
    told = (cart.promised_from_on, cart.promised_until_on)
    if delivery.promise and told[0] and told[1] and delivery.promise.latest_on > told[1]:
        old = Promise(earliest_on=told[0], latest_on=told[1])
        changes.append(
            {
                "code": "promise_changed",
                **about,
                "old": promise_body(promise=old),
                "new": promise_body(promise=delivery.promise),
            }
        )
    return changes


def _line_body(entry: BasketLine, cart: Cart) -> dict[str, Any]:
    line, sellable = entry.line, entry.sellable
    return {
        "id": str(line.public_id),
        "sku": line.sku,
        "name": sellable.name if sellable else line.sku,
        "product": sellable.product_slug if sellable else None,
        "options": [{"label": label, "value": value} for label, value in sellable.options]
        if sellable
        else [],
        "image": (sellable.image or None) if sellable else None,
        "quantity": line.quantity,
        "unit_price": Money(line.unit_gross_minor, cart.currency).wire(),
        "line_total": Money(entry.gross_minor, cart.currency).wire(),
        "available": sellable is not None and entry.available >= line.quantity,
        "withdrawal_excluded": (sellable.withdrawal_excluded or None) if sellable else None,
        "added_by": {
            "kind": line.added_by_kind,
            "label": line.added_by_label,
            "store": line.added_by_store,
            "at": line.added_at,
        },
    }


def _deliveries_body(basket: Basket) -> list[dict[str, Any]]:
    chosen = None
    if basket.delivery is not None:
        chosen = {
            **offer_body(offer=basket.delivery, locale=basket.cart.locale),
            "shipments": _shipments(basket.delivery, basket.lines),
        }
    return [
        {
            "group": DELIVERY_GROUP,
            "lines": [str(entry.line.public_id) for entry in basket.lines],
            "chosen": chosen,
        }
    ]


def offer_body(*, offer: OfferedDelivery, locale: str) -> dict[str, Any]:
    """A way of delivery as it is shown: before there is a cart, and in it."""
    return {
        "option": offer.code,
        "kind": str(offer.kind),
        "store": offer.store or None,
        "label": label_in(offer.labels, locale),
        "price": None if offer.gross_minor is None else Money(offer.gross_minor, offer.currency).wire(),
        "promise": promise_body(promise=offer.promise) if offer.promise else None,
    }


def promise_body(*, promise: Promise) -> dict[str, str]:
    """The first and the last day."""
    return {"earliest_on": promise.earliest_on.isoformat(), "latest_on": promise.latest_on.isoformat()}


def _shipments(offer: OfferedDelivery, lines: Sequence[BasketLine]) -> list[dict[str, Any]]:
    return [
        {
            "location": shipment.location,
            "lines": [str(entry.line.public_id) for entry in lines if entry.line.sku in shipment.skus],
        }
        for shipment in offer.shipments
    ]


def label_in(labels: Mapping[str, str], locale: str) -> str:
    """The label in the locale, else in its language, else in English, else in any language there is."""
    language = locale.split("-", maxsplit=1)[0]
    same_language = (label for code, label in labels.items() if code.split("-")[0] == language)
    return (
        labels.get(locale) or next(same_language, "") or labels.get("en") or next(iter(labels.values()), "")
    )


def _totals_body(basket: Basket) -> dict[str, Any]:
    currency = basket.cart.currency
    total = basket.goods_minor + basket.delivery_minor
    return {
        "goods": Money(basket.goods_minor, currency).wire(),
        "delivery": Money(basket.delivery_minor, currency).wire() if basket.cart.delivery_option else None,
        "total": Money(total, currency).wire(),
        "taxes": [
            {
                "rate": f"{group.rate.normalize():f}",
                "gross": Money(group.gross_minor, currency).wire(),
                "net": Money(group.net_minor, currency).wire(),
                "tax": Money(group.tax_minor, currency).wire(),
            }
            for group in basket.taxes.groups
        ],
    }


def _actors(view: CartView) -> list[dict[str, Any]]:
    """The clerks who may open the cart now; nobody once it has become an order."""
    return [
        {"kind": "clerk", "label": opening.clerk_label, "store": opening.store, "until": opening.ends_at}
        for opening in view.openings
    ]


def _handed_back(view: CartView) -> dict[str, Any] | None:
    """Who gave the cart back for its shopper to pay, and what he wrote to her."""
    opening = view.handed_back
    if opening is None:
        return None
    return {
        "label": opening.clerk_label,
        "store": opening.store,
        "at": opening.ends_at,
        "message": opening.message,
    }


def _recent(view: CartView) -> list[dict[str, Any]]:
    """What was done last and by whom, so that a clerk goes on where the shopper left off."""
    return [
        {
            "at": touch.touched_at,
            "by": {"kind": touch.actor_kind, "label": touch.actor_label, "store": touch.actor_store}
            if touch.actor_kind == ActorKind.CLERK
            else {"kind": touch.actor_kind, "label": "", "store": ""},
            "sku": touch.sku,
            "name": sellable.name if (sellable := view.sellables.get(touch.sku)) else None,
            "before": touch.quantity_before,
            "after": touch.quantity_after,
        }
        for touch in list_touches(cart=view.cart, limit=_RECENT)
    ]
