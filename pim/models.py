"""Index of the slices' models."""

from pim.catalogue.models import (
    Attribute,
    AttributeOption,
    Category,
    Channel,
    OptionReference,
    Product,
    ProductAxis,
    ProductCategory,
    ProductLink,
    Variant,
)
from pim.publishing.models import Publication

__all__ = [
    "Attribute",
    "AttributeOption",
    "Category",
    "Channel",
    "OptionReference",
    "Product",
    "ProductAxis",
    "ProductCategory",
    "ProductLink",
    "Publication",
    "Variant",
]
