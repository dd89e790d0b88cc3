"""What is still missing before a cart can become an order. Pure Python."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Something that must still be said: at which `step`, in which `field`, under which stable `code`."""

    step: str
    field: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What of a cart decides whether it can be placed."""

    lines: int
    email: str
    name: str
    street: str
    postcode: str
    city: str
    delivery_option: str


def requirements_of(cart: Filled) -> tuple[Requirement, ...]:
    """What is missing, in the order in which a person is asked for it; empty when the cart can be placed."""
    missing: list[Requirement] = []
    if not cart.lines:
        missing.append(Requirement(step="cart", field="lines", code="cart_empty"))
    if not cart.email:
        missing.append(Requirement(step="contact", field="email", code="email_missing"))
    missing.extend(
        Requirement(step="address", field=field, code=f"{field}_missing")
        for field in ("name", "street", "postcode", "city")
        if not getattr(cart, field)
    )
    if not cart.delivery_option:
        missing.append(Requirement(step="delivery", field="option", code="delivery_missing"))
    return tuple(missing)
