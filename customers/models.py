"""Index of the slices' models."""

from customers.identity.models import CodeLetter, Identity
from customers.record.models import ContactPoint, Customer, CustomerAddress, TimelineEntry

__all__ = ["CodeLetter", "ContactPoint", "Customer", "CustomerAddress", "Identity", "TimelineEntry"]
