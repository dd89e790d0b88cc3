"""Index of the slices' models."""

from customers.identity.models import Identity
from customers.record.models import ContactPoint, Customer, CustomerAddress, TimelineEntry

__all__ = ["ContactPoint", "Customer", "CustomerAddress", "Identity", "TimelineEntry"]
