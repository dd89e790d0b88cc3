"""The storefront's addresses: a language first, then what it is."""

from django.urls import path

from shop.site import views

urls = [
    path("", views.choose_language, name="language"),
    path("<slug:lang>/", views.front, name="front"),
    path("<slug:lang>/c/<str:code>", views.category, name="category"),
    path("<slug:lang>/search", views.search, name="search"),
    path("<slug:lang>/p/<str:slug>", views.product, name="product"),
]
