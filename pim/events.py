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
