"""What a delivery costs and when it is there, before there is any cart: the same function that carts and orders ask."""

from datetime import datetime
from typing import Any

from config.kernel.errors import NotFound
from orders.api import WEIGHT_UNKNOWN_G, Consignment, get_available_units, list_delivery_options
from shop.catalog.queries import get_sellables
from shop.checkout.queries import offer_body
from shop.pricing.queries import MarketContext


def list_promises(*, context: MarketContext, postcode: str, sku: str, now: datetime) -> list[dict[str, Any]]:
    """Every way in which one unit of `sku` reaches that postcode of the market's country, or why it cannot.

    Without a SKU it is a parcel of the usual weight, of something that is there. Errors: NotFound for a SKU that the
    market does not sell.
    """
    goods = _unit_of(context, sku, now) if sku else Consignment(weight_g=WEIGHT_UNKNOWN_G)
    offers = list_delivery_options(country=context.country, postcode=postcode, goods=goods, now=now)
    return [
        {
            **offer_body(offer=offer, locale=context.locale),
            "available": offer.available,
            "reason": offer.reason or None,
        }
        for offer in offers
    ]


def _unit_of(context: MarketContext, sku: str, now: datetime) -> Consignment:
    sellable = get_sellables(channel=context.channel, skus=[sku], locale=context.locale, now=now).get(sku)
    if sellable is None:
        raise NotFound
    return Consignment(
        wanted={sellable.sku: 1},
        weight_g=WEIGHT_UNKNOWN_G if sellable.weight_g is None else sellable.weight_g,
        available=get_available_units(skus=[sellable.sku]),
    )
