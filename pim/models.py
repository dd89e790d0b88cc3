"""Index of the slices' models."""

from pim.catalogue.models import (
    Category,
    Channel,
    Identifier,
    LinkType,
    OptionReference,
    Product,
    ProductAxis,
    ProductCategory,
    ProductChange,
    ProductLink,
    ProductModel,
    Variant,
)
from pim.enrichment.models import Completeness
from pim.intake.models import Import, RefusedRow, StagedRow
from pim.publishing.models import Publication
from pim.structure.models import (
    Attribute,
    AttributeGroup,
    AttributeOption,
    Family,
    FamilyAttribute,
    FamilyRequirement,
    FamilyVariant,
    FamilyVariantAttribute,
    MeasurementFamily,
    MeasurementUnit,
)

__all__ = [
    "Attribute",
    "AttributeGroup",
    "AttributeOption",
    "Category",
    "Channel",
    "Completeness",
    "Family",
    "FamilyAttribute",
    "FamilyRequirement",
    "FamilyVariant",
    "FamilyVariantAttribute",
    "Identifier",
    "Import",
    "LinkType",
    "MeasurementFamily",
    "MeasurementUnit",
    "OptionReference",
    "Product",
    "ProductAxis",
    "ProductCategory",
    "ProductChange",
    "ProductLink",
    "ProductModel",
    "Publication",
    "RefusedRow",
    "StagedRow",
    "Variant",
]
