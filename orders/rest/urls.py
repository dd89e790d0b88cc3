"""The orders' routes, by audience."""

from django.urls import path

from orders.rest import (
    carrier_hooks,
    devices,
    matters,
    parcels,
    payment_hooks,
    payments,
    returns,
    staff,
    store,
    tracking,
    withdrawals,
)

store_urls = [
    path("orders/open", store.OpenOrder.as_view(), name="order-open"),
    path("orders/<uuid:order_id>", store.Order.as_view(), name="order"),
    path("orders/<uuid:order_id>/payments", payments.OrderPayments.as_view(), name="order-payments"),
    path("orders/<uuid:order_id>/cancel", payments.OrderCancel.as_view(), name="order-cancel"),
    path("orders/<uuid:order_id>/tracking", tracking.Tracking.as_view(), name="order-tracking"),
    path(
        "orders/<uuid:order_id>/tracking/stream-tickets",
        tracking.TrackingStreamTickets.as_view(),
        name="order-tracking-stream-tickets",
    ),
    path("orders/<uuid:order_id>/tracking/stream", tracking.tracking_stream, name="order-tracking-stream"),
    path("orders/<uuid:order_id>/returns", returns.OrderReturns.as_view(), name="order-returns"),
    path("orders/<uuid:order_id>/withdrawal", withdrawals.OrderWithdrawal.as_view(), name="order-withdrawal"),
    path(
        "orders/<uuid:order_id>/withdrawal/<uuid:withdrawal_id>/confirm",
        withdrawals.ConfirmWithdrawal.as_view(),
        name="order-withdrawal-confirm",
    ),
    path("withdrawals", withdrawals.Withdrawals.as_view(), name="withdrawals"),
    path(
        "withdrawals/<uuid:withdrawal_id>/confirm",
        withdrawals.ConfirmWithdrawalByNumber.as_view(),
        name="withdrawal-confirm",
    ),
]

staff_urls = [
    path("session", devices.TabletSession.as_view(), name="session"),
    path("devices", devices.Devices.as_view(), name="devices"),
    path("unlock", devices.Unlock.as_view(), name="unlock"),
    path("lock", devices.Lock.as_view(), name="lock"),
    path("orders", staff.Orders.as_view(), name="orders"),
    path("orders/<uuid:order_id>", staff.Order.as_view(), name="order"),
    path("orders/<uuid:order_id>/parcels", parcels.OrderParcels.as_view(), name="order-parcels"),
    path("picking-lists", parcels.PickingList.as_view(), name="picking-lists"),
    path("parcels", parcels.PickUps.as_view(), name="parcels"),
    path("parcels/<uuid:parcel_id>", parcels.Parcel.as_view(), name="parcel"),
    path("parcels/<uuid:parcel_id>/shelve", parcels.ShelveParcel.as_view(), name="parcel-shelve"),
    path("parcels/<uuid:parcel_id>/hand-out", parcels.HandOutParcel.as_view(), name="parcel-hand-out"),
    path("open-matters", matters.OpenMatters.as_view(), name="open-matters"),
    path("open-matters/<uuid:matter_id>/settle", matters.SettleMatter.as_view(), name="matter-settle"),
    path("item-places/<str:sku>", parcels.ItemPlace.as_view(), name="item-place"),
    path("orders/<uuid:order_id>/refunds", payments.OrderRefunds.as_view(), name="order-refunds"),
    path("return-labels/<str:label_code>", returns.ReturnLabel.as_view(), name="return-label"),
    path("returns/<uuid:return_id>/receive", returns.ReceiveReturn.as_view(), name="return-receive"),
    path("returns/<uuid:return_id>/credit", returns.CreditReturn.as_view(), name="return-credit"),
]

hook_urls = [
    path("stripe", payment_hooks.StripeHook.as_view(), name="stripe"),
    path("easypost", carrier_hooks.EasyPostDoor.as_view(), name="easypost"),
    path("pakettikauppa", carrier_hooks.PakettikauppaDoor.as_view(), name="pakettikauppa"),
]
