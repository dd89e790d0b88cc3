"""What the orders say: facts with ids, told to whoever stands above."""

from dataclasses import dataclass
from datetime import date
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
    streamed: ClassVar[tuple[str, ...] | None] = ()

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
class OrderPaid(Event):
    """The captures have reached the order's sum."""

    name: ClassVar[str] = "orders.order_paid"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """Nothing of the order will happen; its stock is free again. `reason` is `expired`, `by_buyer` or `by_staff`."""

    name: ClassVar[str] = "orders.order_cancelled"
    subject: ClassVar[str] = "order_id"
    streamed: ClassVar[tuple[str, ...] | None] = ()

    order_id: UUID
    number: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(Event):
    """One attempt came to nothing; the order waits for another one until its hold ends."""

    name: ClassVar[str] = "orders.payment_failed"
    subject: ClassVar[str] = "order_id"
    streamed: ClassVar[tuple[str, ...] | None] = ()

    order_id: UUID
    number: str
    attempt_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class AuthorisationLost(Event):
    """What had secured the order's sum is gone, though goods of it may be promised or on their way."""

    name: ClassVar[str] = "orders.authorisation_lost"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    attempt_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaymentDisputed(Event):
    """The buyer's bank takes a payment back, or news of that: `state` is the provider's word for where it stands."""

    name: ClassVar[str] = "orders.payment_disputed"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    dispute_ref: str
    amount_minor: int
    currency: str
    reason: str
    state: str


@dataclass(frozen=True, kw_only=True)
class PaymentOperationFailed(Event):
    """The provider refused a capture, refund or release (`kind`), and will refuse it again."""

    name: ClassVar[str] = "orders.payment_operation_failed"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    operation_id: UUID
    kind: str
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentOperationAsked(Event):
    """The provider shall capture, refund or release something; a job asks it to."""

    name: ClassVar[str] = "orders.payment_operation_asked"
    subject: ClassVar[str] = "operation_id"

    operation_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProviderMessageStored(Event):
    """A payment provider sent a message; a job asks the provider what is true of its subject."""

    name: ClassVar[str] = "orders.provider_message_stored"
    subject: ClassVar[str] = "message_id"

    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class RefundMade(Event):
    """The provider has sent money back, or a credit note was issued; `about_ref` is the return it answers, if any."""

    name: ClassVar[str] = "orders.refund_made"
    subject: ClassVar[str] = "order_id"
    streamed: ClassVar[tuple[str, ...] | None] = ("refund_id",)

    order_id: UUID
    number: str
    refund_id: UUID
    amount_minor: int
    currency: str
    about_ref: UUID | None


@dataclass(frozen=True, kw_only=True)
class ParcelMoved(Event):
    """A parcel reached `state`, one of `orders.parcels.rules.ParcelState`; `dispatched` is the first.

    `estimated_on` is the day it is expected now, as far as anybody knows.
    """

    name: ClassVar[str] = "orders.parcel_moved"
    subject: ClassVar[str] = "order_id"
    streamed: ClassVar[tuple[str, ...] | None] = ("parcel_id", "state", "estimated_on")

    order_id: UUID
    number: str
    parcel_id: UUID
    state: str
    estimated_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class CarrierMessageStored(Event):
    """A carrier sent a message; what it says of parcels is read from it by a handler."""

    name: ClassVar[str] = "orders.carrier_message_stored"
    subject: ClassVar[str] = "message_id"

    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReturnAnnounced(Event):
    """The buyer says that goods are coming back."""

    name: ClassVar[str] = "orders.return_announced"
    subject: ClassVar[str] = "order_id"
    streamed: ClassVar[tuple[str, ...] | None] = ("return_id",)

    order_id: UUID
    number: str
    return_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReturnReceived(Event):
    """The goods are back and in stock again."""

    name: ClassVar[str] = "orders.return_received"
    subject: ClassVar[str] = "order_id"
    streamed: ClassVar[tuple[str, ...] | None] = ("return_id",)

    order_id: UUID
    number: str
    return_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReturnCredited(Event):
    """The buyer has a credit note over `amount_minor`, delivery included where it was given back."""

    name: ClassVar[str] = "orders.return_credited"
    subject: ClassVar[str] = "order_id"
    streamed: ClassVar[tuple[str, ...] | None] = ("return_id",)

    order_id: UUID
    number: str
    return_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class WithdrawalStated(Event):
    """Somebody who knows an order's number and address states that she withdraws; what follows, follows from this."""

    name: ClassVar[str] = "orders.withdrawal_stated"
    subject: ClassVar[str] = "withdrawal_id"

    withdrawal_id: UUID


@dataclass(frozen=True, kw_only=True)
class WithdrawalReceived(Event):
    """The buyer has withdrawn; `effect` is one of `orders.withdrawal.models.WithdrawalEffect`."""

    name: ClassVar[str] = "orders.withdrawal_received"
    subject: ClassVar[str] = "order_id"

    order_id: UUID
    number: str
    withdrawal_id: UUID
    effect: str


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
