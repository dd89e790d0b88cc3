"""The shape of a cart as the API describes it, and the one answer that every cart route gives."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.idempotency import Once
from config.kernel.rest.access import caller_of
from config.kernel.rest.authentication import digest_of
from config.kernel.rest.bodies import MoneyBody
from config.kernel.rest.browser import is_page
from config.kernel.rest.once import answered
from config.kernel.rest.preconditions import etag_of
from orders.api import DeliveryKind
from shop.cart.queries import CartKey, CartView
from shop.checkout.queries import cart_body, get_cart, read_basket
from shop.rest.context import find_market_of, resolve_locale


class OptionBody(serializers.Serializer[Any]):
    """What was chosen, in the reader's language: Fabric, Boucle."""

    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class AddedByBody(serializers.Serializer[Any]):
    """Who put the line into the cart; `label` and `store` are filled for a clerk."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    store = serializers.CharField()
    at = serializers.DateTimeField()


class LineBody(serializers.Serializer[Any]):
    """One line of a cart."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    product = serializers.CharField(allow_null=True)
    options = OptionBody(many=True)
    image = serializers.CharField(allow_null=True, help_text="The address of a picture of it.")
    quantity = serializers.IntegerField()
    unit_price = MoneyBody()
    line_total = MoneyBody()
    available = serializers.BooleanField()
    withdrawal_excluded = serializers.CharField(
        allow_null=True, help_text="Why it cannot be sent back once it is bought, as a code: custom_made."
    )
    added_by = AddedByBody()


class PromiseBody(serializers.Serializer[Any]):
    """The first and the last day on which the goods arrive."""

    earliest_on = serializers.DateField()
    latest_on = serializers.DateField()


class ShipmentBody(serializers.Serializer[Any]):
    """The lines that leave from one location together."""

    location = serializers.CharField()
    lines = serializers.ListField(child=serializers.UUIDField())


class PromisedDeliveryBody(serializers.Serializer[Any]):
    """A way the goods can travel, what it costs and when they are there. `store` is where they are fetched, if so.

    Price and promise are null where they cannot be told.
    """

    option = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in DeliveryKind])
    store = serializers.CharField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]
    price = MoneyBody(allow_null=True)
    promise = PromiseBody(allow_null=True)


class DeliveryOfferBody(PromisedDeliveryBody):
    """A way of delivery with where the goods come from: several places, where no place has them all."""

    shipments = ShipmentBody(many=True)


class AvailableDeliveryBody(DeliveryOfferBody):
    """One of the ways there are, and why it cannot be chosen, in a word, if it cannot."""

    available = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True)


class DeliveryBody(serializers.Serializer[Any]):
    """Lines that leave together, and how."""

    group = serializers.CharField()
    lines = serializers.ListField(child=serializers.UUIDField())
    chosen = DeliveryOfferBody(allow_null=True)


class DeliveryOptionsBody(serializers.Serializer[Any]):
    """What one group of lines can be delivered by."""

    group = serializers.CharField()
    options = AvailableDeliveryBody(many=True)


class TaxBody(serializers.Serializer[Any]):
    """The tax of one rate, over the whole cart."""

    rate = serializers.CharField()
    gross = MoneyBody()
    net = MoneyBody()
    tax = MoneyBody()


class TotalsBody(serializers.Serializer[Any]):
    """What it costs, tax included."""

    goods = MoneyBody()
    delivery = MoneyBody(allow_null=True)
    total = MoneyBody()
    taxes = TaxBody(many=True)


class RequirementBody(serializers.Serializer[Any]):
    """Something that must still be said before the cart can become an order."""

    step = serializers.CharField()
    field = serializers.CharField()
    code = serializers.CharField()


class HoldsBody(serializers.Serializer[Any]):
    """Until when something is kept for this cart."""

    expires_at = serializers.DateTimeField(allow_null=True)


class CartActorBody(serializers.Serializer[Any]):
    """A clerk who may open the cart now."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    store = serializers.CharField()
    until = serializers.DateTimeField()


class ContactBody(serializers.Serializer[Any]):
    """How the shopper is reached."""

    email = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField()


class AddressBody(serializers.Serializer[Any]):
    """Where the goods go."""

    street = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()


class TouchedByBody(serializers.Serializer[Any]):
    """Who changed a line; `label` and `store` are filled for a clerk."""

    kind = serializers.CharField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    store = serializers.CharField(allow_blank=True)


class TouchBody(serializers.Serializer[Any]):
    """A line went from so many units to so many. `name` is null where the cart holds the article no longer."""

    at = serializers.DateTimeField()
    by = TouchedByBody()
    sku = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class HandedBackBody(serializers.Serializer[Any]):
    """Who gave the cart back for its shopper to pay on her own device, and what he wrote to her, if anything."""

    label = serializers.CharField()  # type: ignore[assignment]
    store = serializers.CharField()
    at = serializers.DateTimeField()
    message = serializers.CharField(allow_blank=True)


class _AnyCartBody(serializers.Serializer[Any]):
    """What shopper and clerk see alike."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    channel = serializers.CharField()
    locale = serializers.CharField()
    lines = LineBody(many=True)
    deliveries = DeliveryBody(many=True)
    totals = TotalsBody()
    requirements = RequirementBody(many=True)
    changes = serializers.ListField(child=serializers.DictField())
    holds = HoldsBody()
    actors = CartActorBody(many=True)


class StaffCartBody(_AnyCartBody):
    """The cart as a clerk sees it: the goods, not the person. `recent` is what was done last, the newest first."""

    recent = TouchBody(many=True)


class CartBody(_AnyCartBody):
    """The cart as its shopper sees it; `secret` is there once, when a guest's cart is made.

    `handed_back` is filled for the rest of the day after a clerk gave the cart back to be paid.
    """

    handed_back = HandedBackBody(allow_null=True)
    order_id = serializers.UUIDField(allow_null=True)
    contact = ContactBody()
    address = AddressBody()
    secret = serializers.CharField(
        required=False, allow_null=True, help_text="Null where a page asked: its cookie has it."
    )


def shopper_key(request: Request) -> CartKey:
    """What a shopper shows for a cart: her account, the cart's secret, or both."""
    secret = request.META.get("HTTP_X_CART_SECRET")
    return CartKey(
        owner_ref=caller_of(request).user_ref,
        secret_digest=digest_of(secret) if secret else None,
        channel=find_market_of(request),
    )


def clerk_key(request: Request) -> CartKey:
    """What a clerk shows for a cart: himself, his device and his store."""
    caller = caller_of(request)
    return CartKey(clerk_ref=caller.user_ref, device=caller.device, store=caller.store)


def cart_answer(
    request: Request,
    *,
    cart_id: UUID,
    key: CartKey,
    now: datetime,
    status: int = 200,
    once: Once | None = None,
    for_staff: bool = False,
    secret: str | None = None,
    view: CartView | None = None,
) -> Response:
    """The whole cart as it is after the change, with its version as ETag.

    `view` is what the change itself has read; it is read anew for a repetition, or in another language.
    """
    locale = resolve_locale(request)
    if view is not None and locale in {"", view.cart.locale}:
        body = cart_body(basket=read_basket(view=view), for_staff=for_staff)
    else:
        body = get_cart(cart_id=cart_id, key=key, locale=locale, now=now, for_staff=for_staff)
    if secret is not None:
        body["secret"] = None if is_page(request) else secret
    headers = {"ETag": etag_of(body["version"]), "Content-Language": body["locale"]}
    if once is not None:
        return answered(once, body, headers=headers)
    return Response(body, status=status, headers=headers)
