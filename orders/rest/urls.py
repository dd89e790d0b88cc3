"""The orders' routes, by audience."""

from django.urls import path

from orders.rest import staff, store

store_urls = [
    path("orders/<uuid:order_id>", store.Order.as_view(), name="order"),
    path("orders/<uuid:order_id>/returns", store.OrderReturns.as_view(), name="order-returns"),
]

staff_urls = [
    path("orders/<uuid:order_id>", staff.Order.as_view(), name="order"),
    path("orders/<uuid:order_id>/parcels", staff.OrderParcels.as_view(), name="order-parcels"),
    path("returns/<uuid:return_id>/receive", staff.ReceiveReturn.as_view(), name="return-receive"),
    path("returns/<uuid:return_id>/credit", staff.CreditReturn.as_view(), name="return-credit"),
]
