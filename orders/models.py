"""Index of the slices' models."""

from orders.agreement.models import Order, OrderDelivery, OrderLine, OrderStep
from orders.delivery.models import DeliveryOption
from orders.locations.models import ItemPlace, Location, StaffAssignment
from orders.parcels.models import Parcel, ParcelLine, TrackingEvent
from orders.payment.models import Invoice, PaymentAttempt, PaymentEntry
from orders.returns.models import Return, ReturnLine, ReturnStep
from orders.stock.models import Reservation, StockLevel, StockMovement

__all__ = [
    "DeliveryOption",
    "Invoice",
    "ItemPlace",
    "Location",
    "Order",
    "OrderDelivery",
    "OrderLine",
    "OrderStep",
    "Parcel",
    "ParcelLine",
    "PaymentAttempt",
    "PaymentEntry",
    "Reservation",
    "Return",
    "ReturnLine",
    "ReturnStep",
    "StaffAssignment",
    "StockLevel",
    "StockMovement",
    "TrackingEvent",
]
