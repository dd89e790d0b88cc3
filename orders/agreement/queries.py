"""Whose order it is: the buyer's by her account or by the order's secret, the staff's by the place it leaves from."""

from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from config.kernel.actors import Actor, ActorKind
from config.kernel.db import Lookup
from config.kernel.errors import NotFound
from customers.api import find_customer_of
from orders.agreement.models import Order, OrderDelivery, OrderState
from orders.agreement.rules import read_number
from orders.locations.queries import list_workplaces

_SALT = "orders.agreement.order_secret"
_LINK_SALT = "orders.agreement.order_link"
_ORDER: Final = Lookup(Order, where="public_id = %s")
LINK_LASTS: Final = timedelta(days=90)  # until then the last return of an order is long settled


class OrderName(NamedTuple):
    """What an order is called: by programs, and by people."""

    order_id: UUID
    number: str


def order_secret(*, order_id: UUID) -> str:
    """What opens this order to somebody without an account. It is derived, never stored."""
    return _secret(order_id, settings.SECRET_KEY)


def is_order_secret(*, order_id: UUID, secret: str) -> bool:
    """Whether `secret` opens the order; secrets made with a key that is being rotated out are still good."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(secret, _secret(order_id, key)) for key in keys)


def _secret(order_id: UUID, key: str | bytes) -> str:
    return salted_hmac(_SALT, str(order_id), secret=key, algorithm="sha256").hexdigest()


def order_link_token(*, order_id: UUID) -> str:
    """What a message's link carries to open this order: good for that alone, and for `LINK_LASTS`."""
    return signing.dumps(str(order_id), salt=_LINK_SALT)


def find_order_by_link(*, token: str) -> OrderName | None:
    """The order that a message's link opens; None when the token is not one of ours, or too old."""
    try:
        order_id = UUID(signing.loads(token, salt=_LINK_SALT, max_age=LINK_LASTS))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    found = Order.objects.filter(public_id=order_id).values_list("public_id", "number").first()
    return OrderName(*found) if found else None


def find_order_of_buyer(*, order_id: UUID, secret: str, by: Actor) -> Order | None:
    """The order, if it is the signed-in shopper's or `secret` opens it; None as if it did not exist."""
    if is_order_secret(order_id=order_id, secret=secret):
        return next(iter(_ORDER.look([order_id])), None)
    return list_own_orders(by=by).filter(public_id=order_id).first()


def list_orders_of_buyer(*, order_id: UUID, secret: str, by: Actor) -> QuerySet[Order]:
    """The order, if it is the signed-in shopper's or `secret` opens it; else nothing, as if it did not exist."""
    if is_order_secret(order_id=order_id, secret=secret):
        return Order.objects.filter(public_id=order_id)
    return list_own_orders(by=by).filter(public_id=order_id)


def list_own_orders(*, by: Actor) -> QuerySet[Order]:
    """Every order of the signed-in shopper: what she bought, and what a guest bought with the address that she proved.

    An order that somebody else placed while signed in is his, whatever address he gave.
    """
    if by.kind != ActorKind.SHOPPER:
        return Order.objects.none()
    hers = Q(buyer_ref=UUID(by.ref))
    if (customer := find_customer_of(user_ref=UUID(by.ref))) is not None:
        hers |= Q(buyer_ref=None, customer_ref=customer)
    return Order.objects.filter(hers)


def list_orders_of_staff(*, order_id: UUID, by: Actor) -> QuerySet[Order]:
    """The order, if it leaves from the location where `by` works; else nothing, as if it did not exist."""
    leaves_here = OrderDelivery.objects.filter(order=OuterRef("pk"), location__in=list_workplaces(by=by))
    return Order.objects.filter(Exists(leaves_here), public_id=order_id)


def find_order_for_staff(*, number: str, by: Actor) -> UUID | None:
    """The id of the order that people call so, if it leaves from the location where `by` works."""
    known = Order.objects.filter(number=read_number(number)).values_list("public_id", flat=True).first()
    if known is None:
        return None
    return list_orders_of_staff(order_id=known, by=by).values_list("public_id", flat=True).first()


def get_currency_for_staff(*, order_id: UUID, by: Actor) -> str:
    """The currency of an order that leaves from where `by` works. Errors: NotFound."""
    found = list_orders_of_staff(order_id=order_id, by=by).values_list("currency", flat=True).first()
    if found is None:
        raise NotFound
    return found


def is_order_cancelled(*, order_id: UUID) -> bool:
    """Whether nothing of the order will happen."""
    return Order.objects.filter(public_id=order_id, state=OrderState.CANCELLED).exists()


def find_order_of_cart(*, cart_ref: UUID) -> OrderName | None:
    """The order that the cart became, if it did."""
    found = Order.objects.filter(cart_ref=cart_ref).values_list("public_id", "number").first()
    return OrderName(*found) if found else None
