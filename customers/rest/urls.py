"""The customers' routes, by audience."""

from django.urls import path

from customers.rest import records

system_urls = [path("customers/<uuid:customer_id>", records.Customer.as_view(), name="customer")]
