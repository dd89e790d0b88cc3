"""Index of the slices' models."""

from shop.cart.models import Cart, CartLine, CartOpening, HandOverCode, LineTouch
from shop.catalog.models import Availability, Listing, Offer, Placement, Shelf, Showing
from shop.pricing.models import Market, MarketHost, Price, PriceList, PublishableKey, TaxRate

__all__ = [
    "Availability",
    "Cart",
    "CartLine",
    "CartOpening",
    "HandOverCode",
    "LineTouch",
    "Listing",
    "Market",
    "MarketHost",
    "Offer",
    "Placement",
    "Price",
    "PriceList",
    "PublishableKey",
    "Shelf",
    "Showing",
    "TaxRate",
]
