"""The tablet's addresses: a language first, then what the clerk does."""

from django.urls import path

from shop.tablet import views

urls = [
    path("", views.choose_language, name="language"),
    path("<slug:lang>/", views.find, name="find"),
    path("<slug:lang>/carts", views.carts, name="carts"),
    path("<slug:lang>/carts/<uuid:cart_id>", views.cart, name="cart"),
    path("<slug:lang>/pick-ups", views.pick_ups, name="pick-ups"),
    path("<slug:lang>/returns", views.returns, name="returns"),
]
