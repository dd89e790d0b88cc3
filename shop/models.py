"""Index of the slices' models."""

from shop.cart.models import Cart, CartLine, CartOpening, HandOverCode, LineTouch
from shop.catalog.models import Availability, Listing, Offer, Placement, Shelf, Showing, Stale
from shop.pricing.models import Market, MarketHost, Price, PriceList, PublishableKey, TaxRate
from shop.search.models import Document, Term, Unindexed, WordForm

__all__ = [
    "Availability",
    "Cart",
    "CartLine",
    "CartOpening",
    "Document",
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
    "Stale",
    "TaxRate",
    "Term",
    "Unindexed",
    "WordForm",
]
