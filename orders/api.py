"""The door to the orders: what the shop may call. What writes joins the caller's transaction."""

from orders.agreement.queries import (
    OrderName,
    find_order_of_cart,
    is_order_cancelled,
    is_order_secret,
    order_secret,
)
from orders.agreement.rules import (
    OrderWish,
    PostalAddress,
    TaxedPart,
    TaxSplit,
    WishedDelivery,
    WishedLine,
    split_taxes,
)
from orders.agreement.services import CartAlreadyOrdered
from orders.delivery.queries import Consignment, list_delivery_options
from orders.delivery.rules import WEIGHT_UNKNOWN_G, DeliveryKind, OfferedDelivery, Promise, Shipment
from orders.delivery.services import DeliveryTerms, set_delivery_option
from orders.locations.queries import LocationCard, find_places, list_locations, works_at
from orders.locations.rules import new_pin
from orders.locations.services import assign_staff, create_location, invite_device, place_items, set_pin
from orders.payment.queries import list_payment_methods
from orders.payment.rules import PaymentMethod, PaymentStatus
from orders.placing.paying import Payment, PaymentMismatch, enter_provider
from orders.placing.services import PaymentMethodUnavailable, PlacedOrder, PromiseChanged, place_order
from orders.stock.queries import get_available_units
from orders.stock.services import CountBelowReserved, OutOfStock, receive_stock, set_stock

__all__ = [
    "WEIGHT_UNKNOWN_G",
    "CartAlreadyOrdered",
    "Consignment",
    "CountBelowReserved",
    "DeliveryKind",
    "DeliveryTerms",
    "LocationCard",
    "OfferedDelivery",
    "OrderName",
    "OrderWish",
    "OutOfStock",
    "Payment",
    "PaymentMethod",
    "PaymentMethodUnavailable",
    "PaymentMismatch",
    "PaymentStatus",
    "PlacedOrder",
    "PostalAddress",
    "Promise",
    "PromiseChanged",
    "Shipment",
    "TaxSplit",
    "TaxedPart",
    "WishedDelivery",
    "WishedLine",
    "assign_staff",
    "create_location",
    "enter_provider",
    "find_order_of_cart",
    "find_places",
    "get_available_units",
    "invite_device",
    "is_order_cancelled",
    "is_order_secret",
    "list_delivery_options",
    "list_locations",
    "list_payment_methods",
    "new_pin",
    "order_secret",
    "place_items",
    "place_order",
    "receive_stock",
    "set_delivery_option",
    "set_pin",
    "set_stock",
    "split_taxes",
    "works_at",
]
