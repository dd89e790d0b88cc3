"""The shop's routes, by audience."""

from django.urls import path

from shop.rest import (
    cart_streams,
    carts,
    hand_overs,
    products,
    promises,
    reopening,
    session,
    staff_carts,
    staff_products,
)

CART = "carts/<uuid:cart_id>"

store_urls = [
    path("session", session.Session.as_view(), name="session"),
    path("categories", products.Categories.as_view(), name="categories"),
    path("products", products.Products.as_view(), name="products"),
    path("products/<slug:slug>", products.Product.as_view(), name="product"),
    path("delivery-promises", promises.DeliveryPromises.as_view(), name="delivery-promises"),
    path("carts", carts.Carts.as_view(), name="carts"),
    path(CART, carts.Cart.as_view(), name="cart"),
    path(f"{CART}/lines", carts.CartLines.as_view(), name="cart-lines"),
    path(f"{CART}/lines/<uuid:line_id>", carts.CartLine.as_view(), name="cart-line"),
    path(f"{CART}/delivery-options", carts.CartDeliveryOptions.as_view(), name="cart-delivery-options"),
    path(f"{CART}/deliveries/<slug:group>", carts.CartDelivery.as_view(), name="cart-delivery"),
    path(f"{CART}/payment-methods", carts.CartPaymentMethods.as_view(), name="cart-payment-methods"),
    path(f"{CART}/place", carts.PlaceCart.as_view(), name="cart-place"),
    path(f"{CART}/reopen", reopening.ReopenCart.as_view(), name="cart-reopen"),
    path(f"{CART}/hand-over-codes", hand_overs.HandOverCodes.as_view(), name="cart-hand-over-codes"),
    path(f"{CART}/take-back", hand_overs.TakeCartBack.as_view(), name="cart-take-back"),
    path(f"{CART}/stream-tickets", cart_streams.CartStreamTickets.as_view(), name="cart-stream-tickets"),
    path(f"{CART}/stream", cart_streams.cart_stream, name="cart-stream"),
]

staff_urls = [
    path("products", staff_products.Products.as_view(), name="products"),
    path("carts", staff_carts.OpenedCarts.as_view(), name="carts"),
    path("carts/open", staff_carts.OpenCart.as_view(), name="carts-open"),
    path(CART, staff_carts.OpenedCart.as_view(), name="cart"),
    path(f"{CART}/lines", staff_carts.OpenedCartLines.as_view(), name="cart-lines"),
    path(f"{CART}/lines/<uuid:line_id>", staff_carts.OpenedCartLine.as_view(), name="cart-line"),
    path(f"{CART}/close", staff_carts.CloseCart.as_view(), name="cart-close"),
    path(
        f"{CART}/stream-tickets", cart_streams.OpenedCartStreamTickets.as_view(), name="cart-stream-tickets"
    ),
    path(f"{CART}/stream", cart_streams.cart_stream, name="cart-stream"),
]
