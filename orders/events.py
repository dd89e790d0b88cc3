"""What the orders say: facts with ids, told to whoever stands above."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from config.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """A cart became an order, and its stock is reserved. The money may still be missing."""

    name: ClassVar[str] = "orders.order_placed"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    cart_ref: UUID
    channel: str


@dataclass(frozen=True, kw_only=True)
class OrderConfirmed(Event):
    """The whole sum is secured or an invoice accepted: goods may leave."""

    name: ClassVar[str] = "orders.order_confirmed"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event):
    """Everything that was agreed has left."""

    name: ClassVar[str] = "orders.order_completed"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str


@dataclass(frozen=True, kw_only=True)
class ParcelMoved(Event):
    """A parcel reached `state`; `dispatched` is the first."""

    name: ClassVar[str] = "orders.parcel_moved"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    parcel_id: UUID
    state: str


@dataclass(frozen=True, kw_only=True)
class ReturnAnnounced(Event):
    """The buyer says that goods are coming back."""

    name: ClassVar[str] = "orders.return_announced"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    return_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReturnReceived(Event):
    """The goods are back and in stock again."""

    name: ClassVar[str] = "orders.return_received"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    return_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReturnCredited(Event):
    """The buyer has a credit note over `amount_minor`, delivery included where it was given back."""

    name: ClassVar[str] = "orders.return_credited"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    return_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class StockChanged(Event):
    """The units that can be promised at one location are now `available`.

    `revision` grows with every change of the level: of two such events the greater one is the later.
    """

    name: ClassVar[str] = "orders.stock_changed"
    subject: ClassVar[str] = "sku"

    sku: str
    location: str
    available: int
    revision: int
