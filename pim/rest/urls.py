"""The PIM's routes."""

from django.urls import path

from pim.rest import imports, products, words

pim_urls = [
    path("products", products.Products.as_view(), name="products"),
    path("products/<uuid:product_id>", products.Product.as_view(), name="product"),
    path("products/<uuid:product_id>/publish", products.PublishProduct.as_view(), name="product-publish"),
    path("imports", imports.Imports.as_view(), name="imports"),
    path("imports/<uuid:import_id>", imports.Import.as_view(), name="import"),
    path("imports/<uuid:import_id>/refusals", imports.ImportRefusals.as_view(), name="import-refusals"),
    path("attributes/<slug:attribute>", words.Attribute.as_view(), name="attribute"),
    path("attributes/<slug:attribute>/options/<slug:option>", words.Option.as_view(), name="option"),
    path("categories/<slug:category>", words.Category.as_view(), name="category"),
]
