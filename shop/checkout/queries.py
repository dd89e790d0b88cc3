"""The cart as everybody sees it: lines, deliveries, totals, what is missing and what has changed meanwhile.

`read_basket` is what both the body and `place` look at, so that a shopper is never told one thing and charged another.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel.money import Money
from orders.api import OfferedDelivery, TaxSplit, list_delivery_options, split_taxes
from shop.cart.models import Cart, CartLine, CartState
from shop.cart.queries import CartKey, get_open_to, sellables_of
from shop.catalog.queries import Sellable
from shop.checkout.rules import Filled, Requirement, requirements_of
from shop.pricing.queries import get_tax_rates

DELIVERY_GROUP = "main"


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    """A line with what the shop sells under its SKU now; `sellable` is None when it no longer does."""

    line: CartLine
    sellable: Sellable | None

    @property
    def gross_minor(self) -> int:
        """Quantity times the price stored with the cart's last write."""
        return self.line.quantity * self.line.unit_gross_minor


@dataclass(frozen=True, kw_only=True)
class Basket:
    """A cart with everything that decides its price."""

    cart: Cart
    lines: tuple[BasketLine, ...]
    offers: tuple[OfferedDelivery, ...]
    delivery: OfferedDelivery | None
    taxes: TaxSplit
    delivery_tax_rate: Any
    requirements: tuple[Requirement, ...]
    changes: tuple[dict[str, Any], ...]

    @property
    def goods_minor(self) -> int:
        """All lines, tax included."""
        return sum(line.gross_minor for line in self.lines)

    @property
    def delivery_minor(self) -> int:
        """The chosen delivery, tax included; nothing while none is chosen."""
        return self.cart.delivery_gross_minor or 0


def read_basket(*, cart: Cart, now: datetime) -> Basket:
    """Everything about the cart that decides whether and at what price it can be placed at `now`."""
    rows = list(CartLine.objects.filter(cart=cart).order_by("id"))
    sellables = sellables_of(cart, [row.sku for row in rows], now)
    lines = tuple(BasketLine(line=row, sellable=sellables.get(row.sku)) for row in rows)
    offers = list_delivery_options(country=cart.country, postcode=cart.postcode, now=now)
    delivery = next((offer for offer in offers if offer.code == cart.delivery_option), None)
    rates = get_tax_rates(country=cart.country, on=now.date())
    priced = [(line.gross_minor, line.sellable.tax_rate) for line in lines if line.sellable is not None]
    delivery_rate = rates[delivery.tax_class] if delivery else None
    if delivery_rate is not None:
        priced.append((cart.delivery_gross_minor or 0, delivery_rate))
    return Basket(
        cart=cart,
        lines=lines,
        offers=offers,
        delivery=delivery,
        taxes=split_taxes(gross_by_line=priced),
        delivery_tax_rate=delivery_rate,
        requirements=requirements_of(_filled(cart, len(lines))),
        changes=(*_line_changes(lines, cart), *_delivery_changes(cart, delivery)),
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
    return cart_body(basket=read_basket(cart=cart, now=now), now=now, for_staff=for_staff)


def cart_body(*, basket: Basket, now: datetime, for_staff: bool) -> dict[str, Any]:
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
        "actors": _actors(cart, now),
    }
    if not for_staff:
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
    """How the cart can be delivered: one group, since all its goods leave together."""
    offers = list_delivery_options(country=cart.country, postcode=cart.postcode, now=now)
    return [{"group": DELIVERY_GROUP, "options": [_offer_body(offer, cart.locale) for offer in offers]}]


def _filled(cart: Cart, lines: int) -> Filled:
    return Filled(
        lines=lines,
        email=cart.email,
        name=cart.name,
        street=cart.street,
        postcode=cart.postcode,
        city=cart.city,
        delivery_option=cart.delivery_option,
    )


def _line_changes(lines: Sequence[BasketLine], cart: Cart) -> list[dict[str, Any]]:
    wanted: dict[str, int] = {}
    for entry in lines:
        wanted[entry.line.sku] = wanted.get(entry.line.sku, 0) + entry.line.quantity
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
                    "old": Money(entry.line.unit_gross_minor, cart.currency).wire(),
                    "new": Money(sellable.unit_gross_minor, cart.currency).wire(),
                }
            )
        if sellable.available < wanted[entry.line.sku]:
            changes.append({"code": "out_of_stock", **about, "available": max(sellable.available, 0)})
    return changes


def _delivery_changes(cart: Cart, delivery: OfferedDelivery | None) -> list[dict[str, Any]]:
    if not cart.delivery_option:
        return []
    if delivery is None:
        return [{"code": "delivery_not_available", "option": cart.delivery_option}]
    if delivery.gross_minor == cart.delivery_gross_minor:
        return []
    return [
        {
            "code": "price_changed",
            "option": delivery.code,
            "old": Money(cart.delivery_gross_minor or 0, cart.currency).wire(),
            "new": Money(delivery.gross_minor, cart.currency).wire(),
        }
    ]


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
        "quantity": line.quantity,
        "unit_price": Money(line.unit_gross_minor, cart.currency).wire(),
        "line_total": Money(entry.gross_minor, cart.currency).wire(),
        "available": sellable is not None and sellable.available >= line.quantity,
        "added_by": {
            "kind": line.added_by_kind,
            "label": line.added_by_label,
            "store": line.added_by_store,
            "at": line.added_at,
        },
    }


def _deliveries_body(basket: Basket) -> list[dict[str, Any]]:
    chosen = _offer_body(basket.delivery, basket.cart.locale) if basket.delivery else None
    return [
        {
            "group": DELIVERY_GROUP,
            "lines": [str(entry.line.public_id) for entry in basket.lines],
            "chosen": chosen,
        }
    ]


def _offer_body(offer: OfferedDelivery, locale: str) -> dict[str, Any]:
    return {
        "option": offer.code,
        "label": label_in(offer.labels, locale),
        "price": Money(offer.gross_minor, offer.currency).wire(),
        "promise": {"earliest_on": offer.earliest_on, "latest_on": offer.latest_on},
    }


def label_in(labels: dict[str, str], locale: str) -> str:
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


def _actors(cart: Cart, now: datetime) -> list[dict[str, Any]]:
    """The clerks who may open the cart now; nobody once it has become an order."""
    if cart.state != CartState.OPEN:
        return []
    return [
        {"kind": "clerk", "label": opening.clerk_label, "store": opening.store, "until": opening.ends_at}
        for opening in cart.openings.filter(ends_at__gt=now).order_by("id")
    ]
