"""The PIM's voice: what was decided about products."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from config.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ProductPublished(Event):
    """A channel has a new publication of a product, a withdrawal included; only a greater `number` is news."""

    name: ClassVar[str] = "pim.product_published"
    subject: ClassVar[str] = "product_ref"

    product_ref: UUID
    channel: str
    number: int


@dataclass(frozen=True, kw_only=True)
class ProductsPublished(Event):
    """The same of many products at once, by an import or a seed; some hundred of them at most."""

    name: ClassVar[str] = "pim.products_published"
    subject: ClassVar[str] = "channel"

    channel: str
    product_refs: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ProductEdited(Event):
    """Somebody changed a product in the master data; shoppers see it when it is published."""

    name: ClassVar[str] = "pim.product_edited"
    subject: ClassVar[str] = "product_ref"

    product_ref: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class AttributeRenamed(Event):
    """An attribute is shown otherwise: by other labels, in another place or unit, or as a filter; its code stays."""

    name: ClassVar[str] = "pim.attribute_renamed"
    subject: ClassVar[str] = "attribute"

    attribute: str


@dataclass(frozen=True, kw_only=True)
class OptionRenamed(Event):
    """An option of an attribute has other labels, or another swatch."""

    name: ClassVar[str] = "pim.option_renamed"
    subject: ClassVar[str] = "attribute"

    attribute: str
    option: str


@dataclass(frozen=True, kw_only=True)
class CategoryRenamed(Event):
    """A category has other labels, or stands elsewhere in the tree."""

    name: ClassVar[str] = "pim.category_renamed"
    subject: ClassVar[str] = "category"

    category: str


@dataclass(frozen=True, kw_only=True)
class LinkTypeRenamed(Event):
    """A type of link has other labels."""

    name: ClassVar[str] = "pim.link_type_renamed"
    subject: ClassVar[str] = "link_type"

    link_type: str


@dataclass(frozen=True, kw_only=True)
class RequirementsChanged(Event):
    """Something else is asked of the products of a family: by it, by a channel, or by an attribute's languages."""

    name: ClassVar[str] = "pim.requirements_changed"
    subject: ClassVar[str] = "family"

    family: str


@dataclass(frozen=True, kw_only=True)
class ImportRequested(Event):
    """Somebody wants a set brought in; the worker does it."""

    name: ClassVar[str] = "pim.import_requested"
    subject: ClassVar[str] = "import_id"

    import_id: UUID
