"""The shop's voice: what happened to carts."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from config.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CartChanged(Event):
    """Somebody changed a cart; whoever shows it should read it again."""

    name: ClassVar[str] = "shop.cart_changed"
    subject: ClassVar[str] = "cart_id"
    streamed: ClassVar[tuple[str, ...] | None] = ("version",)

    cart_id: UUID
    version: int
