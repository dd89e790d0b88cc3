"""The PIM's routes."""

from django.urls import path

from pim.rest import products

pim_urls = [
    path("products", products.Products.as_view(), name="products"),
    path("products/<uuid:product_id>", products.Product.as_view(), name="product"),
    path("products/<uuid:product_id>/publish", products.PublishProduct.as_view(), name="product-publish"),
]
