"""The storefront's addresses: a language first, then what it is."""

from django.urls import path

from shop.site import account, browse, cart, checkout, orders

ORDER = "<slug:lang>/orders/<uuid:order_id>"

urls = [
    path("", browse.choose_language, name="language"),
    path("<slug:lang>/", browse.front, name="front"),
    path("<slug:lang>/c/<str:code>", browse.category, name="category"),
    path("<slug:lang>/search", browse.search, name="search"),
    path("<slug:lang>/p/<str:slug>", browse.product, name="product"),
    path("<slug:lang>/cart", cart.cart, name="cart"),
    path("<slug:lang>/checkout", checkout.checkout, name="checkout"),
    path("<slug:lang>/pay/<uuid:order_id>", checkout.pay, name="pay"),
    path("<slug:lang>/orders", orders.orders, name="orders"),
    path("<slug:lang>/orders/open", orders.open_order, name="open-order"),
    path(ORDER, orders.order, name="order"),
    path(f"{ORDER}/return", orders.send_back, name="return"),
    path(f"{ORDER}/withdraw", orders.withdraw_order, name="withdraw-order"),
    path("<slug:lang>/withdraw", orders.withdraw, name="withdraw"),
    path("<slug:lang>/sign-in", account.sign_in, name="sign-in"),
    path("<slug:lang>/account", account.account, name="account"),
]
