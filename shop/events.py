"""The shop's voice: what happened to prices, listings and carts."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from config.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CartChanged(Event):
    """Somebody changed a cart; whoever shows it should read it again."""

    name: ClassVar[str] = "shop.cart_changed"
    subject: ClassVar[str] = "cart_id"
    streamed: ClassVar[tuple[str, ...] | None] = ("version",)

    cart_id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class PriceSet(Event):
    """A SKU costs something else in a price list; what, is read there."""

    name: ClassVar[str] = "shop.price_set"
    subject: ClassVar[str] = "sku"

    price_list: str
    sku: str


@dataclass(frozen=True, kw_only=True)
class PricesSet(Event):
    """The same of many SKUs at once; some hundred of them at most."""

    name: ClassVar[str] = "shop.prices_set"
    subject: ClassVar[str] = "price_list"

    price_list: str
    skus: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ProductsListed(Event):
    """Some products have variants that nobody listed before, whose price and stock may have moved meanwhile."""

    name: ClassVar[str] = "shop.products_listed"
    subject: ClassVar[str] = "content_scope"

    content_scope: str
    product_refs: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class RenderingDue(Event):
    """Some products, listed by `queue`, are to be rendered again; each such event is answered by a batch of them."""

    name: ClassVar[str] = "shop.rendering_due"
    subject: ClassVar[str] = "queue"

    queue: str


@dataclass(frozen=True, kw_only=True)
class ListingsRendered(Event):
    """The texts of some products were rendered anew in a content scope, or are gone; what they say, is read there."""

    name: ClassVar[str] = "shop.listings_rendered"
    subject: ClassVar[str] = "content_scope"

    content_scope: str
    product_refs: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class CompoundsSplit(Event):
    """Some products use compounds of which other parts are known now; by those they are to be found as well."""

    name: ClassVar[str] = "shop.compounds_split"
    subject: ClassVar[str] = "content_scope"

    content_scope: str
    product_refs: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class TermsAdded(Event):
    """Some product uses words of a language that none used before."""

    name: ClassVar[str] = "shop.terms_added"
    subject: ClassVar[str] = "language"

    language: str
