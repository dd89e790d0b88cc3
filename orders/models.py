"""Index of the slices' models."""

from orders.agreement.models import Order, OrderDelivery, OrderLine, OrderStep
from orders.delivery.models import DeliveryOption, DeliveryRate
from orders.locations.models import ClerkPin, Device, DeviceCode, ItemPlace, Location, StaffAssignment
from orders.matters.models import Matter
from orders.notices.models import Notice
from orders.parcels.models import Parcel, ParcelLine, TrackingEvent
from orders.payment.models import (
    Dispute,
    Invoice,
    PaymentAttempt,
    PaymentEntry,
    PaymentOperation,
    ProviderMessage,
)
from orders.returns.models import Return, ReturnLine, ReturnStep
from orders.stock.models import Reservation, StockLevel, StockMovement
from orders.withdrawal.models import Withdrawal, WithdrawalReceipt

__all__ = [
    "ClerkPin",
    "DeliveryOption",
    "DeliveryRate",
    "Device",
    "DeviceCode",
    "Dispute",
    "Invoice",
    "ItemPlace",
    "Location",
    "Matter",
    "Notice",
    "Order",
    "OrderDelivery",
    "OrderLine",
    "OrderStep",
    "Parcel",
    "ParcelLine",
    "PaymentAttempt",
    "PaymentEntry",
    "PaymentOperation",
    "ProviderMessage",
    "Reservation",
    "Return",
    "ReturnLine",
    "ReturnStep",
    "StaffAssignment",
    "StockLevel",
    "StockMovement",
    "TrackingEvent",
    "Withdrawal",
    "WithdrawalReceipt",
]
